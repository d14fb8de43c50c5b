"""Bootstrap intervals: they cover, they are paired, and they refuse what they cannot say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from simtemp.adaptive import comparison
from simtemp.adaptive.comparison import mean_interval, reduction_interval


def seeds(count):
    return np.random.SeedSequence(0).spawn(count)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mean", "reduction", "shifted"])
def test_coverage(kind, monkeypatch) -> None:
    """Of 400 intervals of 90 %, at least as many cover as 86 % ones would (alpha = 1e-6); not so of a shifted truth."""
    monkeypatch.setattr(comparison, "RESAMPLES", 999)
    rng = np.random.default_rng(1)
    covered = 0
    for seed in seeds(400):
        values, reference = rng.gamma(2.0, 1.0, 200), rng.gamma(4.0, 1.0, 200)
        if kind == "reduction":
            found, truth = reduction_interval(values, reference, 0.9, seed), 0.5
        else:
            found, truth = mean_interval(values - reference, 0.9, seed), -2.0 if kind == "mean" else -1.6
        covered += found.low <= truth <= found.high
    enough = covered >= binom.ppf(1e-6, 400, 0.86)
    assert enough == (kind != "shifted")


def test_a_constant_difference_has_no_width() -> None:
    assert mean_interval(np.full(5, 0.25), 0.95, seeds(1)[0]) == (0.25, 0.25, 0.25)
    assert reduction_interval(np.full(4, 0.5), np.ones(4), 0.95, seeds(1)[0]) == (0.5, 0.5, 0.5)


def test_pairing_is_kept() -> None:
    reference = np.random.default_rng(0).random(50) * 100 + 1
    found = reduction_interval(reference * 0.6 + np.linspace(0, 1e-3, 50), reference, 0.95, seeds(1)[0])
    assert found.high - found.low < 1e-3


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).random(30)
    assert mean_interval(values, 0.95, seeds(1)[0]) == mean_interval(values, 0.95, seeds(1)[0])


@pytest.mark.parametrize("values", [[1.0], [1.0, np.nan], [[1.0, 2.0]]])
def test_values_that_say_nothing(values) -> None:
    with pytest.raises(ValueError, match="at least two finite values"):
        mean_interval(np.array(values), 0.95, seeds(1)[0])


def test_a_reference_without_repeats() -> None:
    with pytest.raises(ValueError, match="the reference must have a positive mean, got 0"):
        reduction_interval(np.ones(3), np.zeros(3), 0.95, seeds(1)[0])


def test_a_bad_confidence() -> None:
    with pytest.raises(ValueError, match=r"confidence must be in \(0, 1\), got 1"):
        mean_interval(np.arange(3.0), 1.0, seeds(1)[0])
