import itertools

import numpy as np
import pytest
from scipy.stats import binom

from figures.uniform_band import staying_inside, uniform_band

LEVELS = np.geomspace(0.005, 0.99, 30)


def test_by_enumeration():
    """Three p-values, two levels: all ways of falling into the three cells."""
    a, b = 0.2, 0.7
    inside = sum(
        np.prod([(a, b - a, 1 - b)[cell] for cell in cells])
        for cells in itertools.product(range(3), repeat=3)
        if cells.count(0) <= 1 and 1 <= cells.count(0) + cells.count(1) <= 2
    )
    found = staying_inside(3, np.array([a, b]), np.array([0, 1]), np.array([1, 2]))
    assert found == pytest.approx(inside, abs=1e-14)


def test_one_level_is_a_binomial():
    low, high = uniform_band(50, [0.3], 0.9)
    inside = binom.cdf(high[0], 50, 0.3) - binom.cdf(low[0] - 1, 50, 0.3)
    assert 0.9 <= inside < 0.95
    assert staying_inside(50, np.array([0.3]), low, high) == pytest.approx(inside, abs=1e-12)


def test_the_whole_band_holds_what_it_says():
    low, high = uniform_band(300, LEVELS, 0.99)
    exact = staying_inside(300, LEVELS, low, high)
    assert 0.99 <= exact < 0.993
    p = np.random.default_rng(0).random((5000, 300))
    counts = np.stack([(p <= level).sum(axis=1) for level in LEVELS], axis=1)
    inside = int(((counts >= low) & (counts <= high)).all(axis=1).sum())
    assert binom.ppf(5e-7, 5000, exact) <= inside <= binom.isf(5e-7, 5000, exact)  # alpha = 1e-6


def test_levels_by_themselves_would_not_do():
    """Planted fault: a band of 99 % at each level is left by far more than 1 % of all runs."""
    low, high = binom.ppf(0.005, 300, LEVELS).astype(int), binom.isf(0.005, 300, LEVELS).astype(int)
    assert staying_inside(300, LEVELS, low, high) < 0.95


@pytest.mark.parametrize("levels", [[], [0.0, 0.5], [0.5, 1.0], [0.5, 0.5], [0.5, 0.4], 0.5])
def test_bad_levels(levels):
    with pytest.raises(ValueError, match="levels"):
        uniform_band(10, levels, 0.9)
