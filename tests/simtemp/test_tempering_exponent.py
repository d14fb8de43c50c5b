"""`split_exponent`: floating error must never turn n into n - 1 with alpha = 0.999..., nor swallow a genuine alpha."""

import math
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtemp.tempering import split_exponent

EPS = sys.float_info.epsilon


def test_reciprocals_of_whole_numbers_are_exact():
    assert [split_exponent(1 / k) for k in range(1, 2001)] == [(k, 0.0) for k in range(1, 2001)]


def test_their_neighbours_among_the_floats_are_too():
    for k in range(1, 2001):
        assert split_exponent(math.nextafter(1 / k, 0.0)) == (k, 0.0)
        assert split_exponent(math.nextafter(1 / k, 1.0)) == (k, 0.0)


def test_the_bare_floor_would_fail():
    """Planted fault: floor(1/T) is off by one for some of these, which the snap repairs."""
    assert any(math.floor(1 / (1 / k)) != k for k in range(1, 2001))


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [
        (1.0, 1),
        (0.5, 2),
        (1 / 3, 3),
        (0.1, 10),
        (1 / 7, 7),
        (1 / 49, 49),
        (1 - 0.9, 10),
        (1 - 0.99, 100),
        (0.1 + 0.1 + 0.05, 4),
        (0.3 - 0.1, 5),
        (3 * 0.1 - 0.1, 5),
        (1e-3, 1000),
        (1e-6, 1_000_000),
        (0.7 / 7, 10),
        (np.float64(0.2), 5),
        (Fraction(1, 10), 10),
        (1, 1),
    ],
)
def test_integer_exponents(temperature, expected):
    assert split_exponent(temperature) == (expected, 0.0)


@pytest.mark.parametrize(
    ("temperature", "n", "alpha"),
    [
        (0.7, 1, 3 / 7),
        (0.4, 2, 0.5),
        (0.95, 1, 1 / 19),
        (0.99, 1, 1 / 99),
        (0.3, 3, 1 / 3),
        (0.15, 6, 2 / 3),
        (2 / 7, 3, 0.5),
        (2.0, 0, 0.5),
        (1000.0, 0, 1e-3),
        (1e308, 0, 1e-308),
        (math.inf, 0, 0.0),
    ],
)
def test_fractional_exponents(temperature, n, alpha):
    whole, part = split_exponent(temperature)
    assert whole == n
    assert part == pytest.approx(alpha, rel=1e-13)


@pytest.mark.parametrize("k", [1, 2, 3, 7, 10, 49, 100, 1000])
@pytest.mark.parametrize("alpha", [1e-9, 1e-6, 1 / 3, 1 - 1e-6, 1 - 1e-9])
def test_genuine_fractions_are_kept(k, alpha):
    n, kept = split_exponent(1 / (k + alpha))
    assert n == k
    assert kept == pytest.approx(alpha, abs=4 * EPS * (k + 1))


def test_the_types_are_python_s():
    for temperature in (0.1, 0.4, np.float64(0.3), np.float32(0.5), 3):
        n, alpha = split_exponent(temperature)
        assert type(n) is int
        assert type(alpha) is float


@settings(deadline=None, max_examples=500)
@given(st.floats(min_value=1e-308, max_value=sys.float_info.max))
def test_adds_up_to_the_exponent(temperature):
    n, alpha = split_exponent(temperature)
    exponent = 1 / Fraction(temperature)
    assert 0.0 <= alpha < 1.0
    assert n >= 0
    assert abs(n + Fraction(alpha) - exponent) <= 9 * Fraction(EPS) * exponent


@settings(deadline=None, max_examples=500)
@given(st.integers(1, 10**6), st.integers(1, 1000))
def test_rational_temperatures_split_as_rationals_do(denominator, numerator):
    """For T = a/b the fraction is a multiple of 1/a, so it is 0 or at least 1/1000: rounding cannot confuse the two."""
    temperature = Fraction(numerator, denominator)
    n, alpha = split_exponent(numerator / denominator)
    whole = math.floor(1 / temperature)
    assert n == whole
    assert alpha == pytest.approx(float(1 / temperature - whole), abs=4 * EPS * float(1 / temperature))


@settings(deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_falls_with_temperature(first, second):
    """Hotter means a smaller exponent; a snap moves it by no more than 8 units of rounding."""
    cold, hot = sorted((first, second))
    assert sum(split_exponent(cold)) >= sum(split_exponent(hot)) * (1 - 9 * EPS)
