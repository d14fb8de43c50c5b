"""The exact target: P**(1/T) normalised, and the exponent's integer and fractional parts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats

_SNAP = 8 * np.finfo(np.float64).eps
"""Relative distance within which 1/T counts as an integer: a temperature like 1 - 0.9 carries a few rounding errors."""


def log_power_sum(probs: Floats, exponent: float) -> float:
    """``log sum_x p_x ** exponent`` over the support, without underflow.

    Parameters
    ----------
    probs : float64[K]
        Probabilities; zeros are outside the support for every exponent (0 and negative ones included).
    exponent : float
        Any finite real number.
    """
    logs = np.log(probs[probs > 0])
    top = logs.max() if exponent >= 0 else logs.min()
    with np.errstate(over="ignore"):  # an exponent near the largest float: what is below the top counts for nothing
        return float(exponent * top + np.log(np.exp(exponent * (logs - top)).sum()))


def temper(probs: Any, temperature: float) -> Floats:
    """The target ``P_T(x) = p_x ** (1/T) / sum_y p_y ** (1/T)``.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Base probabilities; finite, >= 0, summing to 1 within 1e-6.
    temperature : float
        In [0, inf]. 0 is the mode (ties share equally); inf is uniform on the support; 1 is the base itself.

    Returns
    -------
    float64[K]
        Sums to 1; zero where `probs` is zero.

    Raises
    ------
    ValueError
        For a temperature below 0 or NaN, or for `probs` that are no probability vector.

    Notes
    -----
    Computed from logarithms relative to the largest probability, so neither small T nor small p underflows before the
    answer itself does; near the largest one by log1p, because 1/T multiplies every rounding error. The relative
    error is about 1e-12 at T = 1e-3 and less above. O(K).

    Examples
    --------
    >>> temper([0.8, 0.2], 0.5).round(4).tolist()
    [0.9412, 0.0588]
    """
    base = arguments.probabilities(probs)
    number = arguments.temperature(temperature)
    top = base.max()
    if number == 1.0:
        return base
    if number == 0.0:
        weight = (base == top).astype(np.float64)
    elif math.isinf(number):
        weight = (base > 0).astype(np.float64)
    else:
        with np.errstate(divide="ignore", over="ignore"):
            # 1/T overflows below T = 6e-309: then only the mode is left, and 0 * inf is avoided at the mode itself.
            gap = np.where(2 * base > top, np.log1p((base - top) / top), np.log(base) - np.log(top))
            weight = np.where(gap == 0.0, 1.0, np.exp(gap / number))
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def split_exponent(temperature: float) -> tuple[int, float]:
    """Split the exponent ``1/T = n + alpha`` into n = floor(1/T) and alpha in [0, 1).

    An exponent within 8 units of rounding of an integer *is* that integer, so that 0.1, 1/3, 1/49 and 1 - 0.9 have
    alpha = 0.

    Parameters
    ----------
    temperature : float
        In (0, inf].

    Returns
    -------
    n : int
    alpha : float

    Raises
    ------
    ValueError
        For a temperature that is not in (0, inf], or so small that 1/T is infinite.

    Examples
    --------
    >>> split_exponent(0.1), split_exponent(0.4)
    ((10, 0.0), (2, 0.5))
    """
    number = arguments.temperature(temperature, zero=False)
    exponent = 1.0 / number
    if math.isinf(exponent):
        raise ValueError(f"temperature must be at least 1e-308 to be sampled, got {temperature!r}")
    nearest = round(exponent)
    if abs(exponent - nearest) <= _SNAP * exponent and nearest > 0:
        return nearest, 0.0
    n = math.floor(exponent)
    return n, exponent - n
