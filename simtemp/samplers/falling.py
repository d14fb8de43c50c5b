"""Falling factorials ``(c)_n = c (c-1) ... (c-n+1)`` of any size: a mantissa times a power of two, so that no n overflows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simtemp.jit import kernel

FALLING = np.dtype([("mantissa", np.float64), ("exponent", np.int64)])
"""A table of ``(c)_n = c (c-1) ... (c-n+1)`` over c = 0, 1, ...: a mantissa times a power of two, so that no n overflows."""

POWERS = np.ldexp(1.0, np.arange(-1074, 1024))  # frozen into the kernels


@kernel
def binary(table: Any, count: int, n: int) -> tuple[float, int]:
    """Mantissa and exponent of ``(count)_n``; the mantissa is 0 below n."""
    if count < table.size:
        return table[count]["mantissa"], table[count]["exponent"]
    if count < n:
        return 0.0, 0
    return _product(count, n)


@kernel
def scaled(table: Any, count: int, n: int, unit: int) -> float:
    """``(count)_n / 2.0 ** unit``: infinite where that overflows, 0 where it underflows."""
    mantissa, exponent = binary(table, max(count, 0), n)
    place = exponent - unit + 1074
    if place < 0:
        return 0.0
    return mantissa * POWERS[place] if place < POWERS.size else np.inf


@kernel
def _product(count: int, n: int) -> tuple[float, int]:
    mantissa, exponent = 1.0, 0
    for i in range(n):
        mantissa, shift = math.frexp(mantissa * (count - i))
        exponent += shift
    return mantissa, exponent


@kernel
def fill_table(n: int, table: Any) -> None:
    """Fill ``table[c]`` with ``(c)_n`` for every count c it has room for."""
    least = _product(n, n)[1]
    for count in range(table.size):
        table[count]["exponent"] = least
        if count >= n:
            table[count]["mantissa"], table[count]["exponent"] = _product(count, n)
