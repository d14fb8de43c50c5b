"""Which categories show a difference, and how far apart the laws must be for it: a lower bound on the distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import xlogy

from simtemp import arguments
from simtemp.arguments import Floats, Integers
from verify.intervals import lower_limit, upper_limit
from verify.seeds import generator
from verify.target import category_counts, target_probabilities

SHOWN = 8
"""How many categories a witness names."""

THRESHOLDS = (0.0, 2.0, 4.0)
"""Residuals beyond which a category joins a candidate set: for shifts of all, of some and of few categories."""


@dataclass(frozen=True)
class Witness:
    """The categories furthest from what was expected of them, the most telling first."""

    categories: tuple[int, ...]
    labels: tuple[Any, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]

    def rows(self) -> list[dict[str, Any]]:
        """One record a category: category, label, observed, expected."""
        columns = zip(self.categories, self.labels, self.observed, self.expected, strict=True)
        return [{"category": i, "label": str(label), "observed": o, "expected": e} for i, label, o, e in columns]


@dataclass(frozen=True)
class LowerBound:
    """A lower bound on TV(q, target) and the event that proves it.

    Attributes
    ----------
    value : float
        The bound; 0 when nothing is proved.
    categories : int64[any]
        The event: outputs in these categories (chosen on one part of the outputs).
    observed, n : int
        How many of the n outputs of the other part were in them.
    expected : float
        n times the target's probability of them.
    """

    value: float
    categories: Integers
    observed: int
    n: int
    expected: float


def residuals(counts: Integers, probs: Floats) -> Floats:
    """Signed roots of each category's share of G: about standard normal under the target, and sober about rare ones."""
    expected = counts.sum() * probs
    with np.errstate(divide="ignore"):
        share = xlogy(counts, counts / np.where(expected > 0, expected, np.nan)) - counts + expected
    root = np.sqrt(2.0 * np.maximum(share, 0.0))
    return np.where(expected > 0, np.copysign(root, counts - expected), np.where(counts > 0, np.inf, 0.0))


def find_witness(counts: Integers, probs: Floats, labels: Sequence[Any]) -> Witness:
    """The few categories with the largest residuals."""
    size = np.abs(residuals(counts, probs))
    few = min(SHOWN, probs.size)
    chosen = np.argpartition(-size, few - 1)[:few]
    chosen = chosen[np.argsort(-size[chosen], kind="stable")]
    n = int(counts.sum())
    return Witness(
        categories=tuple(int(i) for i in chosen),
        labels=tuple(labels[int(i)] for i in chosen),
        observed=tuple(int(counts[i]) for i in chosen),
        expected=tuple(float(n * probs[i]) for i in chosen),
    )


def tv_lower_bound(counts: Any, target: Any, alpha: float, *, held_out: Any = None, rng: Any = 0) -> LowerBound:
    """A bound L on the distance of a sampler's law q from the target: ``P(L > TV(q, target)) <= alpha`` for every q.

    Parameters
    ----------
    counts : int array_like, shape (K,)
        How often each category came out among n independent outputs.
    target : array_like of shape (K,), or Categorical
        Probabilities.
    alpha : float
        Allowed chance of a bound that is too large, in (0, 1).
    held_out : int array_like, shape (K,), optional
        Counts of further outputs, on which the event chosen on `counts` is measured. Without them each output of
        `counts` goes to one part or the other by a fair coin, which needs only the counts: the parts of a multinomial
        are independent multinomials.
    rng : int, SeedSequence or Generator
        For those coins.

    Returns
    -------
    LowerBound

    Notes
    -----
    On the first part, sets of categories are listed: those whose residual is above 0, 2 or 4, or below -2 or
    -4. Any set A has TV >= q(A) - target(A) and TV >= target(A) - q(A); on the second part each gets a
    Clopper-Pearson bound at alpha/5, and the best is returned. Finds faults of one rare category as well as shifts
    spread over everything. O(K).

    Examples
    --------
    >>> bound = tv_lower_bound([600, 400], [0.5, 0.5], alpha=0.01)
    >>> 0 < bound.value < 0.2, bound.categories.tolist()
    (True, [0])
    """
    probs = target_probabilities(target)
    observed = category_counts(counts, probs.size)
    allowed = arguments.rate(alpha, "alpha")
    if held_out is not None:
        return lower_bound(observed, category_counts(held_out, probs.size, "held_out"), probs, allowed)
    first = generator(rng).binomial(observed, 0.5)
    return lower_bound(first, observed - first, probs, allowed)


def lower_bound(first: Integers, second: Integers, probs: Floats, alpha: float) -> LowerBound:
    """`tv_lower_bound` from two independent parts whose arguments are known to be clean."""
    n = int(second.sum())
    best = LowerBound(0.0, np.empty(0, np.int64), 0, n, 0.0)
    if n == 0:
        return best
    residual = residuals(first, probs)
    events = [(residual > t, 1) for t in THRESHOLDS] + [(residual < -t, -1) for t in THRESHOLDS[1:]]
    for event, sign in events:
        hits = int(second[event].sum())
        mass = float(probs[event].sum())
        if sign > 0:
            value = float(lower_limit(hits, n, alpha / len(events))) - mass
        else:
            value = mass - float(upper_limit(hits, n, alpha / len(events)))
        if value > best.value:
            best = LowerBound(min(value, 1.0), np.flatnonzero(event).astype(np.int64), hits, n, n * mass)
    return best
