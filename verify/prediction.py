"""How many outputs it takes to reject a sampler of a known wrong law: from the law alone, no sampler involved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import rel_entr

from simtemp import arguments
from simtemp.arguments import Floats, Integers
from verify.evalue import EProcess
from verify.judge import e_process_alpha, planned_samples
from verify.schedule import schedule
from verify.seeds import generator
from verify.target import target_probabilities

SPARSE_FROM = 10_000
"""Categories from which counts are made output by output: one binomial for each category would cost more."""


@dataclass(frozen=True)
class Prediction:
    """When the judge rejects, over simulated runs.

    Attributes
    ----------
    outputs : int64[runs]
        Outputs at the rejection of each run, rising; one more than `max_samples` where the budget ended first.
    max_samples : int
        The budget.
    """

    outputs: Integers
    max_samples: int

    @property
    def median(self) -> int:
        """Half of the runs have rejected by then."""
        return self.quantile(0.5)

    @property
    def low(self) -> int:
        """The lower end of the middle 90 % of the runs."""
        return self.quantile(0.05)

    @property
    def high(self) -> int:
        """The upper end of the middle 90 % of the runs."""
        return self.quantile(0.95)

    def quantile(self, level: float) -> int:
        """The number of outputs by which at least a share `level` of the runs has rejected."""
        return int(np.quantile(self.outputs, level, method="inverted_cdf"))


def predicted_outputs(
    law: Any,
    target: Any,
    alpha: float,
    runs: int = 200,
    rng: Any = 0,
    max_samples: int = 2_000_000,
    *,
    epsilon: float = 0.01,
    delta: float = 1e-6,
) -> Prediction:
    """The number of independent outputs of a law at which `check_sampler` rejects it.

    Parameters
    ----------
    law : array_like, shape (K,), or Categorical
        What the outputs follow.
    target : array_like, shape (K,), or Categorical
        What they are judged against.
    alpha, epsilon, delta, max_samples
        As given to `check_sampler`; the last three settle when it looks.
    runs : int
        Simulated runs, at least 1.
    rng : int, SeedSequence or Generator
        For the counts.

    Returns
    -------
    Prediction

    Raises
    ------
    ValueError
        For an argument out of its range, or a law and a target of different sizes.

    Notes
    -----
    Each run adds multinomial counts from one look of the judge to the next until the e-process on the law (`EProcess`)
    has reached the judge's bar, 1/alpha (2/alpha for alpha >= 1e-4, where half of alpha is the exact Monte Carlo test's), or a category
    of probability zero has come out. What the judge sees besides the law (dependence, cost; a thirtieth of its wealth), the exact test,
    which may reject earlier, at its first epoch, and that it may accept first are left out. O(runs * looks * K).

    Examples
    --------
    >>> guess = predicted_outputs([0.6, 0.4], [0.5, 0.5], alpha=1e-6)
    >>> guess.low <= guess.median <= guess.high, 300 < guess.median < 2000
    (True, True)
    """
    truth, probs = target_probabilities(law), target_probabilities(target)
    if truth.size != probs.size:
        raise ValueError(f"law must have one probability for each of the {probs.size} categories, got {truth.size}")
    level = arguments.rate(alpha, "alpha")
    bar = -math.log(e_process_alpha(level))
    times = arguments.whole_number(runs, "runs", 1)
    budget = arguments.whole_number(max_samples, "max_samples", 1, 10**12)
    tolerance, miss = arguments.rate(epsilon, "epsilon"), arguments.rate(delta, "delta")
    looks = [look.n for look in schedule(planned_samples(probs, tolerance, miss, budget), miss, budget)]
    process = EProcess(probs)
    counted = _Counts(truth)
    random = generator(rng)
    outputs = np.sort([_one_run(counted, probs, process, bar, looks, random) for _ in range(times)])
    return Prediction(outputs.astype(np.int64), budget)


class _Counts:
    """Counts of independent outputs of a law."""

    def __init__(self, law: Floats) -> None:
        self._law = law
        self._edges = np.cumsum(law) if law.size >= SPARSE_FROM else None

    @property
    def none(self) -> Integers:
        return np.zeros(self._law.size, np.int64)

    def draw(self, size: int, rng: np.random.Generator) -> Integers:
        if self._edges is None:
            return rng.multinomial(size, self._law)
        values = np.searchsorted(self._edges, rng.random(size) * self._edges[-1], side="right")
        return np.bincount(values, minlength=self._law.size)


def _one_run(
    counted: _Counts, probs: Floats, process: EProcess, bar: float, looks: list[int], rng: np.random.Generator
) -> int:
    counts, n = counted.none, 0
    for look in looks:
        counts += counted.draw(look - n, rng)
        n = look
        # All bets are mixtures of laws of independent outputs: no e-value is above the largest likelihood ratio, exp(n KL).
        seen = np.flatnonzero(counts)
        if rel_entr(counts[seen], n * probs[seen]).sum() >= bar - 1e-6 and process.log_e(counts) >= bar:
            return n
    return n + 1
