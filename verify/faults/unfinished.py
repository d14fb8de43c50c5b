"""Mistakes with runs that are not finished: caps, empty places, races, thrown away batches."""

from __future__ import annotations

from typing import Final

import numpy as np

from simtemp.arguments import Floats, Integers
from simtemp.base import parse_base
from simtemp.tempering import temper
from verify.faults.coin import collision_with
from verify.faults.fault import Fault, normalised
from verify.faults.restarts import until_accepted

FALLING: Final = parse_base("geometric:4,0.5")
P: Final = FALLING.probs
PAIR: Final = float(P @ P)  # chance that two draws are equal


def _capped(trials: int, size: int, rng: np.random.Generator, *, return_last: bool) -> Integers:
    values = np.zeros(size, np.int64)
    left = np.arange(size)
    for _ in range(trials):
        drawn = rng.choice(P.size, (left.size, 2), p=P)
        equal = drawn[:, 0] == drawn[:, 1]
        if return_last:
            values[left] = drawn[:, 0]
        values[left[equal]] = drawn[equal, 0]
        left = left[~equal]
    return values


def _capped_law(trials: int, otherwise: Floats) -> Floats:
    late = (1.0 - PAIR) ** trials
    return np.asarray((1.0 - late) * temper(P, 0.5) + late * otherwise)


def _lengths(alpha: float, longest: int) -> Floats:
    """The chance that a run of Algorithm 1 with 1/T = 1 + alpha ends with value x after exactly 0, 1, ..., `longest` draws.

    A trial is one draw and i flips of the coin; after tails another begins: a renewal equation.
    """
    alive = np.cumprod(np.concatenate([[1.0], 1.0 - alpha / np.arange(1, longest + 1)]))  # no tails in i flips
    ends, fails = np.zeros((P.size, longest + 1)), np.zeros(longest + 1)
    for i in range(1, longest):
        ends[:, 1 + i] = P * P * (1.0 - P) ** (i - 1) * alive[i - 1]
        fails[1 + i] = float((P * (1.0 - P) ** i).sum()) * alive[i - 1] * alpha / i
    for length in range(longest + 1):
        ends[:, length] += ends[:, :length] @ fails[length:0:-1]
    return ends


_timed: Final = until_accepted(collision_with(1, lambda i: 0.3 / i))


def _first_to_finish(size: int, rng: np.random.Generator) -> Integers:
    values, draws = _timed(4 * size, rng)
    shuffled = draws.reshape(size, 4) + rng.random((size, 4))
    return np.take_along_axis(values.reshape(size, 4), shuffled.argmin(axis=1)[:, None], axis=1)[:, 0]


def _first_to_finish_law() -> Floats:
    ends = _lengths(0.3, 400)
    at = ends.sum(axis=0)
    after = 1.0 - np.cumsum(at)
    before = np.concatenate([[1.0], after[:-1]])
    wins = (before**4 - after**4) / np.where(at > 0, at, 1.0)  # the first of four has this length; ties by lot
    return normalised(ends @ wins)


def _unfinished_thrown_away(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    values, draws = _timed(size, rng)
    return np.where(draws <= 8, values, -1), np.full(size, 8)


FAULTS: Final = (
    Fault(
        "capped-trials-return-a-draw",
        "after five failed trials the first draw of the last one is returned",
        "law",
        FALLING,
        0.5,
        lambda size, rng: _capped(5, size, rng, return_last=True),
        "a test on a peaked base, where five trials are enough",
        lambda: _capped_law(5, (P - P**2) / (1.0 - PAIR)),
    ),
    Fault(
        "unfinished-reads-zero",
        "outputs that four trials did not fill keep the zero of the empty array",
        "law",
        FALLING,
        0.5,
        lambda size, rng: _capped(4, size, rng, return_last=False),
        "a test on a peaked base, where four trials are enough",
        lambda: _capped_law(4, np.array([1.0, 0.0, 0.0, 0.0])),
    ),
    Fault(
        "first-to-finish",
        "four workers race for every output and the first to finish is taken: quick values win",
        "law",
        FALLING,
        1 / 1.3,
        _first_to_finish,
        "a test of each worker by itself",
        _first_to_finish_law,
    ),
    Fault(
        "unfinished-batch-thrown-away",
        "a run that does not end within its batch of eight draws is dropped, and a new batch drawn",
        "law",
        FALLING,
        1 / 1.3,
        until_accepted(_unfinished_thrown_away),
        "a test that runs without a limit",
        lambda: normalised(_lengths(0.3, 8).sum(axis=1)),
    ),
)
