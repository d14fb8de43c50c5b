"""From a grid file to cells: every combination of the values in each of its tables."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from os import PathLike
from pathlib import Path
from typing import Any, Final

from simtemp.arguments import shown, whole_number
from simtemp.sweep.cell import Cell, make_cell
from simtemp.sweep.declaration import CellKind
from simtemp.sweep.errors import GridError
from simtemp.sweep.kinds import installed_kinds, load_kind
from simtemp.utf8_file import read_utf8

MAX_CELLS: Final = 1_000_000
"""The largest grid: about 1 GB of cells in memory."""

_RANGE = {"from", "to", "step"}


def read_grid(path: str | PathLike[str]) -> list[Cell]:
    r"""The cells of a grid file, in its order and without repetitions.

    Parameters
    ----------
    path : path
        A TOML file of one or more tables ``[[cells]]``. ``kind`` names what a cell computes (`installed_kinds`); every
        other key is a parameter of that kind with a value, a list of values, or a range of whole numbers
        ``{ from = 0, to = 99, step = 1 }`` with both ends. A table stands for all combinations of its values.

    Returns
    -------
    list of Cell
        At most a million.

    Raises
    ------
    OSError
        For a file that cannot be read.
    GridError
        A ValueError of one line, naming file, table, key and what is allowed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     grid = Path(folder, "grid.toml")
    ...     _ = grid.write_text('[[cells]]\nkind = "law"\nbase = "two"\ntemperature = [0.5, 0.25]\nbatch_size = [10, 20]')
    ...     len(read_grid(grid))
    4
    """
    file = Path(path)
    try:
        return _cells(tomllib.loads(read_utf8(file)))
    except ValueError as error:
        raise GridError(f"{file}: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise GridError(f"{file}: nested too deeply") from None


def _cells(document: dict[str, Any]) -> list[Cell]:
    for key in document:
        if key != "cells":
            raise ValueError(f"unknown key {shown(key)} at the top; allowed are tables [[cells]]")
    tables = document.get("cells")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables) or not tables:
        raise ValueError("a grid must have one or more tables [[cells]], got none")
    kinds = installed_kinds()
    prepared = []
    for number, table in enumerate(tables, 1):
        with _in_table(number):
            prepared.append(_Table(table, kinds))
    total = sum(checked.size for checked in prepared)
    if total > MAX_CELLS:
        raise ValueError(f"a grid must have at most {MAX_CELLS:,} cells, got {total:,}")
    cells: dict[str, Cell] = {}
    for number, checked in enumerate(prepared, 1):
        with _in_table(number):
            for cell in checked.cells():
                cells.setdefault(cell.key, cell)
    return list(cells.values())


@contextmanager
def _in_table(number: int) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:
        raise ValueError(f"table {number} of [[cells]]: {error}") from None


class _Table:
    """One table whose names and values have been checked one by one; combinations are checked as cells are made."""

    def __init__(self, table: Mapping[str, Any], kinds: Mapping[str, str]) -> None:
        given = dict(table)
        self._name = given.pop("kind", None)
        if not isinstance(self._name, str) or self._name not in kinds:
            got = "none" if self._name is None else shown(self._name)
            raise ValueError(f"kind must be one of {', '.join(sorted(kinds))}, got {got}")
        self._place = kinds[self._name]
        self._kind: CellKind = load_kind(self._name, self._place)
        self._kind.check_names(given)
        self._values = {
            key: [self._kind.parameters[key].check(value, key) for value in _values(key, given[key])] for key in given
        }
        self.size = math.prod(len(values) for values in self._values.values())

    def cells(self) -> Iterator[Cell]:
        defaults = self._kind.defaults()
        for combination in product(*self._values.values()):
            chosen = dict(zip(self._values, combination, strict=True))
            try:
                settled = self._kind.settle({**defaults, **chosen})
            except ValueError as error:
                several = ", ".join(f"{key} = {shown(value)}" for key, value in chosen.items())
                raise ValueError(f"{several}: {error}") from None
            yield make_cell(self._name, self._place, self._kind.version, settled)


def _values(key: str, given: Any) -> list[Any]:
    if isinstance(given, dict):
        return _range(key, given)
    if not isinstance(given, list):
        return [given]
    if not given:
        raise ValueError(f"{key} must have at least one value, got an empty list")
    return given


def _range(key: str, given: dict[str, Any]) -> list[Any]:
    if not {"from", "to"} <= given.keys() <= _RANGE:
        raise ValueError(f"{key} must be a value, a list or {{ from = 0, to = 9, step = 1 }}, got {shown(given)}")
    first = whole_number(given["from"], f"{key}.from", -(2**63), 2**63)
    last = whole_number(given["to"], f"{key}.to", first, 2**63)
    step = whole_number(given.get("step", 1), f"{key}.step", 1)
    if (last - first) // step >= MAX_CELLS:
        raise ValueError(f"{key} must have at most {MAX_CELLS:,} values, got {shown(given)}")
    return list(range(first, last + 1, step))
