"""simtemp.sweep: campaigns over bases, temperatures, methods, budgets and seeds, in a store that outlives interruptions.

A grid file names cells (`read_grid`); `run_sweep` computes those that a store does not hold yet; `read_store` gives them as a table.
Names are loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtemp.lazy_names import lazy_names

if TYPE_CHECKING:
    from simtemp.errors import WorkerDied as WorkerDied
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
    from simtemp.sweep.errors import WorkersUnavailable as WorkersUnavailable
    from simtemp.sweep.grid import read_grid as read_grid
    from simtemp.sweep.outcome import Outcome as Outcome
    from simtemp.sweep.outcome import run_cell as run_cell
    from simtemp.sweep.store import Store as Store
    from simtemp.sweep.tables import export_store as export_store
    from simtemp.sweep.tables import read_store as read_store

_HOME = {
    "simtemp.errors": ["WorkerDied"],
    "simtemp.sweep.cell": ["Cell", "make_cell"],
    "simtemp.sweep.cluster": ["ClusterWorkers"],
    "simtemp.sweep.declaration": ["CellKind", "Parameter", "cell_kind"],
    "simtemp.sweep.engine": ["Summary", "run_sweep"],
    "simtemp.sweep.errors": ["GridError", "StoreError", "SweepInterrupted", "WorkersUnavailable"],
    "simtemp.sweep.grid": ["read_grid"],
    "simtemp.sweep.outcome": ["Outcome", "run_cell"],
    "simtemp.sweep.store": ["Store"],
    "simtemp.sweep.tables": ["export_store", "read_store"],
}

__getattr__, __dir__, __all__ = lazy_names(__name__, _HOME)
