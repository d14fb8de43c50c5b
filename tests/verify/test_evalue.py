"""The e-process against full enumeration."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy.stats import dirichlet_multinomial

from verify import EProcess, evalue, log_e_value

CASES = [
    ([0.5, 0.5], 60),
    ([0.999, 0.001], 60),
    ([1e-9, 1 - 1e-9], 60),
    ([0.1, 0.2, 0.7], 30),
    ([1e-12, 1 / 3, 2 / 3 - 1e-12], 20),
    ([0.0, 0.3, 0.7], 20),
    ([1.0], 50),
]


def mean_e(outcomes, outcome_log_chances, probs, n: int) -> float:
    target = np.array(probs)
    table = outcomes(n, target.size)
    table = table[~(table[:, target == 0] > 0).any(axis=1)]
    process = EProcess(target)
    logs = outcome_log_chances(table, target)
    return math.fsum(math.exp(p + process.log_e(counts)) for p, counts in zip(logs, table, strict=True))


@pytest.mark.parametrize(("probs", "n"), CASES)
def test_has_mean_one_under_the_target(outcomes, outcome_log_chances, probs, n) -> None:
    assert mean_e(outcomes, outcome_log_chances, probs, n) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.slow
def test_has_mean_one_under_the_target_for_more_outputs(outcomes, outcome_log_chances) -> None:
    assert mean_e(outcomes, outcome_log_chances, [0.2, 0.3, 0.5], 60) == pytest.approx(1.0, abs=1e-12)


def test_a_bet_that_is_not_normalised_has_another_mean(outcomes, outcome_chances, monkeypatch) -> None:
    """Planted fault: a directed bet on target**1.01 without its normalising constant."""
    monkeypatch.setattr(evalue, "TILTS", (0.01,))
    process = EProcess(np.array([0.3, 0.7]))
    process._log_norms = np.array(
        [-0.01 * (0.3 * math.log(0.3) + 0.7 * math.log(0.7))]
    )  # bets are on log p less its mean
    table = outcomes(20, 2)
    chances = outcome_chances(table, np.array([0.3, 0.7]))
    mean = sum(p * math.exp(process.log_e(counts)) for p, counts in zip(chances, table, strict=True))
    assert abs(mean - 1.0) > 0.01


def crossing_chance(p: float, n: int, alpha: float, inflate: float = 0.0) -> float:
    """The exact chance that the process ever reaches 1/alpha within n outputs of a target (p, 1 - p), looking after each."""
    process = EProcess(np.array([p, 1 - p]))
    alive = np.array([1.0])  # chance of each number of hits so far without a crossing
    for size in range(1, n + 1):
        alive = np.append(alive * (1 - p), 0.0) + np.append(0.0, alive * p)
        logs = np.array([process.log_e(np.array([hits, size - hits])) for hits in range(size + 1)])
        alive[logs + inflate >= -math.log(alpha)] = 0.0
    return 1.0 - float(alive.sum())


@pytest.mark.parametrize("p", [0.5, 0.03])
@pytest.mark.parametrize("alpha", [0.2, 0.01])
def test_ever_reaches_the_threshold_at_most_at_rate_alpha(p, alpha) -> None:
    assert crossing_chance(p, 40, alpha) <= alpha


def test_looking_without_paying_for_it_alarms_too_often() -> None:
    """Planted fault: the threshold ten times too low, about what a fixed-n test looked at after every output would use."""
    assert crossing_chance(0.5, 40, 0.1, inflate=math.log(10)) > 0.1


def test_dirichlet_bets_are_goods(monkeypatch) -> None:
    rng = np.random.default_rng(1)
    for k, n in [(2, 10), (7, 500), (50, 40)]:
        probs = rng.dirichlet(np.ones(k))
        counts = rng.multinomial(n, rng.dirichlet(np.ones(k)))
        process = EProcess(probs)
        seen = counts > 0
        bets = process._dirichlet(
            counts[seen].astype(float), probs[seen], np.log(probs[seen]), float(n), probs[~seen].sum()
        )
        for c, log_ratio in zip(process.concentrations, bets, strict=True):
            if c > 1e6:
                continue  # where the plain formula loses its digits
            mixture = dirichlet_multinomial.logpmf(counts, c * probs, n)
            plain = math.lgamma(n + 1) + sum(
                count * math.log(p) - math.lgamma(count + 1) for count, p in zip(counts, probs, strict=True)
            )
            assert log_ratio == pytest.approx(mixture - plain, abs=1e-7 * max(1, n))


def test_only_the_counts_matter_and_once_seen_changes_no_dirichlet_bet() -> None:
    process = EProcess(np.full(4, 0.25))
    assert process.log_e(np.array([1, 0, 0, 0])) == pytest.approx(0.0, abs=1e-12)
    assert process.log_e(np.array([3, 1, 0, 2])) == pytest.approx(process.log_e(np.array([0, 2, 3, 1])), abs=1e-12)
    assert process.log_e(np.zeros(4, np.int64)) == 0.0


def test_zero_probability_is_conclusive() -> None:
    assert log_e_value([10, 0, 1], [0.5, 0.5, 0.0]) == math.inf
    assert log_e_value([10, 10, 0], [0.5, 0.5, 0.0]) < 0
    assert log_e_value([10], [1.0]) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("tiny", [1e-300, 1e-310, 5e-324])
def test_tiny_probabilities(tiny) -> None:
    target = [tiny, 0.5, 0.5]
    assert log_e_value([0, 50, 50], target) < 0
    size = -np.log(tiny)
    assert 0.35 * size < log_e_value([1, 50, 50], target) < size  # by the directed bet on target ** 0.6
    assert 0.95 * size < log_e_value([2, 50, 50], target) < 2 * size


def test_concentrations_reach_from_gross_faults_to_a_billion_outputs() -> None:
    for k in (1, 2, 9, 64, 1000, 10**6):
        c = EProcess(np.full(k, 1 / k)).concentrations
        assert 0.5 <= c[0] < 2.0
        assert 2**28 * math.sqrt(k) <= c[-1] <= 2**30 * math.sqrt(k)
        assert 14 <= len(c) <= 22


def test_many_categories_and_a_billion_outputs() -> None:
    rng = np.random.default_rng(4)
    probs = rng.dirichlet(np.ones(10**5))
    counts = rng.multinomial(10**9, probs)
    process = EProcess(probs)
    assert -(10**5) < process.log_e(counts) < 5
    counts[:1000] += 500  # 5e-4 of all outputs
    assert process.log_e(counts) > 100


def log_gamma(x: Decimal) -> Decimal:
    """Less ``log(2 pi) / 2``; to 17 digits."""
    below = Decimal(0)
    while x < 100:
        below += x.ln()
        x += 1
    return (x - Decimal("0.5")) * x.ln() - x + 1 / (12 * x) - 1 / (360 * x**3) + 1 / (1260 * x**5) - below


def decimal_log_e(counts, probs) -> float:
    """The definition of the e-value, in 50 digits."""
    with localcontext() as context:
        context.prec = 50
        weights = [Decimal(float(p)) for p in probs]
        target = [weight / sum(weights) for weight in weights]
        logs = [p.ln() for p in target]
        times = [Decimal(int(count)) for count in counts]
        n = sum(times)
        dirichlet = []
        for c in map(Decimal, EProcess(np.asarray(probs)).concentrations):
            rising = [
                log_gamma(c * p + m) - log_gamma(c * p) - m * log for p, m, log in zip(target, times, logs, strict=True)
            ]
            dirichlet.append((sum(rising) - log_gamma(c + n) + log_gamma(c)).exp())
        score = sum(m * log for m, log in zip(times, logs, strict=True))
        directed = []
        for tilt in map(Decimal, evalue.TILTS):
            norm = sum(((1 + tilt) * log).exp() for log in logs)
            directed.append((tilt * score - n * norm.ln()).exp())
        return float((sum(dirichlet) / len(dirichlet) / 2 + sum(directed) / len(directed) / 2).ln())


ZIPF = (np.arange(1, 9) ** -1.5) / (np.arange(1, 9) ** -1.5).sum()


@pytest.mark.slow
@pytest.mark.parametrize("probs", [np.full(10, 0.1), ZIPF, np.array([1 - 1e-6 - 1e-9, 1e-6, 1e-9])])
@pytest.mark.parametrize("n", [30, 10**6, 10**12])
def test_agrees_with_fifty_digits(probs, n) -> None:
    """Errors below 1e-3 at a trillion outputs, where the bets themselves are 1e13."""
    rng = np.random.default_rng(8)
    for law in (probs, probs**1.00001 / (probs**1.00001).sum()):
        counts = rng.multinomial(n, law)
        assert log_e_value(counts, probs) == pytest.approx(decimal_log_e(counts, probs), abs=3e-4, rel=1e-9)


def test_cancels_what_is_common_to_all_categories() -> None:
    """The most even counts there can be, 1e12 in all: the same rounding error in each of a thousand categories would add up."""
    even = log_e_value([10**9] * 1000, [0.001] * 1000)
    assert even == pytest.approx(-math.log(2), abs=1e-6)  # the directed half keeps its stake, the other loses it
    assert log_e_value([5 * 10**11] * 2, [0.5, 0.5]) == pytest.approx(-math.log(2), abs=1e-2)


def test_too_many_outputs_are_refused() -> None:
    """Before, 20.8 of evidence and more against even counts."""
    for count in (10**13, 10**15):
        with pytest.raises(ValueError, match="at most 1e\\+12 outputs in all"):
            log_e_value([count] * 1000, [0.001] * 1000)
