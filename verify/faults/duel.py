"""Mistakes in the duel sampler and in coupling from the past.

Two small duels are enough to show them. With proposals that are single draws and a lead of m = 1 (1/T = 2) a step is
constant exactly when the first draw of its stream is its proposal. On two categories a step that is not constant changes
nothing, whatever m, so that an output is the proposal of the first constant step.
"""

from __future__ import annotations

from itertools import product
from math import comb
from typing import Final

import numpy as np
import numpy.typing as npt

from simtemp.arguments import Floats, Integers
from simtemp.base import parse_base
from simtemp.tempering import temper
from verify.faults.fault import Fault, normalised
from verify.faults.restarts import Trial, shipped, until_accepted

FALLING: Final = parse_base("geometric:4,0.5")
P: Final = FALLING.probs
TWO: Final = parse_base("two:0.7")
FOUR: Final = parse_base("probs:0.4,0.2,0.2,0.2")
CONSTANT: Final = float(P @ P)  # chance that a step with m = 1 is constant


def from_the_past(
    size: int,
    rng: np.random.Generator,
    *,
    fresh_streams: bool = False,
    cap: int | None = None,
    in_order_drawn: bool = False,
) -> Integers:
    """Coupling from the past with m = 1, which the options spoil (but for the last, which is harmless)."""
    state = np.empty(size, np.int64)
    begun: list[tuple[Integers, Integers, Integers]] = []
    left = np.arange(size)
    while left.size:
        proposal, first = rng.choice(P.size, (2, left.size), p=P)
        constant = np.logical_or(proposal == first, len(begun) + 1 == cap)
        state[left[constant]] = proposal[constant]
        left = left[~constant]
        begun.append((left, proposal[~constant], first[~constant]))
    for outputs, proposal, first in begun if in_order_drawn else reversed(begun):
        undecided = state[outputs] != proposal
        if not fresh_streams:
            undecided &= state[outputs] != first
        state[outputs] = _race(state[outputs], proposal, undecided, rng)
    return state


def _race(x: Integers, y: Integers, undecided: npt.NDArray[np.bool_], rng: np.random.Generator) -> Integers:
    """Where undecided: draw until x or y comes, which is the winner."""
    winner = x.copy()
    left = np.flatnonzero(undecided)
    while left.size:
        drawn = rng.choice(P.size, left.size, p=P)
        winner[left[drawn == y[left]]] = y[left[drawn == y[left]]]
        left = left[(drawn != x[left]) & (drawn != y[left])]
    return winner


def _beats() -> Floats:
    """Row x, column y: the chance that y comes before x."""
    return np.asarray(P[None, :] / (P[:, None] + P[None, :]))


def _kernel(chance: Floats) -> Floats:
    """A transition matrix from the chances of moving to another state."""
    moves = np.where(np.eye(P.size, dtype=np.bool_), 0.0, chance)
    return np.asarray(moves + np.diag(1.0 - moves.sum(axis=1)))


def _fresh_streams_law() -> Floats:
    """After the constant step, a geometric number of others, each deciding its duels as if nothing of it were known."""
    other = _kernel(P * (1.0 - P) / (1.0 - CONSTANT) * _beats())
    start = P**2 / CONSTANT
    return np.asarray(CONSTANT * np.linalg.solve(np.eye(P.size) - (1.0 - CONSTANT) * other.T, start))


def _capped_law(cap: int) -> Floats:
    """Uncapped outputs are right, and so is what any later step makes of them; capped ones start from any proposal."""
    neither = np.maximum(1.0 - P[:, None] - P[None, :], 0.0)
    other = _kernel(P * neither / (1.0 - CONSTANT) * _beats())
    late = (1.0 - CONSTANT) ** (cap - 1)
    return np.asarray((1.0 - late) * temper(P, 0.5) + late * P @ np.linalg.matrix_power(other, cap - 1))


