"""simtemp.sweep: campaigns over bases, temperatures, methods, budgets and seeds, in a store that outlives interruptions.

A grid file names cells (`read_grid`); `run_sweep` computes those that a store does not hold yet; `read_store` gives them as a table.
Names are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simtemp.sweep.cell import Cell as Cell
    from simtemp.sweep.cell import make_cell as make_cell
    from simtemp.sweep.cluster import ClusterWorkers as ClusterWorkers
    from simtemp.sweep.declaration import CellKind as CellKind
    from simtemp.sweep.declaration import Parameter as Parameter
    from simtemp.sweep.declaration import cell_kind as cell_kind
    from simtemp.sweep.engine import Summary as Summary
    from simtemp.sweep.engine import run_sweep as run_sweep
    from simtemp.sweep.errors import GridError as GridError
    from simtemp.sweep.errors import StoreError as StoreError
    from simtemp.sweep.errors import SweepInterrupted as SweepInterrupted
    from simtemp.sweep.errors import WorkerDied as WorkerDied
    from simtemp.sweep.errors import WorkersUnavailable as WorkersUnavailable
    from simtemp.sweep.grid import read_grid as read_grid
    from simtemp.sweep.outcome import Outcome as Outcome
    from simtemp.sweep.outcome import run_cell as run_cell
    from simtemp.sweep.store import Store as Store
    from simtemp.sweep.tables import export_store as export_store
    from simtemp.sweep.tables import read_store as read_store

_HOME = {
    "simtemp.sweep.cell": ["Cell", "make_cell"],
    "simtemp.sweep.cluster": ["ClusterWorkers"],
    "simtemp.sweep.declaration": ["CellKind", "Parameter", "cell_kind"],
    "simtemp.sweep.engine": ["Summary", "run_sweep"],
    "simtemp.sweep.errors": ["GridError", "StoreError", "SweepInterrupted", "WorkerDied", "WorkersUnavailable"],
    "simtemp.sweep.grid": ["read_grid"],
    "simtemp.sweep.outcome": ["Outcome", "run_cell"],
    "simtemp.sweep.store": ["Store"],
    "simtemp.sweep.tables": ["export_store", "read_store"],
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE)


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module 'simtemp.sweep' has no attribute {name!r}")
    value = getattr(import_module(_MODULE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE})
