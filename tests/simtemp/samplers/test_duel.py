"""The duel sampler: equal to a plain statement draw by draw, right in law, cheap enough, and clean after any ending."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import simtemp
import verify
from simtemp.samplers import fill
from simtemp.samplers.duel import Duel, DuelStream, duel_state
from simtemp.sources import alias_source, buffer_source

UNLIMITED = 2**62


class Exhausted(Exception):
    """The recorded draws ended, or no more are allowed."""


class Draws:
    """Recorded draws, read in order, at most `allowed` of them."""

    def __init__(self, recorded: list[int], allowed: int) -> None:
        self.recorded = recorded[:allowed]
        self.read = 0

    def next(self) -> int:
        if self.read == len(self.recorded):
            raise Exhausted
        self.read += 1
        return self.recorded[self.read - 1]


def plain_proposal(draws: Draws, rng: np.random.Generator, n0: int, alpha: float) -> int:
    """CALM's Algorithm 1 at exponent n0 + alpha; a trial ends at its first mismatch."""
    while True:
        candidate = draws.next()
        if all(draws.next() == candidate for _ in range(n0 - 1)) and plain_coin(draws, rng, candidate, alpha):
            return candidate


def plain_coin(draws: Draws, rng: np.random.Generator, x: int, alpha: float) -> bool:
    """The power coin of test_coin; without an exponent it is always heads and spends nothing."""
    if alpha == 0:
        return True
    u, survival, i = rng.random(), 1.0, 0
    while survival > u:
        i += 1
        survival *= 1 - alpha / i
        if draws.next() == x:
            return True
    return False


class Step:
    """The duel of docs/exact.md: a proposal and a stream of draws, which is kept whole and extended by whoever needs more of it."""

    def __init__(self, draws: Draws, rng: np.random.Generator, n0: int, alpha: float, m: int) -> None:
        self.draws, self.m, self.stream = draws, m, list[int]()
        self.proposal = plain_proposal(draws, rng, n0, alpha)

    def lead(self, rival: int) -> int:
        """D = #proposal - #rival, followed along the stream until it is m or -m."""
        lead = 0
        for x in self.stream:
            if abs(lead) < self.m:
                lead += (x == self.proposal) - (x == rival)
        return lead

    def is_constant(self) -> bool:
        """Read on until one rival is m ahead, or the proposal has m draws and all rivals seen are beaten."""
        while True:
            rivals = {x for x in self.stream if x != self.proposal}
            if any(self.lead(x) == -self.m for x in rivals):
                return False
            if self.stream.count(self.proposal) >= self.m and all(self.lead(x) == self.m for x in rivals):
                return True
            self.stream.append(self.draws.next())

    def image(self, x: int) -> int:
        while x != self.proposal and abs(self.lead(x)) < self.m:
            self.stream.append(self.draws.next())
        return self.proposal if x == self.proposal or self.lead(x) == self.m else x


def plain_duel(draws: Draws, rng: np.random.Generator, n0: int, alpha: float, m: int) -> int:
    """Coupling from the past: back to the first constant step, then forward through the later ones."""
    later: list[Step] = []
    step = Step(draws, rng, n0, alpha, m)
    while not step.is_constant():
        later.append(step)
        step = Step(draws, rng, n0, alpha, m)
    x = step.proposal
    for step in reversed(later):
        x = step.image(x)
    return x


def plain_stream(draws: Draws, rng: np.random.Generator, n0: int, alpha: float, m: int) -> Iterator[int]:
    """Read-once coupling: the state just before every constant step but the first."""
    x = None
    while True:
        step = Step(draws, rng, n0, alpha, m)
        if step.is_constant():
            if x is not None:
                yield x
            x = step.proposal
        elif x is not None:
            x = step.image(x)


def plain_outputs(
    coupling: str, draws: Draws, rng: np.random.Generator, n0: int, alpha: float, m: int, coin: float
) -> list[tuple[int, int]]:
    """Output after output with its cost, until the draws end; an output that its own power coin discards costs the next one more."""

    def from_the_past() -> Iterator[int]:
        while True:
            yield plain_duel(draws, rng, n0, alpha, m)

    outputs, before = [], 0
    try:
        coupled = coupling == "stream" and m > 0  # without a duel every step is constant and its proposal the output
        for x in plain_stream(draws, rng, n0, alpha, m) if coupled else from_the_past():
            if plain_coin(draws, rng, x, coin):
                outputs.append((x, draws.read - before))
                before = draws.read
    except Exhausted:
        pass
    return outputs


def duel(coupling: str, n0: int, alpha: float, m: int, coin: float, categories: int) -> Duel | DuelStream:
    if coupling == "past":
        return Duel(n0, alpha, m, duel_state(categories, m), coin)
    return DuelStream(n0, alpha, m, duel_state(categories, m), np.array([-1]), coin)


def outputs_of(sampler: Any, source: Any, rng: np.random.Generator, allowed: int, most: int) -> list[tuple[int, int]]:
    values, costs = np.empty(most, np.int64), np.empty(most, np.int64)
    finished = fill(sampler, source, rng, values, costs, np.array([allowed]), np.zeros(1, np.int64))
    return list(zip(values[:finished].tolist(), costs[:finished].tolist(), strict=True))


