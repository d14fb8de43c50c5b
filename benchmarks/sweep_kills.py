"""Kill a sweep and its workers at random moments (kill -9), and compare what is left with an undisturbed run.

    python benchmarks/sweep_kills.py [--kills 200] [--cells 2000] [--seed 0]

Exit code 0 if no cell that was reported as stored was ever lost, none is there twice, and every final store is equal to the
undisturbed one in keys, parameters and results. Half of the kills hit the sweep itself, which is then started again; half a worker.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simtemp.arguments import whole_number
from simtemp.sweep import Parameter, StoreError, cell_kind, make_cell, run_sweep
from simtemp.sweep.store import stored_rows

LONGEST = 2.0  # seconds from one kill to the next, at most
PROCESSES = 2


@cell_kind(version=1, parameters={"number": Parameter(whole_number)})
def nap(parameters: Mapping[str, Any], seed_sequence: np.random.SeedSequence) -> dict[str, Any]:
    rng = np.random.default_rng(seed_sequence)
    time.sleep(rng.uniform(0.0, 0.02))
    return {"sum": float(rng.random(1000).sum())}


def sweep(count: int, store: str) -> None:
    """One sweep, which says after every transaction how many cells it has stored."""
    cells = [make_cell("nap", "sweep_kills:nap", 1, {"number": number}) for number in range(count)]
    run_sweep(cells, store, processes=PROCESSES, progress=lambda done, total: print(count - total + done, flush=True))


class Sweep:
    """A sweep in a process of its own."""

    def __init__(self, count: int, store: Path, log: Path) -> None:
        self.log = log
        with log.open("w") as stream:
            self.process = subprocess.Popen(
                [sys.executable, __file__, "--cells", str(count), "--store", str(store)], stdout=stream
            )

    def workers(self) -> list[int]:
        try:
            return [
                int(pid)
                for thread in Path(f"/proc/{self.process.pid}/task").iterdir()
                for pid in (thread / "children").read_text().split()
            ]
        except OSError:
            return []

    def reported(self) -> int:
        lines = self.log.read_text().splitlines()
        return int(lines[-1]) if lines else 0


def contents(store: Path) -> list[tuple[str, ...]]:
    try:
        return [(row.key, row.kind, row.parameters, row.status, row.result) for row in stored_rows(store)]
    except StoreError:
        if store.exists():
            raise
        return []


def disturbed(count: int, store: Path, log: Path, kills: int, rng: random.Random) -> tuple[int, int]:
    """Run one sweep to its end under at most `kills` kills; the numbers of sweeps and of workers that were killed."""
    sweeps = workers = 0
    kept: set[tuple[str, ...]] = set()
    running = Sweep(count, store, log)
    while True:
        try:
            running.process.wait(rng.uniform(0.0, LONGEST) if sweeps + workers < kills else None)
        except subprocess.TimeoutExpired:
            victims = running.workers()
            if victims and rng.random() < 0.5:
                try:
                    os.kill(rng.choice(victims), signal.SIGKILL)
                except ProcessLookupError:
                    continue
                workers += 1
                continue
            running.process.kill()
            running.process.wait()
            sweeps += 1
        now = contents(store)
        assert len(now) >= running.reported(), "a cell that was reported is lost"
        assert kept <= set(now), "a cell that was stored is lost or changed"
        assert len({row[0] for row in now}) == len(now), "a cell is there twice"
        kept = set(now)
        if running.process.returncode == 0:
            assert len(now) == count, "a sweep ended before all its cells were stored"
            return sweeps, workers
        assert running.process.returncode == -signal.SIGKILL, f"a sweep ended with {running.process.returncode}"
        running = Sweep(count, store, log)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--cells", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--store", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.store:
        sweep(options.cells, options.store)
        return
    rng = random.Random(options.seed)
    began = time.monotonic()
    sweeps = workers = rounds = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain = Sweep(options.cells, folder / "plain.sqlite", folder / "log")
        assert plain.process.wait() == 0
        expected = contents(folder / "plain.sqlite")
        while sweeps + workers < options.kills:
            store = folder / f"{rounds}.sqlite"
            killed = disturbed(options.cells, store, folder / "log", options.kills - sweeps - workers, rng)
            assert contents(store) == expected, "the store differs from that of the undisturbed run"
            sweeps, workers, rounds = sweeps + killed[0], workers + killed[1], rounds + 1
    print(
        f"{sweeps + workers} kills ({sweeps} of sweeps, {workers} of workers) in {rounds} sweeps of {options.cells:,} cells: "
        f"no cell lost, none double, every final store equal to the undisturbed one; {time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
