import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figures.report.form import at_least, at_most, duration, number, whole


@given(st.floats(1e-9, 1.0))
def test_bounds_are_rounded_to_their_safe_side(value):
    assert float(at_most(value)) >= value * (1 - 1e-12)
    assert float(at_least(value)) <= value * (1 + 1e-12)
    assert float(at_most(value)) <= value * 1.11
    assert float(at_least(value)) >= value * 0.9


@given(st.floats(1e-4, 1e6, exclude_max=True))
def test_numbers_keep_three_digits(value):
    assert float(number(value).replace(",", "").split(" ")[0]) == pytest.approx(value, rel=0.0051)


def test_special_numbers():
    assert number(math.inf) == "∞"
    assert number(-math.inf) == "−∞"
    assert number(math.nan) == number(None) == "–"
    assert number(0.0) == "0"
    assert number(-1.5) == "−1.50"
    assert whole(0) == "0"
    assert at_most(0.0) == at_least(0.0) == "0"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.05, "0.05 seconds"), (59, "59 seconds"), (7200, "2 hours"), (86400 * 3, "3 days"), (3.2e7 * 1e9, "10⁹ years")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text
