import numpy as np
import pytest
from scipy.stats import nbinom, norm

from figures.intervals import acceptance_interval, normal_interval


def coverage(interval, r, p):
    """P(the interval contains p) when trials run until r are accepted: summed over the law of the number of trials."""
    last = int(nbinom.ppf(1 - 1e-12, r, p)) + r
    m = np.arange(r, last + 1)
    inside = np.array([low <= p <= high for low, high in (interval(r, int(k)) for k in m)])
    return float(nbinom.pmf(m - r, r, p)[inside].sum())


@pytest.mark.parametrize("level", [0.9, 0.99])
@pytest.mark.parametrize("r", [1, 2, 7])
def test_acceptance_interval_covers_at_its_level_for_every_rate(r, level):
    for p in (0.02, 0.1, 0.35, 0.5, 0.8, 0.97, 1.0):
        assert coverage(lambda r, m: acceptance_interval(r, m, level), r, p) >= level - 1e-9


def test_a_normal_interval_in_its_place_would_be_caught():
    """Planted fault: estimate plus and minus 2.6 standard errors misses a rate of 0.02 far too often with seven outputs."""

    def normal(r, m):
        p = r / m
        half = norm.ppf(0.995) * np.sqrt(p * (1 - p) / m)
        return p - half, p + half

    assert min(coverage(normal, 7, p) for p in (0.02, 0.1, 0.35)) < 0.985


def test_acceptance_interval_ends():
    assert acceptance_interval(5, 5)[1] == 1.0
    low, high = acceptance_interval(1, 10**9)
    assert 0 < low < 1e-9 < high < 1e-8


@pytest.mark.parametrize(
    ("outputs", "trials", "level"), [(0, 5, 0.9), (6, 5, 0.9), (1.5, 5, 0.9), (1, 5, 1.0), (1, 5, 0.0)]
)
def test_acceptance_interval_refuses(outputs, trials, level):
    with pytest.raises(ValueError, match=r"outputs|trials|level"):
        acceptance_interval(outputs, trials, level)


def test_normal_interval():
    low, high = normal_interval(10.0, 2.0, 0.95)
    assert low == pytest.approx(10 - 1.959964 * 2, abs=1e-5)
    assert high == pytest.approx(10 + 1.959964 * 2, abs=1e-5)
