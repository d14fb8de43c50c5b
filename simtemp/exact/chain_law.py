"""The exact law and cost of the invariant chain for T > 1 after any number of steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats

MAX_DISTINCT = 5_000
"""Distinct probabilities a base may have for the chain's transition matrix to be built."""


def chain_law(probs: Any, temperature: float, steps: int) -> Floats:
    """The law of `simtemp.samplers.chain` after `steps` steps from one base draw.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Base probabilities with at most 5,000 distinct values (categories of equal probability are lumped).
    temperature : float
        In (1, inf].
    steps : int
        >= 0; 0 is the base itself.

    Returns
    -------
    float64[K]

    Raises
    ------
    ValueError
        For an argument outside its range, or a base with too many distinct probabilities.

    Notes
    -----
    `steps` products of a vector with a G x G matrix, G the number of distinct probabilities. The law tends to
    ``temper(probs, temperature)`` geometrically.

    Examples
    --------
    >>> chain_law([0.9, 0.1], 2.0, 100).round(6).tolist()
    [0.75, 0.25]
    """
    base, groups, size, values, moves, _ = _lumped(probs, temperature)
    mass = size * values
    for _ in range(arguments.whole_number(steps, "steps")):
        mass = mass + mass @ moves - mass * moves.sum(axis=1)
    return np.where(base > 0, (mass / size)[groups], 0.0)


def chain_draws(probs: Any, temperature: float, steps: int) -> float:
    """The mean number of base draws that `steps` steps cost, the start included. Arguments as in `chain_law`."""
    _, _, size, values, moves, cost = _lumped(probs, temperature)
    mass, total = size * values, 1.0
    for _ in range(arguments.whole_number(steps, "steps")):
        total += float(mass @ cost)
        mass = mass + mass @ moves - mass * moves.sum(axis=1)
    return total


def _lumped(probs: Any, temperature: float) -> tuple[Floats, Any, Floats, Floats, Floats, Floats]:
    """The chain on groups of equal probability: rate of moving between groups, and mean draws of a step from each group."""
    base = arguments.probabilities(probs)
    number = arguments.real(temperature, "temperature")
    if not number > 1.0:
        raise ValueError(f"temperature must be in (1, inf], got {temperature!r}")
    gamma = 1.0 - 1.0 / number
    values, groups, counts = np.unique(base, return_inverse=True, return_counts=True)
    if values[0] == 0.0:  # outside the support: never drawn, never proposed
        values, counts, groups = values[1:], counts[1:], np.maximum(groups - 1, 0)
    if values.size > MAX_DISTINCT:
        raise ValueError(
            f"probs must have at most {MAX_DISTINCT:,} distinct values for the chain's law, got {values.size:,}"
        )
    size = counts.astype(np.float64)
    power = values**gamma
    others = (size[None, :] - np.eye(values.size)) * values[
        None, :
    ]  # chance that the proposal is *another* category, by group
    moves = others * power[:, None] / (power[:, None] + power[None, :])
    flat = values ** (gamma - 1.0)  # flips of one power coin
    cost = 1.0 + (others * (flat[:, None] + flat[None, :]) / (power[:, None] + power[None, :])).sum(axis=1)
    return base, groups, size, values, moves, cost
