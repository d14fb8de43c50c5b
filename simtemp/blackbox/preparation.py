"""From the arguments of a call to a player of its method, and to the generators of its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import shown
from simtemp.blackbox.playing import Player
from simtemp.errors import DrawBudgetExceeded
from simtemp.methods import LOWEST_TEMPERATURE, Recipe, full_options, recipe

DEFAULT_MAX_DRAWS = 10**7
"""Base draws an output may cost unless told otherwise: seconds for a NumPy box, hours for a large model."""


def player(method: str, temperature: float, budget: int | None, max_draws: int, options: Mapping[str, Any]) -> Player:
    """Check the arguments and make a player of them."""
    degree = arguments.temperature(temperature)
    most = arguments.whole_number(max_draws, "max_draws", 1, 2**62)
    given = dict(options) if budget is None else {**options, "budget": budget}
    ready = _recipe(method, degree, given, most)
    if ready.least > most:
        raise DrawBudgetExceeded(
            f"an output of {method} at temperature {degree:g} costs at least {ready.least:,} base draws, above max_draws = {most:,}; "
            "allow more draws (a duel inside a budget always ends)",
            max_draws=most,
        )
    return Player(ready, most, method, degree)


def _recipe(method: str, temperature: float, given: dict[str, Any], max_draws: int) -> Recipe:
    full = full_options(method, given)
    if full.get("coupling", "past") == "stream":
        raise ValueError(
            "coupling must be 'past' over a black box (an output is replayed from its start), got 'stream'"
        )
    limit = temperature == 0.0 and method != "chain"
    # At T = 0 too the options of the method asked for are checked, though another one is run.
    asked = ready = recipe(method, LOWEST_TEMPERATURE if limit else temperature, given)
    if limit:
        size = asked.options.get("budget") or asked.options.get("batch_size")
        ready = recipe("batch", 0.0, {"batch_size": size} if size else {})
    elif temperature == 1.0:
        ready = recipe("collision", 1.0, {})  # a plain draw, also for a batch or in a budget
    _check_room({name: asked.options[name] for name in given} | dict(ready.options), max_draws)
    return ready


def _check_room(options: Mapping[str, Any], max_draws: int) -> None:
    """Refuse an option by which every output would cost more than `max_draws`."""
    for name, beside in (("budget", 0), ("batch_size", 0), ("steps", 1)):
        least = (options.get(name) or 0) + beside
        if least > max_draws:
            what = f"{name} + {beside}" if beside else name
            raise ValueError(f"max_draws must be at least {what} = {least:,}, got {max_draws:,}")


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
