"""What a report checks: one cell a sampler, base and temperature, sized by its expected cost before anything is run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from figures.explorer import FULL as FULL_EXPLORER
from figures.explorer import QUICK as QUICK_EXPLORER
from figures.explorer import Grid
from figures.laws import exact_batch_law, law_at_hand
from figures.seeds import child_seed
from simtemp.base import SUITE, Categorical
from simtemp.errors import DrawBudgetExceeded
from simtemp.exact.cost import expected_draws
from simtemp.exact.distance import total_variation
from simtemp.simulation import simulate
from simtemp.tempering import split_exponent, temper
from verify.judge import planned_samples

ALPHA = 1e-6
"""Chance of calling a right sampler wrong, a cell."""
DELTA = 1e-6
"""Chance of calling a sampler right that is further than epsilon from its target, a cell."""
TEMPERATURES = (1.0, 0.7, 0.5, 0.4, 0.2, 0.1)
DUEL = "duel"
"""The variant of an exact cell that runs the duel sampler."""
DUEL_TEMPERATURES = (0.7, 0.3, 0.2, 0.1)
PILOT, PILOT_DRAWS = 50, 2_000_000
"""Outputs, and at most base draws, that say what an output of the duel sampler costs: there is no closed form."""
MAX_SAMPLES = 10_000_000
SYMMETRIC = 1e-12
"""A batch law nearer to its target than this is its target: the base is symmetric, and the rule cannot be biased."""


@dataclass(frozen=True)
class Effort:
    """How much a report spends.

    Attributes
    ----------
    suite_epsilon : float
        Total variation to be certified on the small suite; what does not get there in `cell_draws` is not run.
    epsilons : tuple of float
        For every other base: the first one that can be certified in `cell_draws`.
    cell_draws : float
        Base draws a cell may be expected to take.
    bound_draws : float
        Base draws for the lower bound on the error of a batch sampler.
    batches : tuple of (int, float)
        Batch size and temperature of the batch sampler's cells.
    cell_seconds, seconds : float
        A cell is stopped after the first; none is begun after the second. Only a slow machine gets there.
    left_out : tuple of str
        Pictures the report does without: dear ones, and those that need samplers compiled for themselves alone.
    faults : tuple of str or None
        Planted faults, by name, on which the judge itself is judged; None: the whole gallery.
    faults_left_out : tuple of str
        Of these, the ones that take longest.
    explorer : tuple of Grid
        What can be chosen in the explorer: a base has the first grid that takes it, and is left out if none does.
    """

    suite_epsilon: float
    epsilons: tuple[float, ...]
    cell_draws: float
    bound_draws: float
    batches: tuple[tuple[int, float], ...]
    cell_seconds: float
    seconds: float
    left_out: tuple[str, ...] = ()
    faults: tuple[str, ...] | None = ()
    faults_left_out: tuple[str, ...] = ()
    explorer: tuple[Grid, ...] = ()


FULL = Effort(
    suite_epsilon=0.01,
    epsilons=(0.01, 0.02, 0.05, 0.1, 0.2),
    cell_draws=1e9,
    bound_draws=5e7,
    batches=tuple((size, t) for size in (200, 20) for t in (1 / 2, 1 / 5, 1 / 10)),
    cell_seconds=40.0,
    seconds=150.0,
    faults=None,
    faults_left_out=(
        "single-precision-sums",
        "guard-inside-the-logarithm",
        "exponent-1-percent-low",
        "exponent-1-percent-high",
    ),
    explorer=FULL_EXPLORER,
)
QUICK = Effort(
    suite_epsilon=0.02,
    epsilons=(0.02, 0.05, 0.1, 0.2),
    cell_draws=2.5e7,
    bound_draws=2e6,
    batches=((200, 1 / 2), (200, 1 / 10), (20, 1 / 2)),
    cell_seconds=8.0,
    seconds=20.0,
    left_out=("rules", "spread", "choice"),
    faults=(
        "temperature-twice",
        "normaliser-not-tempered",
        "top-p-left-on",
        "last-category-never",
        "every-output-twice",
        "sticky",
        "one-draw-counted-twice",
        "inverse-cdf",
    ),
    explorer=QUICK_EXPLORER,
)


def sampler_of(part: str, variant: str) -> str:
    """The method of `simtemp.simulate` behind a cell of a part of the report."""
    return part if part == "batch" else DUEL if variant == DUEL else "collision"


@dataclass(frozen=True)
class Cell:
    """One sampler on one base at one temperature.

    Attributes
    ----------
    method : str
        "exact" or "batch": the part of the report it belongs to. What is run is `sampler`.
    base, temperature, options
        As for `simtemp.simulate`.
    variant : str
        For a person: "published", "early exit", "duel", "N = 200".
    epsilon, max_samples, seed
        What the judge is asked.
    expected_draws : float
        Exact mean of the base draws an output costs; for the duel sampler, that of a pilot.
    planned : int
        Outputs at which a right sampler is expected to be certified.
    bound_outputs, bound_seed : int
        Outputs of the run of fixed length that bounds the error from below, 0 for an exact sampler; and its seed.
    within_reach : bool
        Whether it is run.
    """

    method: str
    variant: str
    base: str
    temperature: float
    options: Mapping[str, Any]
    epsilon: float
    max_samples: int
    seed: int
    expected_draws: float
    planned: int
    bound_outputs: int
    bound_seed: int
    within_reach: bool

    @property
    def key(self) -> str:
        """Names the cell in results and links."""
        return f"{self.method}/{self.variant}/{self.base}/{self.temperature:.6g}"

    @property
    def sampler(self) -> str:
        """The method of `simtemp.simulate` that is run."""
        return sampler_of(self.method, self.variant)

    @property
    def weight(self) -> float:
        """Base draws it is expected to take in all: the order in which cells are begun, dearest first."""
        return self.expected_draws * (self.planned + self.bound_outputs)


def exact_cells(name: str, base: Categorical, seed: int, effort: Effort) -> Iterable[Cell]:
    """The collision sampler at every temperature, with early exit where that is another procedure (n >= 3); then the duel sampler."""
    epsilons = (effort.suite_epsilon,) if name in SUITE else effort.epsilons
    for temperature in TEMPERATURES:
        target = temper(base.probs, temperature)
        for variant in ("published", "early exit"):
            early_exit = variant == "early exit"
            if early_exit and split_exponent(temperature)[0] < 3:
                continue
            cost = expected_draws(base.probs, temperature, early_exit=early_exit)
            for epsilon in epsilons:
                planned = planned_samples(target, epsilon, DELTA, MAX_SAMPLES)
                within = planned < MAX_SAMPLES and planned * cost <= effort.cell_draws
                if within:
                    break
            yield Cell(
                method="exact",
                variant=variant,
                base=name,
                temperature=temperature,
                options={"early_exit": True} if early_exit else {},
                epsilon=epsilon,
                max_samples=MAX_SAMPLES,
                seed=child_seed(seed, "collision", variant, name, f"{temperature:.12g}"),
                expected_draws=cost,
                planned=planned,
                bound_outputs=0,
                bound_seed=0,
                within_reach=within,
            )
    for temperature in DUEL_TEMPERATURES:
        own = child_seed(seed, "duel", name, f"{temperature:.12g}")
        target, cost = temper(base.probs, temperature), _pilot(base, temperature, own)
        allowed = effort.cell_draws * duel_share(name, temperature)
        for epsilon in epsilons:
            planned = planned_samples(target, epsilon, DELTA, MAX_SAMPLES)
            within = planned < MAX_SAMPLES and planned * cost <= allowed
            if within:
                break
        yield Cell(
            method="exact",
            variant=DUEL,
            base=name,
            temperature=temperature,
            options={},
            epsilon=epsilon,
            max_samples=MAX_SAMPLES,
            seed=own,
            expected_draws=cost,
            planned=planned,
            bound_outputs=0,
            bound_seed=0,
            within_reach=within,
        )


def duel_share(name: str, temperature: float) -> float:
    """What part of a cell's draws a duel may take: little where it is the collision sampler (1/T < 3), which has its own cell."""
    if split_exponent(temperature)[0] < 3:
        return 0.1
    return 0.75 if name in SUITE else 0.15


