"""Where a base draw comes from: an alias table, a buffer of recorded draws, or (for counts only) conditional binomials.

A kernel asks `next_draw(source, rng)` for one base draw, or `tally(source, rng, size, counts, seen)` for the counts of many, and never
looks inside. Sources are NamedTuples of arrays, so Numba compiles each kernel once per kind of source.

Accuracy: one 53-bit uniform picks both the column and the side of the alias table, which puts each probability off by at most
2**-53 beyond the table's own rounding: K * 2**-53 in total variation, 1e-9 for ten million categories.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload

from simtemp.arguments import Floats, Integers
from simtemp.jit import is_instance, kernel

EXHAUSTED = -1
"""What a kernel gives for a value when the source ran dry or the limit on draws was reached."""


class AliasSource(NamedTuple):
    """Walker's alias table: one uniform and one look-up a draw."""

    accept: Any  # float64[K]
    alias: Any  # int32[K]


class BufferSource(NamedTuple):
    """Recorded draws of a black box, read in order; exhausted (-1) at their end."""

    recorded: Any  # int64[any]
    position: Any  # int64[1], the next one to read


class CountSource(NamedTuple):
    """Counts of many draws at once, by conditional binomials in falling order of probability; it cannot give single draws."""

    category: Any  # int64[K], most probable first
    conditional: Any  # float64[K], p_i / (p_i + p_{i+1} + ...)


@kernel
def _vose(probs: Floats) -> tuple[Floats, Any]:
    size = probs.size
    accept = np.ones(size)
    alias = np.arange(size).astype(np.int32)
    scaled = probs * size
    small = np.empty(size, np.int32)
    large = np.empty(size, np.int32)
    n_small = 0
    n_large = 0
    for i in range(size):
        if scaled[i] < 1.0:
            small[n_small] = i
            n_small += 1
        else:
            large[n_large] = i
            n_large += 1
    while n_small > 0 and n_large > 0:
        n_small -= 1
        low = small[n_small]
        high = large[n_large - 1]
        accept[low] = scaled[low]
        alias[low] = high
        scaled[high] -= 1.0 - scaled[low]
        if scaled[high] < 1.0:
            n_large -= 1
            small[n_small] = high
            n_small += 1
    # What is left over is 1 up to rounding, except that a category of probability zero must never come out.
    heaviest = np.argmax(probs)
    for i in range(n_small):
        if probs[small[i]] == 0.0:
            accept[small[i]] = 0.0
            alias[small[i]] = heaviest
    return accept, alias


def alias_source(probs: Floats) -> AliasSource:
    """Build the alias table of a probability vector (Vose's method, O(K))."""
    return AliasSource(*_vose(np.ascontiguousarray(probs, dtype=np.float64)))


def buffer_source(recorded: Integers) -> BufferSource:
    """A source that replays recorded category indices from the first."""
    return BufferSource(np.ascontiguousarray(recorded, dtype=np.int64), np.zeros(1, np.int64))


def count_source(probs: Floats) -> CountSource:
    """A source of multinomial counts; the falling order keeps every conditional probability accurate and ends early."""
    order = np.argsort(-probs, kind="stable")
    order = order[probs[order] > 0]
    falling = probs[order]
    remaining = np.cumsum(falling[::-1])[::-1]
    return CountSource(order.astype(np.int64), np.minimum(falling / remaining, 1.0))


def next_draw(source: Any, rng: np.random.Generator) -> int:
    """One base draw (a category index), or -1 when the source is exhausted. Spends one uniform over an alias table, none over a buffer."""
    if isinstance(source, AliasSource):
        return _alias_draw(source, rng)
    if isinstance(source, BufferSource):
        return _buffer_draw(source, rng)
    raise TypeError(f"{type(source).__name__} gives no single draws")


def _alias_draw(source: AliasSource, rng: np.random.Generator) -> int:
    scaled = rng.random() * source.accept.size
    column = int(scaled)
    other = source.alias[column]  # read either way: a select is cheaper than a branch nobody can predict
    return column if scaled - column < source.accept[column] else int(other)


def _buffer_draw(source: BufferSource, rng: np.random.Generator) -> int:
    position = source.position[0]
    if position >= source.recorded.size:
        return -1
    source.position[0] = position + 1
    return int(source.recorded[position])


@overload(next_draw, strict=False)
def _next_draw(source: Any, rng: Any) -> Any:
    if is_instance(source, AliasSource):
        return _alias_draw
    if is_instance(source, BufferSource):
        return _buffer_draw
    return None


def tally(source: Any, rng: np.random.Generator, size: int, counts: Any, seen: Integers) -> int:
    """Count `size` base draws into `counts` (zero on entry) and list the categories met in `seen` (room for `size`).

    Returns how many categories were met, or -1 when the source ran dry (`counts` is zero again then).
    """
    if isinstance(source, CountSource):
        return _tally_binomials(source, rng, size, counts, seen)
    return _tally_draws(source, rng, size, counts, seen)


def _tally_draws(source: Any, rng: np.random.Generator, size: int, counts: Any, seen: Integers) -> int:
    # Draw all, then count: a store to `counts` between two draws would hold up the generator. And no branch on a count: whether a
    # draw is new is a coin toss on a wide support, so it is written down either way and kept by moving on.
    for i in range(size):
        x = next_draw(source, rng)
        if x < 0:
            return -1
        seen[i] = x
    distinct = 0
    for i in range(size):
        x = seen[i]
        count = counts[x]
        seen[distinct] = x
        distinct += count == 0
        counts[x] = count + 1
    return distinct


def _tally_binomials(source: CountSource, rng: np.random.Generator, size: int, counts: Any, seen: Integers) -> int:
    distinct = 0
    left = size
    for i in range(source.category.size):
        if left == 0:
            break
        p = source.conditional[i]
        count = left if p >= 1.0 else rng.binomial(left, p)
        if count > 0:
            counts[source.category[i]] = count
            seen[distinct] = source.category[i]
            distinct += 1
            left -= count
    return distinct


@overload(tally, strict=False)
def _tally(source: Any, rng: Any, size: Any, counts: Any, seen: Any) -> Any:
    return _tally_binomials if is_instance(source, CountSource) else _tally_draws
