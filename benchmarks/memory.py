"""Peak memory of what people run, each as a process of its own (with the processes that it starts: the largest of them).

    python benchmarks/memory.py [--slow]

`--slow` adds the report and training.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LAW = ["law", "--base", "zipf:1000,1.1", "-T", "0.5", "--batch-size", "1000"]
COMMANDS: list[tuple[str, list[str]]] = [
    ("the command itself", ["--version"]),
    ("a million outputs, 9 categories", ["sample", "--base", "peaked9", "-T", "0.5", "--size", "1000000"]),
    ("ten million outputs, 9 categories", ["sample", "--base", "peaked9", "-T", "0.5", "--size", "10000000"]),
    ("a million categories", ["sample", "--base", "zipf:1000000,1.1", "-T", "0.5", "--size", "100000"]),
    ("batches of 10,000 draws", ["sample", "--method", "batch", "--base", "zipf:1000,1.1", "-T", "0.5", "--batch-size", "10000"]),
    ("exact law, K = N = 1000", LAW),
    ("a verdict, few outputs", ["verify", "collision", "--base", "peaked9", "-T", "0.4"]),
    ("a verdict, up to 5 million outputs", "verify batch --base zipf:1000,1.1 -T 0.5 --rule corrected --max-samples 5e6".split()),
    ("ten million outputs from .npy", ["verify", "file:recorded.npy", "--base", "peaked9", "-T", "1"]),
    ("a million outputs from .csv", ["verify", "file:recorded.csv", "--base", "peaked9", "-T", "1"]),
    ("a sweep of 10,000 cells, 2 processes", ["sweep", "grid.toml", "--store", "results.sqlite", "--processes", "2"]),
    ("the same again: nothing to do", ["sweep", "grid.toml", "--store", "results.sqlite"]),
    ("a grid of a million cells, counted", ["sweep", "million.toml", "--store", "results.sqlite", "--dry-run"]),
    ("a picture", ["plot", "rejection", "-o", "rejection.png"]),
]  # fmt: skip
SLOW = [
    ("the report", ["report", "-o", "report"]),
    ("training CALM", ["calm", "train", "-o", "calm", "--fresh"]),
    ("decoding it", ["calm", "decode", "calm", "--prompt", "The ", "-T", "0.7"]),
]


def prepare(folder: Path) -> None:
    import numpy as np

    from simtemp import parse_base

    rng = np.random.default_rng(0)
    recorded = rng.choice(9, size=10_000_000, p=parse_base("peaked9").probs)
    np.save(folder / "recorded.npy", recorded)
    (folder / "recorded.csv").write_text("\n".join(map(str, recorded[:1_000_000].tolist())))
    cells = (
        '[[cells]]\nkind = "sample"\nbase = "peaked9"\ntemperature = 0.5\nsize = 10\nseed = {{ from = 1, to = {} }}\n'
    )
    (folder / "grid.toml").write_text(cells.format(10_000))
    (folder / "million.toml").write_text(cells.format(1_000_000))


def peak(arguments: list[str], folder: Path) -> tuple[float, float, int]:
    """Megabytes, seconds and exit code."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "simtemp", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    return usage.ru_maxrss / 1000, time.perf_counter() - began, os.waitstatus_to_exitcode(status)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--slow", action="store_true")
    wanted = COMMANDS + (SLOW if parser.parse_args().slow else [])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Elsewhere: a process begins with the peak of the one that starts it.
        preparation = multiprocessing.get_context("spawn").Process(target=prepare, args=(folder,))
        preparation.start()
        preparation.join()
        print(f"{'':40} {'MB':>6} {'seconds':>8}  exit code")
        for label, arguments in wanted:
            megabytes, seconds, code = peak(arguments, folder)
            print(f"{label:40} {megabytes:6.0f} {seconds:8.1f}  {code}    simtemp {' '.join(arguments)}", flush=True)


if __name__ == "__main__":
    main()
