"""Determinism, budget, interruption and seeds of `simulate`."""

import threading
import time

import numpy as np
import pytest

import simtemp
from simtemp.simulation import CHUNK

THREE_CHUNKS = 2 * CHUNK + 1234


@pytest.mark.parametrize(
    ("method", "temperature", "options"),
    [
        ("collision", 0.5, {}),
        ("collision", 0.4, {"early_exit": True}),
        ("batch", 0.5, {"batch_size": 10}),
        ("batch", 0.5, {"batch_size": 500}),
    ],
)
def test_outputs_do_not_depend_on_threads(method: str, temperature: float, options: dict[str, object]) -> None:
    runs = [
        simtemp.simulate(method, "peaked9", temperature, THREE_CHUNKS, seed=5, threads=k, **options) for k in (1, 2, 5)
    ]
    for run in runs[1:]:
        assert run.values.tobytes() == runs[0].values.tobytes()
        assert run.draws.tobytes() == runs[0].draws.tobytes()


def test_a_longer_run_begins_with_the_shorter_one() -> None:
    short = simtemp.simulate("collision", "near", 0.5, CHUNK + 7, seed=9)
    long = simtemp.simulate("collision", "near", 0.5, THREE_CHUNKS, seed=9)
    assert long.values[: short.size].tolist() == short.values.tolist()


def test_chunks_and_seeds_have_streams_of_their_own() -> None:
    values = simtemp.simulate("collision", "uniform:1000", 1.0, THREE_CHUNKS, seed=1).values
    other = simtemp.simulate("collision", "uniform:1000", 1.0, THREE_CHUNKS, seed=2).values
    pieces = {
        values[:50].tobytes(),
        values[CHUNK : CHUNK + 50].tobytes(),
        values[2 * CHUNK : 2 * CHUNK + 50].tobytes(),
        other[:50].tobytes(),
    }
    assert len(pieces) == 4


def test_many_seeds_give_many_streams() -> None:
    first = {
        simtemp.simulate("collision", "uniform:1000", 1.0, 8, seed=seed, threads=1).values.tobytes()
        for seed in range(300)
    }
    assert len(first) == 300


def test_seed_none_is_recorded_and_reproduces() -> None:
    run = simtemp.simulate("collision", "two:0.3", 0.5, 100, seed=None)
    again = simtemp.simulate("collision", "two:0.3", 0.5, 100, seed=run.seed)
    assert run.values.tolist() == again.values.tolist()
    assert run.seed != simtemp.simulate("collision", "two:0.3", 0.5, 100, seed=None).seed


def test_run_describes_itself() -> None:
    run = simtemp.simulate("batch", [0.5, 0.3, 0.2], 0.5, 1000, batch_size=30)
    assert run.size == 1000
    assert run.values.dtype == run.draws.dtype == np.int64
    assert run.counts.sum() == 1000
    assert run.counts.shape == (3,)
    assert run.mean_draws == 30.0
    assert run.options == {"batch_size": 30, "rule": "published"}
    assert run.seconds > 0


def test_no_outputs_is_a_run_too() -> None:
    run = simtemp.simulate("collision", "two:0.3", 0.5, 0)
    assert run.size == 0
    assert np.isnan(run.mean_draws)


@pytest.mark.parametrize("budget", [1, 10, 1000, 50_000, 120_000])
def test_budget_keeps_the_same_leading_outputs_for_any_threads(budget: int) -> None:
    whole = simtemp.simulate("collision", "peaked9", 0.5, THREE_CHUNKS, seed=3)
    fits = int(np.searchsorted(np.cumsum(whole.draws), budget, side="right"))
    for threads in (1, 2, 3):
        with pytest.raises(simtemp.DrawBudgetExceeded) as caught:
            simtemp.simulate("collision", "peaked9", 0.5, THREE_CHUNKS, seed=3, threads=threads, max_draws=budget)
        error = caught.value
        assert error.run is not None
        assert error.run.values.tolist() == whole.values[:fits].tolist()
        assert error.draws == whole.draws[:fits].sum() <= budget
        assert error.max_draws == budget
        assert "\n" not in str(error)


def test_exactly_enough_budget_is_enough() -> None:
    whole = simtemp.simulate("collision", "peaked9", 0.5, THREE_CHUNKS, seed=3)
    again = simtemp.simulate("collision", "peaked9", 0.5, THREE_CHUNKS, seed=3, max_draws=int(whole.draws.sum()))
    assert again.values.tolist() == whole.values.tolist()


def test_an_astronomic_cost_ends_at_the_budget() -> None:
    began = time.monotonic()
    with pytest.raises(simtemp.DrawBudgetExceeded):
        simtemp.simulate("collision", "uniform:1000", 0.01, 10, max_draws=10_000_000)
    assert time.monotonic() - began < 60


def test_progress_ends_complete() -> None:
    seen: list[tuple[int, int]] = []
    simtemp.simulate("collision", "peaked9", 0.3, 50_000, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (50_000, 50_000)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interruption_ends_kernels_that_would_run_for_ever(error: type[BaseException]) -> None:
    def impatient(done: int, total: int) -> None:
        raise error

    before = threading.active_count()
    began = time.monotonic()
    with pytest.raises(error):
        simtemp.simulate("collision", "uniform:1000", 0.01, THREE_CHUNKS, progress=impatient, max_draws=2**62)
    assert time.monotonic() - began < 60  # and not never
    assert threading.active_count() == before


@pytest.mark.slow
def test_the_unseen_part_of_ten_million_categories_costs_nothing() -> None:
    run = simtemp.simulate("batch", "zipf:10000000,1.1", 0.5, 20, batch_size=100, threads=1)
    assert run.size == 20


def test_a_run_cut_short_does_not_know_its_unfinished_share() -> None:
    with pytest.raises(simtemp.DrawBudgetExceeded) as caught:
        simtemp.simulate("duel", "peaked9", 0.1, 100_000, budget=50, max_draws=50_000)
    assert caught.value.run is not None
    assert caught.value.run.size == 1000
    assert np.isnan(caught.value.run.unfinished)
