"""What a temperature policy sees at a step of decoding, whatever the model is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from simtemp.arguments import Integers

if TYPE_CHECKING:
    from torch import Tensor


class DecodingStep(NamedTuple):
    """The sequences that have not ended, just before the next token or block of each is drawn.

    Attributes
    ----------
    states : float[b, h]
        Last hidden state of each.
    number : int
        Tokens or blocks decoded so far; 0: the state is that of the last place of the prompt.
    sequences : int64[b]
        Which prompts they continue, in ascending order. At step 0 all prompts that are decoded together.
    logits : float[b, V] or None
        Of the next token, at T = 1; None for a model that has none.
    """

    states: Tensor
    number: int
    sequences: Integers
    logits: Tensor | None = None


Policy = Callable[[DecodingStep], Any]
"""From a step to the temperatures of its b sequences, an array or tensor of shape (b,) or a number for all."""
