"""A Markov chain that leaves P**(1/T) invariant for T > 1, from samples alone. (No exact sampler exists there.)"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simtemp.samplers.coin import power_coin
from simtemp.sources import next_draw


class Chain(NamedTuple):
    """`steps` steps from one base draw, with gamma = 1 - 1/T in (0, 1]."""

    gamma: float
    steps: int


def chain_draw(sampler: Chain, source: Any, rng: np.random.Generator, limit: Any) -> tuple[int, int]:
    """Start from a base draw and take `steps` steps of a chain whose stationary law is ``P ** (1 - gamma) / Z``.

    A step proposes a base draw y to the state x and moves with probability ``p_x**gamma / (p_x**gamma + p_y**gamma)`` (Barker's rule
    for the proposal P). That coin is made of two power coins: pick x or y fairly and flip the power coin of the one picked; on heads
    the *other* one is the next state, on tails pick again.

    Parameters
    ----------
    sampler : Chain
        gamma in (0, 1] and steps >= 0.
    source, rng
        Where base draws and uniforms come from: for each pick one uniform, then those of the coin.
    limit : int64[1]
        Base draws allowed.

    Returns
    -------
    value : int
        The state after the last step, or -1 when the source or the limit ran out.
    draws : int
        Base draws spent.

    Notes
    -----
    Invariance is exact; the start is not, so the law after k steps is P M**k (`simtemp.chain_law`), at a cost known exactly too
    (`simtemp.chain_draws`). An exact sampler from samples alone is impossible for T > 1: a value of tiny probability p gains weight
    p**(1/T) / p without bound, and no finite number of draws can rule out that it exists.

    References
    ----------
    Barker (1965); the two-coin algorithm: Gonçalves, Łatuszyński & Roberts, "Barker's algorithm for Bayesian inference with
    intractable likelihoods" (2017).
    """
    if limit[0] < 1:
        return -1, 0
    x = next_draw(source, rng)
    if x < 0:
        return -1, 0
    draws = 1
    for _ in range(sampler.steps):
        if draws >= limit[0]:
            return -1, draws
        y = next_draw(source, rng)
        if y < 0:
            return -1, draws
        draws += 1
        moving = x != y
        while moving:
            x_picked = rng.random() < 0.5
            outcome, flips = power_coin(source, rng, x if x_picked else y, sampler.gamma, limit[0] - draws)
            draws += flips
            if outcome < 0:
                return -1, draws
            if outcome == 1:
                x = y if x_picked else x
                moving = False
    return x, draws
