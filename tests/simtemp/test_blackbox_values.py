"""What a black box may return: every kind of value is told apart by its content, and what is no value is refused in one line."""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import count, islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtemp.blackbox import sample, sample_many, stream
from simtemp.blackbox.contents import contents
from simtemp.blackbox.interning import Interner
from simtemp.errors import DrawError, SimtempError

WORDS = np.array([2, 0, 1, 0, 2, 2, 1, 3])


class Tensor:
    """What is used of a tensor, and that its hash is its address."""

    def __init__(self, array: Any, wide: bool = True) -> None:
        self.array = np.asarray(array)
        self.wide = wide

    def __array__(self) -> Any:
        raise AssertionError("a tensor on an accelerator")

    def detach(self) -> "Tensor":
        return self

    def clone(self) -> "Tensor":
        return Tensor(self.array.copy(), self.wide)

    def cpu(self) -> "Tensor":
        return self

    def float(self) -> "Tensor":
        return Tensor(self.array.astype(np.float32))

    def numpy(self) -> Any:
        if not self.wide:
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array


class Labelled:
    """An array of another library."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return WORDS


ROWS = np.array([[0.5, -1.0], [0.0, 2.0], [1e300, 3.0], [7.0, 7.0]])[WORDS]
SEQUENCES = {
    "numbers": WORDS.tolist(),
    "tuples": [("x", int(w)) for w in WORDS],
    "text": "".join("abcd"[w] for w in WORDS),
    "fractions": [Fraction(int(w), 3) for w in WORDS],
    "int array": WORDS,
    "bool rows": np.array([[False, True], [True, True], [False, False], [True, False]])[WORDS],
    "float array": WORDS / 4,
    "complex rows": ROWS * 1j,
    "text array": np.array(["a", "b", "cc", "ddd"])[WORDS],
    "text rows": np.array([list("ab"), list("cd"), list("ef"), list("gh")])[WORDS],
    "objects": np.array([("a",), "b", 3, None], dtype=object)[WORDS],
    "dates": np.array(["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-04"], dtype="datetime64[D]")[WORDS],
    "rows": ROWS,
    "rows of half precision": ROWS.clip(-9, 9).astype(np.float16),
    "rows of long doubles": ROWS.astype(np.longdouble),
    "rows in Fortran order": np.asfortranarray(ROWS),
    "every other row": np.repeat(ROWS, 2, axis=0)[::2],
    "planes": np.stack([ROWS, ROWS], axis=2),
    "list of rows": list(ROWS),
    "list of rows of many lengths": [np.arange(int(w)) for w in WORDS],
    "tensor": Tensor(ROWS),
    "tensor of a type NumPy has not": Tensor(ROWS.clip(-9, 9), wide=False),
    "list of tensors": [Tensor(row) for row in ROWS],
    "array of another library": Labelled(),
    "generator": iter(WORDS.tolist()),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_equal_values_have_equal_indices_in_order_of_appearance(name: str) -> None:
    interner = Interner()
    assert interner.intern(contents(SEQUENCES[name], 8)).tolist() == [0, 1, 2, 1, 0, 0, 2, 3]
    assert len(interner) == len(interner.values) == 4


def test_values_come_back_as_they_were_drawn() -> None:
    pair = ("x", 1)
    assert sample(lambda k: [pair] * k, 0.5, rng=0)[0] is pair
    row = sample(lambda k: np.tile([1.5, 2.5], (k, 1)), 0.5, rng=0)[0]
    assert row.shape == (2,)
    assert row.tolist() == [1.5, 2.5]
    tensor_row = sample(lambda k: Tensor(np.tile(np.float32([1.5, 2.5]), (k, 1))), 0.5, rng=0)[0]
    assert isinstance(tensor_row, np.ndarray)
    assert tensor_row.dtype == np.float32


def test_a_value_does_not_change_when_the_box_draws_into_the_same_memory() -> None:
    memory = np.empty((64, 3))

    def draw(k: int) -> Any:
        memory[:k] = next(numbers)
        return memory[:k]

    numbers = iter(range(100))
    values = [value.tolist() for value, _ in islice(stream(draw, 0.5, "collision", rng=0), 5)]
    assert values == [[i] * 3 for i in range(5)]


@pytest.mark.parametrize("kind", [np.asarray, Tensor])
def test_nor_does_a_row_of_a_list_when_the_box_draws_into_the_same_memory(kind: Callable[[Any], Any]) -> None:
    memory = np.empty((2, 3))
    rows = [kind(row) for row in memory]
    numbers = iter(range(100))

    def draw(k: int) -> list[Any]:
        memory[:] = next(numbers)
        return rows[:k]

    values = [value for value, _ in islice(stream(draw, 0.5, "collision", rng=0), 5)]
    assert [getattr(value, "array", value).tolist() for value in values] == [[i] * 3 for i in range(5)]
    assert {type(value) for value in values} == {type(rows[0])}


def test_zero_has_no_sign_in_rows() -> None:
    assert Interner().intern(contents(np.array([[0.0, 1.0], [-0.0, 1.0]]), 2)).tolist() == [0, 0]


def test_rows_without_columns_are_all_equal() -> None:
    assert Interner().intern(contents(np.empty((3, 0)), 3)).tolist() == [0, 0, 0]


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.text("ab", max_size=2)), max_size=20), max_size=5))
def test_interning_can_be_undone(batches: list[list[tuple[int, str]]]) -> None:
    interner = Interner()
    for batch in batches:
        indices = interner.intern(contents(batch, len(batch)))
        assert [interner.values[i] for i in indices] == batch
    assert len(set(interner.values)) == len(interner)


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(0, 60))
def test_what_is_kept_keeps_its_values(draws: list[int], start: int) -> None:
    interner = Interner()
    kept = interner.keep(interner.intern(contents(draws, len(draws)))[start:])
    assert [interner.values[i] for i in kept] == draws[start:]
    assert len(interner) == len(set(draws[start:]))
    more = interner.intern(contents(draws, len(draws)))
    assert [interner.values[i] for i in more] == draws


class Rude:
    def __call__(self, k: int) -> Any:
        raise ZeroDivisionError("no more noise")


def leave(error: BaseException) -> Callable[[int], Any]:
    def draw(k: int) -> Any:
        raise error

    return draw


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Unequal:
    """A value that cannot be compared."""

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        raise OverflowError("too far apart")


@dataclass(frozen=True)
class Point:
    x: float
    weight: float = field(default=0.0, compare=False)


NAN = float("nan")
REFUSED: dict[str, tuple[Any, str]] = {
    "too few": (lambda k: [1] * (k - 1), r"draw must return 8 values, got 7"),
    "too many": (lambda k: [1] * (k + 1), r"draw must return 8 values, got more than 8"),
    "endless": (lambda k: count(), r"draw must return 8 values, got more than 8"),
    "nothing": (lambda k: None, r"draw must return a sequence of values, got None"),
    "one number": (lambda k: 3.5, r"draw must return a sequence of values, got 3\.5"),
    "a set": (lambda k: {1, 2}, r"sequence of values, got a set"),
    "too few rows": (lambda k: np.zeros((k - 1, 2)), r"array of shape \[8, \.\.\.\], got shape \[7, 2\]"),
    "no rows": (lambda k: np.array(3.0), r"got shape \[\]"),
    "a transposed tensor": (lambda k: Tensor(np.zeros((2, k))), r"got shape \[2, 8\]"),
    "lists": (lambda k: [[1, 2]] * k, r"hashable values \(tuples, not lists\).*unhashable type: 'list'"),
    "NaN in a row": (lambda k: np.array([[1.0, NAN]] * k), r"must not return NaN.*8 of 8 values"),
    "NaN in a tensor": (lambda k: Tensor(np.full((k, 2), NAN)), r"must not return NaN"),
    "NaN alone": (lambda k: [1.0, NAN] * (k // 2), r"must not return NaN, which equals nothing, got nan"),
    "NaN inside": (lambda k: [(1, (2.0, NAN))] * k, r"must not return NaN"),
    "NaN in a list of rows": (lambda k: [np.array([NAN])] * k, r"must not return NaN"),
    "NaN of a decimal": (lambda k: [Decimal("NaN")] * k, r"must not return NaN"),
    "a signalling NaN": (lambda k: [Decimal("sNaN")] * k, r"hashable values.*signaling NaN"),
    "NaN in a dataclass": (lambda k: [Point(NAN)] * k, r"must not return NaN"),
    "not a time": (lambda k: [np.datetime64("NaT")] * k, r"must not return NaN"),
    "no time": (lambda k: np.full(k, np.datetime64("NaT", "s")), r"must not return NaN"),
    "not a time in a row": (lambda k: np.full((k, 2), np.datetime64("NaT", "s")), r"must not return NaN"),
    "not a duration in a row": (lambda k: np.full((k, 2), np.timedelta64("NaT", "s")), r"must not return NaN"),
    "masked": (lambda k: np.ma.masked_equal(np.arange(k), 1), r"must not return masked entries"),
    "masked in a row": (lambda k: [np.ma.masked_equal([1, 2], 1)] * k, r"must not return masked entries"),
    "masked alone": (lambda k: [np.ma.masked] * k, r"must not return masked entries"),
    "no equality": (lambda k: [Unequal() for _ in range(k)], r"hashable values.*OverflowError: too far apart"),
    "its own error": (Rude(), r"draw failed: ZeroDivisionError: no more noise$"),
    "an error without words": (leave(Mute()), r"draw failed: Mute$"),
    "an error of two lines": (leave(ValueError("one\ntwo")), r"draw failed: ValueError: one two$"),
    "an exit": (lambda k: sys.exit(0), r"draw failed: SystemExit: 0$"),
    "an end of its own": (leave(GeneratorExit()), r"draw failed: GeneratorExit$"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_box_that_gives_no_values_is_one_clear_line(name: str) -> None:
    draw, message = REFUSED[name]
    with pytest.raises(DrawError, match=message) as caught:
        sample(draw, 0.5, "batch", rng=0, batch_size=8)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_what_the_box_raised_is_chained() -> None:
    with pytest.raises(DrawError) as caught:
        sample(Rude(), 0.5, rng=0)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    with pytest.raises(DrawError) as caught:
        sample(lambda k: [[1]] * k, 0.5, rng=0)
    assert isinstance(caught.value.__cause__, TypeError)


def test_exceptions_of_the_package_pass_as_they_are() -> None:
    def draw(k: int) -> Any:
        raise SimtempError("a checkpoint is missing")

    with pytest.raises(SimtempError, match=r"^a checkpoint is missing$"):
        sample(draw, 0.5, rng=0)


@pytest.mark.parametrize("second", [np.zeros((2, 3)), np.zeros((2, 2), np.float32), [(0.0, 0.0)] * 2])
def test_a_box_may_not_change_the_kind_of_its_values(second: Any) -> None:
    batches = iter([np.arange(4.0).reshape(2, 2), second])
    with pytest.raises(DrawError, match="always return values of one kind"):
        sample(lambda k: next(batches), 0.5, "collision", rng=0)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda m, k: [[1] * k] * (m - 1), r"draw must return 3 sequences of 8 values, got 2"),
        (lambda m, k: [[1] * k, [1] * k, [1]], r"draw must return 8 values, got 1"),
        (lambda m, k: np.zeros((k, m, 2)), r"array of shape \[3, 8, \.\.\.\], got shape \[8, 3, 2\]"),
        (lambda m, k: np.zeros(m), r"got shape \[3\]"),
        (lambda m, k: [np.zeros((k, 2)), np.zeros((k, 3)), np.zeros((k, 2))], r"values of one kind"),
        (lambda m, k: np.full((m, k, 2), np.nan), r"24 of 24 values"),
        (lambda m, k: 7, r"sequence of values, got 7"),
    ],
)
def test_many_boxes_that_give_no_values_are_one_clear_line(returned: Any, message: str) -> None:
    with pytest.raises(DrawError, match=message):
        sample_many(lambda which, k: returned(which.size, k), 3, 0.5, "batch", rng=0, batch_size=8)


def test_infinity_is_a_value() -> None:
    assert sample(lambda k: [math.inf] * k, 0.5, rng=0)[0] == math.inf


def test_what_is_not_compared_may_be_nan() -> None:
    assert sample(lambda k: [Point(1.0, NAN)] * k, 0.5, rng=0)[0].x == 1.0


def test_a_masked_array_without_masked_entries_is_an_array() -> None:
    assert sample(lambda k: np.ma.array(np.ones(k)), 0.5, rng=0)[0] == 1.0


@pytest.mark.slow  # imports torch
def test_rows_of_real_tensors() -> None:
    import torch

    codes = torch.tensor([[0.5, 1.25], [0.0, 2.0]], requires_grad=True)
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        rows = codes.to(dtype)
        batches = iter([rows[[0, 1, 1, 0, 1, 1, 1, 1]], rows[[1] * 8]])
        value, info = sample(lambda k, batches=batches: next(batches), 0.0, budget=8, rng=0)
        assert (value.tolist(), info.draws) == ([0.0, 2.0], 8)
    which = sample_many(lambda which, k: torch.arange(3)[which, None].expand(which.size, k), 3, 0.5, rng=0)
    assert [int(value) for value, _ in which] == [0, 1, 2]
    for lazy in (
        torch.tensor([[1 + 2j]]).conj(),
        torch.tensor([[1 - 2j]]).conj().imag,
    ):  # a conjugate view, and a negated one
        assert (
            sample(lambda k, lazy=lazy: lazy.expand(k, 1), 0.5, rng=0)[0] == lazy.resolve_conj().resolve_neg().numpy()
        )