SPLITS = [
    (1, 0.0, 1, 0.0),
    (1, 0.0, 2, 0.0),
    (2, 0.0, 2, 0.0),
    (2, 0.0, 8, 0.0),
    (1, 0.43, 3, 0.0),
    (2, 1 / 3, 5, 0.0),
    (3, 0.9, 1, 0.0),
    (1, 1e-3, 9, 0.0),
    (1, 0.0, 2, 0.43),
    (2, 0.0, 4, 0.1),
    (2, 0.0, 0, 1 / 3),
    (3, 0.0, 0, 0.5),
]


@pytest.mark.parametrize("coupling", ["past", "stream"])
@pytest.mark.parametrize(("n0", "alpha", "m", "coin"), SPLITS)
def test_kernel_equals_plain_statement_on_the_same_draws(
    n0: int, alpha: float, m: int, coin: float, coupling: str
) -> None:
    """Output by output and cost by cost until the draws end; with the scratch space clean at the end, wherever that comes."""
    maker = np.random.default_rng(81)
    ended = set()
    for seed in range(120):
        probs = maker.dirichlet(np.full(4, 1.0 + seed % 3))
        recorded = maker.choice(4, p=probs, size=maker.integers(0, 160))
        allowed = int(maker.integers(0, 200))
        split = (n0, alpha, m, coin)
        expected = plain_outputs(coupling, Draws(recorded.tolist(), allowed), np.random.default_rng(seed), *split)
        sampler, source = duel(coupling, *split, 4), buffer_source(recorded)
        assert outputs_of(sampler, source, np.random.default_rng(seed), allowed, 160) == expected
        assert source.position[0] == min(allowed, recorded.size)  # every draw was read, and no more than allowed
        assert not sampler.scratch.counts.any()
        assert not sampler.scratch.ahead.any()
        ended.add((len(expected) > 0, allowed < recorded.size))
    assert len(ended) == 4  # with and without outputs, by the limit and by exhaustion


def test_a_long_run_through_many_steps_is_kept_whole() -> None:
    """Twenty even categories: outputs of hundreds of steps and thousands of draws, so that the arrays that keep them must grow."""
    recorded = np.random.default_rng(82).integers(0, 20, size=30_000)
    split = (1, 0.0, 3, 0.0)
    expected = plain_outputs("past", Draws(recorded.tolist(), UNLIMITED), np.random.default_rng(0), *split)
    assert max(cost for _, cost in expected) > 3_000
    found = outputs_of(duel("past", *split, 20), buffer_source(recorded), np.random.default_rng(0), UNLIMITED, 900)
    assert found == expected


def test_a_step_that_meets_very_many_rivals_is_kept_whole() -> None:
    """139 rivals in one step, more than a doubling of the arrays makes room for; the last one met is the state that is sent through it.

    Rival 1, met twice, wins against the proposal 0. Rival 139 wins the next step against everybody, and its duel with 0 by one more draw.
    """
    recorded = np.array([0, *range(1, 140), 1, 139, 139, 139, 139])
    split = (1, 0.0, 2, 0.0)
    expected = plain_outputs("past", Draws(recorded.tolist(), UNLIMITED), np.random.default_rng(0), *split)
    assert expected == [(139, 145)]
    found = outputs_of(duel("past", *split, 140), buffer_source(recorded), np.random.default_rng(0), UNLIMITED, 9)
    assert found == expected


@pytest.mark.parametrize("coupling", ["past", "stream"])
def test_limit_is_never_exceeded(coupling: str) -> None:
    source, rng = alias_source(np.array([0.5, 0.3, 0.2])), np.random.default_rng(83)
    for allowed in range(60):
        outputs = outputs_of(duel(coupling, 1, 0.5, 3, 0.5, 3), source, rng, allowed, 60)
        assert sum(cost for _, cost in outputs) <= allowed
        assert all(cost >= 1 + 1 + 3 for _, cost in outputs)  # two draws of a proposal, and m for it


def test_without_a_duel_it_is_the_collision_sampler() -> None:
    for temperature in (1.0, 0.7, 0.5, 0.4):
        n = simtemp.split_exponent(temperature)[0]
        expected = simtemp.simulate("collision", "peaked9", temperature, 3_000, seed=3, early_exit=True)
        for coupling in ("past", "stream"):
            run = simtemp.simulate("duel", "peaked9", temperature, 3_000, seed=3, split=n, coupling=coupling)
            assert run.values.tolist() == expected.values.tolist()
            assert run.draws.tolist() == expected.draws.tolist()


