"""Bets that the counts of one call are more, or less, even than independent draws make them."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr
from scipy.stats import binom

from simtemp.arguments import Floats, Integers
from verify.mixture import log_mean

VARIANCES = (0.01, 0.1, 0.4, 2.5, 10.0)
"""Variances that are bet on, in units of the binomial's."""

LEAVES = 64
"""The tree of halves of the target has at most so many leaves."""

LEAST_VARIANCE = 4.0
"""A split whose count varies less than this is not bet on."""


class Dispersion:
    """Wealth of bets on the spread of a call's counts, started at 1: a test martingale of independence.

    Stratified sampling, sampling without replacement and antithetic draws give counts that are too even; a random state
    that a whole call shares gives too uneven ones; one output at a time, or two, shows nothing. The categories are
    split in two parts of about equal mass, and each part again. Under the target the count of a part given that of its
    parent is binomial, and independent of the other splits; the bet is a normal law of the same mean and another
    variance, rounded to whole numbers, so that its likelihood ratio has mean at most 1.

    Parameters
    ----------
    probs : float64[K]
        The target.
    """

    def __init__(self, probs: Floats) -> None:
        self._order = np.argsort(-probs, kind="stable")
        ordered = probs[self._order]
        self._edges = np.concatenate([[0.0], np.cumsum(ordered)])
        self._splits = np.array(_halves(ordered, self._edges), np.int64).reshape(-1, 3)
        low, middle, high = self._splits.T
        whole = self._edges[high] - self._edges[low]
        self._share = (self._edges[middle] - self._edges[low]) / whole
        self._wealth = np.zeros(len(VARIANCES))

    def add(self, counts: Integers) -> None:
        """Score the counts int64[K] of one call."""
        if self._splits.size == 0:
            return
        running = np.concatenate([[0], np.cumsum(counts[self._order])])
        low, middle, high = self._splits.T
        left, whole = running[middle] - running[low], running[high] - running[low]
        spread = whole * self._share * (1.0 - self._share)
        used = spread >= LEAST_VARIANCE
        left, whole, share, spread = left[used], whole[used], self._share[used], spread[used]
        chance = binom.logpmf(left, whole, share)
        for index, variance in enumerate(VARIANCES):
            deviation = np.abs(left - whole * share)
            scale = np.sqrt(variance * spread)
            self._wealth[index] += float((_log_mass(deviation, scale) - chance).sum())

    def log_e(self) -> float:
        """The log of the mean wealth."""
        return log_mean(self._wealth)


def _log_mass(deviation: Floats, scale: Floats) -> Floats:
    """The log probability of the whole number at this distance from the mean, for a rounded normal law."""
    near, far = log_ndtr((0.5 - deviation) / scale), log_ndtr((-0.5 - deviation) / scale)
    return np.asarray(near + np.log1p(-np.exp(far - near)))


def _halves(ordered: Floats, edges: Floats) -> list[tuple[int, int, int]]:
    """Splits (low, middle, high) of the ordered categories, widest first, each about half of the mass above and below."""
    positive = int(np.count_nonzero(ordered))
    splits: list[tuple[int, int, int]] = []
    waiting = [(0, positive)]
    while waiting and len(splits) < LEAVES - 1:
        low, high = waiting.pop(0)
        if high - low < 2:
            continue
        target = 0.5 * (edges[low] + edges[high])
        after = int(np.searchsorted(edges, target))
        middle = after if after == low + 1 or edges[after] - target < target - edges[after - 1] else after - 1
        middle = min(max(middle, low + 1), high - 1)
        if not edges[low] < edges[middle] < edges[high]:
            continue  # masses below rounding: nothing to be told apart
        splits.append((low, middle, high))
        waiting += [(low, middle), (middle, high)]
    return splits
