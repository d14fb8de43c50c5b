"""Running one cell: whatever it does, there is an outcome."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from simtemp.console import plain
from simtemp.errors import describe
from simtemp.sweep.cell import Cell, canonical_json
from simtemp.sweep.declaration import RESERVED
from simtemp.sweep.kinds import load_kind

Status = Literal["done", "failed"]


@dataclass(frozen=True)
class Outcome:
    """What came of a cell.

    Attributes
    ----------
    cell : Cell
    status : str
        "done" or "failed".
    result : str
        A flat JSON object: the cell's result, or {"error": why it failed}. Infinities and NaN are null.
    seconds : float
        Wall-clock time.
    """

    cell: Cell
    status: Status
    result: str
    seconds: float


def run_cell(cell: Cell) -> Outcome:
    """Compute a cell; an error in it is its outcome. Only an interrupt passes."""
    began = time.perf_counter()
    try:
        kind = load_kind(cell.kind, cell.place)
        if kind.version != cell.version:
            raise RuntimeError(f"version {cell.version} of {cell.kind} was asked for, version {kind.version} is here")
        result = _flat(kind(cell.parameters, cell.seed_sequence()), cell)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit as well: another package's cell must not end the sweep
        return failure(cell, describe(error), time.perf_counter() - began)
    return Outcome(cell, "done", result, time.perf_counter() - began)


def failure(cell: Cell, why: str, seconds: float = 0.0) -> Outcome:
    """The outcome of a cell that has no result."""
    return Outcome(cell, "failed", canonical_json({"error": why}), seconds)


def _flat(result: Mapping[str, Any], cell: Cell) -> str:
    values = plain(result)
    if not isinstance(values, dict):
        raise TypeError(f"{cell.kind} must return a dict, got {type(result).__name__}")
    for name, value in values.items():
        if not (value is None or isinstance(value, bool | int | float | str)):
            raise TypeError(f"{cell.kind} must return a flat dict, got {name} of type {type(value).__name__}")
        if name in RESERVED or name in cell.parameters:
            raise ValueError(f"{cell.kind} must not name a result {name}: it is a column already")
    return canonical_json(values)
