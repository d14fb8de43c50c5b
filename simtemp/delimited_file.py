"""CSV and TSV files of labels and numbers."""

from __future__ import annotations

import csv
import itertools
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simtemp.arguments import shown
from simtemp.categorical import MAX_CATEGORIES
from simtemp.table import Table
from simtemp.utf8_file import read_utf8

_KINDS = {
    **dict.fromkeys(("count", "counts", "n"), "count"),
    **dict.fromkeys(("probability", "probabilities", "prob", "probs", "p"), "probability"),
}
_MISSING = {"na", "n/a", "nan", "null", "none", "inf", "infinity"}


class _Columns(NamedTuple):
    label: int
    number: int
    kind: str
    header: bool


def read_delimited(path: Path, delimiter: str) -> Table:
    """The rows of a CSV or TSV file: UTF-8, fields quoted where needed, blank lines left out, with or without a header.

    A header may name its columns `label` and `count` or `probability` in any order and among others. Otherwise there
    are two columns: the label, then the number. A first row is a header when its second field is a word.

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        Naming the line, for a row that is not a label and a number.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _read_rows(csv.reader(lines, delimiter=delimiter, strict=True), delimiter)
    except UnicodeDecodeError:
        read_utf8(path)  # knows the line, which a stream that decodes ahead does not
        raise


def _read_rows(reader: Any, delimiter: str) -> Table:
    labels: list[str] = []
    numbers = array("d")
    lines = array("q")
    rows = _filled_rows(reader)
    first = next(rows, None)
    if first is None:
        raise ValueError("the file is empty")
    columns = _find_columns(first, reader.line_num, delimiter)
    width = len(first)
    for row in rows if columns.header else itertools.chain([first], rows):
        if len(row) != width:
            raise ValueError(f"line {reader.line_num}: {width} columns are needed, as in the first row, got {len(row)}")
        label = row[columns.label]
        if not label:
            raise ValueError(f"line {reader.line_num}: the label is blank")
        labels.append(label)
        try:
            numbers.append(float(row[columns.number]))
        except ValueError:
            raise _no_number(row[columns.number], reader.line_num) from None
        lines.append(reader.line_num)
        if len(labels) > MAX_CATEGORIES:
            break
    return Table(labels, np.asarray(numbers), lambda index: f"line {lines[index]}", columns.kind)


def _filled_rows(reader: Any) -> Iterator[list[str]]:
    try:
        for row in reader:
            if len(row) > 1 or (row and row[0].strip()):
                yield row
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from None


def _find_columns(row: list[str], line: int, delimiter: str) -> _Columns:
    """What the first row says about the columns."""
    if len(row) < 2:
        raise ValueError(f"line {line}: a label and a number with {delimiter!r} between are needed, got one column")
    names = [field.strip().lower() for field in row]
    kinds = [_KINDS.get(name, "") for name in names]
    if len(row) == 2:
        if not _is_word(names[1]):
            return _Columns(0, 1, "", header=False)
        number = 0 if kinds[0] and not kinds[1] else 1
        return _Columns(1 - number, number, kinds[number], header=True)
    if "label" in names and any(kinds):
        number = kinds.index("count" if "count" in kinds else "probability")
        return _Columns(names.index("label"), number, kinds[number], header=True)
    raise ValueError(
        f"line {line}: {len(row)} columns, but no header that names 'label' and 'count' or 'probability' among them"
    )


def _is_word(field: str) -> bool:
    """Whether a field names a column: a mistyped or missing number in the first row must not pass for a header."""
    return field[:1].isalpha() and field not in _MISSING


def _no_number(field: str, line: int) -> ValueError:
    fault = f"{shown(field)} is not a number" if field.strip() else "the number is blank"
    return ValueError(f"line {line}: {fault}")
