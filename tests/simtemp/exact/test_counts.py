"""Expectations over multinomial counts against moments, and the windows and periods that make them cheap."""

import math

import numpy as np
import pytest

from simtemp.exact import counts as module
from simtemp.exact.counts import MultinomialCounts

BASES = {
    "ties": np.array([0.4, 0.2, 0.2, 0.1, 0.1]),
    "sure": np.array([1.0]),
    "nearly sure": np.array([1 - 1e-7, 1e-7]),
    "crowd": np.append(np.full(100_000, 5e-6), 0.5),
    "steep": np.ldexp(1.0, -np.append(np.arange(1, 40), 39)),
}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("total", [1, 2, 30, 5000, 200_000])
def test_first_two_moments(base: str, total: int) -> None:
    """E c_x = N p_x and E c_x (c_x - 1) = N (N - 1) p_x**2, for every group."""
    probs = BASES[base]
    counts = MultinomialCounts(probs, total)
    one = np.ones((1, counts.counts.size))
    c = counts.counts.astype(np.float64)
    p = np.unique(probs)
    assert counts.expectation(one, one)[0] == pytest.approx(np.ones(p.size), abs=1e-11)
    assert counts.expectation(one, c * one)[0] == pytest.approx(total * p, rel=1e-9, abs=1e-12)
    second = counts.expectation(one, c * (c - 1) * one)[0]
    assert second == pytest.approx(total * (total - 1) * p**2, rel=1e-9, abs=1e-12)


def test_product_over_the_others() -> None:
    """keep(c) = s**c: the others' generating function, ``E[c_x prod s**c_y] = N p (p + (1 - p) s)**(N - 1)``."""
    probs, total = np.array([0.5, 0.15, 0.15, 0.2]), 40
    counts = MultinomialCounts(probs, total)
    s = np.array([0.0, 0.3, 0.9])[:, None]
    keep = s**counts.counts
    p = np.unique(probs)
    expected = total * p * (p + (1 - p) * s) ** (total - 1)
    assert counts.expectation(keep, np.tile(counts.counts, (3, 1))) == pytest.approx(expected, rel=1e-11, abs=1e-15)
    for row, value in zip(keep, s[:, 0], strict=True):
        assert counts.log_bound(row) >= total * math.log(value) - 1e-9 if value else True


@pytest.mark.parametrize("total", [1, 9, 200, 100_000])
def test_windows_hold_all_but_the_tail(total: int) -> None:
    """Against sums of exact binomial terms, from the far end inwards."""
    for p in (0.5, 0.03, 1e-4, 1e-12, 1 - 1e-6):
        low, high = module._window(total, np.array([p]))
        assert 0 <= low[0] <= total * p <= high[0] + 1
        assert high[0] <= total

        def chance(c: int, p: float = p) -> float:
            log = math.lgamma(total + 1) - math.lgamma(c + 1) - math.lgamma(total - c + 1)
            return math.exp(log + c * math.log(p) + (total - c) * math.log1p(-p))

        above = math.fsum(chance(c) for c in range(int(high[0]) + 1, min(total, int(high[0]) + 2000) + 1))
        below = math.fsum(chance(c) for c in range(max(0, int(low[0]) - 2000), int(low[0])))
        assert above <= 1.001 * module.TAIL
        assert below <= 1.001 * module.TAIL


@pytest.mark.parametrize("total", [1, 2, 10, 1000, 1_000_000])
def test_period_leaves_no_alias(total: int) -> None:
    period = module._alias_free_period(total)

    def log_poisson(c: int) -> float:
        return c * math.log(total) - total - math.lgamma(c + 1) if c >= 0 else -math.inf

    limit = math.log(module.ALIAS) + log_poisson(total) + 1e-6
    assert max(log_poisson(total + period), log_poisson(total - period)) <= limit
    assert period <= 10 * math.sqrt(total) + 64


def test_power_keeps_small_distances_and_zeros() -> None:
    """(1 + 1e-9)**1e8 needs all digits of 1e-9; a factor near 0 must stay near 0."""
    values = np.array([1e-9 + 0j, -1e-9j, -1.0, -1.0 + 1e-17j, -0.5 + 0.5j])[None, None, :]
    result = module._power(values, np.array([10**8]))[0, 0]
    assert result[:2] == pytest.approx(np.exp(np.array([0.1 - 5e-11, -0.1j + 5e-11])), rel=1e-14)
    assert result[2:] == pytest.approx(np.zeros(3), abs=1e-15)
    assert module._power(values, np.array([1]))[0, 0] == pytest.approx(1.0 + values[0, 0], abs=1e-16)
    assert module._power(values, np.array([5]))[0, 0, 4] == pytest.approx((0.5 + 0.5j) ** 5, abs=1e-15)
