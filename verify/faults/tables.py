"""Wrong draws from rightly tempered probabilities: tables, searches, random integers, seeds."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from simtemp.arguments import Floats, Integers
from simtemp.base import Categorical, parse_base
from simtemp.tempering import temper
from verify.faults.fault import Fault, normalised

NEAR: Final = parse_base("near")
PEAKED: Final = parse_base("peaked9")
HUNDRED: Final = parse_base("zipf:100,1.1")
UNIFORM: Final = {size: parse_base(f"uniform:{size}") for size in (10, 100, 960_000)}
WITH_A_ZERO: Final = Categorical(np.array([0.0, 0.5, 0.3, 0.2]))
COUNTED: Final = Categorical.from_counts([10, 5, 3, 2])


@cache
def _alias_table() -> Any:
    from simtemp.sources import alias_source  # compiles a kernel: not at import

    return alias_source(temper(PEAKED.probs, 0.5))


def _next_alias(size: int, rng: np.random.Generator) -> Integers:
    accept, alias = _alias_table()
    column = rng.integers(accept.size, size=size)
    other = (alias[column].astype(np.int64) + 1) % accept.size
    return np.where(rng.random(size) < accept[column], column, other)


def _next_alias_law() -> Floats:
    accept, alias = _alias_table()
    law = np.zeros(accept.size)
    for column, (own, other) in enumerate(zip(accept, alias, strict=True)):
        law[column] += own / accept.size
        law[(other + 1) % accept.size] += (1.0 - own) / accept.size
    return law


def _bisect_left(size: int, rng: np.random.Generator) -> Integers:
    return np.searchsorted(np.array([10, 15, 18, 20]), rng.integers(20, size=size), side="left")


def _eleven_bit_uniforms(size: int, rng: np.random.Generator) -> Integers:
    u = rng.integers(2**11, size=size) / 2**11
    return np.searchsorted(np.cumsum(WITH_A_ZERO.probs), u, side="left")


def _eleven_bit_law() -> Floats:
    hits = np.zeros(4, np.int64)
    for i in range(2**11):
        hits[0 if i == 0 else 1 if i <= 2**10 else 2 if 10 * i <= 8 * 2**11 else 3] += 1
    return hits / 2**11


def _byte_modulo(categories: int, size: int, rng: np.random.Generator) -> Integers:
    return rng.integers(256, size=size) % categories


def _byte_modulo_law(categories: int) -> Floats:
    return np.array([len(range(residue, 256, categories)) for residue in range(categories)]) / 256


def _exclusive_bound(size: int, rng: np.random.Generator) -> Integers:
    law = temper(NEAR.probs, 0.5)
    return rng.choice(NEAR.size - 1, size, p=law[:-1] / law[:-1].sum())


def _pooled(size: int, rng: np.random.Generator) -> Integers:
    return np.minimum(rng.choice(HUNDRED.size, size, p=temper(HUNDRED.probs, 0.8)), 80)


def _pooled_law() -> Floats:
    law = temper(HUNDRED.probs, 0.8)
    law[80] = law[80:].sum()
    law[81:] = 0.0
    return law


@cache
def _single_precision_edges() -> npt.NDArray[np.float32]:
    return np.cumsum(UNIFORM[960_000].probs.astype(np.float32))


def _single_precision(size: int, rng: np.random.Generator) -> Integers:
    edges = _single_precision_edges()
    values: Integers = np.searchsorted(edges, rng.random(size), side="right")
    return np.minimum(values, edges.size - 1)


def _single_precision_law() -> Floats:
    """Between two powers of two the spacing is constant, and so is what an addition adds: the step rounded to it."""
    categories = 960_000
    step = _rounded(1 / categories, math.floor(math.log2(1 / categories)) - 23)
    edges, low = [np.array([0.0, step])], math.floor(math.log2(step))
    made, edge = 1, step
    while made < categories:
        added = _rounded(step, low - 23)
        room = math.ceil((2.0 ** (low + 1) - edge) / added)
        within = edge + added * np.arange(1, min(room, categories - made + 1))
        if within.size:
            edges.append(within)
            made, edge = made + within.size, float(within[-1])
        if made < categories:
            edge = _rounded(edge + step, low + 1 - 23)  # the sum that crosses the power of two has the next spacing
            edges.append(np.array([edge]))
            made += 1
        low += 1
    law = np.diff(np.concatenate(edges))
    law[-1] += 1.0 - law.sum()
    return law


def _rounded(x: float, exponent: int) -> float:
    return round(x / 2.0**exponent) * 2.0**exponent


@cache
def _first_of_256_streams() -> Integers:
    law = temper(HUNDRED.probs, 0.8)
    return np.array([np.random.default_rng(seed).choice(law.size, p=law) for seed in range(256)])


def _eight_bit_seeds(size: int, rng: np.random.Generator) -> Integers:
    return _first_of_256_streams()[rng.integers(256, size=size)]


FAULTS: Final = (
    Fault(
        "alias-off-by-one",
        "the alias table's second column is counted from one and read from zero",
        "law",
        PEAKED,
        0.5,
        _next_alias,
        "a test on a uniform base, whose aliases are never used",
        _next_alias_law,
    ),
    Fault(
        "bisect-left-of-counts",
        "a random integer below the total is looked up among cumulated counts with <= for <",
        "law",
        COUNTED,
        1.0,
        _bisect_left,
        "a test with real uniforms, which never hit an edge",
        lambda: np.array([11, 5, 3, 1]) / 20,
    ),
    Fault(
        "uniform-that-is-zero",
        "a uniform of 11 bits is looked up with <= for <: zero finds a category of probability zero",
        "law",
        WITH_A_ZERO,
        1.0,
        _eleven_bit_uniforms,
        "chi-square, which leaves out categories of expectation zero",
        _eleven_bit_law,
    ),
    Fault(
        "modulo-bias",
        "a random byte modulo 100",
        "law",
        UNIFORM[100],
        0.5,
        lambda size, rng: _byte_modulo(100, size, rng),
        "a test of whether every category comes out",
        lambda: _byte_modulo_law(100),
    ),
    Fault(
        "modulo-bias-on-few",
        "a random byte modulo 10: off by less than 0.01",
        "law",
        UNIFORM[10],
        0.5,
        lambda size, rng: _byte_modulo(10, size, rng),
        "chi-square of ten thousand outputs",
        lambda: _byte_modulo_law(10),
    ),
    Fault(
        "last-category-never",
        "an exclusive upper bound keeps the last category from ever coming out",
        "law",
        NEAR,
        0.5,
        _exclusive_bound,
        "a test that renormalises over the categories it has seen",
        lambda: normalised(temper(NEAR.probs, 0.5) * [1, 1, 1, 0]),
    ),
    Fault(
        "rarest-pooled",
        "the twenty rarest categories come out as the first of them",
        "law",
        HUNDRED,
        0.8,
        _pooled,
        "chi-square that pools its rare cells",
        _pooled_law,
    ),
    Fault(
        "single-precision-sums",
        "probabilities of 960,000 categories are cumulated in float32; the last category gets what is missing to 1",
        "law",
        UNIFORM[960_000],
        0.5,
        _single_precision,
        "a test on a thousand categories, where the sums are right to seven digits",
        _single_precision_law,
    ),
    Fault(
        "eight-bit-seeds",
        "every output is the first of a stream with a seed of 8 bits: 256 outputs in all",
        "law",
        HUNDRED,
        0.8,
        _eight_bit_seeds,
        "chi-square of a few hundred outputs",
        lambda: np.bincount(_first_of_256_streams(), minlength=HUNDRED.size) / 256,
    ),
)
