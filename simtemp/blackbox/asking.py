"""Asking a black box for values: how many at a time, and what may go wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simtemp.arguments import Integers
from simtemp.blackbox.contents import Contents, contents
from simtemp.blackbox.interning import Interner
from simtemp.errors import DrawError, SimtempError, describe

MOST_AT_ONCE = 65_536
"""A box is never asked for more values in one call (and context): a model has to hold them all."""


def shortfall(recorded: int, opening: int, max_draws: int) -> int:
    """How many more draws to ask for when an output has `recorded` draws and they do not suffice.

    At first what nearly every output needs, then as many again, so that the number of calls grows like the logarithm of the cost
    and less than half of the draws are superfluous. Any rule would do: which draws an output reads is decided by the draws alone.
    """
    goal = opening if recorded < opening else 2 * recorded
    return min(goal, max_draws) - recorded


def ask(draw: Callable[[int], Any], k: int, interner: Interner) -> Integers:
    """Draw k values from one box and intern them: int64[k]."""
    return np.concatenate([interner.intern(_drawn(draw, (part,), part)) for part in _parts(k)])


def ask_many(draw: Callable[[Integers, int], Any], which: Integers, k: int, interner: Interner) -> Integers:
    """Draw k values from each of the boxes ``which`` and intern them: int64[m, k]."""
    m = which.size
    indices = [interner.intern(_drawn(draw, (m, part), which.copy(), part)).reshape(m, part) for part in _parts(k)]
    return np.concatenate(indices, axis=1)


def _parts(k: int) -> list[int]:
    whole, rest = divmod(k, MOST_AT_ONCE)
    return [MOST_AT_ONCE] * whole + [rest] * (rest > 0)


def _drawn(draw: Callable[..., Any], leading: tuple[int, ...], *arguments: Any) -> Contents:
    try:
        return contents(draw(*arguments), *leading)
    except SimtempError:
        raise
    except (Exception, SystemExit, GeneratorExit) as error:  # an exit in draw must not end its caller in silence
        raise DrawError(f"draw failed: {describe(error)}") from error
