"""The kinds of cells that are installed: simtemp's own, and those of any package in the entry-point group ``simtemp.cells``."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from simtemp.arguments import shown
from simtemp.errors import describe
from simtemp.sweep.declaration import CellKind

GROUP = "simtemp.cells"

_OWN = {"sample": "simtemp.sweep.sample_cell:sample_cell", "law": "simtemp.sweep.law_cell:law_cell"}


def installed_kinds() -> dict[str, str]:
    """The name of every kind and where it is, as ``module:function``; another package cannot take a name of simtemp's own."""
    return {point.name: point.value for point in entry_points(group=GROUP)} | _OWN


@cache
def load_kind(name: str, place: str) -> CellKind:
    """The kind at ``module:function``.

    Raises
    ------
    ValueError
        If it cannot be loaded or is no kind of cell.
    """
    try:
        found = EntryPoint(name, place, GROUP).load()
    except Exception as error:  # whatever another package does on import
        raise ValueError(f"kind {shown(name)} cannot be loaded from {place}: {describe(error)}") from error
    if not isinstance(found, CellKind):
        raise ValueError(f"kind {shown(name)} must be made by simtemp.sweep.cell_kind, got {shown(found)} at {place}")
    return found
