"""Both error rates of the whole procedure, stopping rule included.

Seeds are 0, 1, 2, ...; each bound below is broken by chance with probability 1e-6.
"""

import numpy as np
import pytest
from scipy.stats import binom

from verify import check_sampler, judge
from verify.intervals import interval

PEAKED9 = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02])


def sampler_of(law):
    """A sampler of a law by bisection of its cumulative sums: shares nothing with the samplers of simtemp."""
    edges = np.cumsum(law)
    edges /= edges[-1]
    return lambda size, rng: np.searchsorted(edges, rng.random(size), side="right")


def verdicts(law, target, runs: int, **settings):
    return [check_sampler(sampler_of(law), target, rng=seed, **settings) for seed in range(runs)]


@pytest.mark.slow
@pytest.mark.parametrize(("target", "number"), [(PEAKED9, 100), (np.array([0.96, 0.03, 0.01]), 50)])
def test_right_samplers_are_rejected_at_most_at_rate_alpha(target, number) -> None:
    runs = verdicts(target, target, number, alpha=0.05, epsilon=0.1, delta=0.05, max_samples=1000)
    alarms = sum(v.status == "REJECT" for v in runs)
    assert interval(alarms, number, 2e-6)[0] <= 0.05
    assert any(v.p_value is not None for v in runs)


@pytest.mark.slow
def test_null_tables_of_another_law_alarm_too_often(monkeypatch) -> None:
    """Planted fault: null tables of 2n outputs for n outputs counted twice are too even. The test above sees it."""
    honest = judge.counts_test
    monkeypatch.setattr(judge, "counts_test", lambda counts, *rest: honest(2 * counts, *rest))
    runs = verdicts(PEAKED9, PEAKED9, 60, alpha=0.05, epsilon=0.1, delta=0.05, max_samples=1000)
    assert interval(sum(v.status == "REJECT" for v in runs), 60, 2e-6)[0] > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("off", [1.0, 1.5])
def test_samplers_beyond_epsilon_are_accepted_at_most_at_rate_delta(off) -> None:
    """TV = epsilon (just beyond) and 1.5 epsilon, with rejection made all but impossible so that acceptance has its chance."""
    epsilon = 0.06
    law = np.array([0.5 + off * epsilon * (1 + 1e-9), 0.5 - off * epsilon * (1 + 1e-9)])
    runs = verdicts(law, [0.5, 0.5], 60, alpha=1e-300, epsilon=epsilon, delta=0.1, max_samples=3000)
    accepted = sum(v.status == "EQUIVALENT" for v in runs)
    assert interval(accepted, 60, 2e-6)[0] <= 0.1
    wrong = sum(v.tv_upper < off * epsilon for v in runs)
    assert interval(wrong, 60, 2e-6)[0] <= 0.1


@pytest.mark.slow
def test_a_certificate_without_its_allowance_accepts_too_often(monkeypatch) -> None:
    """Planted fault: the empirical distance alone as the bound. The test above sees it."""
    monkeypatch.setattr(judge, "upper_bound", lambda counts, probs, delta: judge.empirical_distance(counts, probs))
    runs = verdicts([0.5601, 0.4399], [0.5, 0.5], 60, alpha=1e-300, epsilon=0.06, delta=0.1, max_samples=3000)
    assert interval(sum(v.status == "EQUIVALENT" for v in runs), 60, 2e-6)[0] > 0.1


@pytest.mark.slow
def test_lower_bound_overstates_at_most_at_rate_alpha() -> None:
    law = np.array([0.53, 0.47])
    runs = verdicts(law, [0.5, 0.5], 50, alpha=0.1, epsilon=0.01, max_samples=5000)
    assert sum(v.tv_lower > 0.03 for v in runs) <= binom.ppf(1 - 1e-6, 50, 0.1)


@pytest.mark.slow
def test_two_thousand_null_runs() -> None:
    """Alarm rate at alpha = 0.01: the 99.9 % interval must not lie above alpha (10,000 runs: benchmarks/judge.py)."""
    runs = verdicts(PEAKED9, PEAKED9, 2000, alpha=0.01, epsilon=0.1, delta=0.01, max_samples=1500)
    alarms = sum(v.status == "REJECT" for v in runs)
    assert interval(alarms, 2000, 0.001)[0] <= 0.01
