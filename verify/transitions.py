"""Bets that an output's law depends on the output before."""

from __future__ import annotations

import numpy as np

from simtemp.arguments import Floats, Integers
from verify.evalue import log_rising_ratio
from verify.mixture import log_mean

GROUPS = 16
"""Categories are pooled into at most so many groups: the table of transitions has their square."""

CONCENTRATIONS = (1.0, 16.0, 256.0, 4096.0, 65536.0)
"""How near to the target each row of a bet stays: Dirichlet weights in all."""


class Transitions:
    """Wealth of bets on Markov chains of groups of categories, started at 1: a test martingale of independence.

    Under the target the outputs that follow a member of one group are themselves independent draws from the target. Each
    row of the table of transitions is bet on as in `EProcess`, by Good's Dirichlet mixture around the target; the product
    over rows is a martingale of mean 1 for each concentration, and so is the mean over concentrations.

    Parameters
    ----------
    probs : float64[K]
        The target.
    group : int64[K]
        The group of each category.
    """

    def __init__(self, probs: Floats, group: Integers) -> None:
        self._group = group
        self._size = int(group.max()) + 1
        law = np.bincount(group, weights=probs, minlength=self._size)
        with np.errstate(divide="ignore"):
            self._log_law = np.log(law / law.sum())
        self._table = np.zeros(self._size**2, np.int64)

    def add(self, values: Integers, partners: Integers) -> None:
        """Score int64[m] outputs after the m outputs that came before them."""
        pairs = self._group[partners] * self._size + self._group[values]
        self._table += np.bincount(pairs, minlength=self._size**2)

    def log_e(self) -> float:
        """The log of the mean wealth."""
        cells = np.flatnonzero(self._table > 1)  # one transition adds log(a / a) = 0
        after = self._table.reshape(self._size, self._size).sum(axis=1)
        log_c = np.log(CONCENTRATIONS)
        starts = np.add.outer(log_c, self._log_law[cells % self._size])
        rows = np.repeat(log_c[:, None], int((after > 1).sum()), axis=1)
        return log_mean(
            log_rising_ratio(np.exp(starts), starts, self._table[cells].astype(np.float64)).sum(axis=1)
            - log_rising_ratio(np.exp(rows), rows, after[after > 1].astype(np.float64)).sum(axis=1)
        )


def groups_by_probability(probs: Floats, most: int = GROUPS) -> Integers:
    """At most so many groups of about equal mass, in order of probability: int64[K]."""
    order = np.argsort(-probs, kind="stable")
    edges = np.cumsum(probs[order])
    group = np.empty(probs.size, np.int64)
    group[order] = np.minimum((edges - 0.5 * probs[order]) / edges[-1] * most, most - 1).astype(np.int64)
    groups: Integers = np.unique(group, return_inverse=True)[1].astype(np.int64)
    return groups


def groups_by_index(probs: Floats) -> Integers:
    """Groups that neighbours do not share and probability does not order: a multiplicative hash of the index."""
    spread = np.arange(probs.size, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    groups: Integers = np.unique(spread >> np.uint64(60), return_inverse=True)[1].astype(np.int64)
    return groups
