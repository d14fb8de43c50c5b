"""What a sampler may return, what it may not, and what becomes of what it raises."""

import numpy as np
import pytest

from simtemp.errors import DrawBudgetExceeded
from verify import SamplerError, check_sampler
from verify.outputs import MOST_AT_ONCE, Tally, ask

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (np.zeros(99, np.int64), "must return 100 integers from 0 to 2, got 99 of them"),
        (np.zeros(101, np.int64), "got 101 of them"),
        (np.zeros(0, np.int64), "got 0 of them"),
        (np.zeros(100), "got dtype float64"),
        (np.zeros(100, bool), "got dtype bool"),
        (np.zeros((100, 1), np.int64), "of shape"),
        (np.zeros((1, 100), np.int64), "of shape"),
        (5, "of shape"),
        (None, "of shape"),
        ("a" * 100, "of shape"),
        (["a"] * 100, "got dtype <U1"),
        (np.ma.zeros(100, np.int64), "a masked array"),
        ([0] * 99 + [[1, 2]], "must return 100 integers"),
        ([None] * 100, "got dtype object"),
        (np.full(100, 3), "from 0 to 2, got 3"),
        (np.full(100, -1), "from 0 to 2, got -1"),
        (np.full(100, 2**64 - 1, np.uint64), "got 18446744073709551615"),
        ((np.zeros(100, np.int64), np.ones(99)), "got shape"),
        ((np.zeros(100, np.int64), 7), "got shape"),
        ((np.zeros(100, np.int64), np.full(100, np.nan)), "all finite"),
        ((np.zeros(100, np.int64), np.full(100, -1)), "all finite and >= 0"),
        ((np.zeros(100, np.int64), ["x"] * 100), "dtype <U1"),
        ((np.zeros(50, np.int64), np.zeros(100)), "got 50 of them"),
    ],
)
def test_wrong_outputs_are_named(returned, message) -> None:
    with pytest.raises(ValueError, match=r"sampler\(100, rng\)") as error:
        check_sampler(lambda size, rng: returned, [0.5, 0.25, 0.25])
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("returned", "draws"),
    [
        ([0, 1], None),
        ((0, 1), None),  # a tuple of outputs, not outputs and costs
        (np.array([0, 1], np.uint8), None),
        (([0, 1], [3, 4]), 7.0),
        ((np.array([0, 1]), np.array([2.5, 0.0])), 2.5),
        (([0, 1], None), None),
    ],
)
def test_right_outputs(returned, draws) -> None:
    values, costs = ask(lambda size, rng: returned, 2, RNG, 2)
    assert values.tolist() == [0, 1]
    assert values.dtype == np.int64
    assert (None if costs is None else costs.sum()) == draws


def test_what_a_sampler_raises_is_named() -> None:
    def broken(size, rng):
        raise ZeroDivisionError("no temperature")

    with pytest.raises(SamplerError, match=r"sampler\(100, rng\) raised ZeroDivisionError: no temperature") as error:
        check_sampler(broken, [0.5, 0.5])
    assert isinstance(error.value.__cause__, ZeroDivisionError)
    with pytest.raises(SamplerError, match="TypeError"):
        check_sampler(lambda size: [0] * size, [0.5, 0.5])


@pytest.mark.parametrize("error", [KeyboardInterrupt(), DrawBudgetExceeded("over", draws=3, max_draws=2)])
def test_interrupts_and_own_errors_pass(error) -> None:
    def stops(size, rng):
        raise error

    with pytest.raises(type(error)) as caught:
        check_sampler(stops, [0.5, 0.5])
    assert caught.value is error


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("error", [SystemExit(0), GeneratorExit(), Unspeakable()])
def test_whoever_exits_in_a_sampler_has_not_passed(error) -> None:
    def leaves(size, rng):
        raise error

    with pytest.raises(SamplerError, match=rf"raised {type(error).__name__}"):
        check_sampler(leaves, [0.5, 0.5])


def test_asks_for_so_many_at_once() -> None:
    asked = []

    def sampler(size, rng):
        asked.append(size)
        return np.zeros(size, np.int64), np.full(size, 2)

    told = []
    tally = Tally(sampler, RNG, 3)
    tally.grow(100, 5000, lambda done, goal: told.append((done, goal)))
    tally.grow(MOST_AT_ONCE + 200, 5000, lambda done, goal: told.append((done, goal)))
    assert asked == [100, MOST_AT_ONCE, 100]
    assert told == [(100, 5000), (MOST_AT_ONCE + 100, 5000), (MOST_AT_ONCE + 200, 5000)]
    assert tally.counts.tolist() == [MOST_AT_ONCE + 200, 0, 0]
    assert tally.mean_draws == 2.0


def test_costs_must_be_told_every_time_to_be_a_mean() -> None:
    calls = iter([True, False, True])

    def sampler(size, rng):
        values = np.zeros(size, np.int64)
        return (values, np.ones(size)) if next(calls) else values

    tally = Tally(sampler, RNG, 1)
    assert tally.mean_draws is None
    for n in (10, 20, 30):
        tally.grow(n, n, None)
    assert tally.mean_draws is None
