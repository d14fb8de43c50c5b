"""Confidence limits against the binomial law itself, and the width of a divergence against the divergence."""

import math

import numpy as np
import pytest
from scipy.special import rel_entr
from scipy.stats import binom

from verify.intervals import divergence_slope, divergence_width, interval, lower_limit, upper_limit


@pytest.mark.parametrize("delta", [0.3, 0.01, 1e-6])
@pytest.mark.parametrize("n", [1, 2, 7, 400])
def test_limits_are_where_the_tail_is_delta(n, delta) -> None:
    counts = np.arange(n + 1)
    lower, upper = lower_limit(counts, n, delta), upper_limit(counts, n, delta)
    assert (lower[0], upper[n]) == (0.0, 1.0)
    assert binom.sf(counts[1:] - 1, n, lower[1:]) == pytest.approx(np.full(n, delta), rel=1e-9)
    assert binom.cdf(counts[:-1], n, upper[:-1]) == pytest.approx(np.full(n, delta), rel=1e-9)
    assert interval(n // 2, n, 2 * delta) == (lower[n // 2], upper[n // 2])


@pytest.mark.parametrize("information", [1e-4, 0.01, 0.3, 2.0])
def test_width_is_where_the_divergence_is_the_information_rounded_upwards(information) -> None:
    for x in (0.0, 1e-3, 0.2, 0.5, 0.8, 0.999):
        width = divergence_width(x, information)
        below, there = (
            float(rel_entr(x, x + d) + rel_entr(1 - x, max(1 - x - d, 0.0))) for d in (width * (1 - 1e-8), width)
        )
        assert below < information <= there
        step = 1e-6
        if step < x < 1 - step:
            slope = (divergence_width(x + step, information) - divergence_width(x - step, information)) / (2 * step)
            assert divergence_slope(x, width) == pytest.approx(slope, rel=1e-3, abs=1e-3)
    assert divergence_width(1.0, information) == divergence_width(0.3, 0.0) == 0.0


def test_width_is_at_most_what_is_left() -> None:
    assert divergence_width(0.5, 1e3) <= 0.5
    assert divergence_width(0.5, 1e3) == pytest.approx(0.5)
    assert divergence_slope(0.5, 0.5) == -1.0
    assert math.isclose(divergence_width(0.5, 1e-8), math.sqrt(1e-8 / 2), rel_tol=1e-4)  # Pinsker, attained at a half
