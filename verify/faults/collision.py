"""Mistakes in how many draws must be equal, and in what a failed trial leaves behind."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from simtemp.arguments import Integers
from simtemp.base import parse_base
from simtemp.tempering import temper
from verify.faults.fault import Fault, normalised
from verify.faults.restarts import until_accepted

FALLING: Final = parse_base("geometric:4,0.5")
P: Final = FALLING.probs


def all_equal(n: int, size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """A trial: the common value of n draws."""
    drawn = rng.choice(P.size, (size, n), p=P)
    return np.where((drawn == drawn[:, :1]).all(axis=1), drawn[:, 0], -1), np.full(size, n)


def _any_pair(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    drawn = np.sort(rng.choice(P.size, (size, 3), p=P), axis=1)
    equal = (drawn[:, 0] == drawn[:, 1]) | (drawn[:, 1] == drawn[:, 2])
    return np.where(equal, drawn[:, 1], -1), np.full(size, 3)


def _until_match(size: int, rng: np.random.Generator, *, keep_mismatch: bool) -> tuple[Integers, Integers]:
    """Compare one draw after another with the candidate, which stays, or gives way to the draw that did not match."""
    values = rng.choice(P.size, size, p=P).astype(np.int64)
    draws = np.ones(size, np.int64)
    left = np.arange(size)
    while left.size:
        drawn = rng.choice(P.size, left.size, p=P)
        draws[left] += 1
        other = drawn != values[left]
        left, drawn = left[other], drawn[other]
        if keep_mismatch:
            values[left] = drawn
    return values, draws


FAULTS: Final = (
    Fault(
        "one-draw-too-few",
        "a range that ends one early: two equal draws where three are meant",
        "law",
        FALLING,
        1 / 3,
        until_accepted(partial(all_equal, 2)),
        "a look at the order of the frequencies",
        lambda: temper(P, 1 / 2),
    ),
    Fault(
        "fraction-forgotten",
        "1/T = 2.5 is rounded down to two equal draws, without a coin",
        "law",
        FALLING,
        0.4,
        until_accepted(partial(all_equal, 2)),
        "a test at integer 1/T",
        lambda: temper(P, 1 / 2),
    ),
    Fault(
        "fraction-rounded-up",
        "1/T = 2.5 is rounded up to three equal draws",
        "law",
        FALLING,
        0.4,
        until_accepted(partial(all_equal, 3)),
        "a test at integer 1/T",
        lambda: temper(P, 1 / 3),
    ),
    Fault(
        "any-pair-will-do",
        "three draws at once for 1/T = 2, and a value that two of them share is returned",
        "law",
        FALLING,
        0.5,
        until_accepted(_any_pair),
        "a test on a uniform base",
        lambda: normalised(3.0 * P**2 * (1.0 - P) + P**3),
    ),
    Fault(
        "mismatch-kept",
        "the draw that did not match is the first of the next trial",
        "law",
        FALLING,
        0.5,
        lambda size, rng: _until_match(size, rng, keep_mismatch=True),
        "a test of the cost of an output, which falls as an early exit promises",
        lambda: normalised(P**2 / (1.0 + P)),
    ),
    Fault(
        "candidate-kept-on-mismatch",
        "the first draw stays the candidate until another matches it",
        "law",
        FALLING,
        0.5,
        lambda size, rng: _until_match(size, rng, keep_mismatch=False),
        "a test on a uniform base",
        lambda: P.copy(),
    ),
)
