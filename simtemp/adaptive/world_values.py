"""What a policy is worth in a known world, exactly, by recursion from the last context to the first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simtemp.adaptive.world import World
from simtemp.arguments import Floats, Integers

_SAME = 1e-12
"""Values closer than this are equal: sums of a few products of numbers in [0, 1], in another order."""


def expected_reward(world: World, policy: Floats) -> float:
    """Of a response under a policy float64[C, M] (probability of each temperature in each context; rows sum to 1)."""
    if policy.shape != world.laws.shape[:2]:
        raise ValueError(f"policy must have shape {world.laws.shape[:2]}, a row for each context, got {policy.shape}")
    _, values = _recursion(world, lambda context, actions: float(policy[context] @ actions))
    return float(values[world.starts].mean())


def best_actions(world: World) -> Floats:
    """What each temperature is worth in each context when all later picks are the best ones: float64[C, M]."""
    return _recursion(world, lambda context, actions: float(actions.max()))[0]


def optimal_policy(world: World) -> Integers:
    """The temperature to pick in each context, int64[C]; the lowest of several that are equally good."""
    actions = best_actions(world)
    return np.asarray((actions >= actions.max(1, keepdims=True) - _SAME).argmax(1), np.int64)


def achievable(world: World) -> tuple[float, float]:
    """Expected reward of the worst and of the best policy: the range of achievable reward."""
    _, lowest = _recursion(world, lambda context, actions: float(actions.min()))
    _, highest = _recursion(world, lambda context, actions: float(actions.max()))
    return float(lowest[world.starts].mean()), float(highest[world.starts].mean())


def regret(world: World, policy: Floats) -> float:
    """Expected reward lost against the best policy, as a share of the range of achievable reward: 0 is best, 1 is worst.

    Raises
    ------
    ValueError
        For a policy of another shape, or a world in which all policies are worth the same.

    Examples
    --------
    >>> from simtemp.adaptive.known_worlds import mixed_world
    >>> world = mixed_world()
    >>> regret(world, certain(world, optimal_policy(world)))
    0.0
    """
    lowest, highest = achievable(world)
    if highest - lowest <= _SAME:
        raise ValueError("every policy is worth the same in this world: there is nothing to regret")
    return (highest - expected_reward(world, policy)) / (highest - lowest)


def agreement(world: World, picks: Integers) -> float:
    """Share of the contexts in which a pick (int64[C], one of each context) is as good as the best."""
    actions = best_actions(world)
    taken = np.take_along_axis(actions, picks[:, None], 1)[:, 0]
    return float((taken >= actions.max(1) - _SAME).mean())


def certain(world: World, picks: Integers) -> Floats:
    """The policy float64[C, M] that always picks the temperature of this index in each context."""
    policy = np.zeros(world.laws.shape[:2])
    policy[np.arange(len(policy)), picks] = 1.0
    return policy


def _recursion(world: World, value: Callable[[int, Floats], float]) -> tuple[Floats, Floats]:
    """Worth of each temperature in each context, [C, M], and of each context, [C], which `value` takes from the former."""
    actions = np.zeros(world.laws.shape[:2])
    values = np.zeros(len(actions) + 1)  # the last is of END, index -1: nothing more comes
    for context in reversed(range(len(actions))):
        worth = world.rewards[context] + values[world.following[context]]
        actions[context] = world.laws[context] @ worth
        values[context] = value(context, actions[context])
    return actions, values[:-1]
