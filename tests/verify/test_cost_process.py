"""The e-process on costs: its mean by enumeration, its alarms, and wrong costs that it finds."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binom

import simtemp
from simtemp.exact.coin_cost import Support
from simtemp.exact.collision_cost import collision_series
from simtemp.exact.cost_law import CostLaw, cost_law
from simtemp.exact.restart_cost import restarted
from verify.cost import CostProcess, as_cost_law

ALPHA = 1e-6
PEAKED9 = [0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02]


def mean_e(outcomes, outcome_log_chances, law: CostLaw, costs: list[int], chances: list[float], n: int) -> float:
    """E[e] after n outputs whose costs have the given chances, over all vectors of counts."""
    table = outcomes(n, len(costs))
    logs = outcome_log_chances(table, np.array(chances))
    total = []
    for log, counts in zip(logs, table, strict=True):
        process = CostProcess(law)
        process.add(np.repeat(costs, counts))
        total.append(math.exp(log + process.log_e()))
    return math.fsum(total)


COMPLETE = [
    (([2, 3], [0.5, 0.5]), 40),
    (([1, 9], [0.999, 0.001]), 30),
    (([2, 4, 70], [0.7, 0.2, 0.1]), 15),
    (([1, 2, 3, 40], [1 / 3, 1 / 3, 1 / 6, 1 / 6]), 8),
    (([5], [1.0]), 20),
]


def law_of(costs: list[int], chances: list[float], last: int | None = None) -> CostLaw:
    """The law of these costs; its pmf leaves out what is above `last`, and is complete without it."""
    p, x = np.array(chances), np.array(costs, dtype=float)
    pmf = np.zeros(max(costs) + 1)
    pmf[costs] = p
    return CostLaw(float(p @ x), float(p @ x**2), pmf if last is None else pmf[: last + 1], complete=last is None)


@pytest.mark.parametrize(("law", "n"), COMPLETE)
def test_has_mean_one_under_a_known_law(outcomes, outcome_log_chances, law, n) -> None:
    costs, chances = law
    assert mean_e(outcomes, outcome_log_chances, law_of(*law), costs, chances, n) == pytest.approx(1.0, abs=1e-12)


def test_has_mean_one_where_the_pmf_leaves_out_little(outcomes, outcome_log_chances) -> None:
    """What is beyond it is one cost more for both kinds of bets, however large it is."""
    costs, chances = [2, 4, 5000], [0.7, 0.2995, 0.0005]
    law = law_of(costs, chances, last=6)
    assert law.pmf is not None
    assert law.pmf.size == 7
    assert mean_e(outcomes, outcome_log_chances, law, costs, chances, 15) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("law", "n"), COMPLETE)
def test_has_mean_at_most_one_where_nothing_seems_left_out(outcomes, outcome_log_chances, law, n) -> None:
    """A pmf that sums to 1 and is not said to be complete; what is granted to the costs beyond it takes a bet or two on the mean."""
    costs, chances = law
    assert 0.5 <= mean_e(outcomes, outcome_log_chances, law_of(*law, last=max(costs)), costs, chances, n) <= 1.0


def test_has_mean_at_most_one_where_what_is_left_out_is_lost_in_rounding(outcomes, outcome_log_chances) -> None:
    """Costs of 2, 4, ... of which more than 4 have the chance 6.4e-15: 6 is no proof, and adds little to the mean."""
    p = 4e-8
    law = cost_law("collision", [1 - p, p], 0.5)
    assert law is not None
    fail = 2 * p * (1 - p)
    chances = [1 - fail, fail * (1 - fail), fail**2]
    assert 0.5 <= mean_e(outcomes, outcome_log_chances, law, [2, 4, 6], chances, 5) <= 1.0
    process = CostProcess(law)
    process.add(np.array([6]))
    assert process.log_e() <= math.log(1e9)
    process.add(np.array([3]))
    assert process.log_e() == math.inf  # that is impossible indeed


def test_the_most_likely_cost_is_no_evidence_at_any_length() -> None:
    """A million costs of 1003 where 1004 has a chance of 1e-300: totals are of 1e9, and so were tilts of 1e150, a log e of 2e143."""
    pmf = np.zeros(1005)
    pmf[1003], pmf[1004] = 1.0, 1e-300
    for complete in (True, False):
        process = CostProcess(CostLaw(1003.0, 1003.0**2, pmf, complete=complete))
        process.add(np.full(10**6, 1003))
        assert -2.0 < process.log_e() <= 0.0
        process.add(np.array([1004] * 3))
        assert process.log_e() > -math.log(ALPHA)


def test_tilts_of_large_costs_keep_their_digits() -> None:
    """A law on 1,000,000 and 1,000,001 over 2e7 outputs is that on 0 and 1; a total was right to 1e-6 only."""
    logs = []
    for first in (0, 10**6):
        pmf = np.zeros(first + 2)
        pmf[first:] = 0.7, 0.3
        process = CostProcess(CostLaw(first + 0.3, (first + 0.3) ** 2 + 0.21, pmf, complete=True))
        costs = np.repeat([first, first + 1], [700_100, 299_900])
        for _ in range(20):
            process.add(costs)
        logs.append(process.log_e())
    assert logs[1] == pytest.approx(logs[0], abs=1e-8)


def test_totals_do_not_overflow() -> None:
    process = CostProcess(CostLaw(1e18, 2e36))
    process.add(np.full(40, 10**18))
    assert process.mean == 1e18
    assert process.log_e() < 1.0
    with pytest.raises(ValueError, match="draws must be at most"):
        process.add(np.array([2**63], np.uint64))


def test_has_mean_at_most_one_where_the_pmf_leaves_out_much(outcomes, outcome_log_chances) -> None:
    costs, chances = [2, 4, 90], [0.6, 0.2, 0.2]
    assert mean_e(outcomes, outcome_log_chances, law_of(costs, chances, last=6), costs, chances, 15) <= 1.0 + 1e-12


@pytest.mark.parametrize(("law", "n"), COMPLETE)
def test_has_mean_one_or_less_when_moments_are_known(outcomes, outcome_log_chances, law, n) -> None:
    """Mean only: exactly one, for any law of that mean. With the second moment: at most one."""
    costs, chances = law
    full = law_of(*law)
    mean_only = mean_e(outcomes, outcome_log_chances, CostLaw(full.mean), costs, chances, n)
    both = mean_e(outcomes, outcome_log_chances, CostLaw(full.mean, full.second_moment), costs, chances, n)
    assert mean_only == pytest.approx(1.0, abs=1e-12)
    assert both <= 1.0 + 1e-12


def test_a_second_moment_that_is_too_small_has_a_mean_above_one(outcomes, outcome_log_chances) -> None:
    """Planted fault: the bound of the downward bets with the variance in place of the second moment, and a law near to zero and far off."""
    costs, chances = [0, 100], [0.9, 0.1]
    wrong = CostLaw(10.0, 100.0)  # E[D**2] is 1000
    assert mean_e(outcomes, outcome_log_chances, wrong, costs, chances, 20) > 1.5


def test_costs_beyond_the_counted_ones_are_bet_on_alike(outcomes, outcome_log_chances) -> None:
    costs, chances = [10, 200_000], [0.9, 0.1]
    mean = 0.9 * 10 + 0.1 * 200_000
    assert mean_e(outcomes, outcome_log_chances, CostLaw(mean), costs, chances, 20) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("known", ["pmf", "moments", "mean"])
def test_alarms_at_most_at_rate_alpha(known) -> None:
    """150 right samplers at alpha = 0.05, looked at after 5, 10, 20, ..., 640 outputs: above the rate at most with a chance of 1e-6."""
    full = cost_law("collision", [0.5, 0.5], 0.5)
    assert full is not None
    law = {"pmf": full, "moments": CostLaw(full.mean, full.second_moment), "mean": CostLaw(full.mean)}[known]
    rng = np.random.default_rng(17)
    alarms = 0
    for _ in range(150):
        process = CostProcess(law)
        for size in (5, 5, 10, 20, 40, 80, 160, 320):
            process.add(2 * rng.geometric(0.5, size))
            if process.log_e() >= -math.log(0.05):
                alarms += 1
                break
    assert alarms <= binom.ppf(1 - 1e-6, 150, 0.05)


SAMPLERS = [
    ("collision", "peaked9", 0.4, {}),
    ("collision", "peaked9", 0.3, {"early_exit": True}),
    ("collision", "zipf:1000,1.1", 0.7, {}),
    ("accepted", "peaked9", 0.7, {}),
    ("batch", "peaked9", 0.5, {"batch_size": 50}),
    ("duel", "two:0.7", 0.15, {}),
    ("duel", "two:0.7", 0.4, {"coupling": "stream"}),
    ("duel", "two", 1 / 3.3, {"split": 1, "fraction": "last"}),
    ("duel", "two:0.7", 0.28, {"split": 2, "fraction": "proposal"}),
    ("chain", "peaked9", 2.5, {"steps": 5}),
    ("chain", "two:0.9", math.inf, {"steps": 3}),
]


@pytest.mark.parametrize(("method", "base", "temperature", "options"), SAMPLERS)
def test_simtemps_own_samplers_cost_what_they_should(method, base, temperature, options) -> None:
    """At alpha = 1e-6 each; that it would be seen otherwise is what the faults below are for."""
    run = simtemp.simulate(method, base, temperature, 40_000, seed=23, threads=1, **options)
    law = cost_law(method, base, temperature, run.options)
    assert law is not None
    process = CostProcess(law)
    process.add(run.draws)
    assert process.log_e() < -math.log(ALPHA)
    assert process.mean == pytest.approx(run.mean_draws)
    if law.second_moment is not None and law.second_moment > law.mean**2:
        spread = math.sqrt((law.second_moment - law.mean**2) / run.size)
        assert abs(process.mean - law.mean) < 6 * spread


# ---------------------------------------------------------------- wrong costs


def known(method: str, probs: list[float], temperature: float, **options: object) -> CostLaw:
    law = cost_law(method, probs, temperature, options)
    assert law is not None
    return law


def pmf_of(law: CostLaw) -> np.ndarray:
    assert law.pmf is not None
    return law.pmf


def twice() -> np.ndarray:
    doubled = np.zeros(2 * pmf_of(known("collision", PEAKED9, 0.4)).size)
    doubled[::2] = pmf_of(known("collision", PEAKED9, 0.4))
    return doubled


def one_more() -> np.ndarray:
    return np.append(0.0, pmf_of(known("collision", PEAKED9, 0.4)))


def last_trial_only() -> np.ndarray:
    support = Support.of(np.array(PEAKED9))
    return collision_series(support, support, 2, 0.5, False, 2000)[0]


def one_flip_too_many() -> np.ndarray:
    support = Support.of(np.array(PEAKED9))
    success, failure = collision_series(support, support, 1, 1 / 0.7 - 1, False, 2000)
    return restarted([np.append(0.0, success)], np.append(0.0, failure))[0]


def published() -> np.ndarray:
    return pmf_of(known("collision", PEAKED9, 1 / 3))


def early() -> np.ndarray:
    return pmf_of(known("collision", PEAKED9, 1 / 3, early_exit=True))


def colder() -> np.ndarray:
    return pmf_of(known("collision", PEAKED9, 0.388))


def outputs_until_found(law: CostLaw, faulty: np.ndarray, seed: int, most: int = 200_000) -> int:
    process = CostProcess(law)
    cumulative = np.cumsum(faulty / faulty.sum())
    rng = np.random.default_rng(seed)
    while process.n < most:
        process.add(np.searchsorted(cumulative, rng.random(max(1, process.n // 20)), side="right"))
        if process.log_e() >= -math.log(ALPHA):
            return process.n
    raise AssertionError(f"not found in {most} outputs: log e = {process.log_e()}")


def between(law: CostLaw, faulty: np.ndarray) -> tuple[float, float]:
    """Outputs that any bet needs on average, ``ln(1/alpha) / KL`` (Wald), and that the best tilt needs with its share of the wealth."""
    pmf, q = pmf_of(law), faulty / faulty.sum()
    size = max(pmf.size, q.size)
    p, q = np.append(pmf, np.zeros(size - pmf.size)), np.append(q, np.zeros(size - q.size))
    both = (p > 0) & (q > 0)
    least = -math.log(ALPHA) / float(q[both] @ np.log(q[both] / p[both]))
    costs = np.arange(size, dtype=float)
    spread = math.sqrt(p @ costs**2 - (p @ costs) ** 2)
    tilts = [sign * 2.0**-k / spread for k in range(15) for sign in (1.0, -1.0)]
    grown = max(tilt * (q @ costs) - math.log(p @ np.exp(tilt * costs)) for tilt in tilts)
    return least, (math.log(2 * len(tilts)) - math.log(ALPHA)) / grown


FAULTS: list[tuple[float, dict[str, object], Callable[[], np.ndarray], int, int, int]] = [
    (1 / 3, {"early_exit": True}, published, 12, 97, 298),
    (0.4, {}, twice, 12, 46, 48),
    (0.4, {}, one_more, 136, 569, 24_492),
    (0.4, {}, last_trial_only, 8, 17, 28),
    (0.7, {}, one_flip_too_many, 53, 210, 1129),
    (0.4, {}, colder, 2274, 3577, 3419),
]


@pytest.mark.parametrize(("temperature", "options", "faulty", "least", "observed", "tilt"), FAULTS)
def test_wrong_costs_are_found(temperature, options, faulty, least, observed, tilt) -> None:
    """Claimed is the collision sampler's law on peaked9; the costs have another, known one. Median outputs to alpha = 1e-6 over nine
    seeds, beside the least that any bet can do with on average, and what the best tilt alone would need (overshoot not counted).

    =====================================================  =====  ========  ======
    fault                                                  least  observed  tilt
    =====================================================  =====  ========  ======
    early exit's cost claimed for the published sampler       12        97     298
    twice the cost                                            12        46      48
    one draw too many                                        136       569  24,492
    only the accepted trial is counted                         8        17      28
    the coin flips once too often                             53       210   1,129
    3 % colder than claimed                                2,274     3,577   3,419
    =====================================================  =====  ========  ======

    One draw too many hardly moves the mean: only the bins see it in time. The mean alone sees none but the doubled cost this early.
    """
    law, wrong = known("collision", PEAKED9, temperature, **options), faulty()
    low, high = between(law, wrong)
    assert (low, high) == (pytest.approx(least, abs=0.5), pytest.approx(tilt, abs=0.5))
    median = float(np.median([outputs_until_found(law, wrong, seed) for seed in range(9)]))
    assert low <= median <= 1.3 * high
    assert median == pytest.approx(observed, rel=0.1)  # a look is up to 5 % late


def test_impossible_costs_are_conclusive() -> None:
    """The published sampler at T = 1/2 spends an even number of draws; a batch always N; the duel of (1 + 1) always an even number."""
    for law, costs in [
        (known("collision", PEAKED9, 0.5), [2, 8, 7]),
        (known("batch", PEAKED9, 0.5, batch_size=50), [50, 50, 49]),
        (known("batch", PEAKED9, 0.5, batch_size=50), [50, 51]),
        (known("duel", [0.6, 0.4], 0.5, split=1), [2, 4, 5]),
        (known("collision", PEAKED9, 0.5), [0]),
    ]:
        process = CostProcess(law)
        process.add(np.array(costs[:-1], np.int64))
        assert process.log_e() < 5.0
        process.add(np.array(costs[-1:], np.int64))
        assert process.log_e() == math.inf


def test_what_the_moments_alone_can_tell() -> None:
    """Mean 137, geometric: half of it and twice of it, 300 outputs. The mean alone sees only the second."""
    rng = np.random.default_rng(5)
    right, low, high = (rng.geometric(1 / mean, 300) for mean in (137, 137 / 2, 274))
    second = 2 * 137.0**2 - 137
    for law, costs, found in [
        (as_cost_law(137.0), right, False),
        (as_cost_law(137.0), low, False),
        (as_cost_law(137.0), high, True),
        (CostLaw(137.0, second), right, False),
        (CostLaw(137.0, second), low, True),
        (CostLaw(137.0, second), high, True),
    ]:
        process = CostProcess(law)
        process.add(costs)
        assert (process.log_e() >= -math.log(ALPHA)) == found


def test_a_chain_that_takes_one_step_more_is_found() -> None:
    """Twenty-one steps for twenty: the mean cost is 4.7 % up, found by its moments within 40,000 outputs."""
    law = known("chain", PEAKED9, 2.0, steps=20)
    process = CostProcess(law)
    process.add(simtemp.simulate("chain", PEAKED9, 2.0, 40_000, seed=3, threads=1, steps=21).draws)
    assert process.log_e() >= -math.log(ALPHA)


def test_looks_do_not_depend_on_how_the_costs_came() -> None:
    costs = np.random.default_rng(1).geometric(0.02, 5000)
    for law in (
        CostLaw(50.0),
        CostLaw(50.0, 4950.0),
        CostLaw(30.0, 1770.0, np.append(0.0, (29 / 30) ** np.arange(200.0) / 30)),
    ):
        whole, parts = CostProcess(law), CostProcess(law)
        whole.add(costs)
        for part in np.split(costs, [0, 1, 40, 3000]):
            parts.add(part.astype(np.int32))
        assert parts.n == whole.n == 5000
        assert parts.mean == whole.mean == costs.mean()
        assert parts.log_e() == pytest.approx(whole.log_e(), rel=1e-9)


def test_edges() -> None:
    process = CostProcess(137.0)
    assert (process.n, process.log_e(), math.isnan(process.mean)) == (0, 0.0, True)
    endless = CostProcess(CostLaw(math.inf, math.inf))
    endless.add(np.array([10**12]))
    assert endless.log_e() == 0.0
    for value in (0, -1.0, math.nan, "137", None):
        with pytest.raises(ValueError, match="expected_draws must be"):
            as_cost_law(value)
    for draws in (np.array([1.5]), np.array([[1]]), np.array([-1]), np.array([True])):
        with pytest.raises(ValueError, match="draws must be"):
            process.add(draws)
