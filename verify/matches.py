"""Bets that an output equals, or avoids, a certain earlier one."""

from __future__ import annotations

import numpy as np

from simtemp.arguments import Floats, Integers
from verify.mixture import log_mean

REPEATS = (0.003, 0.01, 0.03, 0.1, 0.3, 0.9)
"""Chances with which an output is bet to repeat its partner."""

AVOIDS = (0.1, 0.3, 0.999)
"""Shares of the partner's probability that an output is bet to avoid."""


class Matches:
    """Wealth of bets that outputs repeat or avoid their partners, started at 1: a test martingale of independence.

    The partner of an output is any earlier output, chosen without looking at later ones: the one before, the one at the
    same place of the call before. A bet of size b says that the output repeats its partner y with probability b and is
    drawn from the target otherwise: the likelihood ratio is ``1 - b + b / p_y`` on a match and ``1 - b`` else. One that
    avoids it says that p_y is lowered by the factor 1 - a and the law renormalised: ``(1 - a) / (1 - a p_y)`` and
    ``1 / (1 - a p_y)``. Given the past both have mean 1 when the output is drawn from the target.

    Parameters
    ----------
    probs : float64[K]
        The target.
    """

    def __init__(self, probs: Floats) -> None:
        self._probs = probs
        with np.errstate(divide="ignore"):
            self._log_probs = np.log(probs)
        self._repeat = np.zeros(len(REPEATS))
        self._avoid = np.zeros(len(AVOIDS))

    def add(self, values: Integers, partners: Integers, counts: Integers | None = None) -> None:
        """Score int64[m] outputs against their m partners; `counts` (int64[K]) are those of the partners, where known."""
        matched = values[values == partners]
        categories, times = _tallied(matched, self._probs.size)
        sizes = np.array(REPEATS)[:, None]
        on_match = np.logaddexp(np.log1p(-sizes), np.log(sizes) - self._log_probs[categories])
        self._repeat += on_match @ times + (values.size - matched.size) * np.log1p(-sizes[:, 0])
        if counts is None:
            categories, times = _tallied(partners, self._probs.size)
        else:
            categories = np.flatnonzero(counts)
            times = counts[categories]
        shares = np.array(AVOIDS)
        self._avoid += matched.size * np.log1p(-shares) - np.log1p(-shares[:, None] * self._probs[categories]) @ times

    def log_e(self) -> float:
        """The log of the mean wealth of all bets."""
        return log_mean(np.concatenate([self._repeat, self._avoid]))


def _tallied(values: Integers, categories: int) -> tuple[Integers, Integers]:
    """Categories and how often each was met, in whichever form is smaller: counted, or as they came."""
    if values.size < categories:
        return values, np.ones(values.size, np.int64)
    counts = np.bincount(values, minlength=categories)
    seen = np.flatnonzero(counts)
    return seen, counts[seen]
