"""The batch sampler (CALM, Algorithm 2): N draws at once, then a weighted choice among what was seen. Biased at every finite N."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simtemp.arguments import Floats, Integers
from simtemp.jit import kernel
from simtemp.sources import tally


class Batch(NamedTuple):
    """N draws an output and the rule's log-weight for every count, with scratch space for one thread."""

    size: int
    log_weight: Any  # float64[N + 1], -inf where a count is no candidate
    weight: Any  # float64[N + 1], the same as plain numbers up to a factor; 0 where that underflows
    counts: Any  # int32[K], zero between outputs
    seen: Any  # int64[N]


def published_log_weight(n: int, size: int) -> Floats:
    """``log C(c, n)`` for every count c = 0, ..., size; -inf below n, where the published cascade falls back on the largest count."""
    log_weight = np.full(size + 1, -np.inf)
    if n <= size:
        steps = np.arange(
            n, size, dtype=np.float64
        )  # C(c+1, n) = C(c, n) (c+1) / (c+1-n): exact ratios, no cancelling log-gammas
        log_weight[n:] = np.concatenate(([0.0], np.cumsum(np.log1p(n / (steps + 1.0 - n)))))
    return log_weight


def batch_sampler(log_weight: Floats, categories: int) -> Batch:
    """A batch sampler with the given table of log-weights and scratch space of its own."""
    top = log_weight.max()
    weight = np.exp(log_weight - top) if top > -np.inf else np.zeros_like(log_weight)
    size = log_weight.size - 1
    # Pages of `counts` that no draw touches are never made real, so a wide support costs little.
    return Batch(size, log_weight, weight, np.zeros(categories, np.int32), np.empty(size, np.int64))


def batch_draw(sampler: Batch, source: Any, rng: np.random.Generator, limit: Any) -> tuple[int, int]:
    """Draw N values, weigh each distinct one by its count, choose one.

    Parameters
    ----------
    sampler : Batch
        Batch size, weights and scratch.
    source, rng
        The N base draws (or their counts), then one uniform for the choice.
    limit : int64[1]
        Base draws allowed.

    Returns
    -------
    value : int
        The category, or -1 when the source or the limit ran out.
    draws : int
        N.

    Notes
    -----
    The law is `simtemp.batch_law`: too flat at every finite N, consistent as N grows.

    References
    ----------
    CALM, arXiv:2510.27688, Algorithm 2, Theorem 3.
    """
    if limit[0] < sampler.size:
        return -1, 0
    distinct = tally(source, rng, sampler.size, sampler.counts, sampler.seen)
    if distinct < 0:
        return -1, 0
    value = select(sampler.counts, sampler.seen, distinct, sampler.log_weight, sampler.weight, rng.random())
    for i in range(distinct):
        sampler.counts[sampler.seen[i]] = 0
    return value, sampler.size


@kernel
def select(counts: Any, seen: Integers, distinct: int, log_weight: Floats, weight: Floats, u: float) -> int:
    """Choose one of the categories ``seen[:distinct]`` with weight ``exp(log_weight[count])``, by the uniform `u`.

    When no count has a weight, the choice is uniform among the largest counts. That is the published cascade over m = n, n-1, ..., 1:
    with no count >= n, the first non-empty candidate set is that of the largest count m, all with weight C(m, m) = 1.
    """
    total = 0.0
    for i in range(distinct):
        total += weight[counts[seen[i]]]
    if total < 1e-280:  # no candidate, or weights so far below the table's largest that plain numbers lose them
        return _select_rescaled(counts, seen, distinct, log_weight, u)
    target = u * total
    chosen = -1
    for i in range(distinct):
        w = weight[counts[seen[i]]]
        if w > 0.0:
            chosen = seen[i]
            target -= w
            if target < 0.0:
                break
    return chosen


@kernel
def _select_rescaled(counts: Any, seen: Integers, distinct: int, log_weight: Floats, u: float) -> int:
    """`select` with weights relative to the largest one met; without any, one for each largest count."""
    best = -np.inf
    top = 0
    for i in range(distinct):
        count = counts[seen[i]]
        best = max(best, log_weight[count])
        top = max(top, count)
    total = 0.0
    chosen: int = -1
    for pass_ in range(2):
        target = u * total
        for i in range(distinct):
            count = counts[seen[i]]
            if best == -np.inf:
                w = 1.0 if count == top else 0.0
            else:
                w = np.exp(log_weight[count] - best)
            if pass_ == 0:
                total += w
            elif w > 0.0:
                chosen = seen[i]
                target -= w
                if target < 0.0:
                    break
    return chosen
