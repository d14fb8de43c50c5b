"""`sample` and `stream`: the same outputs as the kernels over the same record, however the draws are batched."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simtemp.blackbox import SampleInfo, asking, box, sample, stream
from simtemp.errors import DrawBudgetExceeded
from simtemp.methods import recipe
from simtemp.samplers import draw_one, fill
from simtemp.sources import buffer_source

LABELS = [("a", 1), ("b", 2), ("c", 3), ("d", 4)]
PROBS = np.array([0.4, 0.3, 0.2, 0.1])
RECORD = np.random.default_rng(12).choice(4, p=PROBS, size=20_000)

CASES: list[tuple[str, float, dict[str, Any]]] = [
    ("collision", 1.0, {}),
    ("collision", 0.5, {}),
    ("collision", 0.4, {"early_exit": True}),
    ("duel", 0.7, {}),
    ("duel", 0.3, {}),
    ("duel", 0.3, {"split": 1, "fraction": "last"}),
    ("duel", 0.2, {"budget": 40}),
    ("accepted", 0.3, {}),
    ("accepted", 0.8, {}),
    ("batch", 0.5, {"batch_size": 30}),
    ("batch", 1.7, {"batch_size": 30, "rule": "corrected"}),
    ("chain", 2.0, {"steps": 5}),
]


class Tape:
    """A box that serves recorded draws in order, and remembers how many were asked for at a time."""

    def __init__(self) -> None:
        self.position = 0
        self.asked: list[int] = []

    def __call__(self, k: int) -> list[Any]:
        self.asked.append(k)
        part = RECORD[self.position : self.position + k]
        self.position += k
        assert part.size == k
        return [LABELS[x] for x in part]


def run(method: str, temperature: float, options: dict[str, Any], outputs: int = 40) -> list[tuple[Any, int, bool]]:
    endless = stream(Tape(), temperature, method, rng=7, **options)
    return [(value, info.draws, info.exact) for value, info in islice(endless, outputs)]


@pytest.mark.parametrize(("method", "temperature", "options"), CASES)
def test_the_same_seed_and_the_same_draws_give_the_output_of_the_kernel(
    method: str, temperature: float, options: dict[str, Any]
) -> None:
    sampler = recipe(method, temperature, options).sampler(len(LABELS))
    coins = np.random.default_rng(7).spawn(1)[0]
    expected = draw_one(sampler, buffer_source(RECORD), coins, np.array([10**9]))

    value, info = sample(Tape(), temperature, method, rng=np.random.default_rng(7), **options)

    assert (value, info.draws) == (LABELS[expected[0]], expected[1])


@pytest.mark.parametrize(("method", "temperature", "options"), CASES)
def test_a_stream_is_the_kernel_running_on_over_one_record(
    method: str, temperature: float, options: dict[str, Any]
) -> None:
    sampler = recipe(method, temperature, options).sampler(len(LABELS))
    values, draws = np.empty(40, np.int64), np.empty(40, np.int64)
    coins = np.random.default_rng(7).spawn(1)[0]
    assert fill(sampler, buffer_source(RECORD), coins, values, draws, np.array([10**9]), np.zeros(1, np.int64)) == 40

    outputs = run(method, temperature, options)

    assert [value for value, _, _ in outputs] == [LABELS[x] for x in values]
    assert [cost for _, cost, _ in outputs] == draws.tolist()


def one_at_a_time(recorded: int, opening: int, max_draws: int) -> int:
    return 1


def too_many(recorded: int, opening: int, max_draws: int) -> int:
    return 2000


def irregular() -> Callable[[int, int, int], int]:
    rng = np.random.default_rng(3)
    return lambda recorded, opening, max_draws: int(rng.integers(1, 30))


@pytest.mark.parametrize("schedule", [one_at_a_time, too_many, irregular()])
@pytest.mark.parametrize(("method", "temperature", "options"), CASES)
def test_outputs_and_costs_do_not_depend_on_how_draws_are_batched(
    method: str, temperature: float, options: dict[str, Any], schedule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(method, temperature, options, outputs=8)
    monkeypatch.setattr(asking, "shortfall", schedule)
    assert run(method, temperature, options, outputs=8) == expected


def test_forgetting_values_between_outputs_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [run(*case) for case in CASES]
    monkeypatch.setattr(box, "_REMEMBERED", -(10**9))
    assert [run(*case) for case in CASES] == expected


def test_a_stream_remembers_only_what_it_has_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered: list[int] = []
    original = box.Interner.keep

    def keep(self: Any, indices: Any) -> Any:
        renamed = original(self, indices)
        remembered.append(len(self))
        return renamed

    monkeypatch.setattr(box, "_REMEMBERED", 100)
    monkeypatch.setattr(box.Interner, "keep", keep)
    rng = np.random.default_rng(0)
    endless = stream(lambda k: rng.integers(0, 10**9, k), 0.0, budget=50, rng=rng)
    list(islice(endless, 200))
    assert set(remembered) == {0}
    assert len(remembered) == 66  # once in three batches


def test_growth_doubles_from_a_first_guess_and_stops_at_the_limit() -> None:
    asked: list[int] = []

    def never_equal(k: int) -> range:
        start = sum(asked)
        asked.append(k)
        return range(start, start + k)

    with pytest.raises(DrawBudgetExceeded, match="max_draws = 100 ") as caught:
        sample(never_equal, 0.5, "collision", rng=0, max_draws=100)
    assert asked == [2, 2, 4, 8, 16, 32, 36]
    assert caught.value.draws == caught.value.max_draws == 100
    assert "\n" not in str(caught.value)


def test_no_call_asks_for_more_than_a_model_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_AT_ONCE", 16)
    tape = Tape()
    value, info = sample(tape, 0.5, "batch", rng=1, batch_size=50)
    assert tape.asked == [16, 16, 16, 2]
    assert info.requested == info.draws == 50
    monkeypatch.undo()
    assert (value, info) == sample(Tape(), 0.5, "batch", rng=1, batch_size=50)


@pytest.mark.parametrize("method", ["duel", "batch"])
def test_a_batch_is_asked_for_at_once_and_never_more(method: str) -> None:
    tape = Tape()
    endless = stream(tape, 0.1, method, rng=1, **({"budget": 64} if method == "duel" else {"batch_size": 64}))
    infos = [info for _, info in islice(endless, 30)]
    assert tape.asked == [64] * 30
    assert {info.draws for info in infos} == {info.requested for info in infos} == {64}


def test_a_duel_that_its_budget_ends_is_not_exact() -> None:
    exact = [info.exact for _, info in islice(stream(Tape(), 0.2, budget=40, rng=1), 200)]
    assert 0 < sum(exact) < 200


@pytest.mark.parametrize("method", ["duel", "collision", "accepted", "batch"])
def test_temperature_one_is_one_plain_draw(method: str) -> None:
    tape = Tape()
    budget = 30 if method == "duel" else None
    value, info = sample(tape, 1, method, budget, rng=1)
    assert (tape.asked, value) == ([1], LABELS[RECORD[0]])
    assert info == SampleInfo(method, 1.0, draws=1, requested=1, exact=True)


@pytest.mark.parametrize(
    ("method", "options", "size"),
    [("duel", {"budget": 50}, 50), ("batch", {"batch_size": 70}, 70), ("accepted", {}, 200), ("duel", {}, 200)],
)
def test_temperature_zero_is_the_most_frequent_value_of_a_batch(
    method: str, options: dict[str, Any], size: int
) -> None:
    tape = Tape()
    value, info = sample(tape, 0.0, method, rng=1, **options)
    assert tape.asked == [size]
    assert value == LABELS[np.bincount(RECORD[:size]).argmax()]
    assert (info.draws, info.exact) == (size, False)


def test_ties_at_temperature_zero_are_broken_at_random() -> None:
    endless = stream(lambda k: ["a", "b"] * (k // 2), 0.0, budget=10, rng=1)
    values = [value for value, _ in islice(endless, 400)]
    assert 120 < values.count("a") < 280  # eight standard deviations


def test_unread_draws_serve_the_next_output_of_a_stream_only() -> None:
    tape = Tape()
    infos = [info for _, info in islice(stream(tape, 0.5, rng=1), 300)]
    spent, asked = sum(info.draws for info in infos), sum(info.requested for info in infos)
    assert asked == sum(tape.asked) == tape.position
    assert spent <= asked < spent + 2 * max(info.draws for info in infos) + 10
    assert len(tape.asked) < 2 * len(infos)


def test_seeds_generators_and_seed_sequences_spawn_the_same_child() -> None:
    seeds: Iterator[Any] = iter((5, np.random.SeedSequence(5), np.random.default_rng(5)))
    assert len({sample(Tape(), 0.3, rng=seed) for seed in seeds}) == 1


def test_calls_with_one_generator_have_coins_of_their_own() -> None:
    """Each call spawns the next child: on one record, 40 outputs that hang on a coin do not all cost the same."""
    rng = np.random.default_rng(5)
    assert len({sample(Tape(), 0.7, "collision", rng=rng) for _ in range(40)}) > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "exact"}, "method must be one of"),
        ({"method": ["duel"]}, "method must be one of"),
        ({"temperature": -1}, "temperature must be in"),
        ({"temperature": 1e-300}, "temperature must be at least 1e-06"),
        ({"temperature": 1e-9, "method": "accepted", "max_draws": 200_000}, "temperature must be at least 1e-06"),
        ({"temperature": float("nan")}, "temperature must be a real number"),
        ({"temperature": 2.0}, "temperature must be in"),
        ({"budget": 0}, "budget must be an integer from 1"),
        ({"method": "accepted", "budget": 10}, "budget is no option"),
        ({"method": "accepted", "budget": 10, "temperature": 0}, "budget is no option"),
        ({"steps": 3}, "steps is no option"),
        ({"temperature": 0, "split": "z"}, "split must be an integer"),
        ({"temperature": 0, "rule": "z"}, "rule is for a duel inside a budget"),
        ({"temperature": 0, "budget": 9, "rule": "z"}, "rule must be one of"),
        ({"temperature": 0, "method": "batch", "rule": "z"}, "rule must be one of"),
        ({"temperature": 0, "method": "collision", "early_exit": "z"}, "early_exit must be"),
        ({"budget": 50, "max_draws": 49}, "max_draws must be at least budget = 50, got 49"),
        ({"temperature": 0, "budget": 50, "max_draws": 49}, "max_draws must be at least budget = 50, got 49"),
        ({"temperature": 1, "budget": 50, "max_draws": 49}, "max_draws must be at least budget = 50, got 49"),
        ({"method": "batch", "max_draws": 49}, "max_draws must be at least batch_size = 200, got 49"),
        ({"method": "chain", "temperature": 2, "max_draws": 20}, r"max_draws must be at least steps \+ 1 = 21, got 20"),
        ({"method": "chain", "temperature": 0}, "temperature must be in"),
        ({"coupling": "stream"}, "coupling must be 'past' over a black box"),
        ({"max_draws": 0}, "max_draws must be"),
        ({"rng": "seed"}, "rng must be a NumPy Generator"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_drawn(arguments: dict[str, Any], message: str) -> None:
    tape = Tape()
    for function in (sample, stream):
        with pytest.raises(ValueError, match=message):
            function(tape, **{"temperature": 0.5, "rng": 0, **arguments})  # type: ignore[operator]
    assert not tape.asked


@pytest.mark.parametrize("method", ["collision", "accepted", "duel"])
def test_an_output_that_must_cost_more_than_is_allowed_is_refused_before_anything_is_drawn(method: str) -> None:
    tape = Tape()
    with pytest.raises(
        DrawBudgetExceeded, match="costs at least 1,000,000 base draws, above max_draws = 999,999"
    ) as caught:
        stream(tape, 1e-6, method, rng=0, max_draws=999_999)
    assert (tape.asked, caught.value.draws, caught.value.max_draws) == ([], 0, 999_999)


@pytest.mark.parametrize("method", ["collision", "accepted", "duel", "batch"])
def test_what_suffices_for_the_cheapest_output_is_allowed(method: str) -> None:
    options = {"batch_size": 10} if method == "batch" else {"split": 10} if method == "duel" else {}
    value, info = sample(
        lambda k: ["a"] * k, 0.1, method, rng=0, max_draws=10 if method != "accepted" else 36, **options
    )
    assert (value, info.draws) == ("a", 36 if method == "accepted" else 10)


def test_an_interrupt_in_draw_passes_through() -> None:
    def interrupted(k: int) -> list[int]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample(interrupted, 0.5, rng=0)


def test_the_page_about_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "black-box.md").read_text(encoding="utf-8")
    exec("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), {})
    assert len(capsys.readouterr().out.splitlines()) == 6
