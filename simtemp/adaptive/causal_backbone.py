"""A causal language model of `transformers` with its memory of a batch of sequences, each token read once."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from simtemp.adaptive.growing_cache import growing_cache
from simtemp.arguments import Integers
from simtemp.calm.errors import ModelOutputError

_DROPPED_AT = 8
"""One sequence in so many must have ended before the memory is copied without them."""


class NextToken(NamedTuple):
    """What a model says after the tokens so far.

    Attributes
    ----------
    states : float[b, h]
        What the logits are made from: the state of the last layer at the last place, after the last norm.
    logits : float[b, V]
    """

    states: Tensor
    logits: Tensor


class CausalBackbone:
    """The next token of a batch of sequences as they grow.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        A causal language model in evaluation mode, with a cache of keys and values.
    present : bool[B, L]
        False at the padding, on the left, among the first L tokens.
    """

    def __init__(self, model: Any, present: npt.NDArray[np.bool_]) -> None:
        self._model = model
        self._takes = inspect.signature(model.forward).parameters
        self._device = model.get_output_embeddings().weight.device
        self._cache: Any = growing_cache(model.config)
        # Without padding no mask: then attention takes its quickest way.
        self._mask = None if present.all() else torch.from_numpy(present).to(self._device)  # bool[B, L]
        self._rows = np.arange(len(present))  # of the batch in memory: the sequences that have not ended
        self._held = len(present)

    def after(self, tokens: Integers) -> NextToken:
        """What comes after further tokens int64[b, L] of the b sequences that were kept.

        Raises
        ------
        ModelOutputError
            For logits with NaN or without a finite largest.
        """
        batch = np.zeros((self._held, tokens.shape[1]), np.int64)  # those that have ended read token 0
        batch[self._rows] = tokens
        with torch.no_grad():
            states, logits = self._forward(torch.from_numpy(batch).to(self._device))
            if len(self._rows) < self._held:
                rows = torch.from_numpy(self._rows).to(self._device)
                states, logits = states[rows], logits[rows]
            if not bool(torch.isfinite(logits.amax(-1)).all()):
                raise ModelOutputError("the language model gave logits that are no numbers, or none that is finite")
        return NextToken(states, logits)

    def keep(self, rows: Integers) -> None:
        """Forget all kept sequences but these."""
        self._rows = self._rows[rows]
        if self._held - len(self._rows) < self._held / _DROPPED_AT:
            return
        with torch.no_grad():
            chosen = torch.from_numpy(self._rows).to(self._device)
            self._cache.batch_select_indices(chosen)
            if self._mask is not None:
                self._mask = self._mask[chosen]
        self._rows, self._held = np.arange(len(self._rows)), len(self._rows)

    def _forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        options: dict[str, Any] = {"logits_to_keep": 1} if "logits_to_keep" in self._takes else {}
        if self._mask is not None:
            if self._cache.get_seq_length():
                self._mask = torch.cat([self._mask, self._mask.new_ones(tokens.shape)], 1)
            options["attention_mask"] = self._mask
            if "position_ids" in self._takes:
                positions = (self._mask.long().cumsum(-1) - 1).clamp(min=0)  # [B, all] -> [B, all]
                options["position_ids"] = positions[:, -tokens.shape[1] :]
        seen: list[Tensor] = []
        # Cheaper than the states of all layers, and the same for models that scale or cap their logits after.
        hook = self._model.get_output_embeddings().register_forward_pre_hook(
            lambda module, arguments: seen.append(arguments[0])
        )
        try:
            output = self._model(tokens, past_key_values=self._cache, use_cache=True, **options)
        finally:
            hook.remove()
        return seen[0][:, -1], output.logits[:, -1]  # [B, L, h] -> [B, h], [B, L, V] -> [B, V]
