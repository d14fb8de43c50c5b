"""The temperature choices of a batch of responses, as a loss reads them."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Choices(NamedTuple):
    """Padded to the longest of B responses. A choice is a step at token level; at sequence level L = 1.

    Attributes
    ----------
    log_probs : float[B, L, M]
        log P(temperature m) of the head at each choice; takes a gradient.
    picked : int64[B, L]
        Index of the temperature picked.
    present : bool[B, L]
        False where a response has ended.
    text_log_probs : float[B, L, M] or None
        log P(text decoded under the choice | temperature m) of the frozen model: of one token at token level, of the whole response at
        sequence level; -inf at temperature 0 for any token that greedy would not take. None for a model without logits.
    """

    log_probs: Tensor
    picked: Tensor
    present: Tensor
    text_log_probs: Tensor | None = None
