"""`sample_many`: each box as if it were alone, one call a round for all that are not finished."""

from typing import Any

import numpy as np
import pytest

from simtemp.blackbox import asking, sample_many
from simtemp.errors import DrawBudgetExceeded, DrawError
from simtemp.methods import recipe
from simtemp.samplers import draw_one
from simtemp.sources import buffer_source

BOXES = 9
RECORDS = np.array([np.random.default_rng(i).choice(4, p=[0.4, 0.3, 0.2, 0.1], size=8000) for i in range(BOXES)])

CASES: list[tuple[str, float, dict[str, Any]]] = [
    ("collision", 0.4, {}),
    ("duel", 0.3, {}),
    ("duel", 0.2, {"budget": 40}),
    ("accepted", 0.3, {}),
    ("batch", 0.5, {"batch_size": 30}),
    ("chain", 2.0, {"steps": 5}),
]


class Tapes:
    """A record for each box; remembers the calls."""

    def __init__(self, shape: str = "array") -> None:
        self.positions = np.zeros(BOXES, np.int64)
        self.calls: list[tuple[list[int], int]] = []
        self.shape = shape

    def __call__(self, which: np.ndarray, k: int) -> Any:
        assert which.dtype == np.int64
        self.calls.append((which.tolist(), k))
        start = self.positions[which]
        self.positions[which] += k
        drawn = np.array([RECORDS[i, s : s + k] for i, s in zip(which, start, strict=True)])
        which[:] = -1  # what it is given is its own
        match self.shape:
            case "array":
                return drawn
            case "lists":
                return drawn.tolist()
            case "rows":
                return np.stack([drawn, 7 * drawn], axis=2)
            case _:
                return [np.stack([row, 7 * row], axis=1) for row in drawn]


@pytest.mark.parametrize(("method", "temperature", "options"), CASES)
def test_each_box_gives_the_output_of_the_kernel_over_its_own_draws(
    method: str, temperature: float, options: dict[str, Any]
) -> None:
    sampler = recipe(method, temperature, options).sampler(4)
    coins = np.random.default_rng(7).spawn(BOXES)
    expected = [
        draw_one(sampler, buffer_source(record), child, np.array([10**9]))
        for record, child in zip(RECORDS, coins, strict=True)
    ]
    pairs = sample_many(Tapes(), BOXES, temperature, method, rng=7, **options)
    assert [(value, info.draws) for value, info in pairs] == expected


@pytest.mark.parametrize(("method", "temperature", "options"), CASES)
def test_a_box_does_not_depend_on_the_others(method: str, temperature: float, options: dict[str, Any]) -> None:
    all_boxes = sample_many(Tapes(), BOXES, temperature, method, rng=7, **options)
    first_three = sample_many(Tapes(), 3, temperature, method, rng=7, **options)
    assert [(v, i.draws, i.exact) for v, i in all_boxes[:3]] == [(v, i.draws, i.exact) for v, i in first_three]


@pytest.mark.parametrize("shape", ["lists", "rows", "list of rows"])
def test_arrays_lists_and_rows_are_one(shape: str) -> None:
    plain = sample_many(Tapes(), BOXES, 0.3, rng=7)
    other = sample_many(Tapes(shape), BOXES, 0.3, rng=7)
    assert [info for _, info in other] == [info for _, info in plain]
    assert [value if shape == "lists" else value[0] for value, _ in other] == [value for value, _ in plain]


def test_schedules_change_nothing_but_what_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [(value, info.draws) for value, info in sample_many(Tapes(), BOXES, 0.3, rng=7)]
    for k in (1, 7, 1000):
        monkeypatch.setattr(asking, "shortfall", lambda recorded, opening, max_draws, k=k: k)
        assert [(value, info.draws) for value, info in sample_many(Tapes(), BOXES, 0.3, rng=7)] == expected


def test_one_call_a_round_for_all_unfinished() -> None:
    tapes = Tapes()
    pairs = sample_many(tapes, BOXES, 0.3, rng=7)
    assert tapes.calls[0] == (list(range(BOXES)), 12)
    asked = np.zeros(BOXES, np.int64)
    for which, k in tapes.calls:
        assert which == [i for i, (_, info) in enumerate(pairs) if info.draws > asked[i]]
        asked[which] += k
    assert [info.requested for _, info in pairs] == asked.tolist()
    assert len(tapes.calls) == np.ceil(np.log2(max(info.draws for _, info in pairs) / 12)) + 1


@pytest.mark.parametrize(("method", "options"), [("duel", {"budget": 64}), ("batch", {"batch_size": 64})])
def test_a_budget_is_one_round(method: str, options: dict[str, Any]) -> None:
    tapes = Tapes()
    sample_many(tapes, BOXES, 0.1, method, rng=7, **options)
    assert tapes.calls == [(list(range(BOXES)), 64)]


def test_each_box_may_have_a_temperature_of_its_own() -> None:
    temperatures = np.array([0.0, 0.2, 0.2, 0.5, 1.0, 0.7, 0.3, 0.3, 0.05])
    pairs = sample_many(Tapes(), BOXES, temperatures, rng=7)
    assert [info.temperature for _, info in pairs] == temperatures.tolist()
    for degree in set(temperatures.tolist()):
        alone = sample_many(Tapes(), BOXES, degree, rng=7)
        for i in np.flatnonzero(temperatures == degree):
            assert (pairs[i][0], pairs[i][1].draws) == (alone[i][0], alone[i][1].draws)


def test_no_boxes_draw_nothing() -> None:
    tapes = Tapes()
    assert sample_many(tapes, 0, 0.5, rng=7) == sample_many(tapes, 0, [], rng=7) == []
    assert not tapes.calls


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": -1}, "count must be an integer >= 0"),
        ({"temperature": [0.5, 0.5]}, r"temperature must be a number or have shape \(3,\), got shape \(2,\)"),
        (
            {"temperature": [0.5, [1, 2], 1]},
            r"temperature must be a number or have shape \(3,\), got \[0.5, \[1, 2\], 1\]",
        ),
        ({"temperature": [0.5, -1, 0.5]}, r"temperature\[1\] must be in"),
        ({"temperature": [0.5, 2, 0.5]}, "temperature must be in"),
        ({"budget": 2.5}, "budget must be an integer"),
        ({"method": "none"}, "method must be one of"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_drawn(arguments: dict[str, Any], message: str) -> None:
    tapes = Tapes()
    with pytest.raises(ValueError, match=message):
        sample_many(tapes, **{"count": 3, "temperature": 0.5, "rng": 7, **arguments})
    assert not tapes.calls


def test_a_box_that_needs_too_much_ends_all() -> None:
    def draw(which: np.ndarray, k: int) -> Any:
        return [[object() if i == 1 else "same" for _ in range(k)] for i in which]

    with pytest.raises(DrawBudgetExceeded) as caught:
        sample_many(draw, 3, 0.5, rng=0, max_draws=50)
    assert caught.value.draws == 50


def test_a_failing_draw_is_one_clear_line() -> None:
    with pytest.raises(DrawError, match="draw failed: IndexError: out of boxes"):
        sample_many(lambda which, k: (_ for _ in ()).throw(IndexError("out of boxes")), 3, 0.5, rng=0)
