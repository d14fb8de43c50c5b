"""The command ``simtemp sweep``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from simtemp.sweep.cluster import ClusterWorkers


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("sweep")(sweep)


def sweep(
    grid: Annotated[
        Path | None, typer.Argument(metavar="GRID.toml", help="Cells to compute: docs/sweeps.md.", show_default=False)
    ] = None,
    store: Annotated[Path | None, typer.Option(help="SQLite file of the results.", show_default=False)] = None,
    processes: Annotated[int | None, typer.Option(help="Worker processes (default: one a core).")] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of this process instead of worker processes.")] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Dask cluster instead: tcp://HOST:PORT or a scheduler file (docs/clusters.md)."
        ),
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for workers of a cluster that has none.")] = 60.0,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Compute what the store does not hold, or everything anew.")
    ] = True,
    retry: Annotated[bool, typer.Option("--retry", help="Compute failed cells again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count the cells and compute none.")] = False,
    export: Annotated[
        Path | None, typer.Option(help="Write the whole store to FILE.csv or FILE.parquet afterwards.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compute a grid of cells into a store, only those that are new; the same command goes on after any interruption.

    Exit code 1 if cells of the grid have failed: the column `error` says why. Without a grid, only export the store.
    """
    from simtemp.sweep.blas import ONE_THREAD

    os.environ.update(ONE_THREAD)  # before NumPy is imported: results are the same bytes with threads and processes
    from simtemp.console import fail, progress, show
    from simtemp.sweep.engine import run_sweep
    from simtemp.sweep.errors import SweepInterrupted
    from simtemp.sweep.grid import read_grid
    from simtemp.sweep.tables import check_export, export_store

    if grid is None and export is None:
        raise ValueError(
            "GRID.toml is missing: simtemp sweep GRID.toml --store FILE (or --store FILE --export FILE.csv)"
        )
    if store is None and not (dry_run and grid is not None):
        raise ValueError("--store is missing: simtemp sweep GRID.toml --store FILE")
    if export is not None:
        check_export(export)
    if grid is None:
        assert store is not None and export is not None
        show({"store": str(store), "rows": export_store(store, export), "export": str(export)}, as_json=json)
        return
    cells = read_grid(grid)
    if dry_run:
        show({"grid": str(grid), "cells": len(cells)}, as_json=json)
        return
    assert store is not None
    if scheduler is not None and not (processes is None and threads is None):
        raise ValueError("give --processes, --threads or --scheduler, not two of them")
    try:
        with _cluster(scheduler, wait) as executor, progress(f"sweeping {grid.name}") as tick:
            summary = run_sweep(
                cells,
                store,
                processes=processes,
                threads=threads,
                executor=executor,
                in_flight=1 if executor is None else executor.in_flight,
                fresh=not resume,
                retry=retry,
                progress=tick,
            )
    except SweepInterrupted as error:
        if threads is None:
            raise
        # Cells under way in threads cannot be stopped, and Python would wait for them.
        code = fail(str(error))
        sys.stderr.flush()
        os._exit(code)
    record = {"grid": str(grid), "store": str(store), **asdict(summary)}
    if export is not None:
        export_store(store, export)
        record["export"] = str(export)
    show(record, as_json=json)
    raise typer.Exit(1 if summary.failed else 0)


@contextmanager
def _cluster(scheduler: str | None, wait: float) -> Iterator[ClusterWorkers | None]:
    if scheduler is None:
        yield None
        return
    from simtemp.sweep.cluster import ClusterWorkers
    from simtemp.sweep.cluster_connection import quiet_dask

    with quiet_dask(), ClusterWorkers(scheduler, wait=wait) as workers:
        yield workers
