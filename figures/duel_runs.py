"""Runs of the duel sampler that fit a number of base draws, and where it is nothing but the collision sampler."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from figures.affordable import MIN_OUTPUTS, affordable_outputs
from simtemp.tempering import split_exponent

if TYPE_CHECKING:
    from simtemp import Categorical
    from simtemp.simulation import Run

PILOT = 50
"""Outputs that are run and thrown away, to see what one costs."""
RUNAWAY = 100
"""A run that takes so many times what its pilot foretold is given up; it does not happen with laws whose tails are geometric."""


def is_collision(temperature: float) -> bool:
    """Whether the duel sampler's default split leaves nothing to duel about: it then is the collision sampler.

    Examples
    --------
    >>> is_collision(0.4), is_collision(0.2)
    (True, False)
    """
    from simtemp.methods import default_split

    n, alpha = split_exponent(temperature)
    return default_split(n, alpha) == n


def duel_outputs(
    base: Categorical,
    temperature: float,
    size: int,
    max_draws: float,
    seed: int,
    threads: int | None = None,
    method: str = "duel",
) -> Run | None:
    """Run the duel sampler (or another exact one) for as many outputs as `max_draws` base draws are expected to give, `size` at most.

    Parameters
    ----------
    base : Categorical
        The base distribution.
    temperature : float
        In (0, 1].
    size : int
        Most outputs.
    max_draws : float
        Base draws the run is expected to take at most; the pilot may take as many.
    seed : int
        Of the run; the pilot has a child of it, and is thrown away so that the run's length does not depend on what it finds.
    threads : int or None
        As in `simtemp.simulate`.
    method : str
        The exact sampler.

    Returns
    -------
    Run or None
        None if fewer than 50 outputs are affordable.
    """
    from simtemp import simulate
    from simtemp.errors import DrawBudgetExceeded

    pilot_seed = int(np.random.SeedSequence(seed, spawn_key=(1, 0)).generate_state(1)[0])
    try:
        pilot = simulate(
            method,
            base,
            temperature,
            min(size, PILOT),
            seed=pilot_seed,
            threads=threads,
            max_draws=math.ceil(max_draws),
        )
        outputs = affordable_outputs(size, pilot.mean_draws, max_draws)
        if outputs < min(size, MIN_OUTPUTS):
            return None
        return simulate(
            method,
            base,
            temperature,
            outputs,
            seed=seed,
            threads=threads,
            max_draws=RUNAWAY * math.ceil(max(max_draws, pilot.mean_draws)),
        )
    except DrawBudgetExceeded:
        return None
