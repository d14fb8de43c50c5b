"""One step of decoding: the next block of each sequence at a temperature, from draws of the head alone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from simtemp import arguments
from simtemp.arguments import Integers
from simtemp.blackbox import sample_many
from simtemp.blackbox.preparation import DEFAULT_MAX_DRAWS
from simtemp.calm.block_draws import BlockDraws
from simtemp.methods import METHODS

if TYPE_CHECKING:
    from simtemp.calm.model import CalmModel

DEFAULT_BUDGET = 256
"""Draws a block that a duel or a batch is given unless told otherwise."""

_EXACT_UP_TO_ONE = ("collision", "duel", "accepted")


@dataclass(frozen=True, slots=True)
class StepInfo:
    """How a block came about.

    Attributes
    ----------
    draws : int
        Draws of the head that the block cost by the algorithm.
    requested : int
        Draws that the head was asked for: it is asked in rounds, for the whole batch at once.
    distinct : int
        How many different blocks were among them.
    exact : bool
        Whether the block comes from the exact sampler: False for the batch rules (a duel that its budget ended falls back on one, and
        T = 0 is one) and the chain.
    temperature : float
        Of this block.
    """

    draws: int
    requested: int
    distinct: int
    exact: bool
    temperature: float


@dataclass
class Seconds:
    """Where the time of decoding goes; added to as it is spent.

    Attributes
    ----------
    backbone, head, sampler : float
        The transformer; drawing blocks (head and decoder of the autoencoder); what chooses among them.
    """

    backbone: float = 0.0
    head: float = 0.0
    sampler: float = 0.0


def next_blocks(
    model: CalmModel,
    states: Tensor,
    temperature: Any,
    method: str = "duel",
    budget: int | None = DEFAULT_BUDGET,
    *,
    coins: Sequence[np.random.Generator],
    noise: Sequence[np.random.Generator],
    max_draws: int = DEFAULT_MAX_DRAWS,
    seconds: Seconds | None = None,
    **options: Any,
) -> list[tuple[Integers, StepInfo]]:
    """Sample the next block of each of B sequences at a temperature: P(block | state) ** (1/T), from draws of the head.

    Parameters
    ----------
    model : CalmModel
        In evaluation mode.
    states : float[B, h]
        States of the backbone.
    temperature : float or array_like of shape (B,)
        One for all, or one for each.
    method : str
        ``"duel"``, ``"accepted"`` or ``"collision"`` (temperature up to 1), ``"batch"`` (any), ``"chain"`` (above 1); see `simtemp.sample`.
    budget : int or None
        With the duel: draws a block at most; a block that they do not suffice for comes from a batch rule over them. None: as many as
        exactness takes. With the batch rules: their batch size, None being the method's default. At T = 0 the most frequent block among so
        many draws. The other methods have no budget and pay no heed to it.
    coins, noise : sequences of B numpy Generators
        Randomness of the samplers and of the head, one of each for each sequence.
    max_draws : int
        Draws that a block may cost.
    seconds : Seconds, optional
        Added to.
    **options
        Further options of the method.

    Returns
    -------
    list of (int64[K], StepInfo)

    Raises
    ------
    ValueError
        For a temperature, method or option outside its range.
    ModelOutputError
        When the head gives NaN or infinity.
    DrawBudgetExceeded
        When `max_draws` ends first.

    Notes
    -----
    One pass of the head a round for all sequences that are not finished: one round at T = 1 (a single draw), with a budget and with the
    batch rules; otherwise their number grows like the logarithm of the dearest block's cost.
    """
    highest = float(np.max(temperature, initial=0.0))
    if highest > 1.0 and method in _EXACT_UP_TO_ONE:
        raise ValueError(
            f"temperature must be at most 1 with method {method!r}, got {highest:g}: above 1 there are batch and chain"
        )
    draws = BlockDraws(model, states, noise)
    began = time.perf_counter()
    chosen = sample_many(
        draws,
        len(states),
        temperature,
        method,
        rng=list(coins),
        max_draws=max_draws,
        **_sized(method, budget),
        **options,
    )
    if seconds is not None:
        seconds.head += draws.seconds
        seconds.sampler += time.perf_counter() - began - draws.seconds
    return [
        (block, StepInfo(info.draws, info.requested, draws.distinct(i), info.exact, info.temperature))
        for i, (block, info) in enumerate(chosen)
    ]


def _sized(method: str, budget: int | None) -> dict[str, int]:
    """The budget as the option that the method has for it."""
    if budget is None:
        return {}
    size = arguments.whole_number(budget, "budget", 1)
    own = METHODS.get(method, (None, {}))[1]
    return {name: size for name in ("budget", "batch_size") if name in own}
