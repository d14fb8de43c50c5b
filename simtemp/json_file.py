"""JSON files of labels and numbers."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simtemp.arguments import shown
from simtemp.table import Table, entry
from simtemp.utf8_file import read_utf8


class _Object(list[tuple[str, Any]]):
    """A JSON object with every key that was written, those written twice included."""


def read_json(path: Path) -> Table:
    """An object of label: number; or a list of numbers, [label, number], or {"label": ..., "count"|"probability": ...}.

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        Naming the line of wrong JSON or the entry of a wrong value.
    """
    try:
        document = json.loads(read_utf8(path), object_pairs_hook=_Object)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    if isinstance(document, _Object):
        return _pairs(document)
    if not isinstance(document, list):
        raise ValueError(f"the file must hold an object or a list, got {shown(document)}")
    if document and isinstance(document[0], _Object):
        return _records(document)
    if document and isinstance(document[0], list):
        return _pairs(document)
    numbers = [_number(value, index) for index, value in enumerate(document)]
    return Table(range(len(numbers)), np.array(numbers, np.float64), entry)


def _pairs(pairs: Sequence[Any]) -> Table:
    labels: list[Hashable] = []
    numbers: list[float] = []
    for index, pair in enumerate(pairs):
        if isinstance(pair, _Object) or not isinstance(pair, list | tuple) or len(pair) != 2:
            raise ValueError(f"{entry(index)}: a [label, number] pair is needed, got {shown(pair)}")
        labels.append(_label(pair[0], index))
        numbers.append(_number(pair[1], index))
    return Table(labels, np.array(numbers, np.float64), entry)


def _records(records: list[Any]) -> Table:
    kind = "count" if any(key == "count" for key, _ in records[0]) else "probability"
    labels: list[Hashable] = []
    numbers: list[float] = []
    for index, record in enumerate(records):
        fields = dict(record) if isinstance(record, _Object) else {}
        if fields and len(fields) < len(record):
            raise ValueError(f"{entry(index)}: a key is there twice, got {shown(list(record))}")
        for key in ("label", kind):
            if key not in fields:
                either = "'label'" if key == "label" else "'count' or 'probability' (one of them throughout)"
                raise ValueError(f"{entry(index)}: an object with {either} is needed, got {shown(fields or record)}")
        labels.append(_label(fields["label"], index))
        numbers.append(_number(fields[kind], index))
    return Table(labels, np.array(numbers, np.float64), entry, kind)


def _label(value: Any, index: int) -> Hashable:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise ValueError(f"{entry(index)}: a label must be a text or a number, got {shown(value)}")
    return value


def _number(value: Any, index: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{entry(index)}: {shown(value)} is not a number")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{entry(index)}: the number is too large") from None
