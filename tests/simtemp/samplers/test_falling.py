"""Falling factorials against whole numbers: inside the table, at its end, beyond it, and where floats end."""

import math

import numpy as np
import pytest

from simtemp.samplers.falling import FALLING, binary, fill_table, scaled


@pytest.mark.parametrize("room", [0, 1, 5, 40])
@pytest.mark.parametrize("n", [2, 3, 10, 41])
def test_is_the_product_wherever_the_table_ends(n: int, room: int) -> None:
    table = np.zeros(room, FALLING)
    fill_table(n, table)
    for count in range(90):
        exact = math.perm(count, n)
        mantissa, exponent = binary(table, count, n)
        assert mantissa * 2**exponent == pytest.approx(exact, rel=1e-14)
        assert scaled(table, count, n, 7) == pytest.approx(exact / 2**7, rel=1e-14)
        assert mantissa == 0.0 or 0.5 <= mantissa < 1.0
    assert scaled(table, -3, n, 0) == 0.0


def test_what_no_float_holds() -> None:
    """Too small is 0 and too large is infinite; the last ones that fit are right."""
    table = np.zeros(0, FALLING)
    mantissa, exponent = binary(table, 300, 200)
    assert math.log(mantissa) + exponent * math.log(2.0) == pytest.approx(
        math.lgamma(301) - math.lgamma(101), rel=1e-13
    )
    for shift in (-1074, -1073, -1000, 0, 1000, 1022, 1023):
        assert scaled(table, 300, 200, exponent - shift) == np.ldexp(mantissa, shift)
    assert scaled(table, 300, 200, exponent + 1075) == 0.0
    assert scaled(table, 300, 200, exponent - 1024) == math.inf
