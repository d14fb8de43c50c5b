"""The duel sampler: exact at any temperature below 1, at polynomial cost, by coupling from the past."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simtemp.arguments import Integers
from simtemp.jit import kernel
from simtemp.samplers.coin import power_coin
from simtemp.samplers.collision import collide
from simtemp.sources import next_draw


class DuelState(NamedTuple):
    """Scratch space of one step, for one thread; all but `seen` is zero between steps."""

    counts: Any  # int32[K], draws of each rival while it was undecided
    seen: Any  # int64[K + 1], who was met while nobody could be beaten: the rivals, and perhaps the proposal
    ahead: Any  # int32, a power of two >= 2 m: how many undecided rivals have each count, a window that slides with the proposal's


class Duel(NamedTuple):
    """1/T = n0 + alpha + m + coin: proposals from P**(n0 + alpha), duels of exponent m, a power coin of exponent `coin` at the end.

    One output by coupling from the past.
    """

    n0: int
    alpha: float
    m: int
    scratch: DuelState
    coin: float = 0.0


class DuelStream(NamedTuple):
    """The same in read-once form: a stream of independent outputs that keeps one state and no step."""

    n0: int
    alpha: float
    m: int
    scratch: DuelState
    state: Any  # int64[1], the chain's state after its last step; -1 before the first constant one
    coin: float = 0.0


def duel_state(categories: int, m: int) -> DuelState:
    """Scratch space for `categories` categories (pages that no draw touches are never made real)."""
    window = 1 << max(2 * m - 1, 0).bit_length()
    return DuelState(np.zeros(categories, np.int32), np.empty(categories + 1, np.int64), np.zeros(window, np.int32))


@kernel
def propose_and_duel(
    n0: int, alpha: float, m: int, scratch: DuelState, source: Any, rng: np.random.Generator, limit: Any, draws: int
) -> tuple[int, int, int, int, int]:
    """Begin one step: draw its proposal, and run its stream until it is known whether the step is constant.

    Returns (outcome, proposal, its count, rivals seen, draws): outcome 1 constant, 0 not constant, -1 source or limit ran out. The
    rivals' counts stay in `scratch` for `settle`; `forget` clears them.

    A rival is undecided while its count is above the proposal's count less m; one that is beaten is no longer counted, so it stays
    beaten, and one not seen by the time the proposal has m draws is beaten at that moment.
    """
    proposal, draws = collide(n0, alpha, True, source, rng, limit, draws)
    if proposal < 0:
        return -1, -1, 0, 0, draws
    counts, seen, ahead = scratch.counts, scratch.seen, scratch.ahead
    mask = ahead.size - 1
    own = 0
    rivals = 0
    while (
        own < m
    ):  # nobody can be beaten yet; the proposal is counted with the others, so that no branch depends on who came
        if draws >= limit[0]:
            return -1, proposal, own, rivals, draws
        x = next_draw(source, rng)
        if x < 0:
            return -1, proposal, own, rivals, draws
        draws += 1
        count = counts[x] + 1
        counts[x] = count
        seen[rivals] = x
        rivals += count == 1
        own += x == proposal
        if count - own >= m:
            return 0, proposal, own, rivals, draws  # this rival beats the proposal: the step is not constant
    undecided = 0
    for i in range(rivals):
        if seen[i] != proposal:
            ahead[counts[seen[i]] & mask] += 1
            undecided += 1
    while undecided > 0:
        if draws >= limit[0]:
            return -1, proposal, own, rivals, draws
        x = next_draw(source, rng)
        if x < 0:
            return -1, proposal, own, rivals, draws
        draws += 1
        if x == proposal:
            own += 1
            undecided -= ahead[(own - m) & mask]  # rivals exactly m behind are beaten now
            ahead[(own - m) & mask] = 0
        else:
            count = counts[x]
            if count > own - m:
                counts[x] = count + 1
                ahead[count & mask] -= 1
                ahead[(count + 1) & mask] += 1
                if count + 1 - own == m:
                    return 0, proposal, own, rivals, draws
    return 1, proposal, own, rivals, draws


@kernel
def settle(
    x: int, proposal: int, own: int, count: int, m: int, source: Any, rng: np.random.Generator, limit: Any, draws: int
) -> tuple[int, int]:
    """Apply a begun step to the state x, whose count is given: its duel goes on where the step's stream stopped."""
    if x == proposal:
        return proposal, draws
    lead = own - count
    while -m < lead < m:
        if draws >= limit[0]:
            return -1, draws
        z = next_draw(source, rng)
        if z < 0:
            return -1, draws
        draws += 1
        lead += int(z == proposal) - int(z == x)
    return (proposal if lead >= m else x), draws


@kernel
def forget(scratch: DuelState, rivals: int) -> None:
    """Clear what a step has left in its scratch space."""
    for i in range(rivals):
        scratch.counts[scratch.seen[i]] = 0
    for i in range(scratch.ahead.size):
        scratch.ahead[i] = 0


