"""One uniform a step for each of many sequences, from a generator of its own: what a sequence meets does not depend on the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simtemp.arguments import Floats, Integers

_AHEAD = 64
"""Uniforms drawn from a generator at a time: one call of it in so many steps."""


class Uniforms:
    """The uniforms of a batch of sequences, step by step.

    Parameters
    ----------
    generators : sequence of B Generator
        Each gives its sequence one uniform a step, in order.

    Examples
    --------
    >>> import numpy as np
    >>> uniforms = Uniforms([np.random.default_rng(0), np.random.default_rng(1)])
    >>> bool(uniforms.at(np.array([0, 1]), 0)[1] == np.random.default_rng(1).random())
    True
    """

    def __init__(self, generators: Sequence[np.random.Generator]) -> None:
        self._generators = generators
        self._ahead = np.empty((len(generators), _AHEAD))

    def at(self, rows: Integers, number: int) -> Floats:
        """Those of some rows at step `number`, float64[b] in [0, 1): ask for the steps in order, from 0, and leave out ended rows only."""
        place = number % _AHEAD
        if place == 0:
            for row in rows.tolist():
                self._generators[row].random(out=self._ahead[row])
        uniforms: Floats = self._ahead[rows, place]
        return uniforms
