"""Labels and numbers as a file gave them, and the distribution that they are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simtemp.arguments import Floats, shown
from simtemp.categorical import MAX_CATEGORIES, Categorical, first_repeat


@dataclass(frozen=True)
class Table:
    """What was read from a file."""

    labels: Sequence[Hashable]
    """One a row."""
    numbers: Floats
    """One a row, unchecked."""
    place: Callable[[int], str]
    """Where a row stands in the file, in words."""
    kind: str = ""
    """``count``, ``probability``, or empty when the file does not say."""


def entry(index: int) -> str:
    """The place of a row in a file whose rows are not lines."""
    return f"entry {index + 1}"


def table_distribution(table: Table, name: str) -> Categorical:
    """The distribution that a table states.

    Where the table does not say what its numbers are, whole numbers are counts and others probabilities.

    Raises
    ------
    ValueError
        Naming the row, when a number is negative or not finite, a count not whole, or a label given twice. Also when
        all counts are zero, probabilities do not sum to 1 within 1e-6, or there are no rows or more than 10 million.
    """
    numbers = table.numbers
    if numbers.size == 0:
        raise ValueError("the file holds no categories")
    if numbers.size > MAX_CATEGORIES:
        raise ValueError(f"the file holds more than {MAX_CATEGORIES} categories")
    _refuse(~np.isfinite(numbers) | (numbers < 0), table, "a count or probability must be finite and >= 0")
    fractions = numbers != np.floor(numbers)
    if table.kind == "count":
        _refuse(fractions, table, "a count must be a whole number")
    are_counts = table.kind != "probability" and not fractions.any()
    try:
        if are_counts:
            return Categorical.from_counts(numbers, table.labels, name)
        return Categorical(numbers, table.labels, name)
    except ValueError as error:
        raise ValueError(_in_words_of_the_file(str(error), table)) from None


def _in_words_of_the_file(message: str, table: Table) -> str:
    repeat = first_repeat(table.labels)
    if repeat is not None:
        earlier, later = map(table.place, repeat)
        return f"{later}: the label {shown(table.labels[repeat[1]])} was given before, at {earlier}"
    guess = "" if table.kind else " (not all are whole numbers, so they are no counts)"
    return message.replace("probs must", f"the probabilities{guess} must", 1)


def _refuse(wrong: npt.NDArray[np.bool_], table: Table, rule: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{table.place(row)}: {rule}, got {float(table.numbers[row])!r}")
