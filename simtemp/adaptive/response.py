"""What a model gave to a prompt, and what every model that a temperature policy drives can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from simtemp.arguments import Floats, Integers
from simtemp.console import Progress
from simtemp.decoding_step import Policy

if TYPE_CHECKING:
    from simtemp.calm.tokenizer import Tokenizer


@dataclass(frozen=True)
class Response:
    """One response to one prompt.

    Attributes
    ----------
    text : str
    tokens : int64[n]
        Without padding; up to, and without, the end token.
    ended : bool
        Whether an end token ended it; otherwise its length did.
    temperatures : float64[steps]
        Of each step: a token (its end token has one too), or a block of a model that decodes blocks.
    log_prob : float
        Of the response (with its end token) under the model at T = 1; NaN for a model without logits.
    text_log_probs : float32[steps, M] or None
        log P(token of the step | temperature m) for the temperatures asked for.
    draws : int
        What it cost in draws of the model: tokens, or draws of its generative head.
    """

    text: str
    tokens: Integers
    ended: bool
    temperatures: Floats
    log_prob: float
    text_log_probs: npt.NDArray[np.float32] | None
    draws: int


class TextModel(Protocol):
    """A frozen model that continues prompts at the temperatures of a policy.

    Attributes
    ----------
    hidden_size : int
        Of the states that a policy sees.
    has_logits : bool
        Whether a policy sees logits, and responses have probabilities.
    tokens_per_step : int
        1, or the size of a block.
    tokenizer : Tokenizer
    """

    tokenizer: Tokenizer
    hidden_size: int
    has_logits: bool
    tokens_per_step: int

    def respond(
        self,
        prompts: Sequence[str],
        policy: Policy,
        *,
        max_tokens: int,
        rng: Any = 0,
        scored_at: Sequence[float] | None = None,
        progress: Progress = lambda done, total: None,
    ) -> list[Response]:
        """One response a prompt, in their order.

        `rng` (int, SeedSequence or Generator): prompt i draws from its child i, so that it gets the same response whatever the others are,
        but for rounding. `scored_at`: temperatures at which each token is scored (`Response.text_log_probs`).
        """
        ...
