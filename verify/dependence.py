"""Are the outputs independent of each other? Evidence that may be looked at any time, from everything but their law."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simtemp.arguments import Floats, Integers
from verify.dispersion import Dispersion
from verify.found_lag import FoundLag
from verify.matches import Matches
from verify.replay import Replay
from verify.transitions import Transitions, groups_by_index, groups_by_probability

LAGS = (1, 2, 3, 4, 8)
"""An output is compared with the one so many before it."""

WORKERS = (2, 3, 4, 8, 16)
"""A call may be shared between so many workers: its outputs are compared with those one worker earlier."""

BEFORE = "depends on the output before"
"""What `Transitions` finds."""

UNEVEN = "makes the counts of a call too even, or too uneven"
"""What `Dispersion` finds."""

KEPT = 1 << 16
"""Outputs of each call that are kept for comparison with the next one, place by place."""


class Dependence:
    """An e-process for independence: an average of test martingales of outputs that are drawn from the target.

    Two fifths of the wealth go, in equal shares, on matches (`Matches`) with the output 1, 2, 3, 4 or 8 places before,
    with the output one worker earlier when the call is cut in 2, 3, 4, 8 or 16 parts, and with the output at the same
    place of the call before; a fifth on matches at whatever distance the outputs so far have shown (`FoundLag`); the
    rest on transitions between groups of categories (`Transitions`, in order of probability and scattered), on the
    evenness of each call's counts (`Dispersion`), and on long stretches that come twice (`Replay`). A mean of e-processes
    is one: by Ville's inequality it ever reaches 1/alpha with probability at most alpha when the outputs are independent
    draws from the target.

    Parameters
    ----------
    probs : float64[K]
        The target.
    alpha : float
        The level of the judge, for the length of the stretches.
    """

    def __init__(self, probs: Floats, alpha: float) -> None:
        self._probs = probs
        names = [f"the output {lag} before" for lag in LAGS]
        names += [f"the output one worker earlier, of {workers} that share a call" for workers in WORKERS]
        self._matches = {name: Matches(probs) for name in [*names, "the output at the same place of the call before"]}
        groups = [groups_by_probability(probs)]
        if probs.size > int(groups[0].max()) + 1:
            groups.append(groups_by_index(probs))
        self._transitions = [Transitions(probs, group) for group in groups]
        self._found_lag = FoundLag(probs)
        self._dispersion = Dispersion(probs)
        self._replay = Replay(probs, alpha)
        self._tail: Integers = np.empty(0, np.int64)
        self._before: Integers = np.empty(0, np.int64)

    def add(self, values: Integers, counts: Integers) -> None:
        """Score one call's outputs, int64[size], with their counts, int64[K]."""
        matches = iter(self._matches.values())
        joined = np.concatenate([self._tail, values])
        for lag in LAGS:
            known = min(self._tail.size, lag)
            later = joined[self._tail.size - known + lag :]
            next(matches).add(later, joined[self._tail.size - known :][: later.size])
        for workers in WORKERS:
            part = -(-values.size // workers)
            next(matches).add(values[part:], values[: values.size - part])
        both = min(self._before.size, values.size)
        next(matches).add(values[:both], self._before[:both])
        later = joined[1:] if self._tail.size == 0 else joined[self._tail.size :]
        for transition in self._transitions:
            transition.add(later, joined[joined.size - later.size - 1 : -1])
        self._found_lag.add(values)
        self._dispersion.add(counts)
        self._replay.add(values)
        self._tail = joined[-max(LAGS) :]
        self._before = values[:KEPT].copy()

    def log_e(self) -> float:
        """The log of the wealth."""
        shares = self._shares()
        top = max(log for log, _ in shares)
        return top if math.isinf(top) else top + math.log(math.fsum(math.exp(log - top) for log, _ in shares))

    def found(self) -> str:
        """What the richest bet says of the outputs."""
        return max(self._shares())[1]

    def _shares(self) -> list[tuple[float, str]]:
        """The log of each bet's share of the wealth, and what it bets."""
        lots: list[tuple[Any, str, float]] = [
            (match, f"repeats or avoids {name}", 0.4 / len(self._matches)) for name, match in self._matches.items()
        ]
        lots += [(transition, BEFORE, 0.15 / len(self._transitions)) for transition in self._transitions]
        lots.append((self._found_lag, f"repeats or avoids the output {self._found_lag.lag:,} before", 0.2))
        lots.append((self._dispersion, UNEVEN, 0.125))
        lots.append((self._replay, self._replay.found, 0.125))
        return [(lot.log_e() + math.log(share), text) for lot, text, share in lots]
