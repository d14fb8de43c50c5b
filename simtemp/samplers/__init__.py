"""One module an algorithm. A sampler is a NamedTuple of its parameters; `draw_one` is the one place where they meet a source."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import overload

from simtemp.jit import is_instance, kernel
from simtemp.samplers.accepted import Accepted, accepted_draw
from simtemp.samplers.batch import Batch, batch_draw
from simtemp.samplers.budgeted import BudgetedDuel, budgeted_duel_draw
from simtemp.samplers.chain import Chain, chain_draw
from simtemp.samplers.collision import Collision, collision_draw
from simtemp.samplers.duel import Duel, DuelStream, duel_draw, duel_stream_draw

ALGORITHMS: dict[type, Any] = {
    Collision: collision_draw,
    Batch: batch_draw,
    Duel: duel_draw,
    DuelStream: duel_stream_draw,
    BudgetedDuel: budgeted_duel_draw,
    Accepted: accepted_draw,
    Chain: chain_draw,
}
"""The algorithm of each kind of sampler, `(sampler, source, rng, limit) -> (value, draws)`."""


def draw_one(sampler: Any, source: Any, rng: np.random.Generator, limit: Any) -> tuple[int, int]:
    """One output of a sampler over a source: the value (-1: source or limit ran out) and the base draws it cost."""
    result: tuple[int, int] = ALGORITHMS[type(sampler)](sampler, source, rng, limit)
    return result


@overload(draw_one, strict=False)
def _draw_one(sampler: Any, source: Any, rng: Any, limit: Any) -> Any:
    for kind, algorithm in ALGORITHMS.items():
        if is_instance(sampler, kind):
            return algorithm
    return None


@kernel
def fill(sampler: Any, source: Any, rng: np.random.Generator, values: Any, draws: Any, limit: Any, done: Any) -> int:
    """Fill `values` and `draws` with consecutive outputs and return how many were finished.

    ``limit[0]`` is what may still be spent and is counted down; ``done[0]`` counts finished outputs for whoever watches.
    """
    for i in range(values.size):
        value, cost = draw_one(sampler, source, rng, limit)
        if value < 0:
            return i
        values[i] = value
        draws[i] = cost
        limit[0] -= cost
        done[0] = i + 1
    return int(values.size)
