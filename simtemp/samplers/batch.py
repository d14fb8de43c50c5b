"""The batch sampler (CALM, Algorithm 2) and its kin: N draws at once, then a weighted choice among what was seen. Biased at finite N."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simtemp.arguments import Floats
from simtemp.jit import kernel
from simtemp.sources import tally


class Batch(NamedTuple):
    """N draws an output and the rule's weights for every count, with scratch space for one thread.

    `kept` is the weight that is left of a category once the draws that chose it are taken away: the corrected rule divides by it.
    """

    size: int
    corrected: bool
    log_weight: Any  # float64[N + 1], -inf where a count is no candidate
    log_kept: Any  # float64[N + 1]
    weight: Any  # float64[N + 1], the same as plain numbers up to a common factor; 0 where that underflows
    kept: Any  # float64[N + 1], likewise, with the same factor
    counts: Any  # int32[K], zero between outputs
    seen: Any  # int64[N]


def batch_sampler(log_weight: Floats, categories: int, log_kept: Floats | None = None) -> Batch:
    """A batch sampler with the given table of log-weights (corrected if `log_kept` is given) and scratch space of its own."""
    top = log_weight.max()
    size = log_weight.size - 1
    left = log_weight if log_kept is None else log_kept
    weight, kept = (np.exp(table - top) if top > -np.inf else np.zeros(size + 1) for table in (log_weight, left))
    # Pages of `counts` that no draw touches are never made real, so a wide support costs little.
    counts = np.zeros(categories, np.int32)
    return Batch(size, log_kept is not None, log_weight, left, weight, kept, counts, np.empty(size, np.int64))


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
    The law of a rule without correction is `simtemp.rule_law`: off by O(1/N). The corrected rule is off by O(1/N**2) in every case
    measured (docs/batch-rules.md).

    References
    ----------
    CALM, arXiv:2510.27688, Algorithm 2, Theorem 3.
    """
    if limit[0] < sampler.size:
        return -1, 0
    distinct = tally(source, rng, sampler.size, sampler.counts, sampler.seen)
    if distinct < 0:
        return -1, 0
    value = select(sampler, distinct, rng.random())
    for i in range(distinct):
        sampler.counts[sampler.seen[i]] = 0
    return value, sampler.size


@kernel
def select(batch: Batch, distinct: int, u: float) -> int:
    """Choose one of the categories ``seen[:distinct]`` by its count, with the uniform `u`.

    The score of a category is its weight w or, corrected, ``w / (W - w + kept)`` with W the sum of all weights. When no count has a
    weight, the choice is uniform among the largest counts. That is the published cascade over m = n, n-1, ..., 1: with no count >= n,
    the first non-empty candidate set is that of the largest count m, all with weight C(m, m) = 1.
    """
    counts, seen = batch.counts, batch.seen
    best = 0.0
    whole = 0.0
    for i in range(distinct):
        whole += batch.weight[counts[seen[i]]]
    rescaled = whole < 1e-280  # no candidate, or weights so far below the table's largest that plain numbers lose them
    if rescaled:
        best = -np.inf
        top = 0
        for i in range(distinct):
            best = max(best, batch.log_weight[counts[seen[i]]])
            top = max(top, counts[seen[i]])
        if best == -np.inf:
            return _among_largest(batch, distinct, top, u)
        whole = 0.0
        for i in range(distinct):
            whole += np.exp(batch.log_weight[counts[seen[i]]] - best)
    total = whole
    if batch.corrected:
        total = 0.0
        for i in range(distinct):
            total += _score(batch, counts[seen[i]], rescaled, best, whole)
    target = u * total
    chosen = -1
    for i in range(distinct):
        score = _score(batch, counts[seen[i]], rescaled, best, whole)
        if score > 0.0:
            chosen = seen[i]
            target -= score
            if target < 0.0:
                break
    return chosen


@kernel
def _score(batch: Batch, count: int, rescaled: bool, best: float, whole: float) -> float:
    weight: float = np.exp(batch.log_weight[count] - best) if rescaled else batch.weight[count]
    if not batch.corrected or weight == 0.0:
        return weight
    kept: float = np.exp(batch.log_kept[count] - best) if rescaled else batch.kept[count]
    rest = whole - weight + kept
    # With no other candidate and nothing kept the choice is forced; rounding of the difference must not make it negative or huge.
    return weight / max(rest, 1e-12 * whole)


@kernel
def _among_largest(batch: Batch, distinct: int, top: int, u: float) -> int:
    ties = 0
    for i in range(distinct):
        ties += batch.counts[batch.seen[i]] == top
    target = int(u * ties)
    chosen: int = -1
    for i in range(distinct):
        if batch.counts[batch.seen[i]] == top:
            if target == 0:
                chosen = batch.seen[i]
            target -= 1
    return chosen
