"""The certificate: an upper bound on the distance of a sampler's law from the target, valid for every law, K and n."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats, Integers
from verify.intervals import divergence_slope, divergence_width, normal_quantile, upper_limit
from verify.target import category_counts, target_probabilities

EXACT_UP_TO = 4096
"""Up to so many outputs the allowance is an exact maximum over all counts; beyond, a bound about 0.5/n larger."""


def tv_upper_bound(counts: Any, target: Any, delta: float) -> float:
    """A bound U on the distance of a sampler's law q from the target: ``P(TV(q, target) > U) <= delta`` for every q.

    Parameters
    ----------
    counts : int array_like, shape (K,)
        How often each category came out among n independent outputs; n must not have been chosen by looking at them.
    target : array_like of shape (K,), or Categorical
        Probabilities.
    delta : float
        Allowed chance of a bound that is too small, in (0, 1).

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        For frequencies instead of counts, counts that do not match the target, or no outputs.

    Notes
    -----
    ``U = TV(counts/n, target) + allowance(n, delta, max(counts))``. Proof: ``A = {q > target}`` is a fixed set,
    TV(q, target) = q(A) - target(A), the empirical distance is at least counts(A)/n - target(A), and one
    Clopper-Pearson bound covers q(A); there is no union over sets, so K does not appear. The allowance is at most
    ``sqrt(log(1/delta) / 2n)``. O(K).

    A target of one category has distance 0 from every law on it.

    Examples
    --------
    >>> round(tv_upper_bound([5020, 4980], [0.5, 0.5], delta=1e-6), 4)
    0.0259
    """
    probs = target_probabilities(target)
    observed = category_counts(counts, probs.size)
    allowed = arguments.rate(delta, "delta")
    return upper_bound(observed, probs, allowed)


def upper_bound(counts: Integers, probs: Floats, delta: float) -> float:
    """`tv_upper_bound` of arguments that are known to be clean."""
    if probs.size == 1:
        return 0.0
    n = int(counts.sum())
    return min(1.0, empirical_distance(counts, probs) + allowance(n, delta, int(counts.max())))


def empirical_distance(counts: Integers, probs: Floats) -> float:
    """Total variation between the empirical law of the counts and the target."""
    return 0.5 * float(np.abs(counts / counts.sum() - probs).sum())


def allowance(n: int, delta: float, largest: int = 0) -> float:
    """What sampling error may hide: the most that ``upper_limit(c) - c/n`` is for a count c of a set of categories.

    Parameters
    ----------
    n : int
        Outputs.
    delta : float
        Allowed chance of a miss.
    largest : int
        The largest count of one category, or any lower bound on it. A set of categories contains the largest or
        leaves it out, so its count is at least `largest` or at most n - `largest`. On a peaked target this shrinks
        the allowance by ``2 sqrt(p (1 - p))``, p being the largest frequency: thirteen times fewer outputs at
        p = 0.98.

    Notes
    -----
    Up to 4096 outputs: the maximum itself, over every c. Beyond: for z the upper `delta` point of the normal
    law, the inequality of Zubkov and Serov, ``P(Bin(n, p) <= c) <= Phi(-sqrt(2n KL((c+1)/n || p)))`` for (c+1)/n < p,
    gives ``upper_limit(c) <= x + w(x)`` with ``x = (c+1)/n`` and w(x) the largest d with ``KL(x || x+d) <= z**2/2n``.
    By Pinsker w <= z / (2 sqrt n). As w is concave, its maximum over x <= x0 is w(x0) when it still rises there, and
    likewise on the right. Hence never below the maximum, and about 0.5/n above it.

    References
    ----------
    A. M. Zubkov and A. A. Serov, "A complete proof of universal inequalities for the distribution function
    of the binomial law", Theory Probab. Appl. 57 (2013) 539-544.
    """
    if n <= EXACT_UP_TO:
        excess = _excess(n, delta)
        if 2 * largest <= n:
            return float(excess.max())
        return float(max(excess[: n - largest + 1].max(), excess[largest:].max()))
    z = max(normal_quantile(delta), 0.0)
    information = z * z / (2.0 * n)
    anywhere = z / (2.0 * math.sqrt(n))
    if 2 * largest <= n:
        return anywhere + 1.0 / n
    width = max(
        _one_sided(information, anywhere, (n - largest + 1) / n, rising=True),
        _one_sided(information, anywhere, (largest + 1) / n, rising=False),
    )
    return width + 1.0 / n


def hoeffding_allowance(n: int, delta: float) -> float:
    """``sqrt(log(1/delta) / 2n)``: a looser closed form, at least `allowance` for every n, delta and `largest`."""
    return math.sqrt(-math.log(delta) / (2.0 * n))


@lru_cache(maxsize=128)
def _excess(n: int, delta: float) -> Floats:
    counts = np.arange(n + 1)
    return np.asarray(upper_limit(counts, n, delta) - counts / n)


def _one_sided(information: float, anywhere: float, x: float, *, rising: bool) -> float:
    if x >= 1.0:
        return 0.0
    width = divergence_width(x, information)
    slope = divergence_slope(x, width)
    beyond_the_top = slope < 0.0 if rising else slope > 0.0
    return anywhere if beyond_the_top else width
