"""The chain for T > 1: equal to a plain statement draw by draw, and to its exact law and cost after any number of steps."""

import math

import numpy as np
import pytest

import simtemp
import verify
from simtemp.exact.chain_law import chain_draws, chain_law
from simtemp.samplers import draw_one
from simtemp.samplers.chain import Chain
from simtemp.sources import alias_source, buffer_source

UNLIMITED = np.array([2**62])


class Exhausted(Exception):
    """The recorded draws ended."""


def plain_coin(draws: list[int], rng: np.random.Generator, x: int, gamma: float) -> bool:
    """The power coin of test_coin on a list that is used up from its front."""
    u, survival, i = rng.random(), 1.0, 0
    while True:
        i += 1
        survival *= 1 - gamma / i
        if not draws:
            raise Exhausted
        if draws.pop(0) == x:
            return True
        if survival <= u:
            return False


def plain_chain(recorded: list[int], rng: np.random.Generator, gamma: float, steps: int) -> tuple[int, int]:
    """The chain: pick x or y by a fair coin, flip the power coin of the one picked; heads: the other one is the next state."""
    draws = list(recorded)
    try:
        if not draws:
            raise Exhausted
        x = draws.pop(0)
        for _ in range(steps):
            if not draws:
                raise Exhausted
            y = draws.pop(0)
            while x != y:
                picked, other = (x, y) if rng.random() < 0.5 else (y, x)
                if plain_coin(draws, rng, picked, gamma):
                    x = other
                    break
    except Exhausted:
        return -1, len(recorded) - len(draws)
    return x, len(recorded) - len(draws)


@pytest.mark.parametrize("steps", [0, 1, 2, 7])
@pytest.mark.parametrize("gamma", [1e-9, 0.1, 1 / 3, 0.5, 0.9, 1.0])
def test_sampler_equals_plain_statement_on_the_same_draws(gamma: float, steps: int) -> None:
    maker = np.random.default_rng(131)
    for seed in range(150):
        recorded = maker.choice(4, p=[0.5, 0.3, 0.15, 0.05], size=maker.integers(0, 90))
        expected = plain_chain(recorded.tolist(), np.random.default_rng(seed), gamma, steps)
        source = buffer_source(recorded)
        assert draw_one(Chain(gamma, steps), source, np.random.default_rng(seed), UNLIMITED) == expected
        assert source.position[0] == expected[1]
        if expected[1]:  # a limit does what the end of the draws does
            short = expected[1] - 1
            ended = plain_chain(recorded[:short].tolist(), np.random.default_rng(seed), gamma, steps)
            found = draw_one(
                Chain(gamma, steps), buffer_source(recorded), np.random.default_rng(seed), np.array([short])
            )
            assert found == ended
            assert ended[0] == -1 or expected[0] == -1


def test_limit_is_never_exceeded() -> None:
    source, rng = alias_source(np.array([0.5, 0.5])), np.random.default_rng(132)
    for limit in range(40):
        value, draws = draw_one(Chain(0.5, 9), source, rng, np.array([limit]))
        assert draws <= limit
        assert value in (-1, 0, 1)


CELLS = [
    ("two:0.9", 2.0, 1),
    ("peaked9", 2.0, 3),
    ("peaked9", 1.2, 20),
    ("near", 5.0, 4),
    ("geometric:39,0.5", 1.5, 6),
    ("peaked9", math.inf, 8),
]


@pytest.mark.parametrize(("base", "temperature", "steps"), CELLS)
def test_simulated_law_is_the_exact_law(base: str, temperature: float, steps: int) -> None:
    exact = chain_law(simtemp.parse_base(base).probs, temperature, steps)
    sampler = verify.simulated("chain", base, temperature, steps=steps)
    assert verify.check_sampler(sampler, exact, epsilon=0.02, rng=133).status == "EQUIVALENT"
    # One step less, or where that is nearly the same the untempered base, is another law.
    other = chain_law(simtemp.parse_base(base).probs, temperature, 0 if steps > 4 else steps - 1)
    assert simtemp.total_variation(exact, other) > 0.005
    assert verify.check_sampler(sampler, other, epsilon=0.001, max_samples=2_000_000, rng=133).status == "REJECT"


