"""Files of recorded outputs as samplers to judge."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from simtemp.arguments import shown
from simtemp.errors import SpecificationError
from simtemp.npy_file import check_npy
from simtemp.utf8_file import read_utf8
from verify.recorded import Recorded, label_index, one_dimensional

_NAMES = ("output", "label")


def load_outputs(spec: str, target: Any) -> Recorded:
    """The outputs that ``file:PATH`` names; `target` as for `recorded_file`."""
    path = spec.removeprefix("file:").strip()
    if not path:
        raise SpecificationError(f"sampler must be file:PATH, got {shown(spec)}")
    try:
        expanded = Path(path).expanduser()
    except RuntimeError as error:  # the home folder of an unknown user
        raise SpecificationError(f"{spec.strip()}: {error}") from None
    return recorded_file(expanded, target)


def recorded_file(path: Path, target: Any, labels: Sequence[Any] | None = None) -> Recorded:
    """The outputs in a file, in its order, as a sampler to judge.

    Parameters
    ----------
    path : Path
        Read by its ending. ``.npy``: a one-dimensional array, memory-mapped. ``.csv``, ``.tsv``: one output a row; of
        several columns, the one that the header calls `output` or `label`. ``.txt``: one output a line, all of it.
        ``.jsonl``: one JSON value a line; ``.json``: one list of them; of an object, its `output` or `label`.
    target : array_like of shape (K,), or Categorical
        Whose categories the outputs are.
    labels : sequence of K, optional
        Names of the categories; those of the target, or 0 to K-1, if left out.

    Returns
    -------
    Recorded
        Its ``remaining`` is known for .npy and .json.

    Raises
    ------
    OSError
        For a file that cannot be read.
    SpecificationError
        A ValueError of one line that names the file: at once, if it holds no outputs; while outputs are taken, for a
        line that cannot be read or an output that is no label of the target.

    Notes
    -----
    Read as it is used, a chunk at a time, but for .json. 100 million integers of an .npy file take one or two
    seconds, so do two million lines of text.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise SpecificationError(f"the file must end in {', '.join(_READERS)}, got {shown(path.name)}")
    index = label_index(target, labels)
    with _one_line(path):
        outputs = read(path)
    if isinstance(outputs, Iterator):
        stream = _guarded(outputs, path)
        first = list(islice(stream, 1))
        outputs = chain(first, stream) if first else []
    if hasattr(outputs, "__len__") and len(outputs) == 0:
        raise SpecificationError(f"{path}: the file holds no outputs")
    return Recorded(outputs, index, f"{path}: outputs")


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        if isinstance(error, UnicodeDecodeError):
            error = _not_utf8(path, error)
        raise SpecificationError(f"{path}: {' '.join(str(error).split())}") from None


def _guarded(outputs: Iterator[Any], path: Path) -> Iterator[Any]:
    with _one_line(path):
        yield from outputs


def _not_utf8(path: Path, error: ValueError) -> ValueError:
    try:
        read_utf8(path)  # knows the line, which a stream that decodes ahead does not
    except ValueError as known:
        return known
    return error


def _npy(path: Path) -> Any:
    check_npy(path)
    try:
        outputs = np.lib.format.open_memmap(path, mode="r")
    except OSError:
        raise
    except Exception as error:  # a broken header ends in errors of many kinds
        raise ValueError(f"not a .npy array of numbers or texts: {error}") from None
    return one_dimensional(outputs)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig") as lines:
        for line in lines:
            yield line.removesuffix("\n")


def _rows(delimiter: str) -> Callable[[Path], Iterator[str]]:
    def read(path: Path) -> Iterator[str]:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from _column_of(csv.reader(lines, delimiter=delimiter, strict=True))

    return read


def _column_of(rows: Any) -> Iterator[str]:
    try:
        first = next(filter(None, rows), None)
        if first is None:
            return
        column, header = _column(first, rows.line_num)
        for row in rows if header else chain([first], rows):
            if row and len(row) != len(first):
                columns = f"{len(first)} columns are needed, as in the first row"
                raise ValueError(f"line {rows.line_num}: {columns}, got {len(row)}")
            if row:
                yield row[column]
    except csv.Error as error:
        raise ValueError(f"line {rows.line_num}: {error}") from None


def _column(first: list[str], line: int) -> tuple[int, bool]:
    """Where the outputs are, and whether the first row is a header."""
    names = [field.strip().lower() for field in first]
    for name in _NAMES:
        if name in names:
            return names.index(name), True
    if len(first) == 1:
        return 0, False
    raise ValueError(f"line {line}: {len(first)} columns, but no header that names 'output' or 'label' among them")


def _json(path: Path) -> list[Any]:
    try:
        document = json.loads(read_utf8(path))
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    if not isinstance(document, list):
        raise ValueError(f"the file must hold a list, got {shown(document)}")
    return [_value(entry) for entry in document]


def _json_lines(path: Path) -> Iterator[Any]:
    for number, line in enumerate(_lines(path), 1):
        if line.strip():
            try:
                yield _value(json.loads(line))
            except (json.JSONDecodeError, RecursionError) as error:
                raise ValueError(f"line {number}: not a JSON value: {error}") from None


def _value(entry: Any) -> Any:
    if isinstance(entry, dict):
        return next((entry[name] for name in _NAMES if name in entry), entry)
    return entry


_READERS: dict[str, Callable[[Path], Any]] = {
    ".npy": _npy,
    ".csv": _rows(","),
    ".tsv": _rows("\t"),
    ".txt": _lines,
    ".json": _json,
    ".jsonl": _json_lines,
}
