"""Confidence limits for one binomial proportion, exact and in closed form."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainccinv, betaincinv, ndtri

from simtemp.arguments import Floats


def upper_limit(count: Any, n: int, delta: float) -> Floats:
    """The Clopper-Pearson bound U, elementwise: ``P(p > U(N)) <= delta`` for N ~ Binomial(n, p), whatever p."""
    c = np.asarray(count, dtype=np.float64)
    below = np.minimum(c, n - 1.0)
    return np.where(c >= n, 1.0, betainccinv(below + 1.0, n - below, delta))


def lower_limit(count: Any, n: int, delta: float) -> Floats:
    """The Clopper-Pearson bound L, elementwise: ``P(p < L(N)) <= delta`` for N ~ Binomial(n, p), whatever p."""
    c = np.asarray(count, dtype=np.float64)
    above = np.maximum(c, 1.0)
    return np.where(c <= 0, 0.0, betaincinv(above, n - above + 1.0, delta))


def interval(count: int, n: int, miss: float) -> tuple[float, float]:
    """The two-sided Clopper-Pearson interval, which misses p with probability at most `miss`."""
    return float(lower_limit(count, n, miss / 2)), float(upper_limit(count, n, miss / 2))


def normal_quantile(delta: float) -> float:
    """The z with P(Z > z) = delta for a standard normal Z."""
    return -float(ndtri(delta))


def divergence_width(x: float, information: float) -> float:
    """The largest d with ``KL(x || x + d) <= information`` (two-point laws, nats), rounded upwards.

    As x runs over [0, 1] the value is concave (KL is jointly convex), and it is at most ``sqrt(information / 2)``
    (Pinsker).
    """
    ceiling = min(1.0 - x, math.sqrt(information / 2.0))
    if ceiling <= 0.0:
        return 0.0

    def excess(d: float) -> float:
        # log1p of differences: at n = 1e9 the information is 1e-8 and the two terms nearly cancel.
        left = -x * math.log1p(d / x) if x > 0.0 else 0.0
        right = -(1.0 - x) * math.log1p(-d / (1.0 - x)) if d < 1.0 - x else math.inf
        return left + right - information

    end = ceiling if ceiling < 1.0 - x else math.nextafter(ceiling, 0.0)  # the divergence is infinite at x + d = 1
    if excess(end) <= 0.0:
        return ceiling
    root = float(brentq(excess, 0.0, end, xtol=1e-18, rtol=1e-12))
    return min(ceiling, root * (1.0 + 1e-9))


def divergence_slope(x: float, width: float) -> float:
    """The derivative in x of `divergence_width` at x, given its value there."""
    p = x + width
    if width <= 0.0 or p >= 1.0:
        return -1.0
    return math.log(p * (1.0 - x) / ((1.0 - p) * x)) * p * (1.0 - p) / width - 1.0
