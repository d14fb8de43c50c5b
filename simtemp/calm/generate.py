"""Decoding as users of transformers know it: token tensors in, token tensors out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from simtemp.arguments import whole_number
from simtemp.calm.continuation import continuations
from simtemp.calm.next_block import DEFAULT_BUDGET

if TYPE_CHECKING:
    from simtemp.calm.model import CalmModel


def generate(
    model: CalmModel,
    input_ids: Tensor,
    attention_mask: Tensor | None = None,
    *,
    max_new_tokens: int = 64,
    do_sample: bool = True,
    temperature: Any = 1.0,
    method: str = "duel",
    budget: int | None = DEFAULT_BUDGET,
    pad_token_id: int | None = None,
    eos_token_id: int | None = None,
    seed: Any = 0,
    **options: Any,
) -> Tensor:
    """Continue prompts of tokens, as ``generate`` of transformers does.

    Parameters
    ----------
    model : CalmModel
        In evaluation mode.
    input_ids : int64[B, S]
        Prompts, padded to one length.
    attention_mask : [B, S], optional
        1 (or True) at tokens that are there, 0 at padding; by default everything is there.
    max_new_tokens : int
        New tokens a sequence, at most; whole blocks are decoded, and what is too much is cut off.
    do_sample : bool
        False decodes at T = 0, whatever `temperature` is: the most frequent block among `budget` draws.
    temperature, method, budget, **options
        As in `simtemp.calm.decode`.
    pad_token_id, eos_token_id : int, optional
        Of the model's configuration if left out. Without an end token nothing ends before `max_new_tokens`; without one for padding, 0 is
        taken.
    seed : int, SeedSequence, Generator or None
        Row i draws from its child i.

    Returns
    -------
    int64[B, S + new]
        The prompts as they were, and what follows them; a row that ended has padding behind its end token.

    Raises
    ------
    ValueError
        For tensors of another shape, an empty prompt, or as in `simtemp.calm.decode`.

    Examples
    --------
    >>> import torch
    >>> from simtemp.calm import CalmModel, tiny_config
    >>> model = CalmModel(tiny_config(vocab_size=50)).eval()
    >>> generate(model, torch.tensor([[1, 2, 3]]), max_new_tokens=6, temperature=0.5, budget=32).shape
    torch.Size([1, 9])
    """
    if input_ids.ndim != 2:
        raise ValueError(f"input_ids must have two axes (sequence, token), got shape {tuple(input_ids.shape)}")
    if attention_mask is not None and attention_mask.shape != input_ids.shape:
        raise ValueError(
            f"attention_mask must have the shape of input_ids, {tuple(input_ids.shape)}, got {tuple(attention_mask.shape)}"
        )
    config = model.config
    most = whole_number(max_new_tokens, "max_new_tokens", 1)
    end = (
        config.eos_token_id
        if eos_token_id is None
        else whole_number(eos_token_id, "eos_token_id", 0, config.vocab_size - 1)
    )
    pad = (
        config.pad_token_id
        if pad_token_id is None
        else whole_number(pad_token_id, "pad_token_id", 0, config.vocab_size - 1)
    )
    pad = 0 if pad is None else pad
    ids = input_ids.cpu().numpy()
    there = np.ones(ids.shape, np.bool_) if attention_mask is None else attention_mask.cpu().numpy() != 0
    rows: list[list[int]] = [[] for _ in ids]
    for new in continuations(
        model,
        [row[kept].astype(np.int64) for row, kept in zip(ids, there, strict=True)],
        temperature if do_sample else 0.0,
        max_blocks=-(-most // config.patch_size),
        pad_token=pad,
        end_token=end,
        method=method,
        budget=budget,
        rng=seed,
        **options,
    ):
        tokens = new.tokens.tolist()
        rows[new.sequence] += tokens[: tokens.index(end) + 1] if end in tokens else tokens
    length = min(most, max(map(len, rows)))
    added = torch.full((len(rows), length), pad, dtype=input_ids.dtype)
    for row, tokens in zip(added, rows, strict=True):
        cut = torch.tensor(tokens[:length], dtype=input_ids.dtype)
        row[: len(cut)] = cut
    return torch.cat([input_ids, added.to(input_ids.device)], 1)
