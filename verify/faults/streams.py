"""Outputs of the right law that are not independent. No test of frequencies alone is meant for them."""

from __future__ import annotations

from typing import Final

import numpy as np

from simtemp.arguments import Floats, Integers
from simtemp.base import parse_base
from simtemp.tempering import temper
from verify.faults.fault import Fault
from verify.outputs import Sampler

PEAKED: Final = parse_base("peaked9")
TEN: Final = parse_base("uniform:10")
TARGET: Final = temper(PEAKED.probs, 0.5)
EDGES: Final = np.cumsum(TARGET)


def independent(size: int, rng: np.random.Generator) -> Integers:
    """Right outputs, for the mistakes to spoil."""
    return rng.choice(TARGET.size, size, p=TARGET).astype(np.int64)


def at(uniforms: Floats) -> Integers:
    """The outputs at these uniforms."""
    return np.minimum(np.searchsorted(EDGES, uniforms, side="right"), TARGET.size - 1)


def _chunk(size: int, parts: int) -> int:
    return -(-size // parts)


def _sticky(size: int, rng: np.random.Generator) -> Integers:
    fresh = rng.random(size) < 0.8
    fresh[:1] = True
    return independent(size, rng)[np.maximum.accumulate(np.where(fresh, np.arange(size), 0))]


def _metropolis(size: int, rng: np.random.Generator) -> Integers:
    """Chains of a hundred steps from right starts, read one after the other: every state has the right law."""
    chains = _chunk(size, 100)
    steps = _chunk(size, chains)
    x = independent(chains, rng)
    path = np.empty((steps, chains), np.int64)
    for t in range(steps):
        path[t] = x
        y = (x + 2 * rng.integers(2, size=chains) - 1) % TARGET.size
        x = np.where(rng.random(chains) * TARGET[x] < TARGET[y], y, x)
    return path.T.reshape(-1)[:size]


def _repeats_dropped(size: int, rng: np.random.Generator) -> Integers:
    kept = np.empty(0, np.int64)
    while kept.size < size:
        drawn = np.concatenate([kept, independent(2 * size, rng)])
        kept = drawn[np.concatenate([[True], drawn[1:] != drawn[:-1]])]
    return kept[:size]


def _shared_draws(size: int, rng: np.random.Generator) -> Integers:
    """Every pair of neighbours in one stream of base draws is a trial of two draws that must be equal: runs give twice."""
    kept = np.empty(0, np.int64)
    while kept.size < size:
        drawn = rng.choice(PEAKED.size, 8 * size, p=PEAKED.probs).astype(np.int64)
        kept = np.concatenate([kept, drawn[1:][drawn[1:] == drawn[:-1]]])
    return kept[:size]


def _deck(size: int, rng: np.random.Generator) -> Integers:
    decks = np.tile(np.arange(TEN.size), (_chunk(size, TEN.size), 1))
    return rng.permuted(decks, axis=1).reshape(-1)[:size]


def _stratified(size: int, rng: np.random.Generator) -> Integers:
    return at(rng.permutation((np.arange(size) + rng.random(size)) / size))


def _golden(size: int, rng: np.random.Generator) -> Integers:
    return at((rng.random() + np.arange(size) * (np.sqrt(5.0) - 1.0) / 2.0) % 1.0)


def _antithetic(size: int, rng: np.random.Generator) -> Integers:
    u = rng.random(_chunk(size, 2))
    return at(np.column_stack([u, 1.0 - u]).reshape(-1)[:size])


def dependent(name: str, mistake: str, sampler: Sampler, missed_by: str = "any test of one output at a time") -> Fault:
    """A fault of peaked9 at T = 1/2."""
    return Fault(name, mistake, "dependence", PEAKED, 0.5, sampler, missed_by)


FAULTS: Final = (
    dependent(
        "every-output-twice",
        "every output is handed out twice",
        lambda size, rng: np.repeat(independent(_chunk(size, 2), rng), 2)[:size],
    ),
    dependent(
        "seed-inside-the-call",
        "the generator is made anew from one seed in every call",
        lambda size, rng: independent(size, np.random.default_rng(0)),
        "a test that calls once",
    ),
    dependent(
        "workers-share-a-stream",
        "four workers run on copies of one generator, their outputs one block after another",
        lambda size, rng: np.tile(independent(_chunk(size, 4), rng), 4)[:size],
        "tests of neighbouring outputs",
    ),
    dependent(
        "workers-share-a-stream-in-turn",
        "four workers run on copies of one generator, their outputs in turn",
        lambda size, rng: np.repeat(independent(_chunk(size, 4), rng), 4)[:size],
    ),
    dependent("immediate-repeats-dropped", "an output equal to the one before is dropped", _repeats_dropped),
    dependent("sticky", "one output in five is the one before again", _sticky),
    dependent("steps-of-a-chain", "successive states of a Metropolis chain, not thinned", _metropolis),
    dependent("draws-shared", "an output's last base draw is the first of the next output", _shared_draws),
    dependent("sorted", "a call returns its outputs in order", lambda size, rng: np.sort(independent(size, rng))),
    dependent("stratified", "one uniform from each stratum of a call, shuffled: counts too even", _stratified),
    dependent("quasi-random", "uniforms from a golden-ratio sequence: counts too even", _golden),
    dependent("antithetic", "u and 1 - u one after the other", _antithetic),
    Fault(
        "without-replacement",
        "ten categories are dealt like cards, shuffled when all are gone: counts too even",
        "dependence",
        TEN,
        0.5,
        _deck,
        "chi-square in its upper tail",
    ),
)
