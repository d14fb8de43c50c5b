"""The cost of a procedure that starts again until it succeeds: by number of draws (power series), and by its first two moments.

A trial costs a random number of draws and ends in success or failure; after a failure the next trial begins afresh. With s(z) and f(z)
the generating functions of the draws of a trial that succeeds and of one that fails, that of the whole is ``s / (1 - f)``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from simtemp.arguments import Floats

_LEAST = np.finfo(np.float64).tiny
_CHUNK = 1 << 16  # categories at once: memory does not grow with the support


class Moments(NamedTuple):
    """``E[D**k; event]`` for k = 0, 1, 2: the chance of an event, and the moments of the draws D on it."""

    mass: float
    first: float
    second: float

    def after(self, draws: float) -> Moments:
        """The same with `draws` more draws."""
        return Moments(
            self.mass, self.first + draws * self.mass, self.second + draws * (2.0 * self.first + draws * self.mass)
        )

    def then(self, other: Moments) -> Moments:
        """Both events, independent of each other; the draws add."""
        return Moments(
            self.mass * other.mass,
            self.first * other.mass + self.mass * other.first,
            self.second * other.mass + 2.0 * self.first * other.first + self.mass * other.second,
        )

    def or_else(self, other: Moments) -> Moments:
        """One of two events that exclude each other."""
        return Moments(self.mass + other.mass, self.first + other.first, self.second + other.second)

    def without(self, other: Moments) -> Moments:
        """The event without the other, which is a part of it."""
        return Moments(self.mass - other.mass, self.first - other.first, self.second - other.second)


def restarted_moments(successes: Sequence[Moments], failure: Moments) -> list[Moments]:
    """The moments of ``s / (1 - f)`` for each kind of success; trials end surely, so that ``1 - f`` is known without cancellation."""
    chance = math.fsum(success.mass for success in successes)
    if chance == 0.0:
        return [Moments(math.nan, math.inf, math.inf) for _ in successes]
    trials = 1.0 / chance
    once = failure.first * trials
    failures = Moments(trials, once * trials, (failure.second + 2.0 * once * failure.first) * trials * trials)
    return [success.then(failures) for success in successes]


def product(a: Floats, b: Floats) -> Floats:
    """The product of two power series with terms >= 0, cut where they are; a term that is zero stays exactly zero.

    By FFT: terms are right to about 1e-16 of the largest, and where one is possible but lost in that, it is the least positive number.
    """
    size = a.size
    possible = fftconvolve((a > 0).astype(np.float64), (b > 0).astype(np.float64))[:size] > 0.5
    return np.where(possible, np.maximum(fftconvolve(a, b)[:size], _LEAST), 0.0)


def restarted(successes: Sequence[Floats], failure: Floats) -> list[Floats]:
    """The power series of ``s / (1 - f)`` for each kind of success; ``f[0]`` is 0. O(M log M)."""
    renewals = np.where(_reachable(failure > 0), np.maximum(_renewals(failure), _LEAST), 0.0)
    return [product(success, renewals) for success in successes]


def _renewals(failure: Floats) -> Floats:
    """``1 / (1 - f)`` by Newton's iteration, which doubles the number of right terms."""
    inverse = np.ones(1)
    while inverse.size < failure.size:
        known, size = inverse.size, min(2 * inverse.size, failure.size)
        wrong = np.zeros(size)
        wrong[known:] = fftconvolve(failure[:size], inverse)[known:size]
        inverse = np.append(inverse, fftconvolve(inverse, wrong)[known:size])
    return inverse


def _reachable(failure: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which sums can be made of the numbers in a set, each as often as wanted: of twice as many at every turn. O(M log(M)**2)."""
    reach = failure.copy()
    reach[0] = True
    while True:
        numbers = reach.astype(np.float64)
        further = fftconvolve(numbers, numbers)[: reach.size] > 0.5
        if np.array_equal(further, reach):
            return reach
        reach = further


def power_sums(weights: Floats, log_ratios: Floats, size: int) -> Floats:
    """``sum_x weights[x] exp(i log_ratios[x])`` for i < size, with a power split as ``i = step j + k``: one matrix product."""
    step = math.isqrt(max(size - 1, 0)) + 1
    sums = np.zeros(step * math.ceil(size / step))
    for begin in range(0, weights.size, _CHUNK):
        part = slice(begin, begin + _CHUNK)
        logs = np.maximum(log_ratios[part], -800.0)  # 0 ** 0 is 1; exp(-800) is 0
        coarse = np.exp(np.multiply.outer(np.arange(0, sums.size, step), logs)) * weights[part]
        sums += (coarse @ np.exp(np.multiply.outer(logs, np.arange(step)))).ravel()
    return sums[:size]
