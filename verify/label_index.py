"""From the labels that a sampler put out to the indices of their categories."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt

from simtemp.arguments import Integers, shown
from simtemp.errors import SpecificationError

_NUMBERS = (int, float, np.number)  # bool is an int to Python, and no number here
_TRUTHS = (bool, np.bool_)
_EXACT = 2.0**53
"""Beyond it whole numbers are not all floats, and two labels could be taken for one."""


class LabelIndex:
    """The categories of a target by their labels.

    Where every label is a number, or the text of one (as a CSV file gives them), outputs are compared with labels as
    numbers, and the text of a number is that number. Where none is, integers are taken for category indices, and
    everything else for a label. Where some are, texts are compared as they are, and a number also has the label that
    is its text, if there is but one. A truth value has the label that it is, or its text (``True`` or ``true``).

    Parameters
    ----------
    labels : sequence of K distinct hashables
        Names of the categories.

    Notes
    -----
    About 4 ns for a number in an array, 0.1 to 0.3 us for anything else, up to 1 us for a number among other labels.

    Examples
    --------
    >>> LabelIndex(["heads", "tails"]).find(["tails", "tails", "heads"]).tolist()
    [1, 1, 0]
    >>> LabelIndex([10, 20, 30]).find(np.array([30, 10])).tolist()
    [2, 0]
    """

    def __init__(self, labels: Sequence[Any]) -> None:
        import pandas as pd  # half a second, which a sampler of indices never needs to wait for

        self._labels = labels
        numbers = _as_numbers(labels)
        self._exactly: dict[Any, int] | None = None
        if numbers is not None and not isinstance(numbers, range) and np.abs(numbers.astype(np.float64)).max() > _EXACT:
            self._exactly = {_number(label): i for i, label in enumerate(labels)}
        self._by_number = None if numbers is None else pd.Index(numbers)
        self._by_label = {} if numbers is not None else {label: i for i, label in enumerate(labels)}

    def find(self, outputs: Any, name: str = "outputs", before: int = 0) -> Integers:
        """The categories of outputs, in order: an array of numbers, or any sequence of labels.

        `name` and the number of outputs that came `before` say in a message where an output stands.

        Raises
        ------
        SpecificationError
            A ValueError naming the first output that is no label.
        """
        numbers = _numeric_array(outputs)
        if self._exactly is not None:
            plain = outputs.tolist() if isinstance(outputs, np.ndarray) else outputs
            found = np.fromiter(
                (self._exactly.get(_number_or_none(output), -1) for output in plain), np.int64, len(plain)
            )
        elif self._by_number is not None:
            values = _parsed(outputs) if numbers is None else numbers
            found = self._by_number.get_indexer(values).astype(np.int64, copy=False)  # type: ignore[arg-type]
        elif numbers is not None and numbers.dtype.kind in "iu" and not self._by_value:
            inside = (numbers >= 0) & (numbers < len(self._labels))
            found = np.where(inside, numbers.astype(np.int64), -1)  # an unsigned array has no -1
        else:
            plain = outputs if numbers is None else numbers.tolist()  # hashed faster than NumPy's
            found = np.fromiter(map(self._category, plain), np.int64, len(outputs))
        unknown = found < 0
        if unknown.any():
            first = int(np.argmax(unknown))
            output = outputs[first] if numbers is None else numbers[first]
            raise SpecificationError(
                f"{name}[{before + first}] is {shown(output)}, which is no label of the target "
                f"({self._examples()}); if it is a possible output, add it to the target with probability 0"
            )
        return found

    def _category(self, output: Any) -> int:
        if isinstance(output, _TRUTHS):
            return self._category_of_truth(bool(output))
        try:
            found = self._by_label.get(output)
        except TypeError:  # cannot be hashed, so it is nobody's label
            return -1
        if found is None:
            found = self._by_value.get(output) if isinstance(output, _NUMBERS) else None
        return -1 if found is None else found

    def _category_of_truth(self, output: bool) -> int:
        found = self._by_label.get(output)
        if found is not None and isinstance(self._labels[found], _TRUTHS):  # to Python a label 1 is True as well
            return found
        return self._by_label.get(str(output), self._by_label.get(str(output).lower(), -1))

    @cached_property
    def _by_value(self) -> dict[Any, int]:
        """The labels that are numbers or texts of one, by their number; -1 where two are the same."""
        categories: dict[Any, int] = {}
        for i, label in enumerate(self._by_label):
            value = label if isinstance(label, (Number, np.bool_)) else _number_or_nan(label)
            if value == value:  # not NaN
                categories[value] = -1 if value in categories else i
        return categories

    def _examples(self) -> str:
        labels = self._labels
        few = [shown(labels[i]) for i in range(min(3, len(labels)))]
        more = [] if len(labels) <= 3 else ["...", shown(labels[-1])]
        return ", ".join([*few, *more])


def _as_numbers(labels: Sequence[Any]) -> npt.NDArray[Any] | range | None:
    """Labels as distinct numbers, if that is what they are."""
    if isinstance(labels, range):
        return labels
    try:
        numbers = _common(np.array([_number(label) for label in labels]))
    except (ValueError, TypeError):
        return None
    if numbers.dtype.kind not in "if" or np.isnan(numbers).any() or np.unique(numbers).size < len(labels):
        return None
    return numbers


def _numeric_array(outputs: Any) -> npt.NDArray[Any] | None:
    """Outputs as an array of numbers, if all of them are numbers, no texts and no truth values."""
    if not isinstance(outputs, np.ndarray):
        kinds = set(map(type, outputs))
        if not all(issubclass(kind, _NUMBERS) and kind is not bool for kind in kinds):
            return None
    numbers: npt.NDArray[Any] = np.asarray(outputs)
    return _common(numbers) if numbers.dtype.kind in "iuf" else None


def _common(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Half and extended precision, which pandas has no index of, as float64."""
    if numbers.dtype.kind != "f":
        return numbers
    with np.errstate(over="ignore"):
        return numbers.astype(np.float64, copy=False)


def _parsed(outputs: Any) -> npt.NDArray[Any]:
    """Numbers and texts of numbers as numbers; anything else as NaN, which is no label."""
    try:
        numbers = np.array([_number(output) for output in outputs])
        if numbers.dtype.kind in "iuf":
            return _common(numbers)
    except (ValueError, TypeError):
        pass
    return np.array([_number_or_nan(output) for output in outputs])


def _number(label: Any) -> Any:
    if isinstance(label, str):
        try:
            return int(label)
        except ValueError:
            return float(label)
    if not isinstance(label, _NUMBERS) or isinstance(label, bool):
        raise TypeError
    return label


def _number_or_none(output: Any) -> Any:
    try:
        return _number(output)
    except (ValueError, TypeError):
        return None


def _number_or_nan(output: Any) -> float:
    try:
        return float(_number(output))
    except (ValueError, TypeError, OverflowError):
        return np.nan
