"""The numbers behind the report's explorer: for a base, what every temperature and every batch size would give, known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from figures.duel_runs import duel_outputs, is_collision
from figures.seeds import child_seed
from simtemp.arguments import Floats, whole_number

if TYPE_CHECKING:
    from simtemp import Categorical

BASES = ("two:0.8", "peaked9", "near", "geometric:20,0.5", "zipf:100,1.1", "text")
Categories = np.typing.NDArray[np.intp]

SHOWN = 12
"""Most categories shown, the most probable ones; the others are one more row."""
DUEL_OUTPUTS, DUEL_DRAWS = 2000, 2e5
"""Most outputs, and base draws they may be expected to take, that say what a duel costs where no closed form is known."""


@dataclass(frozen=True)
class Grid:
    """What can be chosen for a base of at most so many different probabilities.

    Attributes
    ----------
    most_distinct : int
        Different positive probabilities of the base: what its exact laws cost grows with their number.
    temperatures : tuple of float
        In (0, 1], rising.
    batch_sizes : tuple of int
        Rising.
    """

    most_distinct: int
    temperatures: tuple[float, ...]
    batch_sizes: tuple[int, ...]


FULL = (
    Grid(
        30,
        (0.05, 1 / 18, 1 / 16, 1 / 14, 1 / 12, 0.1, 1 / 9, 1 / 8, 1 / 7, 1 / 6, 0.2, 0.25, 0.3, 1 / 3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0),
        (20, 50, 100, 200, 500, 1000),
    ),
    Grid(300, (0.05, 0.1, 0.2, 1 / 3, 0.5, 0.7, 1.0), (20, 100, 200)),
)  # fmt: skip
"""The first grid that takes a base is its grid: 18 seconds of one core for `BASES`."""
QUICK = (Grid(30, (0.05, 0.1, 1 / 7, 0.2, 0.25, 1 / 3, 0.4, 0.5, 0.7, 1.0), (20, 200, 1000)),)


@dataclass(frozen=True)
class BatchStep:
    """The batch rule with N draws.

    Attributes
    ----------
    batch_size : int
    tv : float
        Of its exact law from the target.
    effective_temperature : float
        In [0, inf]; NaN for a uniform base.
    law : tuple of float
        Of the categories shown, and of all others together if there are others.
    """

    batch_size: int
    tv: float
    effective_temperature: float
    law: tuple[float, ...]


@dataclass(frozen=True)
class DuelCost:
    """Mean base draws an output of the duel sampler.

    Attributes
    ----------
    mean : float
    outputs : int
        How many were run; 0 where the mean is exact.
    error : float
        Standard error of the mean, from the outputs; 0 where it is exact.
    seed : int
        Of the run.
    """

    mean: float
    outputs: int = 0
    error: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class TemperatureStep:
    """A base at one temperature; `published`, `early_exit` and `floor` are exact mean base draws an output.

    Attributes
    ----------
    temperature : float
    law : tuple of float
        The target, of the categories shown and of all others together if there are others.
    acceptance, rejection : float
        Shares of the trials of the collision sampler.
    published, early_exit : float
        Of the collision sampler; inf where it overflows.
    floor : float
        A lower bound for every exact sampler (`simtemp.draws_lower_bound`).
    duel : DuelCost or None
        None where a few dozen outputs would take too long.
    rule : str
        Of the batch: the published one at T = 1/n, else the falling one.
    batches : tuple of BatchStep
        In the order of the grid.
    """

    temperature: float
    law: tuple[float, ...]
    acceptance: float
    rejection: float
    published: float
    early_exit: float
    floor: float
    duel: DuelCost | None
    rule: str
    batches: tuple[BatchStep, ...]


@dataclass(frozen=True)
class ExplorerBase:
    """Everything that can be chosen for one base.

    Attributes
    ----------
    base : str
        Its specification.
    categories : int
        Of positive probability.
    labels : tuple of str
        Of the categories shown, most probable first.
    probs : tuple of float
        Of the categories shown, and of all others together if there are others.
    temperatures : tuple of TemperatureStep
        Rising.
    """

    base: str
    categories: int
    labels: tuple[str, ...]
    probs: tuple[float, ...]
    temperatures: tuple[TemperatureStep, ...]


def grid_of(probs: Floats, grids: Sequence[Grid]) -> Grid | None:
    """The first grid for a base of so many different probabilities; None if there is none.

    Examples
    --------
    >>> grid_of(np.array([0.25, 0.25, 0.5, 0.0]), [Grid(1, (1.0,), (20,)), Grid(2, (0.5,), (50,))])
    Grid(most_distinct=2, temperatures=(0.5,), batch_sizes=(50,))
    """
    distinct = np.unique(probs[probs > 0]).size
    return next((grid for grid in grids if distinct <= grid.most_distinct), None)


def explorer_base(
    base: Categorical,
    grid: Grid,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> ExplorerBase:
    """Every number of a base on a grid of temperatures and batch sizes.

    Parameters
    ----------
    base : Categorical
        The base distribution.
    grid : Grid
        Its temperatures and batch sizes.
    seed : int
        Of the short runs that say what a duel costs; everything else is exact.
    progress : callable, optional
        Called with (done, total) after each temperature.

    Returns
    -------
    ExplorerBase

    Raises
    ------
    ValueError
        For a temperature or a batch size outside its range.

    Notes
    -----
    Takes an exact law of the batch rule for each temperature and batch size (`simtemp.rule_law`), and at most `DUEL_DRAWS` base draws,
    twice, a temperature.

    Examples
    --------
    >>> from simtemp import parse_base
    >>> found = explorer_base(parse_base("two:0.8"), Grid(2, (0.5,), (2,))).temperatures[0]
    >>> round(found.published, 4), round(found.batches[0].tv, 4)
    (2.9412, 0.1412)
    """
    whole_number(seed, "seed")
    probs = base.probs
    falling = np.argsort(-probs, kind="stable")[: base.support.size]
    steps = []
    for done, temperature in enumerate(grid.temperatures, 1):
        steps.append(_temperature_step(base, falling, temperature, grid.batch_sizes, seed))
        if progress is not None:
            progress(done, len(grid.temperatures))
    return ExplorerBase(
        base=base.name,
        categories=falling.size,
        labels=tuple(str(base.labels[i]) for i in falling[:SHOWN]),
        probs=_top(probs, falling),
        temperatures=tuple(steps),
    )


def _temperature_step(
    base: Categorical, falling: Categories, temperature: float, batch_sizes: Sequence[int], seed: int
) -> TemperatureStep:
    from simtemp import (
        acceptance_rate,
        draws_lower_bound,
        effective_temperature,
        expected_draws,
        rejection_rate,
        rule_law,
        temper,
        total_variation,
    )
    from simtemp.methods import batch_rule, batch_tables

    probs = base.probs
    target = temper(probs, temperature)
    rule = batch_rule(temperature, None)
    if rule == "corrected":  # its exact law is not known: as in `simtemp law`
        rule = "falling"
    batches = []
    for size in batch_sizes:
        law = rule_law(probs, batch_tables(temperature, size, rule)[0], size)
        batches.append(
            BatchStep(size, total_variation(law, target), effective_temperature(law, probs), _top(law, falling))
        )
    return TemperatureStep(
        temperature=temperature,
        law=_top(target, falling),
        acceptance=acceptance_rate(probs, temperature),
        rejection=rejection_rate(probs, temperature),
        published=expected_draws(probs, temperature),
        early_exit=expected_draws(probs, temperature, early_exit=True),
        floor=draws_lower_bound(probs, temperature),
        duel=duel_cost(base, temperature, seed),
        rule=rule,
        batches=tuple(batches),
    )


def duel_cost(base: Categorical, temperature: float, seed: int) -> DuelCost | None:
    """What a duel costs: exactly on one or two categories and where it is the collision sampler, else the mean of a short run."""
    from simtemp import cost_law, expected_draws

    if is_collision(temperature):
        return DuelCost(expected_draws(base.probs, temperature, early_exit=True))
    known = cost_law("duel", base, temperature) if base.support.size <= 2 else None
    if known is not None:
        return DuelCost(known.mean)
    own = child_seed(seed, "explorer", base.name, f"{temperature:.12g}")
    run = duel_outputs(base, temperature, DUEL_OUTPUTS, DUEL_DRAWS, own, threads=1)
    if run is None:
        return None
    error = float(run.draws.std(ddof=1)) / float(np.sqrt(run.size))
    return DuelCost(run.mean_draws, run.size, error, own)


def _top(law: Floats, falling: Categories) -> tuple[float, ...]:
    """The probabilities of the categories shown, and that of all others together if there are others."""
    top, others = law[falling[:SHOWN]].tolist(), law[falling[SHOWN:]]
    return (*top, float(others.sum())) if others.size else tuple(top)
