"""Changes that look like faults and leave the law, the independence and the cost alone: the judge must accept them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from simtemp.arguments import Integers
from simtemp.base import Categorical, parse_base
from simtemp.tempering import temper
from verify.faults.collision import all_equal
from verify.faults.duel import from_the_past
from verify.faults.fault import Fault
from verify.faults.restarts import shipped, until_accepted
from verify.outputs import Sampler

FALLING: Final = parse_base("geometric:4,0.5")
PEAKED: Final = parse_base("peaked9")
TARGET: Final = temper(PEAKED.probs, 0.5)


def _relabelled(size: int, rng: np.random.Generator) -> Integers:
    order = np.array([4, 7, 1, 0, 8, 3, 5, 2, 6])
    return order[rng.choice(TARGET.size, size, p=TARGET[order])]


def _backwards(size: int, rng: np.random.Generator) -> Integers:
    return rng.choice(TARGET.size, size, p=TARGET)[::-1]


def _inverse_cdf(size: int, rng: np.random.Generator) -> Integers:
    edges = np.cumsum(TARGET)
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right")


def _complemented(size: int, rng: np.random.Generator) -> Integers:
    edges = np.cumsum(TARGET)
    return np.searchsorted(edges / edges[-1], 1.0 - rng.random(size), side="left")


def _largest_score(size: int, rng: np.random.Generator) -> Integers:
    scores = np.log(PEAKED.probs)[:, None] / 0.5 + rng.gumbel(size=(PEAKED.size, size))
    return np.asarray(np.argmax(scores, axis=0))


def _in_chunks(size: int, rng: np.random.Generator) -> Integers:
    chunks = rng.spawn(-(-size // 1000))
    return np.concatenate([chunk.choice(TARGET.size, 1000, p=TARGET) for chunk in chunks])[:size]


def _last_of_the_equal(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    drawn = rng.choice(FALLING.size, (size, 2), p=FALLING.probs)
    return np.where(drawn[:, 0] == drawn[:, 1], drawn[:, 1], -1), np.full(size, 2)


def _begun_anew(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Without a coin the number of trials says nothing about the value, so that outputs with more than three may go."""
    values = np.full(size, -1, np.int64)
    for _ in range(3):
        left = np.flatnonzero(values < 0)
        values[left] = all_equal(2, left.size, rng)[0]
    return values, np.full(size, 6)


def _early_exit_cost() -> Any:
    from simtemp.exact.cost_law import cost_law  # loads the compiler: not at import

    return cost_law("collision", FALLING, 2 / 7, {"early_exit": True})


def harmless(
    name: str,
    change: str,
    base: Categorical,
    temperature: float,
    sampler: Sampler,
    alarms: str,
    cost: Callable[[], Any] | None = None,
) -> Fault:
    """A change that must be accepted: the law is the target."""
    law = temper(base.probs, temperature)
    return Fault(name, change, "none", base, temperature, sampler, alarms, lambda: law, cost)


FAULTS: Final = (
    harmless(
        "early-exit",
        "a trial stops at its first mismatch",
        FALLING,
        2 / 7,
        shipped("collision", FALLING, 2 / 7, early_exit=True),
        "a test of the published cost",
        _early_exit_cost,
    ),
    harmless(
        "other-split",
        "the duel splits 1/T = 4 into 1 + 3 instead of 2 + 2",
        FALLING,
        0.25,
        shipped("duel", FALLING, 0.25, split=1),
        "outputs compared for one seed",
    ),
    harmless(
        "read-once",
        "the duel reads its steps once, forward, instead of from the past",
        FALLING,
        0.25,
        shipped("duel", FALLING, 0.25, coupling="stream"),
        "outputs compared for one seed",
    ),
    harmless(
        "later-steps-reversed",
        "of the steps of a coupling from the past all but the constant one are applied in reverse",
        FALLING,
        0.5,
        lambda size, rng: from_the_past(size, rng, in_order_drawn=True),
        "a reviewer, for steps in reverse are a known mistake",
    ),
    harmless(
        "slow-runs-begun-anew",
        "without a coin, an output that three trials did not make is begun anew",
        FALLING,
        0.5,
        until_accepted(_begun_anew),
        "a reviewer, for dropping slow runs is a known mistake",
    ),
    harmless(
        "last-of-the-equal",
        "the last of the equal draws is returned instead of the first",
        FALLING,
        0.5,
        until_accepted(_last_of_the_equal),
        "outputs compared draw by draw, if values were told apart by identity",
    ),
    harmless(
        "relabelled",
        "categories are permuted inside and permuted back",
        PEAKED,
        0.5,
        _relabelled,
        "outputs compared for one seed",
    ),
    harmless("backwards", "outputs are returned last first", PEAKED, 0.5, _backwards, "recorded outputs"),
    harmless(
        "inverse-cdf",
        "the cumulated probabilities are searched instead of an alias table",
        PEAKED,
        0.5,
        _inverse_cdf,
        "outputs compared for one seed",
    ),
    harmless(
        "complemented-uniform",
        "1 - u is used for u, with <= for <",
        PEAKED,
        0.5,
        _complemented,
        "a reviewer, for a search with <= is a known mistake",
    ),
    harmless(
        "largest-score",
        "the largest of log(p)/T plus Gumbel noise is taken",
        PEAKED,
        0.5,
        _largest_score,
        "a reviewer, for taking the largest is a known mistake",
    ),
    harmless(
        "in-chunks",
        "outputs come in chunks of a thousand, each from its own child stream",
        PEAKED,
        0.5,
        _in_chunks,
        "outputs compared for one seed",
    ),
)
