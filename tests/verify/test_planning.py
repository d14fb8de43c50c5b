"""The planned number of outputs against what happens."""

import numpy as np
import pytest
from scipy.stats import binom

from verify import required_samples
from verify.certificate import upper_bound
from verify.planning import expected_distance, outputs_needed


@pytest.mark.parametrize("probs", [[0.5, 0.5], [0.9, 0.1], [0.2, 0.3, 0.5], [0.0, 0.001, 0.999]])
def test_expected_distance_is_exact(outcomes, outcome_chances, probs) -> None:
    target = np.array(probs)
    for n in (1, 2, 7, 25):
        table = outcomes(n, target.size)
        distance = 0.5 * np.abs(table / n - target).sum(axis=1)
        assert expected_distance(target, n) == pytest.approx(outcome_chances(table, target) @ distance, abs=1e-12)


@pytest.mark.parametrize("weights", [np.ones(2), np.ones(100), 1 / np.arange(1, 1001) ** 2.2])
def test_a_right_sampler_is_certified_with_the_power(weights) -> None:
    """Of 500 right samplers at a planned power of 0.9, between 0.8 and 0.97 pass but for a chance of 1e-6."""
    probs = weights / weights.sum()
    n = required_samples(probs, 0.02, 1e-6, 0.9)
    rng = np.random.default_rng(8)
    passed = sum(upper_bound(rng.multinomial(n, probs), probs, 1e-6) <= 0.02 for _ in range(500))
    assert binom.ppf(1e-6, 500, 0.85) <= passed <= binom.ppf(1 - 1e-6, 500, 0.95)


def test_a_plan_of_three_quarters_of_the_outputs_would_be_seen() -> None:
    """Planted fault: the check above would see a plan that is a quarter too small."""
    probs = np.full(100, 0.01)
    n = 3 * required_samples(probs, 0.02, 1e-6, 0.9) // 4
    rng = np.random.default_rng(8)
    assert sum(upper_bound(rng.multinomial(n, probs), probs, 1e-6) <= 0.02 for _ in range(500)) < 100


def test_is_monotone_and_matches_the_rule_of_thumb() -> None:
    uniform = np.full(100, 0.01)
    assert required_samples(uniform, 0.01, 0.01, 0.5) == pytest.approx(264_000, rel=0.01)
    assert required_samples(uniform, 0.005, 1e-6) > 3.9 * required_samples(uniform, 0.01, 1e-6)
    assert required_samples(uniform, 0.01, 1e-9) > required_samples(uniform, 0.01, 1e-6)
    assert required_samples(uniform, 0.01, 1e-6, 0.99) > required_samples(uniform, 0.01, 1e-6, 0.5)


def test_peaked_and_tiny_targets() -> None:
    assert required_samples([1.0], 0.01, 1e-6) == 1
    assert required_samples([1.0, 0.0], 0.01, 1e-6) == pytest.approx(1375, rel=0.02)  # ln(1e6) / 0.01
    assert required_samples([1.0, 1e-300], 0.01, 1e-6) == pytest.approx(1375, rel=0.02)
    assert required_samples([0.99, 0.01], 0.01, 1e-6) < required_samples([0.5, 0.5], 0.01, 1e-6) / 10


def test_stops_at_the_budget() -> None:
    assert outputs_needed(np.full(2, 0.5), 1e-4, 1e-6, 0.9, 10_000) is None
    assert outputs_needed(np.full(2, 0.5), 0.5, 1e-6, 0.9, 10_000) < 10_000
    with pytest.raises(ValueError, match="epsilon must be large enough"):
        required_samples([0.5, 0.5], 1e-9, 1e-6)
