"""Does a long stretch of outputs come twice? Streams that are shared, restarted or too short repeat themselves."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from simtemp.arguments import Floats, Integers

LOOKS = tuple(2**j for j in range(8, 21))
"""Numbers of outputs at which repeats are looked for; later outputs are not kept."""

RARITY = 1e-4
"""A stretch is long enough when, under the target, any of its length comes twice with probability below RARITY alpha."""

_FACTOR = 0x9E3779B97F4A7C15


class Replay:
    """Evidence from repeated stretches, wherever in the stream they are: a worker's seed used twice, a short period.

    For two different places of a stream of independent outputs, the chance that the w outputs from the one equal the w
    outputs from the other is at most ``max(p) ** w``, overlapping or not: given those before, each must be one certain
    value. So among m outputs any stretch of w comes twice with probability at most ``a = m**2 / 2 * max(p) ** w``, and
    1/a for seeing one is an e-value. w is chosen to make a small enough; each of the looks has an equal share.

    Parameters
    ----------
    probs : float64[K]
        The target.
    alpha : float
        The level at which one repeat is to be enough.
    """

    def __init__(self, probs: Floats, alpha: float) -> None:
        self._largest = float(probs.max())
        self._log_rare = math.log(RARITY) + math.log(min(alpha, 1e-4))  # their product underflows
        self._kept: Integers = np.empty(0, np.int64)
        self._looked = 0
        self._log_e = -math.inf
        self.found = ""

    def add(self, values: Integers) -> None:
        """Keep int64[m] further outputs, and look for repeats when a look is due."""
        room = LOOKS[-1] - self._kept.size
        if room <= 0 or self.found:
            return
        self._kept = np.concatenate([self._kept, values[:room]])
        due = [look for look in LOOKS if self._looked < look <= self._kept.size]
        if due:
            self._looked = due[-1]
            self._look(due[-1])

    def log_e(self) -> float:
        """The log of the evidence: -inf while no long stretch has come twice."""
        return self._log_e

    def _look(self, size: int) -> None:
        if self._largest >= 1.0:
            return
        width = math.ceil((math.log(size * size / 2.0) - self._log_rare) / -math.log(self._largest))
        if width >= size:
            return
        stretch = self._kept[:size]
        places = repeated(stretch, width)
        if places is not None:
            self._log_e = -self._log_rare - math.log(len(LOOKS))
            first, second = places
            self.found = f"outputs {first + 1:,} to {first + width:,} came again from output {second + 1:,} on"


def repeated(values: Integers, width: int) -> tuple[int, int] | None:
    """Two places (first < second) from which the next `width` values are the same, if there are any. O(m log m)."""
    hashes = _window_hashes(values, width)
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    for place in np.flatnonzero(ordered[1:] == ordered[:-1])[:16]:
        first, second = int(order[place]), int(order[place + 1])
        # Equal hashes are no proof; equal windows are.
        if np.array_equal(values[first : first + width], values[second : second + width]):
            return first, second
    return None


def _window_hashes(values: Integers, width: int) -> npt.NDArray[np.uint64]:
    """A polynomial hash modulo 2**64 of each window, put together from windows of 1, 2, 4, ... values."""
    power = np.array([_FACTOR], np.uint64)  # an array: numpy warns when a scalar wraps around
    piece = (values.astype(np.uint64) + np.uint64(1)) * np.uint64(0xD6E8FEB86659FD93)
    piece ^= piece >> np.uint64(32)
    result = np.zeros(values.size + 1, np.uint64)
    covered, length = 0, 1
    while True:
        if width & length:
            kept = values.size - covered - length + 1
            result = result[:kept] * power + piece[covered : covered + kept]
            covered += length
        if 2 * length > width:
            return result
        piece = piece[:-length] * power + piece[length:]
        power = power * power
        length *= 2
