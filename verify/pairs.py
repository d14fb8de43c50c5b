"""An exact test of independence at a fixed number of outputs: disjoint pairs against the product law."""

from __future__ import annotations

from typing import Any

import numpy as np

from simtemp import arguments
from verify.montecarlo import CountsTest, counts_test
from verify.outputs import category_indices
from verify.seeds import generator
from verify.target import target_probabilities
from verify.transitions import groups_by_probability

GROUPS = 32
"""Categories are pooled into at most so many groups, so that the table of pairs stays small."""


def test_pairs(outputs: Any, target: Any, B: int = 9999, rng: Any = 0, *, lag: int = 1) -> CountsTest:
    """Test whether outputs and those `lag` places later are independent draws from the target.

    Parameters
    ----------
    outputs : int array_like, shape (n,)
        Category indices in the order in which they came; n must have been fixed beforehand.
    target : array_like of shape (K,), or Categorical
        Probabilities.
    B : int
        Null tables to draw; the smallest p-value there can be is 1/(B+1).
    rng : int, SeedSequence or Generator
        For the null tables only; never the sampler's own.
    lag : int
        Distance between the two outputs of a pair, from 1.

    Returns
    -------
    CountsTest

    Raises
    ------
    ValueError
        For outputs that are no category indices, or fewer than 2 lag.

    Notes
    -----
    The outputs are cut into stretches of 2 lag; the i-th of a stretch is paired with the (i + lag)-th. The pairs are
    disjoint, so that under the target they are independent draws from target x target, and `test_counts` is exact for
    their counts. Above 32 categories the rarest are pooled, in order of probability, into groups of about equal mass.
    A test of the target's law, too; to ask for independence alone, compare with `test_counts`. O(n + B K**2).

    Examples
    --------
    >>> fair = np.random.default_rng(1).integers(2, size=1000)
    >>> test_pairs(fair, [0.5, 0.5], B=999).p_value > 0.01, test_pairs(np.repeat(fair, 2), [0.5, 0.5], B=999).p_value
    (True, 0.001)
    """
    probs = target_probabilities(target)
    values = category_indices(outputs, _length(outputs), probs.size, "outputs")
    distance = arguments.whole_number(lag, "lag", 1)
    tables = arguments.whole_number(B, "B", minimum=1)
    stretches = values.size // (2 * distance)
    if stretches == 0:
        raise ValueError(f"outputs must be at least 2 * lag = {2 * distance:,}, got {values.size:,}")
    group = np.arange(probs.size) if probs.size <= GROUPS else groups_by_probability(probs, GROUPS)
    size = int(group.max()) + 1
    law = np.bincount(group, weights=probs, minlength=size)
    rows = group[values[: stretches * 2 * distance]].reshape(stretches, 2, distance)
    counts = np.bincount((rows[:, 0] * size + rows[:, 1]).ravel(), minlength=size * size)
    product = np.multiply.outer(law, law).ravel().astype(np.float64)
    return counts_test(counts.astype(np.int64), product, tables, generator(rng), None)


test_pairs.__test__ = False  # type: ignore[attr-defined]  # no test of pytest's, in spite of its name


def _length(outputs: Any) -> int:
    if not hasattr(outputs, "__len__") or len(outputs) == 0:
        raise ValueError(f"outputs must hold category indices, got {arguments.shown(outputs)}")
    return len(outputs)
