"""The known world as an experiment: every loss on it, and its results on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simtemp.adaptive.experiment_files import RESULTS, ExperimentFiles
from simtemp.adaptive.names import WORLD
from simtemp.adaptive.world_results import world_results
from simtemp.console import Progress

_SEEDS = 20
_QUICK_SEEDS = 2


def evaluate_world(
    output: Path, *, quick: bool = False, seed: int = 0, progress: Progress = lambda done, total: None
) -> dict[str, Any]:
    """Train heads with every loss and measure their exact regret; writes and gives the results."""
    found = world_results(seeds=_QUICK_SEEDS if quick else _SEEDS, seed=seed, progress=progress)
    record = found | {"command": f"simtemp adapt evaluate {WORLD} --seed {seed}{' --quick' if quick else ''}"}
    ExperimentFiles(output / WORLD).write(RESULTS, record)
    return record
