"""An exact test of counts against a target at a fixed number of outputs: many statistics, one Monte Carlo p-value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import xlogy

from simtemp import arguments
from simtemp.arguments import Floats, Integers
from verify.seeds import generator
from verify.target import category_counts, target_probabilities

STATISTICS = ("Pearson", "G", "TV", "max |z|", "KS by probability", "temperature score")

ROW_CELLS = 1 << 20
"""Cells of the null table held at once."""


@dataclass(frozen=True)
class CountsTest:
    """The outcome of `test_counts`.

    Attributes
    ----------
    p_value : float
        ``P(p_value <= a) <= a`` for every a when the counts come from the target, over the counts and the null tables together; 0 when
        a category of probability zero came out.
    by_statistic : mapping of str to float
        The rank p-value of each statistic by itself; the smallest says what kind of difference it is. Looking at them
        all is what `p_value` pays for.
    tables : int
        Null tables that were drawn.
    """

    p_value: float
    by_statistic: Mapping[str, float]
    tables: int


def test_counts(counts: Any, target: Any, B: int = 9999, rng: Any = 0, *, bins: int | None = 1024) -> CountsTest:
    """Test whether counts of independent outputs come from the target: exact at every sample size and for every target.

    Parameters
    ----------
    counts : int array_like, shape (K,)
        How often each category came out; the number of outputs must have been fixed beforehand.
    target : array_like of shape (K,), or Categorical
        Probabilities.
    B : int
        Null tables to draw. The smallest p-value there can be is 1/(B+1), and about 6/(B+1) for a difference that only one
        of the six statistics sees.
    rng : int, SeedSequence or Generator
        For the null tables only; never the sampler's own.
    bins : int or None
        With more categories than this of positive probability, the rarest are pooled, in order of probability, into
        groups of about equal probability (exact all the same; None pools nothing).

    Returns
    -------
    CountsTest

    Notes
    -----
    B tables are drawn from the target's multinomial; together with the data they are B+1 rows. Each row gets,
    for each of Pearson's statistic, G, total variation, max |z|, Kolmogorov-Smirnov in order of probability and the
    temperature score ``|sum (N - n p) log p|``, the share of rows whose statistic is at least its own; M is the
    smallest of the six. Then ``p = #{rows j: M_j <= M_data} / (B+1)``, which is exact by exchangeability, ties
    included. O(B min(K, bins)).

    It is exact over the null tables, too, drawn afresh. For given tables the chance of ``p <= a`` is a to about ``sqrt(a (1-a) / B)``,
    either way, and an `rng` that is a number gives all calls of one target, n and B the same tables: their errors then go together, and
    over many calls the share with ``p <= a`` tends to that chance and not to a. Give calls of a series different seeds, or one Generator.

    No statistic wins everywhere: the temperature score finds a wrong exponent, max |z| a fault of one category, G a
    tail that is missing, total variation a dense shift.

    Examples
    --------
    >>> test_counts([480, 520], [0.5, 0.5], B=999).p_value > 0.05, test_counts([400, 600], [0.5, 0.5], B=999).p_value
    (True, 0.001)
    """
    probs = target_probabilities(target)
    observed = category_counts(counts, probs.size)
    tables = arguments.whole_number(B, "B", minimum=1)
    most = None if bins is None else arguments.whole_number(bins, "bins", minimum=2)
    return counts_test(observed, probs, tables, generator(rng), most)


test_counts.__test__ = False  # type: ignore[attr-defined]  # no test of pytest's, in spite of its name


def counts_test(counts: Integers, probs: Floats, tables: int, rng: np.random.Generator, bins: int | None) -> CountsTest:
    """`test_counts` of arguments that are known to be clean."""
    if counts[probs == 0].any():
        return CountsTest(0.0, dict.fromkeys(STATISTICS, 0.0), 0)
    counts, probs = pool(counts[probs > 0], probs[probs > 0], bins)
    n = int(counts.sum())
    values = np.empty((tables + 1, len(STATISTICS)))
    chunk = max(1, ROW_CELLS // probs.size)
    for start in range(0, tables + 1, chunk):
        rows = min(chunk, tables + 1 - start)
        null = rng.multinomial(n, probs, size=rows)
        if start == 0:
            # Scored in one go with the null rows: a statistic must be one function of a row, rounding included.
            null[0] = counts
        values[start : start + rows] = row_statistics(null, probs)
    ranks = rank_p_values(values)
    by_statistic = dict(zip(STATISTICS, ranks[0].tolist(), strict=True))
    return CountsTest(smallest_rank_p_value(ranks), by_statistic, tables)


def pool(counts: Integers, probs: Floats, bins: int | None) -> tuple[Integers, Floats]:
    """Order the categories by rising probability; if they are more than `bins`, pool the rarest into bins/2 groups."""
    order = np.argsort(probs, kind="stable")
    counts, probs = counts[order], probs[order]
    if bins is None or probs.size <= bins:
        return counts, probs
    groups = bins // 2
    pooled = probs.size - (bins - groups)
    edges = np.cumsum(probs[:pooled])
    group = np.minimum((edges / edges[-1] * groups).astype(np.int64), groups - 1)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    few = np.add.reduceat(counts[:pooled], starts)
    mass = np.add.reduceat(probs[:pooled], starts)
    return np.concatenate([few, counts[pooled:]]), np.concatenate([mass, probs[pooled:]])


def row_statistics(table: Integers, probs: Floats) -> Floats:
    """The six statistics of each row of counts: int64[rows, K] -> float64[rows, 6]; `probs` > 0 and rising."""
    n = table[0].sum()
    expected = n * probs
    excess = table - expected
    square = excess * excess
    return np.stack(
        [
            (square / expected).sum(axis=1),
            xlogy(table, table / expected).sum(axis=1),
            np.abs(excess).sum(axis=1),
            (square / (expected * np.maximum(1.0 - probs, np.finfo(np.float64).tiny))).max(axis=1),
            np.abs(np.cumsum(excess, axis=1)).max(axis=1),
            np.abs((excess * np.log(probs)).sum(axis=1)),
        ],
        axis=1,
    )


def rank_p_values(values: Floats) -> Floats:
    """For each row and column, the share of rows whose value is at least the row's own, itself and ties included."""
    rows = values.shape[0]
    ranks = np.empty_like(values)
    for column in range(values.shape[1]):
        rising = np.sort(values[:, column])
        ranks[:, column] = (rows - np.searchsorted(rising, values[:, column], side="left")) / rows
    return ranks


def smallest_rank_p_value(ranks: Floats) -> float:
    """The share of rows whose smallest rank is at most that of row 0: float64[rows, columns] -> p."""
    smallest = ranks.min(axis=1)
    return float((smallest <= smallest[0]).mean())
