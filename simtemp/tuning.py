"""Choosing the duel sampler's split by a pilot whose draws are thrown away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from simtemp import arguments
from simtemp.base import as_base
from simtemp.errors import DrawBudgetExceeded
from simtemp.methods import default_split
from simtemp.simulation import simulate
from simtemp.tempering import split_exponent

LARGEST_SPLIT = 8
"""Splits that are tried: proposals of a higher exponent cost what the collision sampler costs."""


@dataclass(frozen=True)
class TunedSplit:
    """The cheapest split of a pilot, and the mean draws an output that each split had in it (inf: no output in time)."""

    split: int
    mean_draws: dict[int, float]


def tune_split(base: Any, temperature: float, *, pilot_draws: int = 200_000, seed: int = 0) -> TunedSplit:
    """Measure each split n0 of the duel sampler on a pilot and choose the cheapest.

    The law does not depend on the split, and the pilot's draws are used for nothing else, so exactness is kept.

    Parameters
    ----------
    base : Categorical, str or array_like
        A base distribution, its specification or a probability vector.
    temperature : float
        In (0, 1].
    pilot_draws : int
        Base draws for each split that is tried (at most 8 of them).
    seed : int
        Seed of the pilot; give the run that follows another.

    Returns
    -------
    TunedSplit

    Raises
    ------
    ValueError
        For an argument outside its range.

    Examples
    --------
    >>> tune_split("peaked9", 0.1).split
    2
    """
    known = as_base(base)
    n, alpha = split_exponent(arguments.temperature(temperature, maximum=1.0, zero=False))
    budget = arguments.whole_number(pilot_draws, "pilot_draws", 1, 10**12)
    costs: dict[int, float] = {}
    for split in range(1, min(n, LARGEST_SPLIT) + 1):
        try:
            run = simulate("duel", known, temperature, budget, seed=seed, threads=1, max_draws=budget, split=split)
            costs[split] = run.mean_draws
        except DrawBudgetExceeded as stopped:
            # All that was spent over what was finished: a plain mean of the finished outputs would favour cheap ones.
            finished = stopped.run.size if stopped.run is not None else 0
            costs[split] = budget / finished if finished else math.inf
    best = min(costs, key=lambda split: costs[split])
    return TunedSplit(best if math.isfinite(costs[best]) else default_split(n, alpha), costs)
