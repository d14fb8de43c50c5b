"""Arithmetic worked out by steps, against Python's own evaluation."""

from __future__ import annotations

import re
from itertools import islice

import numpy as np
import pytest

from simtemp.adaptive.tasks.reductions import is_workable, random_expressions, reductions, solution, value


@pytest.mark.parametrize(
    ("expression", "left"),
    [
        ("7", []),
        ("3+4", ["7"]),
        ("3-4", []),  # numbers stay >= 0
        ("3+4*2", ["3+8"]),
        ("9-4-2", ["5-2"]),  # not 9-2
        ("9-4+2", ["5+2"]),
        ("9+4-2", ["13-2", "9+2"]),
        ("9+1-2", ["10-2"]),
        ("2*3+4*5", ["6+4*5", "2*3+20"]),
        ("2*3*4", ["6*4", "2*12"]),
        ("1+2+3+4", ["3+3+4", "1+5+4", "1+2+7"]),
        ("12+30*2-15", ["12+60-15"]),
    ],
)
def test_operations_that_may_come_next(expression: str, left: list[str]) -> None:
    assert [way.of(expression) for way in reductions(expression)] == left


@pytest.mark.parametrize("text", ["", "+", "3+", "+3", "3++4", "3 + 4", "3=4", "#", "3/4", "٣+٤*"])
def test_text_that_is_no_expression_has_no_next_step_and_no_value(text: str) -> None:
    assert reductions(text) == []
    with pytest.raises(ValueError, match="expression must be"):
        value(text)


def test_every_step_keeps_the_value_and_every_way_ends() -> None:
    rng = np.random.default_rng(0)
    for expression in islice(random_expressions(4, rng), 50):
        assert value(expression) == eval(expression)
        waiting = {expression}
        while waiting:
            one = waiting.pop()
            following = {way.of(one) for way in reductions(one)}
            assert all(eval(step) == eval(expression) for step in following)
            assert following or one == str(eval(expression))
            assert all(int(number) <= 99 for number in re.findall(r"\d+", one))
            waiting |= following


def test_a_solution_without_errors_ends_in_the_value_and_varies_its_order() -> None:
    rng = np.random.default_rng(1)
    texts = {solution("2*3+4*5-6", rng) for _ in range(60)}
    assert texts == {
        "6+4*5-6=6+20-6=26-6#20",
        "6+4*5-6=6+20-6=6+14#20",
        "2*3+20-6=6+20-6=26-6#20",
        "2*3+20-6=6+20-6=6+14#20",
        "2*3+20-6=2*3+14=6+14#20",
    }
    for text in texts:
        steps = re.split("[=#]", text)
        assert [value(step) for step in steps] == [20] * 4


def _wrong_steps(rate: float) -> list[bool]:
    rng = np.random.default_rng(2)
    wrong = []
    for before in islice(random_expressions(4, rng), 400):
        for step in re.split("[=#]", solution(before, rng, rate)):
            wrong.append(step not in {way.of(before) for way in reductions(before)})
            assert is_workable(step)
            before = step
    return wrong


def test_errors_come_at_their_rate_and_the_next_steps_follow_from_them() -> None:
    """A binomial bound at alpha = 1e-6, 4.9 standard errors of 1,600 steps; a planted rate of 0.2 in place of 0.3 is out of it."""
    bound = 4.9 * np.sqrt(0.3 * 0.7 / 1600)
    right, planted = _wrong_steps(0.3), _wrong_steps(0.2)
    assert len(right) == len(planted) == 1600
    assert abs(np.mean(right) - 0.3) < bound < abs(np.mean(planted) - 0.3)


@pytest.mark.parametrize("expression", ["7", "1-2", "50+50", "8-9+5"])
def test_an_expression_that_cannot_be_worked_out_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="workable"):
        solution(expression, np.random.default_rng(0))


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_a_bad_error_rate_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="error_rate"):
        solution("1+2", np.random.default_rng(0), rate)
