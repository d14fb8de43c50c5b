"""The exact output law of the batch sampler (CALM, Algorithm 2), and of any rule that weighs values by their counts."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from scipy import special

from simtemp import arguments
from simtemp.arguments import Floats
from simtemp.batch_rules import published_log_weight
from simtemp.exact.counts import MultinomialCounts

STEP = 0.25
"""Step of the trapezoid in log t: an error of ``2 |Gamma(1 + 2 pi i / STEP)| = 2e-16`` of it, for any rule."""
FIRST, LAST = math.log(1e-8), math.log(40.0)
"""The trapezoid begins at log(t W) = FIRST for the largest total weight W and ends at LAST for the smallest."""
DOMINANT = 50.0
"""Where every count weighs more than exp(50) times the one below it, ten million others are nothing beside the largest."""
NEGLIGIBLE = math.log(1e-18)
"""Levels of the fall-back that are rarer than this are left out."""
MAX_BATCH_SIZE = 10_000_000
"""Largest N: a table of weights has N + 1 entries."""
ROUNDING = 1e-10
"""How far a law may be from summing to 1 before it is an error of ours."""

Nodes = Iterator[tuple[Floats, Floats, Floats]]
"""Quadrature in blocks: the weights of J nodes, and what `MultinomialCounts.expectation` keeps and picks at each."""


def batch_law(probs: Any, n: int, N: int) -> Floats:
    """The law of the batch sampler's output at temperature ``1/n`` with batches of N.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Base probabilities; finite, >= 0, summing to 1 within 1e-6.
    n : int
        1/T, at least 1.
    N : int
        Base draws in a batch, 1 to 10,000,000; N < n is allowed.

    Returns
    -------
    float64[K]
        Sums to 1; zero where `probs` is zero. Absolute error about 1e-14 (N up to 1e6: 1e-12).

    Raises
    ------
    ValueError
        For `probs` that are no probability vector, or n or N outside their range.
    ArithmeticError
        If the law does not sum to 1 within 1e-10: a fault of this function, never seen.

    Notes
    -----
    A value seen c times is chosen with weight ``C(c, n)``; when none was seen n times, the cascade over m = n - 1, ...,
    1 ends at the largest count, uniform among its ties. See `rule_law` for how the law is computed and what that costs.

    References
    ----------
    CALM, arXiv:2510.27688, Algorithm 2.

    Examples
    --------
    Two equal draws (0.64 and 0.04) decide; two different ones (0.32) leave it to a fair coin:

    >>> batch_law([0.8, 0.2], n=2, N=2).round(4).tolist()
    [0.8, 0.2]
    """
    rank = arguments.whole_number(n, "n", 1)
    size = arguments.whole_number(N, "N", 1, MAX_BATCH_SIZE)
    return rule_law(probs, published_log_weight(rank, size), size)


def rule_law(probs: Any, log_weight: Any, N: int) -> Floats:
    """The law of a rule that draws N values and chooses one of them with a weight that depends on its count.

    When no count has a weight, the choice is uniform among the largest counts.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Base probabilities; finite, >= 0, summing to 1 within 1e-6.
    log_weight : array_like, shape (N + 1,)
        Logarithm of the weight of a value seen 0, 1, ..., N times: -inf below a threshold of at least 1, finite from
        there on. All -inf is allowed: the rule "uniform among the largest counts".
    N : int
        Base draws in a batch, 1 to 10,000,000.

    Returns
    -------
    float64[K]
        Sums to 1; zero where `probs` is zero. Absolute error about 1e-14 (N up to 1e6: 1e-12).

    Raises
    ------
    ValueError
        For bad `probs` or N, or a `log_weight` of another shape, with NaN or +inf, or with another pattern of -inf.
    ArithmeticError
        If the law does not sum to 1 within 1e-10: a fault of this function, never seen.

    Notes
    -----
    With W the sum of all weights ``w(c_y)``, ``P(out = x, W > 0) = int_0^inf E[w(c_x) exp(-t W)] dt``, by the trapezoid
    rule in log t. The fall-back is ``int_0^1`` of a polynomial in a marker for "count equals m", by Gauss-Legendre.
    Both need no more than expectations of products over categories (`MultinomialCounts`).

    About 100 nodes, each O(G sqrt(N) log N) for G different probabilities; where the fall-back is likely, one node or
    more for each likely largest count, which may be thousands at N = 1e5 and beyond. Memory O(G sqrt(N)).

    Examples
    --------
    >>> most_frequent = rule_law([0.8, 0.2], [-np.inf] * 4, N=3)
    >>> most_frequent.round(4).tolist()
    [0.896, 0.104]
    """
    base = arguments.probabilities(probs)
    size = arguments.whole_number(N, "N", 1, MAX_BATCH_SIZE)
    table, threshold = _checked(log_weight, size)
    if (np.diff(table[threshold:]) > DOMINANT).all():  # near T = 0, where the trapezoid would need 1/T nodes
        table, threshold = np.full(size + 1, -np.inf), size + 1
    counts = MultinomialCounts(base, size)
    law = np.zeros(counts.size.size)
    for weight, keep, pick in chain(_weighted_choice(counts, table), _largest_counts(counts, threshold)):
        law += weight @ counts.expectation(keep, pick)
    law = np.maximum(law, 0.0)
    total = math.fsum(counts.size * law)
    if abs(total - 1.0) > ROUNDING:
        raise ArithmeticError(f"the exact law sums to {total!r} instead of 1; please report this base, N and rule")
    result = np.zeros(base.size)
    result[base > 0] = law[counts.group] / total
    return result


def _checked(log_weight: Any, size: int) -> tuple[Floats, int]:
    """The table of log-weights and its threshold: the smallest count with a weight, N + 1 if there is none."""
    try:
        table = np.array(log_weight, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"log_weight must be an array of numbers, got {type(log_weight).__name__}") from None
    if table.shape != (size + 1,):
        raise ValueError(f"log_weight must have N + 1 = {size + 1} entries, for counts 0 to N, got shape {table.shape}")
    wrong = np.isnan(table) | (table == np.inf)
    if wrong.any():
        index = int(np.argmax(wrong))
        raise ValueError(f"log_weight must be finite or -inf, got log_weight[{index}] = {table[index]}")
    finite = table > -np.inf
    threshold = int(np.argmax(finite)) if finite.any() else size + 1
    if threshold == 0:
        raise ValueError(f"log_weight[0] must be -inf (what was not seen cannot be chosen), got {table[0]}")
    if not finite[threshold:].all():
        gap = threshold + int(np.argmin(finite[threshold:]))
        raise ValueError(f"log_weight must be finite from entry {threshold} on, got log_weight[{gap}] = -inf")
    return table, threshold


def _weighted_choice(counts: MultinomialCounts, log_weight: Floats) -> Nodes:
    """Trapezoid in log t for ``int_0^inf E[w(c_x) exp(-t W)] dt``."""
    weights = log_weight[counts.counts]
    if not (weights > -np.inf).any():
        return
    at_most = float(np.logaddexp.reduce(np.log(counts.size) + np.maximum.reduceat(weights, counts.start)))
    at_least = float(np.minimum.reduceat(weights, counts.start).max())  # the category that is sure of the most
    if at_least == -np.inf:
        at_least = float(weights[weights > -np.inf].min())
    log_t = np.arange(FIRST - at_most, LAST - at_least + STEP, STEP)
    step = np.full(log_t.size, STEP)
    step[0] /= -math.expm1(-STEP)  # with all nodes to its left: exp(-t W) is 1 there, and t a geometric series
    for block in _blocks(log_t.size, counts.rows_at_once):
        weight = np.exp(np.minimum(log_t[block, None] + weights, 50.0))  # t w(c); exp(-exp(50)) is 0
        keep = np.exp(-weight)
        yield step[block], keep, weight * keep


def _largest_counts(counts: MultinomialCounts, threshold: int) -> Nodes:
    """Uniform choice among the largest counts, where these are below the threshold.

    With r others tied at the largest count m, the chance to be chosen is ``1 / (r + 1) = int_0^1 s**r ds``: every other
    count that equals m gets a factor s.
    """

    def log_chance(m: int) -> float:
        """A bound of the chance that no count exceeds m."""
        return counts.log_bound((counts.counts <= m).astype(np.float64))

    holders = np.bincount(counts.counts, weights=counts.size[counts.row])  # categories that may be seen m times
    top = min(threshold, holders.size)
    possible = range(max(1, bisect_left(range(top), NEGLIGIBLE, key=log_chance)), top)
    rules = {m: _gauss_legendre(min(int(holders[m]), counts.total // m) - 1) for m in possible if holders[m]}
    if not rules:
        return
    level = np.concatenate([np.full(weight.size, m) for m, (_, weight) in rules.items()])
    marker, step = np.concatenate(list(rules.values()), axis=1)
    for block in _blocks(level.size, counts.rows_at_once):
        equal = (counts.counts == level[block, None]).astype(np.float64)
        yield step[block], (counts.counts < level[block, None]) + marker[block, None] * equal, equal


@cache
def _gauss_legendre(degree: int) -> tuple[Floats, Floats]:
    """Nodes and weights on [0, 1] that integrate ``s**0, ..., s**degree`` to rounding.

    The Chebyshev coefficients of ``s**d`` on [0, 1] are probabilities of Binomial(2d, 1/2): cut at degree k, they leave
    less than ``2 exp(-k**2 / d)``, so that k = 7 sqrt(d) is enough.
    """
    enough = min(degree, math.ceil(7.0 * math.sqrt(degree)))
    nodes, weights = special.roots_legendre(enough // 2 + 1)
    return (np.asarray(nodes) + 1.0) / 2.0, np.asarray(weights) / 2.0


def _blocks(size: int, step: int) -> Iterator[slice]:
    return (slice(i, i + step) for i in range(0, size, step))
