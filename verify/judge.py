"""The judge: is a sampler's law the target, with both error rates controlled at any stopping time?"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats, Integers
from verify.certificate import empirical_distance, upper_bound
from verify.evalue import EProcess
from verify.montecarlo import counts_test
from verify.outputs import Sampler, Tally
from verify.planning import outputs_needed
from verify.schedule import epoch_delta, schedule
from verify.seeds import roles
from verify.target import category_labels, target_probabilities
from verify.verdict import Status, Verdict
from verify.witness import find_witness, lower_bound

MONTE_CARLO_FROM = 1e-4
"""The smallest alpha at which the exact Monte Carlo test is run as well: below, its null tables would be too many."""

MONTE_CARLO_CELLS = 20_000_000
"""About how many counts the null tables hold in all: a second or two."""


def check_sampler(
    sampler: Sampler,
    target: Any,
    epsilon: float = 0.01,
    alpha: float = 1e-6,
    delta: float = 1e-6,
    max_samples: int = 10_000_000,
    rng: Any = 0,
    labels: Sequence[Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Verdict:
    """Judge whether a sampler's outputs have the target's law.

    Parameters
    ----------
    sampler : callable
        ``sampler(size, rng)`` returns `size` independent outputs as integers from 0 to K-1, or ``(outputs, draws)``
        with the base draws that each cost. It is called many times, for at most 2**20 outputs at once, always with
        the same generator.
    target : array_like of shape (K,), or Categorical
        The law it should have; zeros are allowed.
    epsilon : float
        The total variation within which a sampler is good enough, in (0, 1).
    alpha : float
        Chance of REJECT for a sampler whose law is the target, at most: everything together, in (0, 1).
    delta : float
        Chance of EQUIVALENT for a sampler further than `epsilon` from the target, at most, in (0, 1).
    max_samples : int
        Outputs that may be asked for.
    rng : int, SeedSequence or Generator
        One child for the sampler, others for the judge; the same seed gives the same verdict.
    labels : sequence of K, optional
        Names of the categories for the witness; those of the target if it has any.
    progress : callable, optional
        Called with (outputs so far, outputs at which a verdict is hoped for).

    Returns
    -------
    Verdict
        REJECT, EQUIVALENT, or, when the budget ends first, INCONCLUSIVE.

    Raises
    ------
    ValueError
        For an argument out of its range, or a sampler that returns anything but `size` integers from 0 to K-1.
    SamplerError
        If the sampler raises. Interrupts and simtemp's own exceptions (`DrawBudgetExceeded`) pass as they are.

    Notes
    -----
    Outputs are asked for in rounds that grow by a quarter. After each round, in this order:

    1. REJECT if a category of probability zero came out, or if the e-process (`EProcess`) has reached 1/alpha: by
       Ville's inequality it ever does so with probability at most alpha under the target.
    2. With alpha >= 1e-4, half of alpha goes to the e-process and half to the exact Monte Carlo test (`test_counts`),
       run once, at the first epoch, a number of outputs fixed in advance: REJECT if p <= alpha/2.
    3. At the epochs (the planned number of outputs, `required_samples`, then doubling, then the budget's end)
       EQUIVALENT if the certificate `tv_upper_bound` is within epsilon; epoch j has ``6 delta / (pi**2 (j+1)**2)``.

    For a law that differs from the target by less than epsilon both verdicts are true, and whichever is proved first
    is given; in one round REJECT comes first. `tv_lower` (`tv_lower_bound`) has its own chance alpha of being wrong,
    spread over all rounds, and does not reject.

    The outputs must be independent; a sampler that repeats outputs can keep the right frequencies and pass. Memory
    O(K), whatever the number of outputs.

    Examples
    --------
    >>> fair = lambda size, rng: rng.integers(2, size=size)
    >>> check_sampler(fair, [0.5, 0.5], epsilon=0.02, max_samples=100_000).status
    'EQUIVALENT'
    >>> check_sampler(fair, [0.55, 0.45]).status
    'REJECT'
    """
    if not callable(sampler):
        raise ValueError(f"sampler must be callable as sampler(size, rng), got {arguments.shown(sampler)}")
    probs = target_probabilities(target)
    names = category_labels(labels, target, probs.size)
    tolerance = arguments.rate(epsilon, "epsilon")
    false_alarm = arguments.rate(alpha, "alpha")
    miss = arguments.rate(delta, "delta")
    budget = arguments.whole_number(max_samples, "max_samples", 1)
    sampler_rng, null_rng, part_rng = roles(rng, 3)

    began = time.perf_counter()
    looks = schedule(planned_samples(probs, tolerance, miss, budget), miss, budget)
    goals = [look.n for look in looks if look.epoch]
    process = EProcess(probs)
    tally = Tally(sampler, sampler_rng, probs.size)
    two_tests = false_alarm >= MONTE_CARLO_FROM
    each = false_alarm / 2 if two_tests else false_alarm
    status: Status = "INCONCLUSIVE"
    upper, log_e, p_value = 1.0, 0.0, None
    look = looks[0]
    for look in looks:
        goal = next(n for n in goals if n >= look.n)
        tally.grow(look.n, goal, progress)
        log_e = process.log_e(tally.counts)
        if two_tests and look.n == goals[0] and log_e < math.inf:
            p_value = _monte_carlo(tally.counts, probs, each, null_rng)
        if look.epoch:
            upper = min(upper, upper_bound(tally.counts, probs, look.delta))
        if log_e >= -math.log(each) or (p_value is not None and p_value <= each):
            status = "REJECT"
        elif upper <= tolerance:
            status = "EQUIVALENT"
        if status != "INCONCLUSIVE":
            break

    return Verdict(
        status=status,
        n=tally.n,
        tv_upper=min(upper, upper_bound(tally.counts, probs, look.delta)),
        tv_lower=_lower(tally.counts, probs, false_alarm / len(looks), part_rng),
        tv_empirical=empirical_distance(tally.counts, probs),
        log_e=log_e,
        p_value=p_value,
        epsilon=tolerance,
        alpha=false_alarm,
        delta=miss,
        witness=find_witness(tally.counts, probs, names) if status == "REJECT" else None,
        mean_draws=tally.mean_draws,
        seconds=time.perf_counter() - began,
    )


def planned_samples(probs: Floats, epsilon: float, delta: float, max_samples: int) -> int:
    """Outputs at which `check_sampler` hopes to accept a right sampler: where its first certificate is planned."""
    return outputs_needed(probs, epsilon, epoch_delta(delta, 0), 0.95, max_samples) or max_samples


def _monte_carlo(counts: Integers, probs: Floats, alpha: float, rng: np.random.Generator) -> float:
    tables = max(999, math.ceil(20 / alpha))  # what one statistic alone sees has p = 6 / tables at the least
    bins = min(1024, max(64, MONTE_CARLO_CELLS // tables))
    return counts_test(counts, probs, tables, rng, bins).p_value


def _lower(counts: Integers, probs: Floats, alpha: float, rng: np.random.Generator) -> float:
    first = rng.binomial(counts, 0.5)
    return lower_bound(first, counts - first, probs, alpha).value
