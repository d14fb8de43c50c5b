"""From the arguments of a call to a player of its method, and to the generators of its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import shown
from simtemp.blackbox.playing import Player
from simtemp.methods import Recipe, full_options, recipe

DEFAULT_MAX_DRAWS = 10**7
"""Base draws an output may cost unless told otherwise: seconds for a NumPy box, hours for a large model."""


def player(method: str, temperature: float, budget: int | None, max_draws: int, options: Mapping[str, Any]) -> Player:
    """Check the arguments and make a player of them."""
    degree = arguments.temperature(temperature)
    most = arguments.whole_number(max_draws, "max_draws", 1, 2**62)
    given = dict(options) if budget is None else {**options, "budget": budget}
    return Player(_recipe(method, degree, given), most, method, degree)


def _recipe(method: str, temperature: float, given: dict[str, Any]) -> Recipe:
    full = full_options(method, given)
    if full.get("coupling", "past") == "stream":
        raise ValueError(
            "coupling must be 'past' over a black box (an output is replayed from its start), got 'stream'"
        )
    if temperature == 0.0 and method != "chain":
        size = {name: full[name] for name in ("budget", "batch_size") if full.get(name) is not None}
        return recipe("batch", 0.0, {"batch_size": next(iter(size.values()))} if size else {})
    ready = recipe(method, temperature, given)
    return (
        recipe("collision", 1.0, {}) if temperature == 1.0 else ready
    )  # a plain draw, also for a batch or in a budget


def generators(rng: Any, count: int) -> list[np.random.Generator]:
    """Children of the caller's generator: a `draw` that shares it never meets a uniform that a sampler has used or will replay.

    A list or tuple of `count` generators is taken as it is.
    """
    if isinstance(rng, list | tuple) and any(isinstance(one, np.random.Generator) for one in rng):
        if len(rng) != count or not all(isinstance(one, np.random.Generator) for one in rng):
            raise ValueError(f"rng must have one Generator for each of {count:,} boxes, got {shown(rng)}")
        return list(rng)
    try:
        return np.random.default_rng(rng).spawn(count)
    except (TypeError, ValueError):
        raise ValueError(
            f"rng must be a NumPy Generator that can spawn children, a SeedSequence, a seed or None, got {shown(rng)}"
        ) from None
