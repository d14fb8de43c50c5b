"""Many black boxes at once: one call a round for all that are not finished."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Integers
from simtemp.blackbox import asking
from simtemp.blackbox.interning import Interner
from simtemp.blackbox.playing import SampleInfo
from simtemp.blackbox.preparation import DEFAULT_MAX_DRAWS, generators, player

DrawMany = Callable[[Integers, int], Any]


def sample_many(
    draw: DrawMany,
    count: int,
    temperature: Any,
    method: str = "duel",
    budget: int | None = None,
    *,
    rng: Any = None,
    max_draws: int = DEFAULT_MAX_DRAWS,
    **options: Any,
) -> list[tuple[Any, SampleInfo]]:
    """Sample ``P_i ** (1/T)`` from each of many black boxes: a batch of sequences, each with a law of its own.

    Parameters
    ----------
    draw : callable
        ``draw(which, k)`` returns k independent values of each of the boxes ``which``, an int64[m] array of numbers below `count`: m
        sequences of k values each, or an array or tensor of shape [m, k, ...]. It is called once a round, with the boxes whose
        outputs are not finished.
    count : int
        How many boxes, >= 0.
    temperature : float or array_like of shape (count,)
        One for all, or one for each.
    method, budget, max_draws, **options
        As in `sample`, for each output.
    rng : Generator, SeedSequence, int, None, or list of `count` Generators
        The coins of box i come from its child i, ``rng.spawn(count)[i]``, or from the i-th of a list: given a box's draws, its output
        does not depend on the others.

    Returns
    -------
    list of (value, SampleInfo)
        One for each box, as `sample` gives them.

    Raises
    ------
    ValueError, DrawError, DrawBudgetExceeded
        As for `sample`; the first box that exceeds `max_draws` ends all.

    Notes
    -----
    A round asks for the same number of draws of every unfinished box, as many as the neediest one wants. Within a budget, in a batch
    and at T = 1 there is one round; otherwise their number grows like the logarithm of the dearest output's cost.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> odds = np.array([0.2, 0.9])
    >>> pairs = sample_many(lambda which, k: rng.random((which.size, k)) < odds[which, None], 2, [0.5, 0.1], rng=rng)
    >>> len(pairs), all(info.exact for _, info in pairs)
    (2, True)
    """
    boxes = arguments.whole_number(count, "count")
    temperatures = _one_each(temperature, boxes)
    players = {degree: player(method, degree, budget, max_draws, options) for degree in sorted(set(temperatures))}
    coins = generators(rng, boxes)

    interner = Interner()
    recorded = [np.empty(0, np.int64)] * boxes
    results: dict[int, tuple[Any, SampleInfo]] = {}
    waiting = list(range(boxes))
    while waiting:
        needs = [(recorded[i].size, players[temperatures[i]]) for i in waiting]
        k = max(asking.shortfall(size, ready.opening, ready.max_draws) for size, ready in needs)
        fresh = asking.ask_many(draw, np.array(waiting), k, interner)
        for i, row in zip(waiting, fresh, strict=True):
            recorded[i] = np.concatenate((recorded[i], row))
            ready = players[temperatures[i]]
            played = ready.play(recorded[i], len(interner), coins[i])
            if played is not None:
                results[i] = interner.values[played.value], SampleInfo.of(ready, played, recorded[i].size)
        waiting = [i for i in waiting if i not in results]
    return [results[i] for i in range(boxes)]


def _one_each(temperature: Any, count: int) -> list[float]:
    try:
        shape = np.shape(temperature)
    except ValueError:  # rows of different lengths
        raise ValueError(
            f"temperature must be a number or have shape ({count},), got {arguments.shown(temperature)}"
        ) from None
    if shape == ():
        return [arguments.temperature(temperature)] * count
    if shape != (count,):
        raise ValueError(f"temperature must be a number or have shape ({count},), got shape {shape}")
    return [arguments.temperature(degree, name=f"temperature[{i}]") for i, degree in enumerate(temperature)]
