"""The planned number of outputs against what happens."""

import numpy as np
import pytest
from scipy.stats import binom

from simtemp import parse_base, temper, total_variation
from verify import EProcess, required_samples
from verify.certificate import upper_bound
from verify.planning import detectable_tv, expected_distance, outputs_needed


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


def at_distance(probs: np.ndarray, end: np.ndarray | None, distance: float) -> np.ndarray:
    """The law at this total variation on the way to `end`, or of the target made colder."""
    if end is not None:
        return probs + distance / total_variation(end, probs) * (end - probs)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if total_variation(temper(probs, 1.0 - middle), probs) < distance else (low, middle)
    return temper(probs, 1.0 - high)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("base", "n"),
    [
        ("two:0.6", 10_000),
        *(pytest.param(*case, marks=pytest.mark.slow) for case in [("zipf:100,1.1", 3000), ("peaked9", 20_000)]),
    ],
)
@pytest.mark.parametrize("direction", ["temperature", "law"])
def test_a_detectable_bias_is_rejected_with_the_power(base, n, direction) -> None:
    """At a planned power of 0.9 between 0.85 and 0.95 of 500 biased samplers are rejected at alpha = 1e-6 but for a chance of 1e-6, and
    at 0.7 of the distance fewer than half: the plan is not merely large enough."""
    probs = parse_base(base).probs
    end = np.eye(probs.size)[-1] if direction == "law" else None  # mixed with its last category alone
    distance = detectable_tv(probs, n, 1e-6, 0.9, direction if end is None else end)
    process, rng = EProcess(probs), np.random.default_rng(31)

    def rejected(share: float) -> int:
        wrong = at_distance(probs, end, share * distance)
        return sum(process.log_e(rng.multinomial(n, wrong)) >= np.log(1e6) for _ in range(500))

    assert binom.ppf(1e-6, 500, 0.85) <= rejected(1.0) <= binom.ppf(1 - 1e-6, 500, 0.95)
    assert rejected(0.7) < 250


@pytest.mark.slow
def test_spread_is_the_hardest_direction() -> None:
    """Its chi-square distance is the least at its total variation, so that more of it is needed than along any law tried."""
    probs = parse_base("peaked9").probs
    spread = detectable_tv(probs, 5000, 1e-4, 0.9, "spread")
    assert spread > 1.3 * detectable_tv(probs, 5000, 1e-4, 0.9, "temperature")
    for end in np.random.default_rng(2).dirichlet(np.ones(9), 3):
        assert detectable_tv(probs, 5000, 1e-4, 0.9, end) < 1.05 * spread


@pytest.mark.slow
def test_detectable_tv_follows_its_arguments() -> None:
    coin = [0.5, 0.5]
    plain = detectable_tv(coin, 2000, 1e-3)
    assert detectable_tv(coin, 2000, 1e-3) == plain == detectable_tv(coin, 2000, 1e-3, direction="spread")  # uniform
    assert detectable_tv(coin, 8000, 1e-3) == pytest.approx(plain / 2, rel=0.1)
    assert detectable_tv(coin, 2000, 1e-6) > 1.1 * plain
    assert detectable_tv(coin, 2000, 1e-3, 0.5) < 0.9 * plain
    # Off the support one output is enough: 1 - (1 - 0.9) ** (1/2000).
    assert detectable_tv([1.0, 0.0], 2000, 1e-3, direction=[0.0, 1.0]) == pytest.approx(1.15e-3, rel=0.15)


def test_detectable_tv_refuses() -> None:
    with pytest.raises(ValueError, match="n must be large enough to show the far end"):
        detectable_tv([0.5, 0.5], 5, 1e-6)
    with pytest.raises(ValueError, match="at least two categories"):
        detectable_tv([1.0, 0.0], 100, 1e-6)
    with pytest.raises(ValueError, match="direction must differ"):
        detectable_tv([0.5, 0.5], 100, 1e-6, direction=[0.5, 0.5])
    with pytest.raises(ValueError, match="direction must have 2"):
        detectable_tv([0.5, 0.5], 100, 1e-6, direction=[1.0])
    with pytest.raises(ValueError, match="direction must be 'temperature'"):
        detectable_tv([0.5, 0.5], 100, 1e-6, direction="sideways")
    for bad in ({"n": 0}, {"alpha": 0.0}, {"power": 1.0}):
        with pytest.raises(ValueError, match=f"{next(iter(bad))} must be"):
            detectable_tv(**{"target": [0.5, 0.5], "n": 100, "alpha": 0.01, **bad})
