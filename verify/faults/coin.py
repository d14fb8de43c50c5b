"""Mistakes in the power coin of the collision sampler, and in what happens after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from simtemp.arguments import Floats, Integers
from simtemp.base import parse_base
from verify.faults.fault import Fault, normalised
from verify.faults.restarts import Trial, until_accepted

FALLING: Final = parse_base("geometric:4,0.5")
P: Final = FALLING.probs
LOW: Final = 0.4  # 1/T = 2 + 1/2
HIGH: Final = 1 / 1.3  # 1/T = 1 + 0.3


def flipped(
    candidates: Integers,
    rng: np.random.Generator,
    tails: Callable[[int], float],
    *,
    match_first: bool = True,
    cap: int | None = None,
    at_cap: bool = False,
) -> tuple[npt.NDArray[np.bool_], Integers]:
    """A coin for each candidate: heads when a draw matches it, tails with chance ``tails(i)`` at flip i. Heads, and flips made."""
    heads = np.zeros(candidates.size, np.bool_)
    flips = np.zeros(candidates.size, np.int64)
    left = np.arange(candidates.size)
    i = 0
    while left.size:
        if i == cap:
            heads[left] = at_cap
            break
        i += 1
        match = rng.choice(P.size, left.size, p=P) == candidates[left]
        rejected = rng.random(left.size) < tails(i)
        heads[left] = match if match_first else match & ~rejected
        flips[left] = i
        left = left[~(match | rejected)]
    return heads, flips


def collision_with(n: int, tails: Callable[[int], float], *, count_flips: bool = True, **how: Any) -> Trial:
    """A trial of the collision sampler on `FALLING`: n draws that must be equal, then the coin."""

    def trial(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        drawn = rng.choice(P.size, (size, n), p=P)
        equal = (drawn == drawn[:, :1]).all(axis=1)
        heads, flips = flipped(drawn[equal, 0], rng, tails, **how)
        values = np.full(size, -1, np.int64)
        values[np.flatnonzero(equal)[heads]] = drawn[equal, 0][heads]
        draws = np.full(size, n)
        draws[equal] += flips * count_flips
        return values, draws

    return trial


def _survival(alpha: float, flips: int) -> Floats:
    """The chance of no tails in the first 0, 1, ..., `flips` flips."""
    return np.cumprod(np.concatenate([[1.0], 1.0 - alpha / np.arange(1, flips + 1)]))


def _heads_within(alpha: float, flips: int) -> Floats:
    """The chance of heads within so many flips, for each category."""
    chances = P[:, None] * (1.0 - P[:, None]) ** np.arange(flips) * _survival(alpha, flips)[:-1]
    return np.asarray(chances.sum(axis=1))


def _candidate_kept(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    values, draws = until_accepted(collision_with(2, lambda i: 0.0, cap=0, at_cap=True))(size, rng)
    left = np.arange(size)
    while left.size:
        heads, flips = flipped(values[left], rng, lambda i: 0.5 / i)
        draws[left] += flips
        left = left[~heads]
    return values, draws


FAULTS: Final = (
    Fault(
        "coin-before-match",
        "the coin that rejects is tossed before the match is tested",
        "law",
        FALLING,
        LOW,
        until_accepted(collision_with(2, lambda i: 0.5 / i, match_first=False)),
        "a test of the candidates, which are right",
        lambda: normalised(P**2 * (P**0.5 - P) / (1.0 - P)),
    ),
    Fault(
        "flips-counted-from-zero",
        "tails have chance alpha/(i+1) at flip i",
        "law",
        FALLING,
        HIGH,
        until_accepted(collision_with(1, lambda i: 0.3 / (i + 1))),
        "a test at integer 1/T, where the coin is not used",
        lambda: normalised(P * (P**0.3 - P) / ((1.0 - P) * 0.7)),
    ),
    Fault(
        "tails-of-constant-chance",
        "tails have chance alpha at every flip",
        "law",
        FALLING,
        LOW,
        until_accepted(collision_with(2, lambda i: 0.5)),
        "a test at integer 1/T, where the coin is not used",
        lambda: normalised(P**2 * P / (P + 0.5 * (1.0 - P))),
    ),
    Fault(
        "candidate-kept-on-tails",
        "after tails the coin is flipped again for the same candidate, which therefore always comes out",
        "law",
        FALLING,
        LOW,
        _candidate_kept,
        "a test at integer 1/T, where the coin is not used",
        lambda: normalised(P**2),
    ),
    Fault(
        "fraction-from-the-wrong-side",
        "the coin has exponent 1 - alpha",
        "law",
        FALLING,
        HIGH,
        until_accepted(collision_with(1, lambda i: 0.7 / i)),
        "a test at half-integer 1/T, where both are 1/2",
        lambda: normalised(P**1.7),
    ),
    Fault(
        "capped-coin-accepts",
        "after two flips without a decision the candidate is returned: a cap that returns what it has",
        "law",
        FALLING,
        LOW,
        until_accepted(collision_with(2, lambda i: 0.5 / i, cap=2, at_cap=True)),
        "a test on a base whose values all match within two flips",
        lambda: normalised(P**2 * (_heads_within(0.5, 2) + (1.0 - P) ** 2 * _survival(0.5, 2)[-1])),
    ),
    Fault(
        "capped-coin-rejects",
        "after four flips without a decision the trial begins anew: slow runs are dropped, and rare values are slow",
        "law",
        FALLING,
        LOW,
        until_accepted(collision_with(2, lambda i: 0.5 / i, cap=4, at_cap=False)),
        "a test of the mean cost, which falls",
        lambda: normalised(P**2 * _heads_within(0.5, 4)),
    ),
)
