"""The duel sampler inside one parallel batch of N draws: exact if it ends in time, else a batch rule over the same draws."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simtemp.jit import kernel
from simtemp.samplers.batch import Batch, select
from simtemp.samplers.duel import Duel, duel_draw
from simtemp.sources import BufferSource, next_draw, tally

_duel = kernel(duel_draw)


class BudgetedDuel(NamedTuple):
    """N draws an output, the two samplers that share them, and a count of the outputs that were left to the second."""

    duel: Duel
    batch: Batch
    recorded: BufferSource  # room for N draws
    unlimited: Any  # int64[1]
    unfinished: Any  # int64[1]


def budgeted_duel(duel: Duel, batch: Batch) -> BudgetedDuel:
    """A duel sampler in a budget of ``batch.size`` draws, with scratch space of its own."""
    recorded = BufferSource(np.empty(batch.size, np.int64), np.zeros(1, np.int64))
    return BudgetedDuel(duel, batch, recorded, np.array([2**62]), np.zeros(1, np.int64))


def budgeted_duel_draw(sampler: BudgetedDuel, source: Any, rng: np.random.Generator, limit: Any) -> tuple[int, int]:
    """Draw N values at once and run the duel sampler on them; if they run out, apply the batch rule to them.

    Parameters
    ----------
    sampler : BudgetedDuel
        Both samplers, with scratch space.
    source, rng
        The N base draws, then the uniforms of the duel's coins, then (unfinished) one for the choice.
    limit : int64[1]
        Base draws allowed.

    Returns
    -------
    value : int
        The category, or -1 when the source or the limit ran out.
    draws : int
        N.

    Notes
    -----
    An unbounded run of the duel sampler has the target's law and gives the same output whenever it ends within N draws. The total
    variation from the target is therefore at most the probability that it does not, which falls exponentially in N.
    """
    size = sampler.batch.size
    if limit[0] < size:
        return -1, 0
    recorded, position = sampler.recorded.recorded, sampler.recorded.position
    for i in range(size):
        x = next_draw(source, rng)
        if x < 0:
            return -1, 0
        recorded[i] = x
    position[0] = 0
    value, _ = _duel(sampler.duel, sampler.recorded, rng, sampler.unlimited)
    if value < 0:
        sampler.unfinished[0] += 1
        position[0] = 0
        batch = sampler.batch
        distinct = tally(sampler.recorded, rng, size, batch.counts, batch.seen)
        value = select(batch, distinct, rng.random())
        for i in range(distinct):
            batch.counts[batch.seen[i]] = 0
    return value, size
