"""How few base draws any exact sampler can do with: three lower bounds on the mean."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.optimize import brentq

from simtemp import arguments
from simtemp.arguments import Floats
from simtemp.tempering import split_exponent, temper


def draws_lower_bound(probs: Any, temperature: float) -> float:
    """A lower bound on the mean base draws of *every* sampler that is exact for all base distributions.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Base probabilities.
    temperature : float
        In (0, 1].

    Returns
    -------
    float
        The largest of `swap_bound`, `cramer_rao_bound` and `counting_bound`, and at least 1. For two categories the first is attained
        (by gambler's ruin to +-n, where 1/T = n); with more it need not be.

    Raises
    ------
    ValueError
        For an argument outside its range.

    Examples
    --------
    >>> draws_lower_bound([0.5, 0.5], 0.1)
    100.0
    """
    return max(1.0, *(bound(probs, temperature) for bound in (swap_bound, cramer_rao_bound, counting_bound)))


def swap_bound(probs: Any, temperature: float) -> float:
    """``s max_{i != j} (f_i - f_j) / (p_i - p_j)``, where f is the target and s = 1/T; for equal probabilities ``s**2 f_i / p_i``.

    Proof. Exchange p_i > p_j. That multiplies the chance of a run by r**D, with r = p_j / p_i and D the number of draws of i less
    those of j, and the sampler must be exact there too: E[r**D | output i] = f_j / f_i = r**s, E[r**D | output j] = r**-s, and 1 for
    any other output. By Jensen the means of D are at least s, -s and 0; by Wald (p_i - p_j) E[N] = E[D] >= s (f_i - f_j).

    As f is a convex function of p, the steepest pair are the two largest probabilities: O(K).
    """
    base, target, exponent = _ingredients(probs, temperature)
    if base.size == 1:
        return 0.0
    top, second = (float(p) for p in -np.partition(-base, 1)[:2])
    share = float(target.max())
    if top == second:
        return exponent**2 * share / top
    gap = (top - second) / top
    return exponent * share / top * -math.expm1(exponent * math.log1p(-gap)) / gap


def cramer_rao_bound(probs: Any, temperature: float) -> float:
    """``max_g s**2 sum_x f_x**2 g_x**2 / p_x / sum_x f_x g_x**2`` over g with ``sum_x f_x g_x = 0``, where f is the target and s = 1/T.

    The output's law moves with P, so the draws must carry at least that much Fisher information (Wolfowitz's sequential form of the
    Cramér-Rao bound, for the best statistic g of the output). With h = sqrt(f) g it is the top eigenvalue of a diagonal matrix, with
    entries ``s**2 f/p``, seen through the projection off sqrt(f): the largest root of a secular equation, O(K).

    References
    ----------
    J. Wolfowitz, "The efficiency of sequential estimates and Wald's equation for sequential processes", Ann. Math. Stat. 18 (1947).
    """
    base, target, exponent = _ingredients(probs, temperature)
    slope = exponent**2 * target / base
    order = np.argsort(-slope, kind="stable")
    slope, weight = slope[order], target[order]
    if slope.size == 1:
        return 0.0  # one category: nothing to learn
    low, high = float(slope[1]), float(slope[0])
    if high - low <= 1e-13 * high:
        return high  # a tie at the top: an eigenvector orthogonal to sqrt(f) reaches it

    def secular(x: float) -> float:
        # Between the two largest entries, with x the distance from the top as a share of the gap: it changes sign exactly once.
        gap = (high - low) * x
        away = (high - slope[1:]) - gap  # negative distances of the others from the eigenvalue, scaled below
        return float(weight[0] / gap - np.sum(weight[1:] / away)) if np.all(away > 0) else -math.inf

    edge = 1e-15
    if secular(1.0 - edge) >= 0.0:
        return low
    x = brentq(secular, edge, 1.0 - edge, xtol=1e-16, rtol=1e-12)
    return high - (high - low) * float(x)


def counting_bound(probs: Any, temperature: float) -> float:
    """``ceil(s) max_x f_x / p_x``.

    P(output = x) vanishes like ``p_x ** s`` as p_x -> 0, so a run that outputs x has seen x at least ceil(s) times; the mean number of
    times x is seen is p_x times the mean number of draws (Wald).
    """
    base, target, _ = _ingredients(probs, temperature)
    n, alpha = split_exponent(temperature)
    return (n + (alpha > 0.0)) * float((target / base).max())


def _ingredients(probs: Any, temperature: float) -> tuple[Floats, Floats, float]:
    base = arguments.probabilities(probs)
    number = arguments.temperature(temperature, maximum=1.0, zero=False)
    support = base > 0
    n, alpha = split_exponent(number)
    return base[support], temper(base, number)[support], n + alpha
