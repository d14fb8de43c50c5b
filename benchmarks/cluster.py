"""What a Dask cluster adds to the cost of cells, and what its parts need in memory: a scheduler and workers on this machine.

    python benchmarks/cluster.py [--cells 3000] [--workers 1 2]

The cells do nothing, so that all the time is overhead: of the sweep, the scheduler and the workers, which share this machine's cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from distributed import Client

from simtemp.simulation import available_cores
from simtemp.sweep import make_cell, run_sweep
from simtemp.sweep.cluster import ClusterWorkers


def dask(*words: str) -> psutil.Popen:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    return psutil.Popen(
        [sys.executable, "-m", "dask", *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=3000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    print(f"{options.cells:,} cells that do nothing, {available_cores()} cores, load {os.getloadavg()[0]:.1f}")
    cells = [make_cell("nothing", "sweep:nothing", 1, {"number": number}) for number in range(options.cells)]
    for count in options.workers:
        with tempfile.TemporaryDirectory() as name:
            file = Path(name, "scheduler.json")
            scheduler = dask(
                "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
            )
            while not file.exists() or not file.stat().st_size:
                time.sleep(0.1)
            workers = [
                dask("worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny", "--no-dashboard")
                for _ in range(count)
            ]
            try:
                with Client(scheduler_file=str(file), set_as_default=False) as client:
                    client.wait_for_workers(count)
                with ClusterWorkers(str(file)) as cluster:
                    run_sweep(
                        cells[: 10 * count], Path(name, "warm.sqlite"), executor=cluster, in_flight=cluster.in_flight
                    )
                    before = cpu_seconds(scheduler)
                    summary = run_sweep(cells, Path(name, "s.sqlite"), executor=cluster, in_flight=cluster.in_flight)
                    assert (summary.computed, summary.failed) == (options.cells, 0)
                    spent = cpu_seconds(scheduler) - before
                    (own,) = workers[0].children()
                    print(
                        f"{count} workers: {options.cells / summary.seconds:6.0f} cells a second, "
                        f"{1e3 * summary.seconds / options.cells:5.2f} ms a cell, of which the scheduler computes "
                        f"{1e3 * spent / options.cells:5.2f}; memory: scheduler {megabytes(scheduler):.0f} MB, "
                        f"Dask worker {megabytes(workers[0]):.0f} MB, the process of its cells {megabytes(own):.0f} MB"
                    )
            finally:
                for process in (*workers, scheduler):
                    process.kill()
                    process.wait()


if __name__ == "__main__":
    main()
