"""The accepted batch: exact at any temperature up to 1, from a growing batch and without a Markov chain."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from simtemp.arguments import Integers
from simtemp.jit import kernel
from simtemp.samplers.coin import power_coin
from simtemp.samplers.collision import collide
from simtemp.samplers.falling import FALLING, binary, fill_table, scaled
from simtemp.sources import next_draw

DEFAULT_RATIO = 1.7
"""How much a batch grows from one checkpoint to the next; with a first one after 4 (n - 1) draws, the best over the suite for T <= 0.5."""

GROUP = np.dtype(
    [
        ("level", np.int64),
        ("many", np.int64),
        ("category", np.int64),
        ("term", np.float64),
        ("drop", np.float64),
        ("share", np.float64),
    ]
)
"""Categories of one count, alone or together; A depends on no more, and several groups may have the same count.

level: the count; many: how many categories; category: which, if one; term: ``(level)_n`` in units of a power of two; drop:
``(level)_n - (level - n)_n`` in the same units; share: what one category of the group adds to A.
"""

CHECKPOINT = np.dtype([("end", np.int64), ("distinct", np.int64), ("uniform", np.float64)])
"""Length of the batch at a checkpoint, how many categories have been seen by then, and its uniform."""


class AcceptedScratch(NamedTuple):
    """Scratch space of one output, for one thread; `counts` and `by_count` are zero between outputs."""

    counts: Any  # int32[K]
    seen: Any  # int64[K + 1], categories in the order of their first draw
    word: Any  # int32[any], the draws of the pass; it and what follows are grown for an output that needs more
    by_count: Any  # int32[word.size + 1], how many categories have each count
    groups: Any  # GROUP[any]
    checkpoints: Any  # CHECKPOINT[any]


class Accepted(NamedTuple):
    """1/T = n + alpha; a batch is looked at after `first` draws and whenever it has grown by the factor `ratio` > 1."""

    n: int
    alpha: float
    first: int
    ratio: float
    table: Any  # FALLING[any]; larger counts are worked out when they occur
    scratch: AcceptedScratch


def accepted_sampler(
    n: int, alpha: float, categories: int, first: int | None = None, ratio: float = DEFAULT_RATIO
) -> Accepted:
    """An accepted-batch sampler with scratch space of its own.

    Parameters
    ----------
    n, alpha
        1/T = n + alpha, n >= 1, alpha in [0, 1).
    categories : int
        Size of the support; pages of the scratch space that no draw touches are never made real.
    first, ratio
        The checkpoints: after `first` >= 1 draws (4 (n - 1) if not given), then after ``floor(ratio * previous)``, at least one more.
        Any choice is exact.

    Examples
    --------
    >>> from simtemp.sources import alias_source
    >>> sampler = accepted_sampler(10, 0.0, 3)
    >>> source = alias_source(np.array([0.6, 0.3, 0.1]))
    >>> value, draws = accepted_draw(sampler, source, np.random.default_rng(0), np.array([10**6]))
    >>> value, draws >= 10
    (0, True)
    """
    room = min(64 * n + 256, 1 << 20)
    table = np.zeros(min(16 * n + 1024, 40_000_000 // n), FALLING)  # a fraction of a second at most
    fill_table(n, table)
    scratch = AcceptedScratch(
        np.zeros(categories, np.int32),
        np.empty(categories + 1, np.int64),
        np.empty(room, np.int32),
        np.zeros(room + 1, np.int32),
        np.empty(_rooms(n, room), GROUP),
        np.empty(64, CHECKPOINT),
    )
    return Accepted(n, alpha, max(4 * (n - 1), 1) if first is None else first, ratio, table, scratch)


def accepted_draw(sampler: Accepted, source: Any, rng: np.random.Generator, limit: Any) -> tuple[int, int]:
    """Draw one value from ``P ** (1/T) / Z`` by accepting a batch at one of a growing row of sizes.

    Parameters
    ----------
    sampler : Accepted
        n >= 1, alpha in [0, 1), the grid, with scratch space.
    source, rng
        Where base draws and uniforms come from. A pass spends, at each checkpoint, the base draws up to it and one uniform; after an
        acceptance up to n uniforms for each earlier checkpoint, from the last backwards. Then comes the power coin, if alpha > 0.
    limit : int64[1]
        Base draws allowed; read before the draws of each checkpoint.

    Returns
    -------
    value : int
        The category, or -1 when the source or the limit ran out.
    draws : int
        Base draws spent, all restarts included.

    Notes
    -----
    Let c be the counts of a batch, ``(c)_n`` the falling factorial, ``F(c) = sum_y (c_y)_n``, ``D(b) = max_x F(b + n e_x)`` and

        ``A(c) = sum_x (c_x)_n / D(c - n e_x)``, which is at most 1 because ``D(c - n e_x) >= F(c)``.

    At checkpoint j, with counts c_j and a uniform u_j, the batch is accepted if ``u_j < A(c_j)``. Then x is chosen by its share of A
    and I, n of the draws of x, uniformly: each ordered I has been met with probability ``1 / D(b_j)``, where b_j counts the other
    draws. With k_i of I among the draws of an earlier checkpoint i and b_i the others there, x is returned if
    ``u_i >= A(b_i + k_i e_z)`` for all i < j and all categories z, seen or not; otherwise a new pass begins with fresh draws.

    A pass thus returns x by way of j and I with probability ``1/D(b_j) prod_i (1 - max_z A(b_i + k_i e_z))`` given the draws. It
    depends on the places in I and on the other draws alone, not on x, so over all draws it is ``p_x ** n`` times a number that is
    the same for every x. A pass ends, since A tends to 1 as the batch grows, and restarts keep the law. The power coin brings alpha.
    """
    n, alpha = sampler.n, sampler.alpha
    if n == 1:
        return collide(1, alpha, True, source, rng, limit, 0)
    draws = 0
    while True:
        value, draws = accept_batch(sampler, source, rng, limit, draws)
        if value < 0 or alpha == 0.0:
            return value, draws
        outcome, flips = power_coin(source, rng, value, alpha, limit[0] - draws)
        draws += flips
        if outcome == 1:
            return value, draws
        if outcome < 0:
            return -1, draws


@kernel
def accept_batch(sampler: Accepted, source: Any, rng: np.random.Generator, limit: Any, draws: int) -> tuple[int, int]:
    """One value of law ``P ** n / Z`` for a sampler that has already spent `draws`; returns the value and all draws spent."""
    n, table, scratch = sampler.n, sampler.table, sampler.scratch
    counts, seen, word, by_count = scratch.counts, scratch.seen, scratch.word, scratch.by_count
    groups, checkpoints = scratch.groups, scratch.checkpoints
    while True:
        j = 0  # the checkpoint
        length = 0
        met = 0
        while True:
            goal = sampler.first if j == 0 else max(length + 1, int(length * sampler.ratio))
            if j == checkpoints.size:
                checkpoints = _longer(checkpoints, j + 1)
            if goal > word.size:
                word = _longer(word, goal)
                by_count = np.zeros(word.size + 1, np.int32)
                groups = np.empty(_rooms(n, word.size), GROUP)
            read = _read(source, rng, word, length, min(goal, length + limit[0] - draws))
            draws += read - length
            if read < goal:
                _forget(counts, seen, met)
                return -1, draws
            met = _count(word, length, goal, counts, seen, met)
            length = goal
            u = rng.random()
            checkpoints[j]["end"] = length
            checkpoints[j]["distinct"] = met
            checkpoints[j]["uniform"] = u
            size, top, second = _candidates(n, counts, seen, met, groups)
            if size > 0 and u < _acceptance(n, table, groups, size, top, second):
                break
            j += 1
        value = _choose(u, groups, size)
        marked = n  # how many draws of I are in the batch
        while j > 0:
            j -= 1
            total = counts[value]
            earlier = checkpoints[j]
            for i in range(earlier["end"], length):
                counts[word[i]] -= 1
            length = earlier["end"]
            marked = _among_first(counts[value], total, marked, rng)
            if marked == 0:
                break  # nothing moves at this checkpoint or before
            counts[value] -= marked
            size, top, second = _levels(counts, seen, earlier["distinct"], by_count, groups)
            own = counts[value]
            counts[value] += marked
            if _acceptance_elsewhere(n, table, groups, size, top, second, own, marked, earlier["uniform"]):
                value = -1
                break
        _forget(counts, seen, met)
        if value >= 0:
            return value, draws


@kernel
def _read(source: Any, rng: np.random.Generator, word: Integers, start: int, stop: int) -> int:
    """Draw word[start:stop]; returns where it stopped."""
    for i in range(start, stop):
        x = next_draw(source, rng)
        if x < 0:
            return i
        word[i] = x
    return max(start, stop)


@kernel
def _count(word: Integers, start: int, stop: int, counts: Integers, seen: Integers, met: int) -> int:
    # No branch on whether a draw is new: see `tally`.
    for i in range(start, stop):
        x = word[i]
        count = counts[x]
        seen[met] = x
        met += count == 0
        counts[x] = count + 1
    return met


@kernel
def _candidates(n: int, counts: Integers, seen: Integers, met: int, groups: Any) -> tuple[int, int, int]:
    """Every category with a count of at least n as a group; returns how many, and the two largest counts (equal in a tie)."""
    size, top, second = 0, 0, 0
    for i in range(met):
        x = seen[i]
        count = int(counts[x])
        second = max(second, min(top, count))
        top = max(top, count)
        groups[size]["level"] = count
        groups[size]["many"] = 1
        groups[size]["category"] = x
        size += count >= n
    return size, top, second


@kernel
def _levels(counts: Integers, seen: Integers, met: int, by_count: Integers, groups: Any) -> tuple[int, int, int]:
    """The categories ``seen[:met]`` grouped by their count; returns how many groups, and the two largest counts (equal in a tie)."""
    size, top, second = 0, 0, 0
    for i in range(met):
        count = int(counts[seen[i]])
        second = max(second, min(top, count))
        top = max(top, count)
        groups[size]["level"] = count
        size += by_count[count] == 0
        by_count[count] += 1
    for i in range(size):
        count = groups[i]["level"]
        groups[i]["many"] = by_count[count]
        by_count[count] = 0
    return size, top, second


@kernel
def _acceptance(n: int, table: Any, groups: Any, size: int, top: int, second: int) -> float:
    """A of grouped counts, the largest at least n; `share` receives what one category of each group adds to it."""
    unit = binary(table, top, n)[1]
    whole = _fill_terms(n, table, groups, size, unit)
    return _sum_shares(n, table, groups, size, unit, whole, top, second)


@kernel
def _acceptance_elsewhere(
    n: int,
    table: Any,
    groups: Any,
    size: int,
    top: int,
    second: int,
    own: int,
    marked: int,
    u: float,
) -> bool:
    """Whether the batch would have been accepted with the marked draws at another category; `own` is the count left where they were.

    Categories of one count are alike, and those of count `own` give the batch as it was, which was not accepted. Where the marked
    draws do not make n, they can only raise D, least of all at an unseen category, so that one stands for all of these.
    """
    if top + marked < n:
        return False
    # In one unit for all, unless that overflows; to move the draws adds to the sum and never takes away, so it loses no digits.
    unit = binary(table, max(top, n), n)[1]
    spread = binary(table, top + marked, n)[1] - unit > 900
    whole = _fill_terms(n, table, groups, size, unit)
    groups[size]["many"] = 1
    for i in range(-1, size):
        count = 0 if i < 0 else groups[i]["level"]
        moved = count + marked
        if count == own or (i >= 0 and (count == 0 or moved < n)):
            continue
        new_top = max(top, moved)
        new_second = second if count == top else max(second, min(top, moved))
        if new_top < n:
            continue
        if spread:
            unit = binary(table, new_top, n)[1]
            whole = _fill_terms(n, table, groups, size, unit)
        groups[size]["level"] = moved
        new_whole = whole + _fill_term(n, table, groups, size, unit)
        if i >= 0:
            new_whole -= groups[i]["term"]
            groups[i]["many"] -= 1
        total = _sum_shares(n, table, groups, size + 1, unit, new_whole, new_top, new_second)
        if i >= 0:
            groups[i]["many"] += 1
        if u < total:
            return True
    return False


@kernel
def _fill_terms(n: int, table: Any, groups: Any, size: int, unit: int) -> float:
    """The terms of all groups; returns F."""
    whole = 0.0
    for i in range(size):
        whole += groups[i]["many"] * _fill_term(n, table, groups, i, unit)
    return whole


@kernel
def _fill_term(n: int, table: Any, groups: Any, i: int, unit: int) -> float:
    count = groups[i]["level"]
    term = scaled(table, count, n, unit)
    groups[i]["term"] = term
    groups[i]["drop"] = term - scaled(table, count - n, n, unit)
    return term


@kernel
def _sum_shares(n: int, table: Any, groups: Any, size: int, unit: int, whole: float, top: int, second: int) -> float:
    """A from the terms and their sum. D moves n draws to the largest of the counts that are left, where they add most.

    What they add may overflow: then the share is below ``2 ** -100`` and counts as zero.
    """
    gain = scaled(table, top + n, n, unit) - scaled(table, top, n, unit)
    left = max(second, top - n)
    gain_without_top = scaled(table, left + n, n, unit) - scaled(table, left, n, unit)
    total = 0.0
    for i in range(size):
        rest = whole - groups[i]["drop"] + (gain_without_top if groups[i]["level"] == top else gain)
        share = groups[i]["term"] / rest
        groups[i]["share"] = share
        total += groups[i]["many"] * share
    return total


@kernel
def _choose(u: float, groups: Any, size: int) -> int:
    """The candidate in whose share of A the accepting uniform fell: given acceptance it is uniform below A, and has no other use."""
    chosen = -1
    for i in range(size):
        if groups[i]["share"] > 0.0:
            chosen = groups[i]["category"]
            u -= groups[i]["share"]
            if u < 0.0:
                break
    return chosen


@kernel
def _among_first(first: int, total: int, marked: int, rng: np.random.Generator) -> int:
    """How many of `marked` places, chosen at random among `total`, are among the `first` ones (hypergeometric, a uniform a place)."""
    if first == total:
        return marked
    found = 0
    for i in range(marked):
        found += rng.random() * (total - i) < first - found
    return found


@kernel
def _forget(counts: Integers, seen: Integers, met: int) -> None:
    for i in range(met):
        counts[seen[i]] = 0


@kernel
def _rooms(n: int, length: int) -> int:
    """Room for the groups of a batch of `length`, with a count of zero and a moved group: k distinct counts need k (k + 1) / 2 draws."""
    return max(int(math.sqrt(2.0 * length)), length // n) + 4


@kernel
def _longer(row: Any, needed: int) -> Any:
    larger = np.empty(max(needed, 2 * row.size), row.dtype)
    for i in range(row.size):  # quicker to compile than a slice assignment
        larger[i] = row[i]
    return larger
