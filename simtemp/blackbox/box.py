"""One black box: a value at a temperature, and an endless stream of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from simtemp.blackbox import asking
from simtemp.blackbox.interning import Interner
from simtemp.blackbox.playing import Player, SampleInfo
from simtemp.blackbox.preparation import DEFAULT_MAX_DRAWS, generators, player

Draw = Callable[[int], Any]

_REMEMBERED = (
    1 << 17
)  # distinct values kept for the sake of later outputs, at about a hundred bytes each and the values themselves


def sample(
    draw: Draw,
    temperature: float,
    method: str = "duel",
    budget: int | None = None,
    *,
    rng: Any = None,
    max_draws: int = DEFAULT_MAX_DRAWS,
    **options: Any,
) -> tuple[Any, SampleInfo]:
    """Sample ``P ** (1/T)`` from a black box that can only sample P.

    Parameters
    ----------
    draw : callable
        ``draw(k)`` returns k independent values of law P: a sequence of hashable values (or of arrays), an array whose first axis has
        length k, or such a tensor of any library. Arrays and rows are equal when their numbers are, other values when Python says so.
    temperature : float
        In [0, inf]; the methods have ranges of their own. At 1 the output is a plain draw, at 0 the most frequent value of a batch of
        `budget` (or ``batch_size``) draws, ties broken at random.
    method : str
        ``"duel"``, ``"accepted"`` or ``"collision"`` (temperature up to 1), ``"batch"`` (any), ``"chain"`` (above 1).
    budget : int, optional
        With the duel: this many draws are asked for at once and never more. An output that they do not suffice for is left to a
        batch rule over them and is not exact.
    rng : Generator, SeedSequence, int or None
        The sampler's own coins come from its first spawned child, ``rng.spawn(1)[0]``; `draw` may use `rng` itself.
    max_draws : int
        Base draws the output may cost.
    **options
        Options of the method, as in `simulate`: ``early_exit``; ``batch_size``, ``rule``; ``split``, ``fraction``; ``steps``.

    Returns
    -------
    value
        One of the values, as it was drawn (of an array or tensor of rows, the row as a NumPy array).
    info : SampleInfo
        Its cost, and whether it is exact.

    Raises
    ------
    ValueError
        For an argument outside its range.
    DrawError
        When `draw` raises, returns fewer or more than k values, values that are not hashable, or NaN.
    DrawBudgetExceeded
        When `max_draws` ends first; it carries the draws that were spent.

    Notes
    -----
    The draws are recorded, and the compiled samplers run over the record. When it ends too early, `draw` is asked for as many values again
    and the same output is replayed from its start with the same coins, so what an output is, and how many draws it reads, depends on the
    draws in their order and not on how they were batched. The cost is that of the method (`expected_draws`). Draws that the
    output did not read are lost: `stream` gives them to the next one.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> value, info = sample(lambda k: rng.choice(["yes", "no"], p=[0.6, 0.4], size=k), 0.25, rng=rng)
    >>> str(value) in ("yes", "no"), info.exact, info.draws <= info.requested
    (True, True, True)
    """
    return next(stream(draw, temperature, method, budget, rng=rng, max_draws=max_draws, **options))


def stream(
    draw: Draw,
    temperature: float,
    method: str = "duel",
    budget: int | None = None,
    *,
    rng: Any = None,
    max_draws: int = DEFAULT_MAX_DRAWS,
    **options: Any,
) -> Iterator[tuple[Any, SampleInfo]]:
    """Endless independent samples of ``P ** (1/T)`` from one black box.

    Parameters, exceptions and results are those of `sample`, whose output is the first one of the stream; `max_draws` is for each
    output. The stream ends with the first exception.

    Notes
    -----
    Draws that an output did not read serve the next one. That leaves the outputs independent, because an output stops reading at a
    time that is decided by what it has read: the rest is as good as new. Once the mean cost is known, that is what is asked for first.

    Examples
    --------
    >>> from itertools import islice
    >>> rng = np.random.default_rng(0)
    >>> outputs = list(islice(stream(lambda k: rng.integers(0, 3, k), 0.5, rng=rng), 100))
    >>> sum(info.draws for _, info in outputs) <= sum(info.requested for _, info in outputs)
    True
    """
    ready = player(method, temperature, budget, max_draws, options)
    return _outputs(draw, ready, generators(rng, 1)[0])


def _outputs(draw: Draw, ready: Player, coins: np.random.Generator) -> Iterator[tuple[Any, SampleInfo]]:
    interner = Interner()
    unread = np.empty(0, np.int64)
    opening = ready.opening
    outputs = spent = 0
    while True:
        requested = 0
        while (played := ready.play(unread, len(interner), coins)) is None:
            k = asking.shortfall(unread.size, opening, ready.max_draws)
            unread = np.concatenate((unread, asking.ask(draw, k, interner)))
            requested += k
        unread = unread[played.draws :]
        yield interner.values[played.value], SampleInfo.of(ready, played, requested)
        outputs += 1
        spent += played.draws
        opening = max(ready.opening, spent // outputs)
        if len(interner) > _REMEMBERED + 2 * unread.size:
            unread = interner.keep(unread)
