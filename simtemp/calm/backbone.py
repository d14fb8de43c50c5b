"""The transformer with its memory of a batch of sequences: keys and values, padding, and who is still in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy.typing as npt
import torch
from torch import Tensor

from simtemp.arguments import Integers
from simtemp.calm.prompts import as_blocks

if TYPE_CHECKING:
    import numpy as np

    from simtemp.calm.model import CalmModel


class Backbone:
    """The states of a batch of sequences as they grow, each block read once.

    Parameters
    ----------
    model : CalmModel
        In evaluation mode.
    present : bool[B, L]
        False at the blocks of padding among the first L.
    """

    def __init__(self, model: CalmModel, present: npt.NDArray[np.bool_]) -> None:
        self._model = model
        self._device = next(model.parameters()).device
        self._cache: Any = None
        # Without padding no mask: then attention takes its quickest way.
        self._mask = None if present.all() else torch.from_numpy(present).to(self._device)  # bool[B, L]

    def states(self, blocks: Integers) -> Tensor:
        """The states after further blocks: int64[B, L, K] to float[B, h]."""
        with torch.inference_mode():
            if self._mask is not None and self._cache is not None:
                self._mask = torch.cat([self._mask, self._mask.new_ones(blocks.shape[:2])], 1)
            tokens = torch.from_numpy(blocks).to(self._device)
            states, self._cache = self._model.hidden(tokens, self._cache, self._mask)
            return states[:, -1]  # [B, L, h] -> [B, h]

    def keep(self, rows: Integers) -> None:
        """Forget all sequences but these."""
        with torch.inference_mode():
            chosen = torch.from_numpy(rows).to(self._device)
            self._cache.batch_select_indices(chosen)
            if self._mask is not None:
                self._mask = self._mask[chosen]


def states_after(model: CalmModel, prompts: Sequence[Integers], pad_token: int = 0) -> Tensor:
    """The state after each prompt of tokens, from which its next block is drawn: float[B, h].

    Raises
    ------
    ValueError
        For no prompts, an empty one, or a token outside of the vocabulary.
    """
    blocks, present = as_blocks(prompts, model.config.patch_size, pad_token, model.config.vocab_size)
    return Backbone(model, present).states(blocks)
