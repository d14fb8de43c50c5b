"""What a sweep adds to the cost of its cells: 10,000 cells that do nothing, so that all the time is overhead.

    python benchmarks/sweep.py [--cells 10000]

Expanding the grid, starting the workers, sending cells, storing results, and finding all of them there again.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simtemp.arguments import whole_number
from simtemp.simulation import available_cores
from simtemp.sweep import Parameter, cell_kind, make_cell, read_grid, run_sweep
from simtemp.sweep.outcome import run_cell


@cell_kind(version=1, parameters={"number": Parameter(whole_number)})
def nothing(parameters: Mapping[str, Any], seed_sequence: np.random.SeedSequence) -> dict[str, Any]:
    return {"result": 0.5}


def grid_seconds(count: int, folder: Path) -> float:
    grid = folder / "grid.toml"
    grid.write_text(
        f'[[cells]]\nkind = "sample"\nbase = ["peaked9", "near"]\ntemperature = [0.5, 0.25]\nseed = {{ from = 1, to = {count // 4} }}\n'
    )
    began = time.perf_counter()
    assert len(read_grid(grid)) == count // 4 * 4
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=10_000)
    count = parser.parse_args().cells
    cores = available_cores()
    cells = [make_cell("nothing", "sweep:nothing", 1, {"number": number}) for number in range(count)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{count:,} cells, {cores} cores; milliseconds a cell")
        print(f"reading the grid         {1e3 * grid_seconds(count, folder) / count:8.3f}")
        began = time.perf_counter()
        for cell in cells:
            run_cell(cell)
        print(f"a bare loop              {1e3 * (time.perf_counter() - began) / count:8.3f}")
        for label, options in [
            ("1 process", {"processes": 1}),
            (f"{cores} processes", {"processes": cores}),
            ("1 thread", {"threads": 1}),
            (f"{cores} threads", {"threads": cores}),
        ]:
            store = folder / f"{label}.sqlite"
            summary = run_sweep(cells, store, **options)
            assert (summary.computed, summary.failed) == (count, 0)
            again = run_sweep(cells, store, **options)
            assert again.present == count
            print(f"{label:24} {1e3 * summary.seconds / count:8.3f}   again {1e3 * again.seconds / count:8.4f}")


if __name__ == "__main__":
    main()
