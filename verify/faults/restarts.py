"""What many small samplers share: a table to draw from, and trials that begin anew until one is accepted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from simtemp.arguments import Floats, Integers
from verify.outputs import Sampler

Trial = Callable[[int, np.random.Generator], tuple[Integers, Integers]]
"""``trial(size, rng)``: one trial each for `size` outputs. Values, -1 where the output must begin anew, and base draws spent."""


def table(weights: Floats) -> Sampler:
    """A sampler that draws from given weights: the mistake is in the weights."""
    law = weights / weights.sum()
    return lambda size, rng: rng.choice(law.size, size, p=law)


def until_accepted(trial: Trial) -> Sampler:
    """A sampler that makes trials for each output until one is accepted; all of them are paid for."""

    def sampler(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        values = np.full(size, -1, np.int64)
        draws = np.zeros(size, np.int64)
        while (left := np.flatnonzero(values < 0)).size:
            values[left], spent = trial(left.size, rng)
            draws[left] += spent
        return values, draws

    return sampler


def shipped(method: str, base: Any, temperature: float, **options: Any) -> Sampler:
    """A method of `simtemp.simulate`, prepared at its first call."""

    @cache
    def prepared() -> Sampler:
        from verify.sampler import simulated  # compiles kernels: not at import

        return simulated(method, base, temperature, **options)

    return lambda size, rng: prepared()(size, rng)