def test_one_category_costs_the_exponent_in_draws() -> None:
    run = simtemp.simulate("duel", "uniform:1", 0.1, 100)
    assert set(run.draws.tolist()) == {10}
    assert set(run.values.tolist()) == {0}
    run = simtemp.simulate("duel", "uniform:1", 1 / 3.5, 100, coupling="stream", fraction="proposal")
    assert run.draws.tolist() == [8] + [4] * 99  # one flip decides the coin; a stream's first output pays for two steps
    run = simtemp.simulate("duel", "uniform:1", 1 / 3.5, 100, coupling="stream", fraction="last")
    assert run.draws.tolist() == [7] + [4] * 99


CASES = [("peaked9", 0.1), ("zipf:1000,1.1", 0.5), ("two:0.7", 0.3), ("two:0.52", 0.05), ("peaked9", 0.3)]


@pytest.mark.parametrize("coupling", ["past", "stream"])
@pytest.mark.parametrize(("base", "temperature"), CASES)
def test_law_is_proved_within_two_percent(base: str, temperature: float, coupling: str) -> None:
    target = simtemp.temper(simtemp.parse_base(base).probs, temperature)
    sampler = verify.simulated("duel", base, temperature, coupling=coupling)
    assert verify.check_sampler(sampler, target, epsilon=0.02, rng=84).status == "EQUIVALENT"
    # A 5 % wrong temperature is not the target.
    wrong = simtemp.temper(simtemp.parse_base(base).probs, temperature * 1.05)
    assert simtemp.total_variation(target, wrong) > 0.003
    assert verify.check_sampler(sampler, wrong, epsilon=0.001, max_samples=1_000_000, rng=84).status == "REJECT"


def test_outputs_of_a_stream_are_independent() -> None:
    """Consecutive pairs of a stream against the product law; a chain's states are the fault it must not have (shown to be rejected)."""
    probs = np.array([0.5, 0.3, 0.2])
    pairs_target = np.outer(*[simtemp.temper(probs, 0.25)] * 2).ravel()

    def pairs(size: int, rng: np.random.Generator) -> np.ndarray:
        run = simtemp.simulate("duel", probs, 0.25, 2 * size, seed=int(rng.integers(2**62)), coupling="stream")
        return run.values[::2] * 3 + run.values[1::2]

    assert verify.check_sampler(pairs, pairs_target, epsilon=0.02, rng=85).status == "EQUIVALENT"


def test_states_of_the_chain_are_not_independent_outputs() -> None:
    """Planted fault: the state after every step, constant or not (by gambler's ruin at m = 2). Each one has the target's law; the pairs
    do not have the product's."""
    probs, target = [0.5, 0.3, 0.2], simtemp.temper([0.5, 0.3, 0.2], 0.25)
    ratio = np.array(probs) ** 2
    proposal = ratio / ratio.sum()

    def pairs(size: int, rng: np.random.Generator) -> np.ndarray:
        x = rng.choice(3, p=target, size=size)
        y = rng.choice(3, p=proposal, size=size)
        moved = np.where(rng.random(size) < ratio[y] / (ratio[x] + ratio[y]), y, x)
        return x * 3 + moved

    assert verify.check_sampler(pairs, np.outer(target, target).ravel(), max_samples=100_000, rng=86).status == "REJECT"


MOST = [
    ("two:0.5", 150),
    ("peaked9", 175),
    ("near", 400),
    ("uniform:10", 4500),
    ("geometric:39,0.5", 55),
    ("zipf:1000,1.1", 200),
]


@pytest.mark.parametrize("coupling", ["past", "stream"])
@pytest.mark.parametrize(("base", "most"), MOST)
def test_mean_draws_at_a_tenth_are_as_promised(base: str, most: float, coupling: str) -> None:
    run = simtemp.simulate("duel", base, 0.1, 16_384, seed=87, coupling=coupling)
    # Four standard errors below the promise: one-sided 3e-5 if the mean were just at it.
    assert run.mean_draws + 4.0 * run.draws.std(ddof=1) / math.sqrt(run.size) < most


@pytest.mark.slow
@pytest.mark.parametrize("coupling", ["past", "stream"])
@pytest.mark.parametrize("base", simtemp.SUITE)
def test_suite_is_certified_at_a_tenth(base: str, coupling: str) -> None:
    """TV <= 0.005 at delta = 1e-6, from a number of outputs that is fixed beforehand."""
    target = simtemp.temper(simtemp.parse_base(base).probs, 0.1)
    size = verify.required_samples(target, 0.005, 1e-6, power=0.999_999)
    run = simtemp.simulate("duel", base, 0.1, size, seed=88, coupling=coupling)
    assert verify.tv_upper_bound(run.counts, target, 1e-6) <= 0.005


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"split": 0}, "split"),
        ({"split": 11}, "split"),
        ({"split": 1.5}, "split"),
        ({"coupling": "future"}, "coupling"),
        ({"fraction": "first"}, "fraction"),
        ({"rule": "corrected"}, "rule"),
        ({"batch_size": 5}, "batch_size"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        simtemp.simulate("duel", "two", 0.1, 10, **options)


@pytest.mark.parametrize("temperature", [0.0, 1.5, -0.1, math.inf, math.nan])
def test_bad_temperatures_are_named(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature"):
        simtemp.simulate("duel", "two", temperature, 10)
