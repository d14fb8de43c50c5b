"""How far a law is from another, and the temperature a law behaves like."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import optimize, special

from simtemp import arguments
from simtemp.arguments import Floats


def total_variation(p: Any, q: Any) -> float:
    """Total variation ``sum |p - q| / 2``: the largest difference of the two laws over all events.

    Parameters
    ----------
    p, q : array_like, shape (K,)
        Probability vectors of equal length.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        For vectors that are no probability vectors, or of unequal length.

    Examples
    --------
    >>> round(total_variation([0.7, 0.3], [0.5, 0.5]), 12)
    0.2
    """
    first, second = _pair(p, q, "p", "q")
    return min(1.0, 0.5 * float(np.abs(first - second).sum()))


def kl_divergence(p: Any, q: Any) -> float:
    """Kullback-Leibler divergence ``KL(p || q) = sum p log(p / q)``, in nats.

    Parameters
    ----------
    p, q : array_like, shape (K,)
        Probability vectors of equal length.

    Returns
    -------
    float
        At least 0; inf if q is zero where p is not.

    Raises
    ------
    ValueError
        For vectors that are no probability vectors, or of unequal length.

    Examples
    --------
    >>> round(kl_divergence([1, 0], [0.5, 0.5]), 6), kl_divergence([0.5, 0.5], [1, 0])
    (0.693147, inf)
    """
    first, second = _pair(p, q, "p", "q")
    first, second = first[first > 0], second[first > 0]
    if not second.all():
        return math.inf
    # A difference of logarithms, since p / q overflows for the smallest q.
    return max(0.0, float((first * (np.log(first) - np.log(second))).sum()))


def effective_temperature(law: Any, probs: Any) -> float:
    """The temperature T in [0, inf] whose tempered base ``P_T`` is closest to a law: the least ``KL(law || P_T)``.

    Parameters
    ----------
    law : array_like, shape (K,)
        A law on the categories of the base, zero outside its support.
    probs : array_like, shape (K,)
        Base probabilities; finite, >= 0, summing to 1 within 1e-6.

    Returns
    -------
    float
        0.0 for a law on the modes only; inf for a law whose ``E log p`` is at most that of uniform (the best 1/T
        would be zero or negative); nan for a base that is uniform on its support, where every T gives the same law.

    Raises
    ------
    ValueError
        For vectors that are no probability vectors or of unequal length, or a law that is positive where `probs` is 0.

    Notes
    -----
    ``P_T`` is an exponential family in ``s = 1/T``, so the divergence is convex in s and least where the mean of
    ``log p`` under ``P_T`` equals that under the law. Solved for the logarithm of the mean of ``log(p_max / p)``, which
    is nearly linear in s for large s.

    Examples
    --------
    >>> round(effective_temperature([0.9412, 0.0588], [0.8, 0.2]), 3)
    0.5
    """
    target, base = _pair(law, probs, "law", "probs")
    outside = (base == 0) & (target > 0)
    if outside.any():
        index = int(np.argmax(outside))
        raise ValueError(f"law must be zero where probs is zero, got law[{index}] = {target[index]}")
    gap = np.log(base.max()) - np.log(base[base > 0])
    if not gap.any():
        return math.nan
    wanted = float((target[base > 0] * gap).sum())  # a dot product's last digit depends on threads
    flattest = float(gap.mean())
    if wanted == 0.0:
        return 0.0
    if wanted >= flattest * (1.0 - 4.0 * np.finfo(np.float64).eps):
        return math.inf
    below = gap > 0
    log_gap = np.log(gap[below])

    def excess(exponent: float) -> float:
        """Logarithm of the mean gap under the base at this exponent, minus that of the wanted one; decreasing."""
        mean = special.logsumexp(log_gap - exponent * gap[below]) - special.logsumexp(-exponent * gap)
        return float(mean) - math.log(wanted)

    high = 1.0
    while excess(high) > 0.0:
        high *= 2.0
    return 1.0 / float(optimize.brentq(excess, 0.0, high, xtol=1e-300, rtol=1e-14))


def _pair(first: Any, second: Any, first_name: str, second_name: str) -> tuple[Floats, Floats]:
    one, two = arguments.probabilities(first, first_name), arguments.probabilities(second, second_name)
    if one.size != two.size:
        raise ValueError(f"{first_name} and {second_name} must have equal lengths, got {one.size} and {two.size}")
    return one, two
