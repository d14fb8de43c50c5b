"""Checks of public arguments: each gives the clean value, or a ValueError naming argument, value and allowed range."""

from __future__ import annotations

import math
import operator
import reprlib
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SUM_TOLERANCE = 1e-6
"""How far from 1 the sum of given probabilities may be; within it they are renormalised, beyond it refused."""

_ROUNDING = 2 * np.finfo(np.float64).eps
"""How far from 1 a sum just normalised can be, doubled: half an eps from the quotients, half from the total."""

_BRIEF = reprlib.Repr()
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 200


def shown(value: Any) -> str:
    """A value as it goes into a message: its repr, on one line, cut in the middle where it is long."""
    if isinstance(value, np.generic):
        value = value.item()
    try:
        return " ".join(_BRIEF.repr(value).split())
    except ValueError:  # Python refuses to write out an integer of more than 4300 digits
        return "a huge integer"


def real(value: Any, name: str) -> float:
    """A finite or infinite real number (no NaN, no bool, no text, no array)."""
    try:
        if isinstance(value, bool | np.bool_ | str | bytes | np.complexfloating) or np.ndim(value) > 0:
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be a real number, got {shown(value)}") from None
    if math.isnan(number):
        raise ValueError(f"{name} must be a real number, got nan")
    return number


def whole_number(value: Any, name: str, minimum: int = 0, maximum: int | None = None) -> int:
    """An integer in [minimum, maximum]; 1e6 and 10.0 are welcome, 2.5 and True are not."""
    allowed = f"an integer >= {minimum}" if maximum is None else f"an integer from {minimum} to {maximum}"
    if isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be {allowed}, got {shown(value)}")
    try:
        is_whole_float = isinstance(value, float | np.floating) and float(value).is_integer()
        number = int(value) if is_whole_float else operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be {allowed}, got {shown(value)}") from None
    if number < minimum or (maximum is not None and number > maximum):
        raise ValueError(f"{name} must be {allowed}, got {shown(value)}")
    return number


def temperature(value: Any, *, maximum: float = math.inf, zero: bool = True, name: str = "temperature") -> float:
    """A temperature in [0, maximum] (or (0, maximum] without `zero`)."""
    number = real(value, name)
    low = "[0" if zero else "(0"
    high = "inf]" if math.isinf(maximum) else f"{maximum:g}]"
    if number < 0 or (number == 0 and not zero) or number > maximum:
        raise ValueError(f"{name} must be in {low}, {high}, got {shown(value)}")
    return number


def rate(value: Any, name: str) -> float:
    """A probability strictly between 0 and 1 (an error rate, a tolerance)."""
    number = real(value, name)
    if not 0.0 < number < 1.0:
        raise ValueError(f"{name} must be in (0, 1), got {shown(value)}")
    return number


def numeric_vector(values: Any, name: str) -> Floats:
    """A one-dimensional, non-empty float64 array of finite numbers >= 0 (a copy)."""
    try:
        given = np.asarray(values)
        if given.dtype.kind not in "iufO":  # text, truth values and complex numbers would be converted in silence
            raise TypeError
        with np.errstate(over="ignore"):
            array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be a one-dimensional array of numbers, got {shown(values)}") from None
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must have at least one entry, got none")
    wrong = ~np.isfinite(array) | (array < 0)
    if wrong.any():
        index = int(np.argmax(wrong))
        raise ValueError(f"{name} must be finite and >= 0, got {name}[{index}] = {float(array[index])!r}")
    return array


def probabilities(values: Any, name: str = "probs") -> Floats:
    """A probability vector, renormalised to sum to 1 to rounding; refused when its sum is further than 1e-6 from 1.

    One that does so already is given back bit for bit, so that checking twice changes nothing.
    """
    array = numeric_vector(values, name)
    try:
        total = math.fsum(memoryview(array))  # type: ignore[arg-type]  # a view spares a box for every number
    except OverflowError:
        total = math.inf
    if abs(total - 1.0) > SUM_TOLERANCE:
        raise ValueError(f"{name} must sum to 1 (within {SUM_TOLERANCE:g}), got a sum of {total:.9g}")
    if abs(total - 1.0) > _ROUNDING:
        array /= total
    return array
