"""Outputs of the right law at a cost that is not what it should be, or not what it is said to be."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from simtemp.arguments import Integers
from simtemp.base import parse_base
from simtemp.tempering import temper
from verify.faults.coin import collision_with
from verify.faults.fault import Fault
from verify.faults.restarts import shipped, until_accepted
from verify.outputs import Sampler

FALLING: Final = parse_base("geometric:4,0.5")
LOW: Final = 2 / 7  # 1/T = 3 + 1/2


_collision: Final = shipped("collision", FALLING, LOW)


def _last_trial_only(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    trial = collision_with(3, lambda i: 0.5 / i)
    values, spent = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    while (left := np.flatnonzero(values < 0)).size:
        values[left], spent[left] = trial(left.size, rng)
    return values, spent


def _one_draw_more(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    values, draws = _collision(size, rng)
    return values, draws + 1


def _every_other(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    values, draws = _collision(2 * size, rng)
    return values[::2], draws[::2] + draws[1::2]


def costly(name: str, mistake: str, sampler: Sampler, *, early_exit: bool = False) -> Fault:
    """A fault of the collision sampler on geometric:4,0.5 at T = 2/7."""

    def cost() -> Any:
        from simtemp.exact.cost_law import cost_law  # loads the compiler: not at import

        return cost_law("collision", FALLING, LOW, {"early_exit": early_exit})

    missed_by = "any test of the outputs, which are right"
    return Fault(name, mistake, "cost", FALLING, LOW, sampler, missed_by, lambda: temper(FALLING.probs, LOW), cost)


FAULTS: Final = (
    costly("failed-trials-not-counted", "only the draws of the last trial are counted", _last_trial_only),
    costly(
        "coin-flips-not-counted",
        "the draws that the coin spends are not counted",
        until_accepted(collision_with(3, lambda i: 0.5 / i, count_flips=False)),
    ),
    costly("one-draw-counted-twice", "the draw that ends a run is counted twice", _one_draw_more),
    costly("every-other-output-thrown-away", "two outputs are made and one is returned: twice the cost", _every_other),
    costly(
        "no-early-exit", "trials draw all their values although they promise an early exit", _collision, early_exit=True
    ),
)
