"""The judge: is a sampler's law the target, with both error rates controlled at any stopping time?"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats, Integers
from verify.certificate import empirical_distance, upper_bound
from verify.evidence import Evidence, cost_process
from verify.montecarlo import counts_test
from verify.outputs import Sampler, Tally
from verify.planning import outputs_needed
from verify.recorded import as_sampler
from verify.schedule import epoch_delta, schedule, spare_delta
from verify.seeds import roles
from verify.target import category_labels, target_probabilities
from verify.verdict import Point, Status, Verdict
from verify.witness import find_witness, lower_bound

MONTE_CARLO_FROM = 1e-4
"""The smallest alpha at which the exact Monte Carlo test is run as well: below, its null tables would be too many."""

MONTE_CARLO_CELLS = 20_000_000
"""About how many counts the null tables hold in all: a second or two."""


def check_sampler(
    sampler: Sampler | Iterable[Any],
    target: Any,
    epsilon: float = 0.01,
    alpha: float = 1e-6,
    delta: float = 1e-6,
    max_samples: int = 10_000_000,
    rng: Any = 0,
    labels: Sequence[Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
    expected_cost: Any = None,
) -> Verdict:
    """Judge whether a sampler's outputs are independent draws from the target, at the cost they should have.

    Parameters
    ----------
    sampler : callable or iterable
        ``sampler(size, rng)`` returns `size` independent outputs as integers from 0 to K-1, or ``(outputs, draws)``
        with the base draws that each cost. It is called many times, for at most 2**20 outputs at once, always with
        the same generator. Or outputs that were recorded: an iterable of labels of the categories, perhaps endless,
        read in order; how many there are must not have been decided by looking at them.
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
    expected_cost : CostLaw or float, optional
        The law (`simtemp.cost_law`) or at least the mean of the base draws an output costs; a sampler whose cost is
        another is rejected as soon as that is proved; of a mean alone, only costs that are too high can be. By
        default what the sampler says of itself (`simulated` does), or nothing.

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

    1. REJECT if a category of probability zero came out, or if the e-process has reached 1/alpha: by Ville's inequality
       it ever does so with probability at most alpha under the target. It is an average of three: 15/16 or more of it
       is on the law (`EProcess`), 1/32 on independence (`Dependence`), 1/32 on the cost (`CostProcess`) where that is
       known.
    2. With alpha >= 1e-4, half of alpha goes to the e-process and half to the exact Monte Carlo test (`test_counts`),
       run once, at the first epoch, a number of outputs fixed in advance: REJECT if p <= alpha/2.
    3. At the epochs (the planned number of outputs, `required_samples`, then doubling, then the budget's end)
       EQUIVALENT if the certificate `tv_upper_bound` is within epsilon; epoch j has ``6 delta / (pi**2 (j+1)**2)``.

    For a law that differs from the target by less than epsilon both verdicts are true, and whichever is proved first
    is given; in one round REJECT comes first. `tv_lower` (`tv_lower_bound`) has its own chance alpha of being wrong,
    spread over all rounds, and does not reject.

    The bounds on the total variation hold for independent outputs. That they are independent is tested, not proved:
    what repeats, depends on the output before, or comes out too evenly is rejected, but no test sees every dependence.
    Memory O(K), and at most 2**21 outputs, whatever their number.

    Examples
    --------
    >>> fair = lambda size, rng: rng.integers(2, size=size)
    >>> check_sampler(fair, [0.5, 0.5], epsilon=0.02, max_samples=100_000).status
    'EQUIVALENT'
    >>> check_sampler(fair, [0.55, 0.45]).status
    'REJECT'
    """
    probs = target_probabilities(target)
    names = category_labels(labels, target, probs.size)
    tolerance = arguments.rate(epsilon, "epsilon")
    false_alarm = arguments.rate(alpha, "alpha")
    miss = arguments.rate(delta, "delta")
    budget = arguments.whole_number(max_samples, "max_samples", 1)
    source = as_sampler(sampler, target, labels)
    budget = min(budget, getattr(source, "remaining", None) or budget)
    cost = cost_process(source, expected_cost)
    sampler_rng, null_rng, part_rng = roles(rng, 3)

    began = time.perf_counter()
    looks = schedule(planned_samples(probs, tolerance, miss, budget), miss, budget)
    goals = [look.n for look in looks if look.epoch]
    each = e_process_alpha(false_alarm)
    evidence = Evidence(probs, each, cost)
    tally = Tally(source, sampler_rng, probs.size, evidence.add)
    status: Status = "INCONCLUSIVE"
    caught_by: str | None = None
    upper, p_value, share = 1.0, None, miss
    trace: list[Point] = []
    for look in looks:
        goal = next(n for n in goals if n >= look.n)
        tally.grow(look.n, goal, progress)
        if tally.n == 0:
            raise ValueError("sampler must have at least one output, got none")
        share = spare_delta(looks, miss) if tally.ended else look.delta
        evidence.weigh(tally.counts)
        if each < false_alarm and p_value is None and tally.n == goals[0] and evidence.log_e < math.inf:
            p_value = _monte_carlo(tally.counts, probs, each, null_rng)
        certified = None
        if look.epoch or tally.ended:
            certified = upper_bound(tally.counts, probs, share)
            upper = min(upper, certified)
        trace.append(Point(tally.n, evidence.log_e, empirical_distance(tally.counts, probs), certified))
        if evidence.log_e >= -math.log(each):
            status, caught_by = "REJECT", evidence.strongest()
        elif p_value is not None and p_value <= each:
            status, caught_by = "REJECT", "exact test"
        elif upper <= tolerance:
            status = "EQUIVALENT"
        if status != "INCONCLUSIVE" or tally.ended:
            break

    return Verdict(
        status=status,
        n=tally.n,
        tv_upper=min(upper, upper_bound(tally.counts, probs, share)),
        tv_lower=_lower(tally.counts, probs, false_alarm / len(looks), part_rng),
        tv_empirical=empirical_distance(tally.counts, probs),
        log_e=evidence.log_e,
        log_e_by=evidence.parts,
        caught_by=caught_by,
        p_value=p_value,
        epsilon=tolerance,
        alpha=false_alarm,
        delta=miss,
        witness=find_witness(tally.counts, probs, names) if status == "REJECT" else None,
        mean_draws=tally.mean_draws,
        expected_draws=None if cost is None else cost.law.mean,
        trace=tuple(trace),
        seconds=time.perf_counter() - began,
    )


def e_process_alpha(alpha: float) -> float:
    """The e-process's part of `alpha`: all of it, or half where the exact Monte Carlo test has the other half."""
    return alpha / 2 if alpha >= MONTE_CARLO_FROM else alpha


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