def pilot_seed(seed: int) -> int:
    """The seed of the pilot of a duel cell, from that of the cell."""
    return child_seed(seed, "pilot")


def _pilot(base: Categorical, temperature: float, seed: int) -> float:
    own = pilot_seed(seed)
    try:
        return simulate(DUEL, base, temperature, PILOT, seed=own, threads=1, max_draws=PILOT_DRAWS).mean_draws
    except DrawBudgetExceeded as exceeded:
        return exceeded.max_draws / (1 + (exceeded.run.size if exceeded.run is not None else 0))


def batch_cells(name: str, base: Categorical, seed: int, effort: Effort) -> Iterable[Cell]:
    """The batch sampler.

    Left out where its exact law would take minutes. Its exact error is known, so the judge is asked for less than that (to prove the
    bias), or for the suite's epsilon where there is none (to prove the absence).
    """
    for size, temperature in effort.batches:
        if not law_at_hand(base.probs, size):
            continue
        target = temper(base.probs, temperature)
        tv = total_variation(exact_batch_law(base.probs, temperature, size), target)
        biased = tv > SYMMETRIC
        epsilon = min(effort.suite_epsilon, _one_digit(tv / 2)) if biased else effort.suite_epsilon
        most = max(1000, int(effort.bound_draws * 4 / size))
        yield Cell(
            method="batch",
            variant=f"N = {size}",
            base=name,
            temperature=temperature,
            options={"batch_size": size},
            epsilon=epsilon,
            max_samples=most if biased else MAX_SAMPLES,
            seed=child_seed(seed, "batch", size, name, f"{temperature:.12g}"),
            expected_draws=float(size),
            planned=min(most, planned_samples(target, epsilon, DELTA, MAX_SAMPLES)),
            bound_outputs=bound_outputs(tv, effort.bound_draws / size) if biased else 0,
            bound_seed=child_seed(seed, "bound", size, name, f"{temperature:.12g}"),
            within_reach=True,
        )


def bound_outputs(tv: float, most: float) -> int:
    """Outputs with which a lower bound on the error reaches about nine tenths of it, within `most`.

    Half of the outputs choose the set, the other half bound its probability: 4.75 standard errors, at most ``0.5 / sqrt(n / 2)`` each.
    """
    return int(min(most, max(5000.0, 2 * (10 * 4.75 * 0.5 / tv) ** 2)))


def _one_digit(value: float) -> float:
    """Rounded down to one digit, so that it reads well in a command."""
    unit = 10.0 ** math.floor(math.log10(value))
    return float(f"{math.floor(value / unit) * unit:.1g}")
