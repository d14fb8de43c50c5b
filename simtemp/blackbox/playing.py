"""One output over recorded draws: played from its start until the draws suffice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simtemp.arguments import Integers
from simtemp.errors import DrawBudgetExceeded
from simtemp.methods import Recipe
from simtemp.samplers import fill
from simtemp.samplers.budgeted import BudgetedDuel
from simtemp.sources import buffer_source


@dataclass(frozen=True, slots=True)
class SampleInfo:
    """How a value came about.

    Attributes
    ----------
    method, temperature
        As asked for.
    draws : int
        Base draws that the output cost by the algorithm.
    requested : int
        Values that the box was asked for while the output was made. What an output does not read serves the next one of a stream;
        otherwise it is lost.
    exact : bool
        Whether the output comes from the exact sampler. False for the batch rules (a duel that its budget ended, and T = 0, are
        among them) and for the chain.
    """

    method: str
    temperature: float
    draws: int
    requested: int
    exact: bool

    @classmethod
    def of(cls, player: Player, played: Played, requested: int) -> SampleInfo:
        """What a caller is told of an output."""
        return cls(player.method, player.temperature, played.draws, requested, played.exact)


class Played(NamedTuple):
    """A finished output: the index of its value, its cost, and whether it is exact."""

    value: int
    draws: int
    exact: bool


class Player:
    """A method with scratch space that grows with the number of distinct values; one player serves any number of outputs."""

    def __init__(self, recipe: Recipe, max_draws: int, method: str, temperature: float) -> None:
        self.opening = recipe.opening
        self.max_draws = max_draws
        self.method = method
        self.temperature = temperature
        self._recipe = recipe
        self._capacity = 64
        self._sampler = recipe.sampler(self._capacity)

    def play(self, recorded: Integers, distinct: int, rng: np.random.Generator) -> Played | None:
        """One output over draws that are indices below `distinct`, or None if they do not suffice; then `rng` is as it was.

        Raises
        ------
        DrawBudgetExceeded
            When more than `max_draws` would be needed.
        """
        if recorded.size == 0:
            return None
        if distinct > self._capacity:
            self._capacity = max(distinct, 2 * self._capacity)
            self._sampler = self._recipe.sampler(self._capacity)
        sampler = self._sampler
        if isinstance(sampler, BudgetedDuel):
            sampler.unfinished[0] = 0
        state = rng.bit_generator.state
        source = buffer_source(recorded)
        value, draws, done = np.empty(1, np.int64), np.empty(1, np.int64), np.zeros(1, np.int64)
        if fill(sampler, source, rng, value, draws, np.array([self.max_draws]), done):
            exact = self._recipe.exact and not (isinstance(sampler, BudgetedDuel) and sampler.unfinished[0])
            return Played(int(value[0]), int(draws[0]), exact)
        read = int(source.position[0])
        if read < recorded.size or recorded.size >= self.max_draws:
            raise DrawBudgetExceeded(
                f"max_draws = {self.max_draws:,} base draws ended before an output of {self.method} at temperature "
                f"{self.temperature:g} was finished; allow more draws, or choose a cheaper method (a duel inside a budget always ends)",
                draws=read,
                max_draws=self.max_draws,
            )
        rng.bit_generator.state = state
        return None
