"""The collision sampler: equal to a plain statement draw by draw, right in law, right in cost."""

import math

import numpy as np
import pytest

import simtemp
import verify
from simtemp.samplers import draw_one, fill
from simtemp.samplers.collision import Collision
from simtemp.sources import alias_source, buffer_source

UNLIMITED = np.array([2**62])


def plain_collision(
    draws: list[int], rng: np.random.Generator, n: int, alpha: float, early_exit: bool
) -> tuple[int, int]:
    """CALM's Algorithm 1 on a list of draws: (-1, draws read) when the list ends first."""
    position = 0
    while True:
        trial: list[int] = []
        while len(trial) < n:
            if position == len(draws):
                return -1, position
            trial.append(draws[position])
            position += 1
            if early_exit and trial[-1] != trial[0]:
                break
        if len(trial) < n or len(set(trial)) > 1:
            continue
        candidate = trial[0]
        if alpha == 0:
            return candidate, position
        u, survival, i = rng.random(), 1.0, 0
        while True:
            if position == len(draws):
                return -1, position
            y, i, position = draws[position], i + 1, position + 1
            survival *= 1 - alpha / i
            if y == candidate:
                return candidate, position
            if survival <= u:
                break


@pytest.mark.parametrize("early_exit", [False, True])
@pytest.mark.parametrize(("n", "alpha"), [(1, 0.0), (1, 0.43), (2, 0.0), (2, 0.5), (3, 0.9), (5, 0.0), (5, 1e-3)])
def test_kernel_equals_plain_statement_on_the_same_draws(n: int, alpha: float, early_exit: bool) -> None:
    maker = np.random.default_rng(31)
    sampler = Collision(n, alpha, early_exit)
    for seed in range(300):
        recorded = maker.choice(3, p=[0.6, 0.3, 0.1], size=maker.integers(0, 80))
        values, costs = np.empty(1, np.int64), np.zeros(1, np.int64)
        expected = plain_collision(recorded.tolist(), np.random.default_rng(seed), n, alpha, early_exit)
        finished = fill(
            sampler,
            buffer_source(recorded),
            np.random.default_rng(seed),
            values,
            costs,
            UNLIMITED.copy(),
            np.zeros(1, np.int64),
        )
        assert finished == (expected[0] >= 0)
        if finished:
            assert (values[0], costs[0]) == expected
        # The dispatch in Python, and the algorithm uncompiled but for the coin, say the same.
        assert draw_one(sampler, buffer_source(recorded), np.random.default_rng(seed), UNLIMITED) == expected


GRID = [
    (base, t)
    for base in ("two:0.3", "peaked9", "near", "uniform:10", "geometric:39,0.5")
    for t in (1.0, 0.95, 0.7, 0.5, 0.4, 1 / 3)
]
GRID += [
    ("two:0.8", 0.1),
    ("two", 0.1),
    ("two:0.97", 0.03),
    ("zipf:1000,1.1", 0.7),
    ("zipf:1000,1.1", 0.95),
    ("zipf:1000,1.1", 0.5),
]


@pytest.mark.parametrize("early_exit", [False, True])
@pytest.mark.parametrize(("base", "temperature"), GRID)
def test_mean_draws_agree_with_the_closed_form(base: str, temperature: float, early_exit: bool) -> None:
    known = simtemp.parse_base(base)
    expected = simtemp.expected_draws(known.probs, temperature, early_exit=early_exit)
    size = int(min(40_000, max(4_000, 2e7 / expected)))
    run = simtemp.simulate("collision", known, temperature, size, seed=41, early_exit=early_exit)
    error = run.draws.std(ddof=1) / math.sqrt(size)
    # 5.5 standard errors: 4e-8 a cell for a normal mean, below 1e-5 over the whole grid with the skewness of these costs.
    assert abs(run.mean_draws - expected) <= 5.5 * error
    if temperature == 1.0:
        assert error == 0.0


@pytest.mark.parametrize("early_exit", [False, True])
@pytest.mark.parametrize(
    ("base", "temperature"),
    [("peaked9", 0.4), ("near", 0.7), ("two:0.8", 0.1), ("geometric:39,0.5", 0.95), ("uniform:10", 0.5)],
)
def test_law_is_proved_within_two_percent(base: str, temperature: float, early_exit: bool) -> None:
    known = simtemp.parse_base(base)

    def sampler(size: int, rng: np.random.Generator) -> np.ndarray:
        return simtemp.simulate(
            "collision", known, temperature, size, seed=int(rng.integers(2**62)), early_exit=early_exit
        ).values

    target = simtemp.temper(known.probs, temperature)
    verdict = verify.check_sampler(sampler, target, epsilon=0.02, alpha=1e-6, delta=1e-6, rng=43)
    assert verdict.status == "EQUIVALENT"
    wrong = simtemp.temper(known.probs, temperature * 1.05)  # a 5 % wrong temperature is not the target
    if simtemp.total_variation(target, wrong) > 0.005:
        assert verify.check_sampler(sampler, wrong, epsilon=0.001, alpha=1e-6, delta=1e-6, rng=43).status == "REJECT"


def test_a_candidate_kept_on_restart_is_found() -> None:
    """Planted fault: after a failed coin, the next trial starts from the old candidate instead of from nothing."""

    def faulty(size: int, rng: np.random.Generator) -> np.ndarray:
        out = np.empty(size, np.int64)
        for k in range(size):
            candidate = -1
            while True:
                if candidate < 0:
                    candidate = int(rng.choice(2, p=[0.7, 0.3]))
                if rng.random() < np.array([0.7, 0.3])[candidate] ** 0.5:
                    break
                if rng.random() < 0.5:
                    candidate = -1
            out[k] = candidate
        return out

    target = simtemp.temper([0.7, 0.3], 1 / 1.5)
    assert verify.check_sampler(faulty, target, epsilon=0.01, max_samples=100_000, rng=1).status == "REJECT"


def test_limit_is_never_exceeded() -> None:
    source, rng = alias_source(np.array([0.5, 0.5])), np.random.default_rng(3)
    for limit in range(40):
        for alpha in (0.0, 0.5):
            for early_exit in (False, True):
                value, draws = draw_one(Collision(6, alpha, early_exit), source, rng, np.array([limit]))
                assert draws <= limit
                assert value in (-1, 0, 1)


def test_one_category_costs_n_draws_and_a_flip() -> None:
    run = simtemp.simulate("collision", "uniform:1", 0.4, 100)
    assert set(run.draws.tolist()) == {3}
    assert set(run.values.tolist()) == {0}
