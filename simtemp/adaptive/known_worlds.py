"""Two known worlds: one in which every kind of context wants another temperature, and one in which responses differ in length."""

from __future__ import annotations

import math

import numpy as np

from simtemp.adaptive.world import END, World
from simtemp.arguments import Floats, Integers

TEMPERATURES = (0.0, 0.25, 0.5, 0.75, 1.0)

_HIDDEN_SIZE = 8
_STATES_SEED = 0
"""The states are orthogonal directions at random: that they say which context it is, is all that matters."""

_STATES_NORM = 2 * math.sqrt(_HIDDEN_SIZE)
"""Each entry is about 2: clear enough that what a head learns in one context moves it little in the others."""

_OUTCOMES = 12

_EXACT = ([0.40, 0.20, 0.15, 0.15, 0.05, 0.05], [1])
_SECOND = ([0.30, 0.22] + 10 * [0.048], [0, 1])
_RARE = ([0.35, 0.25, 0.15, 0.10, 0.10, 0.05], [0, 0.4, 0.6, 0.8, 1, 1])
_GAMBLE = ([0.40, 0.14] + 4 * [0.115], [0.6, 1])

_STORY_WEIGHTS = (0.25, 0.5, 0.25)


def mixed_world() -> World:
    """Four prompts of one step, and a story of three: exact, varied (half of the reward), exact.

    `exact`: only the likeliest outcome is right (T = 0 is best). `second`: the second likeliest is, which T = 0 never gives and T = 1
    gives seldom. `varied`: the rarer the better (T = 1). `gamble`: the likeliest outcome is safe and good (0.6); one rare outcome is
    better (1), four are worth nothing. T = 0 has the best mean there, but the best of many responses is a lucky one, and luck needs T = 1.
    """
    kinds = {"exact": _EXACT, "second": _SECOND, "varied": _RARE, "gamble": _GAMBLE}
    story = {"story: bound": _EXACT, "story: free": _RARE, "story: bound again": _EXACT}
    laws = [*kinds.values(), *story.values()]
    base, rewards = (np.array([_padded(row) for row in rows]) for rows in zip(*laws, strict=True))
    rewards[len(kinds) :] *= np.array(_STORY_WEIGHTS)[:, None]
    following = np.full(rewards.shape, END)
    for context in range(len(kinds), len(laws) - 1):
        following[context] = context + 1
    starts = np.arange(len(kinds) + 1)
    return _world((*kinds, *story), TEMPERATURES, base, rewards, following, starts)


def length_world() -> World:
    """A prompt whose response stops at once, which is good, or goes on for three more steps, which seldom pays.

    Stopping is the likeliest (0.6 at T = 1, certain at T = 0) and worth 0.6. Going on is worth 1 with probability 1/4, else nothing, and no
    temperature changes that; nor does any change the two steps of filler before it. So T = 0 is best at the first step, and anything goes
    at the others.
    """
    stop, on = 0, 1
    base = np.zeros((4, 4))
    base[0, [stop, on]] = 0.6, 0.4
    base[[1, 2], 0] = 1.0
    base[3] = 0.25
    rewards = np.zeros(base.shape)
    rewards[0, stop], rewards[3, 0] = 0.6, 1.0
    following = np.full(base.shape, END)
    following[0, on], following[1, 0], following[2, 0] = 1, 2, 3
    names = ("stop or go on", "filler", "more filler", "outcome")
    return _world(names, (0.0, 0.5, 1.0), base, rewards, following, np.array([0]))


def _world(
    names: tuple[str, ...],
    temperatures: tuple[float, ...],
    base: Floats,
    rewards: Floats,
    following: Integers,
    starts: Integers,
) -> World:
    directions, _ = np.linalg.qr(np.random.default_rng(_STATES_SEED).standard_normal((_HIDDEN_SIZE, len(names))))
    states = (_STATES_NORM * directions.T).astype(np.float32)
    return World(names, temperatures, states, base, rewards, following, starts)


def _padded(row: list[float]) -> list[float]:
    return row + (_OUTCOMES - len(row)) * [0.0]
