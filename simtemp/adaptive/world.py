"""A world whose best temperature policy is known: contexts with known base laws, and known rewards for what is drawn in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simtemp.adaptive.head import checked_temperatures
from simtemp.arguments import Floats, Integers, probabilities
from simtemp.tempering import temper

END = -1
"""Where no context follows: the response has ended."""


@dataclass(frozen=True)
class World:
    """A response begins in a context; each step draws an outcome from the context's law at the temperature picked, and moves on.

    An outcome is a token, a reward and the context that follows. The reward of a response is the sum of those of its steps.

    Attributes
    ----------
    names : tuple of C str
        Of the contexts.
    temperatures : tuple of M float
        A policy picks from; ascending, in [0, inf].
    states : float32[C, h]
        What a head sees of each context.
    base : float64[C, K]
        Base law of each: P(outcome) at temperature 1.
    rewards : float64[C, K]
        In [0, 1].
    following : int64[C, K]
        Context after each outcome, of a higher index, or `END`: no context comes twice, so that every response ends.
    starts : int64[S]
        Contexts that prompts begin in, equally often.

    Raises
    ------
    ValueError
        For shapes that differ, a base law that is none, a reward outside [0, 1], or a context that does not follow.

    Examples
    --------
    >>> coin = World(("coin",), (0.0, 1.0), np.ones((1, 2), np.float32), np.array([[0.75, 0.25]]),
    ...              np.array([[0.0, 1.0]]), np.full((1, 2), END), np.array([0]))
    >>> coin.laws[0].tolist()
    [[1.0, 0.0], [0.75, 0.25]]
    """

    names: tuple[str, ...]
    temperatures: tuple[float, ...]
    states: npt.NDArray[np.float32]
    base: Floats
    rewards: Floats
    following: Integers
    starts: Integers

    def __post_init__(self) -> None:
        contexts = len(self.names)
        checked_temperatures(self.temperatures)
        if contexts == 0 or self.states.ndim != 2 or len(self.states) != contexts:
            raise ValueError(f"states must have a row for each of {contexts} contexts, got shape {self.states.shape}")
        shape = (contexts, self.base.shape[-1])
        for name, table in (("base", self.base), ("rewards", self.rewards), ("following", self.following)):
            if table.shape != shape:
                raise ValueError(f"{name} must have shape {shape}, got {table.shape}")
        for law in self.base:
            probabilities(law, "base")
        if not ((self.rewards >= 0) & (self.rewards <= 1)).all():
            raise ValueError("rewards must be in [0, 1]")
        later = (self.following > np.arange(contexts)[:, None]) & (self.following < contexts)
        if not (later | (self.following == END)).all():
            raise ValueError(f"following must be a context of a higher index, below {contexts}, or {END}")
        if self.starts.size == 0 or not ((self.starts >= 0) & (self.starts < contexts)).all():
            raise ValueError(f"starts must be contexts from 0 to {contexts - 1}, at least one")

    @cached_property
    def laws(self) -> Floats:
        """Law of each context at each temperature, exactly: float64[C, M, K]."""
        return np.array([[temper(law, temperature) for temperature in self.temperatures] for law in self.base])

    @cached_property
    def log_laws(self) -> Floats:
        """Logarithm of `laws`; -inf for what a temperature cannot give."""
        with np.errstate(divide="ignore"):
            return np.log(self.laws)

    def uniform(self) -> Floats:
        """The policy that picks any temperature anywhere: float64[C, M]."""
        return np.full(self.laws.shape[:2], 1.0 / len(self.temperatures))


@dataclass(frozen=True)
class Episodes:
    """B responses, padded to the longest.

    Attributes
    ----------
    contexts, picked, outcomes : int64[B, L]
        0 in the padding.
    present : bool[B, L]
        False where a response has ended.
    rewards : float64[B]
    """

    contexts: Integers
    picked: Integers
    outcomes: Integers
    present: npt.NDArray[np.bool_]
    rewards: Floats


def play(world: World, policy: Floats, starts: Integers, rng: np.random.Generator) -> Episodes:
    """One response from each of B starts under a policy float64[C, M], the probability of each temperature in each context.

    Spends two uniforms a step for each response that has not ended: one to pick, one to draw.
    """
    pick_by, draw_by = _cumulative(policy), _cumulative(world.laws)
    depth = len(world.names)
    contexts, picked, outcomes = np.zeros((3, len(starts), depth), np.int64)
    present = np.zeros((len(starts), depth), np.bool_)
    rewards = np.zeros(len(starts))
    going, here, length = np.arange(len(starts)), np.asarray(starts, np.int64), 0
    while going.size:
        pick = _drawn(pick_by[here], rng)
        outcome = _drawn(draw_by[here, pick], rng)
        contexts[going, length], picked[going, length], outcomes[going, length] = here, pick, outcome
        present[going, length] = True
        rewards[going] += world.rewards[here, outcome]
        here = world.following[here, outcome]
        going, here, length = going[here != END], here[here != END], length + 1
    shape = np.s_[:, :length]
    return Episodes(contexts[shape], picked[shape], outcomes[shape], present[shape], rewards)


def rows_of(episodes: Episodes, rows: Integers) -> Episodes:
    """Some of the responses."""
    return Episodes(
        episodes.contexts[rows],
        episodes.picked[rows],
        episodes.outcomes[rows],
        episodes.present[rows],
        episodes.rewards[rows],
    )


def _cumulative(laws: Floats) -> Floats:
    """Distribution functions of the laws along the last axis; exactly 1 from the last outcome that has a probability."""
    sums = laws.cumsum(-1)
    return np.asarray(sums / sums[..., -1:])


def _drawn(cumulative: Floats, rng: np.random.Generator) -> Integers:
    """One index from each row, by inversion; never one of probability 0."""
    return np.asarray((rng.random(len(cumulative))[:, None] >= cumulative).sum(-1), np.int64)