def two_way_duel(m: int, *, lead: int = 0, draws: int | None = None) -> Trial:
    """On two categories: a proposal that wins its duel comes out. The duel ends at a lead of m, or after so many draws."""
    p = TWO.probs

    def trial(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        proposal = rng.choice(2, size, p=p)
        if draws is not None:
            own = (rng.choice(2, (size, draws), p=p) == proposal[:, None]).sum(axis=1)
            return np.where(2 * own > draws, proposal, -1), np.full(size, 1 + draws)
        ahead = np.full(size, lead)
        spent = np.ones(size, np.int64)
        while (left := np.flatnonzero(np.abs(ahead) < m)).size:
            ahead[left] += 2 * (rng.choice(2, left.size, p=p) == proposal[left]) - 1
            spent[left] += 1
        return np.where(ahead == m, proposal, -1), spent

    return trial


def _majority(draws: int) -> Floats:
    """Each category's chance to have most of the draws."""
    p = TWO.probs
    wins = [comb(draws, k) * p**k * (1.0 - p) ** (draws - k) for k in range(draws // 2 + 1, draws + 1)]
    return np.asarray(np.sum(wins, axis=0))


def _head_start_law(m: int, lead: int) -> Floats:
    p = TWO.probs
    odds = p[::-1] / p
    return normalised(p * (1.0 - odds ** (m + lead)) / (1.0 - odds ** (2 * m)))


def _first_constant(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """A trial: a proposal from the base, which comes out if it gets two draws ahead of every rival before one gets two ahead."""
    p = FOUR.probs
    values = rng.choice(p.size, size, p=p).astype(np.int64)
    spent = np.ones(size, np.int64)
    left = np.arange(size)
    lead = 2 * np.eye(p.size, dtype=np.int64)[values]
    while left.size:
        drawn = rng.choice(p.size, left.size, p=p)
        spent[left] += 1
        own = drawn == values[left]
        lead += (lead < 2) * np.where(own[:, None], 1, -np.eye(p.size, dtype=np.int64)[drawn])
        lost = lead.min(axis=1) == -2
        values[left[lost]] = -1
        open_ = ~lost & (lead.min(axis=1) < 2)
        left, lead = left[open_], lead[open_]
    return values, spent


def _first_constant_law() -> Floats:
    """Each proposal's chance to beat all rivals: absorption of the chain of its leads over them, three rivals with -1, 0, 1 or won."""
    p = FOUR.probs
    wins = np.empty(p.size)
    states = list(product((-1, 0, 1, 2), repeat=p.size - 1))
    place = {state: i for i, state in enumerate(states)}
    for y in range(p.size):
        rivals = np.delete(p, y)
        moves, won = np.zeros((len(states), len(states))), np.zeros(len(states))
        for state in states:
            if min(state) == 2:
                won[place[state]] = 1.0
                continue
            after = tuple(min(lead + 1, 2) for lead in state)
            moves[place[state], place[after]] += p[y]
            for rival, lead in enumerate(state):
                if lead > -1:
                    after = (*state[:rival], lead if lead == 2 else lead - 1, *state[rival + 1 :])
                    moves[place[state], place[after]] += rivals[rival]
        wins[y] = np.linalg.solve(np.eye(len(states)) - moves, won)[place[(0,) * rivals.size]]
    return normalised(p * wins)


def _meeting_place(size: int, rng: np.random.Generator) -> Integers:
    """Metropolis steps to a neighbour, from both ends with the same randomness, forward until the two paths meet."""
    target = temper(P, 0.5)
    low, high = np.zeros(size, np.int64), np.full(size, P.size - 1)
    while (left := np.flatnonzero(low != high)).size:
        step = 2 * rng.integers(2, size=left.size) - 1
        u = rng.random(left.size)
        for path in (low, high):
            to = np.clip(path[left] + step, 0, P.size - 1)
            path[left] = np.where(u * target[path[left]] < target[to], to, path[left])
    return low


def _meeting_place_law() -> Floats:
    """Absorption of the chain of pairs (low, high); with one uniform the path with the smaller chance moves only if the other does."""
    target = temper(P, 0.5)
    pairs = [(i, j) for j in range(P.size) for i in range(j)]
    moves, meets = np.zeros((len(pairs), len(pairs))), np.zeros((len(pairs), P.size))
    for row, (i, j) in enumerate(pairs):
        for step in (-1, 1):
            chance = [min(1.0, target[x + step] / target[x]) if 0 <= x + step < P.size else 0.0 for x in (i, j)]
            both = min(chance)
            for at, mass in (
                ((i + step, j + step), both),
                ((i + step, j), chance[0] - both),
                ((i, j + step), chance[1] - both),
                ((i, j), 1.0 - max(chance)),
            ):
                if mass > 0.0 and at[0] == at[1]:
                    meets[row, at[0]] += 0.5 * mass
                elif mass > 0.0:
                    moves[row, pairs.index(at)] += 0.5 * mass
    return np.asarray(np.linalg.solve(np.eye(len(pairs)) - moves, meets)[pairs.index((0, P.size - 1))])


FAULTS: Final = (
    Fault(
        "lead-one-short",
        "duels of exponent 2 end at a lead of one",
        "law",
        FALLING,
        1 / 4,
        shipped("duel", FALLING, 1 / 3, split=2),
        "a look at the order of the frequencies",
        lambda: temper(P, 1 / 3),
    ),
    Fault(
        "first-to-three",
        "a duel is decided by the majority of five draws instead of a lead of three",
        "law",
        TWO,
        1 / 4,
        until_accepted(two_way_duel(3, draws=5)),
        "a test on equal probabilities",
        lambda: normalised(TWO.probs * _majority(5)),
    ),
    Fault(
        "proposal-counts-in-its-duel",
        "the draw that made the proposal is its first point in the duel",
        "law",
        TWO,
        1 / 3,
        until_accepted(two_way_duel(2, lead=1)),
        "a test on equal probabilities",
        lambda: _head_start_law(2, 1),
    ),
    Fault(
        "fresh-streams",
        "in coupling from the past the second pass reads fresh streams instead of those of the first",
        "law",
        FALLING,
        1 / 2,
        lambda size, rng: from_the_past(size, rng, fresh_streams=True),
        "a test on two categories, where it changes nothing",
        _fresh_streams_law,
    ),
    Fault(
        "capped-past",
        "the third step into the past counts as constant whether it is or not: a cap that returns what it has",
        "law",
        FALLING,
        1 / 2,
        lambda size, rng: from_the_past(size, rng, cap=3),
        "a test on a peaked base, where three steps are enough",
        lambda: _capped_law(3),
    ),
    Fault(
        "steps-in-reverse",
        "steps are applied in the order they were drawn, the constant one last, whose proposal therefore comes out",
        "law",
        FOUR,
        1 / 3,
        until_accepted(_first_constant),
        "a test on two categories, or with a lead of one, where it changes nothing",
        _first_constant_law,
    ),
    Fault(
        "forward-coupling",
        "two paths are run forward until they meet, and the meeting place is returned",
        "law",
        FALLING,
        1 / 2,
        _meeting_place,
        "a test of the chain, which has the right stationary law",
        _meeting_place_law,
    ),
)