@pytest.mark.parametrize(("base", "temperature", "steps"), [*CELLS, ("two", 2.0, 0), ("uniform:1", 2.0, 5)])
def test_mean_draws_are_the_exact_cost(base: str, temperature: float, steps: int) -> None:
    run = simtemp.simulate("chain", base, temperature, 16_384, seed=134, steps=steps)
    error = run.draws.std(ddof=1) / math.sqrt(run.size)
    # Six standard errors: below 1e-6 over the grid, skewness included.
    assert abs(run.mean_draws - chain_draws(run.base.probs, temperature, steps)) <= 6.0 * error + 1e-12


def test_many_steps_reach_the_target() -> None:
    target = simtemp.temper(simtemp.parse_base("peaked9").probs, 2.0)
    assert simtemp.total_variation(chain_law(simtemp.parse_base("peaked9").probs, 2.0, 40), target) < 0.005
    assert (
        verify.check_sampler(verify.simulated("chain", "peaked9", 2.0, steps=40), target, epsilon=0.02, rng=135).status
        == "EQUIVALENT"
    )


@pytest.mark.parametrize(
    "fault", ["none", "heads keeps the one picked", "tails flips the same coin again", "tails stays"]
)
def test_planted_faults_are_found(fault: str) -> None:
    """A plain chain of four steps at T = 2 on p = (0.8, 0.2), whose coins are flipped by their known chances.

    Swapping the two states accepts with the other's chance, which sharpens; flipping the same coin until heads accepts with chance a
    half, which leaves the base as it is; staying on tails keeps the target invariant but is slower, so the law after four steps shows it.
    """
    p, steps = np.array([0.8, 0.2]), 4

    def draw(size: int, rng: np.random.Generator) -> np.ndarray:
        x = rng.choice(2, p=p, size=size)
        for _ in range(steps):
            y = rng.choice(2, p=p, size=size)
            undecided = x != y
            x_picked = rng.random(size) < 0.5
            while undecided.any():
                heads = undecided & (rng.random(size) < np.sqrt(p[np.where(x_picked, x, y)]))
                moves = x_picked if fault != "heads keeps the one picked" else ~x_picked
                x = np.where(heads & moves, y, x)
                undecided &= ~heads & (fault != "tails stays")
                if fault != "tails flips the same coin again":
                    x_picked = rng.random(size) < 0.5
        return x

    status = verify.check_sampler(draw, chain_law(p, 2.0, steps), epsilon=0.01, max_samples=2_000_000, rng=136).status
    assert status == ("EQUIVALENT" if fault == "none" else "REJECT")


def test_outputs_do_not_depend_on_threads() -> None:
    runs = [simtemp.simulate("chain", "peaked9", 2.0, 40_000, seed=8, threads=k, steps=3) for k in (1, 2)]
    assert runs[0].values.tobytes() == runs[1].values.tobytes()
    assert runs[0].draws.tobytes() == runs[1].draws.tobytes()
    assert runs[0].options == {"steps": 3}
    assert simtemp.simulate("chain", "peaked9", 2.0, 10).options == {"steps": 20}


def test_bad_arguments_are_named() -> None:
    for temperature in (1.0, 0.5, 0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="temperature"):
            simtemp.simulate("chain", "two", temperature, 10)
    for steps in (-1, 2.5, 10**10):
        with pytest.raises(ValueError, match="steps"):
            simtemp.simulate("chain", "two", 2.0, 10, steps=steps)
    with pytest.raises(ValueError, match="split"):
        simtemp.simulate("chain", "two", 2.0, 10, split=2)
