"""Arithmetic worked out one operation at a time: which operations may come next, and whole solutions with or without errors."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from simtemp.arguments import real, shown

LARGEST = 99
"""No sum of the terms of an expression that are added is larger, so that no number on the way is."""

_OPERATIONS: Mapping[str, Callable[[int, int], int]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_EXPRESSION = re.compile(r"[0-9]{1,9}(?:[-+*][0-9]{1,9})*")
_SLIPS = (-10, -2, -1, 1, 2, 10)
"""What an error adds to a result."""

_BATCH = 256
"""Expressions drawn at once."""


class Reduction(NamedTuple):
    """One operation of an expression and its result: ``expression[start:stop]`` becomes `result`.

    Attributes
    ----------
    start, stop : int
        Of the operation, in characters.
    result : int
        >= 0.
    """

    start: int
    stop: int
    result: int

    def of(self, expression: str) -> str:
        """The expression that is left."""
        return f"{expression[: self.start]}{self.result}{expression[self.stop :]}"


def reductions(expression: str) -> list[Reduction]:
    """The operations of an expression that may be done next without changing its value or leaving the numbers >= 0.

    Any product may; a sum or difference next to no product may, unless it comes after a minus.

    Returns
    -------
    list of Reduction
        From left to right; none for a single number, or for text that is no expression.

    Examples
    --------
    >>> [reduction.of("3+4*2-5") for reduction in reductions("3+4*2-5")]
    ['3+8-5']
    >>> [reduction.of("3+8-5") for reduction in reductions("3+8-5")]
    ['11-5', '3+3']
    """
    if not _EXPRESSION.fullmatch(expression):
        return []
    numbers = list(re.finditer(r"\d+", expression))
    signs = ["", *re.findall(r"[-+*]", expression), ""]  # signs[i] stands before number i
    found = []
    for i, (left, right) in enumerate(pairwise(numbers)):
        before, sign, after = signs[i : i + 3]
        if sign != "*" and (before in ("-", "*") or after == "*"):
            continue
        result = _OPERATIONS[sign](int(left[0]), int(right[0]))
        if result >= 0:
            found.append(Reduction(left.start(), right.end(), result))
    return found


def value(expression: str) -> int:
    """The value of an expression, products first.

    Raises
    ------
    ValueError
        For text that is no expression of whole numbers, +, - and *.
    """
    return sum(_terms(expression))


def _terms(expression: str) -> list[int]:
    if not _EXPRESSION.fullmatch(expression):
        raise ValueError(f"expression must be whole numbers joined by +, - or *, got {shown(expression)}")
    terms = []
    for sign, product in re.findall(r"([-+]?)([\d*]+)", expression):
        size = math.prod(map(int, product.split("*")))
        terms.append(-size if sign == "-" else size)
    return terms


def is_workable(expression: str) -> bool:
    """Whether no way to work an expression out leaves the numbers from 0 to `LARGEST`, or gets stuck."""
    terms = _terms(expression)
    return min(accumulate(terms)) >= 0 and sum(term for term in terms if term > 0) <= LARGEST


def random_expressions(operations: int, rng: np.random.Generator) -> Iterator[str]:
    """Workable expressions without end, of digits 1 to 9, in which no product has a third factor; uniform among these."""
    while True:
        digits = rng.integers(1, 10, (_BATCH, operations + 1)).tolist()
        signs = rng.integers(0, 3, (_BATCH, operations)).tolist()
        for numbers, row in zip(digits, signs, strict=True):
            marks = "".join("+-*"[sign] for sign in row)
            expression = "".join(f"{number}{mark}" for number, mark in zip(numbers, [*marks, ""], strict=True))
            if "**" not in marks and is_workable(expression):
                yield expression


def solution(expression: str, rng: np.random.Generator, error_rate: float = 0.0) -> str:
    """An expression worked out in an order picked at random, e.g. ``3+8-5=3+3#6`` for ``3+4*2-5``.

    Parameters
    ----------
    expression : str
        Workable, with an operation at least.
    rng : numpy.random.Generator
        Of the order and of the errors.
    error_rate : float
        Share of the steps with a wrong result, in [0, 1): off by 1, 2 or 10, but never so that the rest cannot be worked out. The steps
        after it follow from it.

    Raises
    ------
    ValueError
        For an expression that has no operation or cannot be worked out, or a bad rate.
    """
    rate = checked_error_rate(error_rate)
    if not is_workable(expression) or expression.isdigit():
        raise ValueError(f"expression must have an operation and be workable, got {shown(expression)}")
    steps = [expression]
    while possible := reductions(steps[-1]):
        step = possible[rng.integers(len(possible))]
        if rng.random() < rate:
            slips = [step._replace(result=step.result + slip) for slip in _SLIPS if step.result + slip >= 0]
            wrong = [slip for slip in slips if is_workable(slip.of(steps[-1]))]
            step = wrong[rng.integers(len(wrong))] if wrong else step
        steps.append(step.of(steps[-1]))
    return "=".join(steps[1:-1]) + "#" + steps[-1]


def checked_error_rate(error_rate: float) -> float:
    """A share of wrong steps.

    Raises
    ------
    ValueError
        When it is not in [0, 1).
    """
    rate = real(error_rate, "error_rate")
    if not 0.0 <= rate < 1.0:
        raise ValueError(f"error_rate must be in [0, 1), got {shown(error_rate)}")
    return rate