def duel_stream_draw(sampler: DuelStream, source: Any, rng: np.random.Generator, limit: Any) -> tuple[int, int]:
    """The next of a stream of independent outputs of law ``P ** (1/T) / Z``, by read-once coupling (Wilson 2000).

    The chain of steps runs forward. Between two constant steps it is followed from the first one's proposal; its state just before
    the second is an output, exactly distributed and independent of the others. The first output of a stream also pays for finding
    its first constant step.
    """
    draws = 0
    while True:
        value, draws = _from_stream(sampler, source, rng, limit, draws)
        if value < 0 or sampler.coin == 0.0:
            return value, draws
        outcome, flips = power_coin(source, rng, value, sampler.coin, limit[0] - draws)
        draws += flips
        if outcome != 0:
            return (value if outcome == 1 else -1), draws


@kernel
def _from_stream(sampler: DuelStream, source: Any, rng: np.random.Generator, limit: Any, draws: int) -> tuple[int, int]:
    n0, alpha, m, scratch = sampler.n0, sampler.alpha, sampler.m, sampler.scratch
    if m == 0:
        return collide(n0, alpha, True, source, rng, limit, draws)
    while True:
        outcome, proposal, own, rivals, draws = propose_and_duel(n0, alpha, m, scratch, source, rng, limit, draws)
        state = sampler.state[0]
        if outcome == 0 and state >= 0:
            state, draws = settle(state, proposal, own, scratch.counts[state], m, source, rng, limit, draws)
            if state >= 0:
                sampler.state[0] = state
            else:
                outcome = -1
        forget(scratch, rivals)
        if outcome < 0:
            return -1, draws
        if outcome == 1:
            sampler.state[0] = proposal
            if state >= 0:
                return state, draws


def duel_draw(sampler: Duel, source: Any, rng: np.random.Generator, limit: Any) -> tuple[int, int]:
    """One output of law ``P ** (1/T) / Z``, by coupling from the past (Propp & Wilson 1996).

    Steps are begun from the latest backwards until one is constant. The output is its proposal, sent through the later steps in
    their order, each on its own stream, resumed where it stopped.

    Parameters
    ----------
    sampler : Duel
        The split of the exponent, with scratch space.
    source, rng
        Where base draws and uniforms come from.
    limit : int64[1]
        Base draws allowed.

    Returns
    -------
    value : int
        The category, or -1 when the source or the limit ran out.
    draws : int
        Base draws spent.

    Notes
    -----
    A step proposes y from ``P ** (n0 + alpha)`` and moves the state x to y if y gets m draws ahead of x before x gets m ahead of y.
    By gambler's ruin that happens with probability ``p_y**m / (p_x**m + p_y**m)``, which is in detailed balance with the target. One
    stream serves all x, so the step is constant when y beats everyone; an unseen rival is beaten when y has m draws.

    A fraction of the exponent may sit in the proposal (alpha) or be left to a coin that keeps or discards the whole output (coin):
    the law is the same, and docs/exact.md has the costs.
    """
    draws = 0
    while True:
        value, draws = _from_the_past(sampler, source, rng, limit, draws)
        if value < 0 or sampler.coin == 0.0:
            return value, draws
        outcome, flips = power_coin(source, rng, value, sampler.coin, limit[0] - draws)
        draws += flips
        if outcome != 0:
            return (value if outcome == 1 else -1), draws


@kernel
def _from_the_past(sampler: Duel, source: Any, rng: np.random.Generator, limit: Any, draws: int) -> tuple[int, int]:
    n0, alpha, m, scratch = sampler.n0, sampler.alpha, sampler.m, sampler.scratch
    if m == 0:
        return collide(n0, alpha, True, source, rng, limit, draws)
    steps = np.empty((8, 4), np.int64)  # proposal, its count, where its rivals begin and end in `kept`
    kept = np.empty((64, 2), np.int64)  # rival, its count
    begun = 0
    filled = 0
    state = -1
    while state < 0:
        outcome, proposal, own, rivals, draws = propose_and_duel(n0, alpha, m, scratch, source, rng, limit, draws)
        if outcome == 1:
            state = proposal
        elif outcome == 0:
            if begun == steps.shape[0]:
                steps = _grown(steps, begun + 1)
            if filled + rivals > kept.shape[0]:
                kept = _grown(kept, filled + rivals)
            for i in range(rivals):
                kept[filled + i, 0] = scratch.seen[i]
                kept[filled + i, 1] = scratch.counts[scratch.seen[i]]
            steps[begun, 0] = proposal
            steps[begun, 1] = own
            steps[begun, 2] = filled
            steps[begun, 3] = filled + rivals
            filled += rivals
            begun += 1
        forget(scratch, rivals)
        if outcome < 0:
            return -1, draws
    for i in range(begun - 1, -1, -1):
        count = 0
        for j in range(steps[i, 2], steps[i, 3]):
            if kept[j, 0] == state:
                count = kept[j, 1]
        state, draws = settle(state, steps[i, 0], steps[i, 1], count, m, source, rng, limit, draws)
        if state < 0:
            return -1, draws
    return state, draws


@kernel
def _grown(rows: Integers, needed: int) -> Integers:
    larger = np.empty((max(needed, 2 * rows.shape[0]), rows.shape[1]), np.int64)
    for i in range(rows.shape[0]):  # a slice assignment takes the compiler four seconds
        for j in range(rows.shape[1]):
            larger[i, j] = rows[i, j]
    return larger
