"""Mistakes in the batch sampler's rule, and its bias presented as exactness. Laws by enumeration of all counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import combinations
from math import comb, factorial, prod
from typing import Final

import numpy as np

from simtemp.arguments import Floats, Integers
from simtemp.base import parse_base
from simtemp.exact.batch_law import batch_law
from verify.faults.fault import Fault, normalised
from verify.faults.restarts import Trial, shipped, until_accepted
from verify.outputs import Sampler

FALLING: Final = parse_base("geometric:4,0.5")
P: Final = FALLING.probs

Choice = Callable[[Integers], Floats]
"""From the counts of a batch to the chance of each category; all zero if another batch is drawn."""


def by_weight(N: int, weight: Callable[[Integers], Floats]) -> Trial:
    """N draws an output, chosen with a weight that depends on the count; a batch without candidates is drawn anew."""
    table = weight(np.arange(N + 1))

    def trial(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        running = np.cumsum(table[rng.multinomial(N, P, size)], axis=1)
        chosen = (running > rng.random((size, 1)) * running[:, -1:]).argmax(axis=1)
        return np.where(running[:, -1] > 0, chosen, -1), np.full(size, N)

    return trial


def _largest(N: int) -> Sampler:
    return lambda size, rng: rng.multinomial(N, P, size).argmax(axis=1)


def _ties_to_the_first(size: int, rng: np.random.Generator) -> Integers:
    """Algorithm 2 with n = 3, N = 5: at most one value can be drawn three times, and it is then the most frequent."""
    return np.asarray(rng.multinomial(5, P, size).argmax(axis=1))


def enumerated(N: int, choice: Choice) -> Floats:
    """The law of a choice among N draws, given that there was one."""
    law = np.zeros(P.size)
    for bars in combinations(range(N + P.size - 1), P.size - 1):
        counts = np.diff([-1, *bars, N + P.size - 1]) - 1
        arrangements = factorial(N) // prod(map(factorial, counts.tolist()))
        law += arrangements * float(np.prod(P**counts)) * choice(counts)
    return normalised(law)


def _in_proportion(weight: Callable[[int], float]) -> Choice:
    @cache
    def of(counts: tuple[int, ...]) -> Floats:
        weights = np.array([weight(c) for c in counts], dtype=np.float64)
        return weights / weights.sum() if weights.any() else weights

    return lambda counts: of(tuple(counts.tolist()))


def _first_largest(counts: Integers) -> Floats:
    return np.asarray(np.arange(counts.size) == counts.argmax(), dtype=np.float64)


FAULTS: Final = (
    Fault(
        "batch-as-exact",
        "Algorithm 2 with a batch of 20 is presented as exact",
        "law",
        FALLING,
        1 / 3,
        shipped("batch", FALLING, 1 / 3, batch_size=20),
        "a test against its own output at a larger batch",
        lambda: batch_law(P, 3, 20),
    ),
    Fault(
        "batch-drawn-again",
        "a batch of six without three equal draws is replaced by another",
        "law",
        FALLING,
        1 / 3,
        until_accepted(by_weight(6, lambda c: c * (c - 1) * (c - 2) / 6)),
        "a test at a large batch, where it never happens",
        lambda: enumerated(6, _in_proportion(lambda c: comb(c, 3))),
    ),
    Fault(
        "ties-to-the-first",
        "the fall-back of a batch of five takes the first of the largest counts",
        "law",
        FALLING,
        1 / 3,
        _ties_to_the_first,
        "a test at a large batch, where it never happens",
        lambda: enumerated(5, _first_largest),
    ),
    Fault(
        "most-frequent-value",
        "the most frequent of 20 draws is taken for a sample",
        "law",
        FALLING,
        0.2,
        _largest(20),
        "a look at the most frequent output, which is right",
        lambda: enumerated(20, _first_largest),
    ),
    Fault(
        "powers-for-binomials",
        "a value seen c times in a batch of 10 has weight c**2 instead of C(c, 2)",
        "law",
        FALLING,
        0.5,
        until_accepted(by_weight(10, lambda c: c.astype(np.float64) ** 2)),
        "a test at a large batch, where the two agree",
        lambda: enumerated(10, _in_proportion(lambda c: c * c)),
    ),
    Fault(
        "threshold-off-by-one",
        "a value must be seen more than twice, not at least twice, to be a candidate among 12 draws",
        "law",
        FALLING,
        0.5,
        until_accepted(by_weight(12, lambda c: np.where(c > 2, c * (c - 1) / 2, 0.0))),
        "a test at a large batch, where the two agree",
        lambda: enumerated(12, _in_proportion(lambda c: comb(c, 2) if c > 2 else 0)),
    ),
)
