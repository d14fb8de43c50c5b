"""What many tests of pictures read, made once: one small report, and a directory of results of adaptive decoding."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from figures.explorer import Grid
from figures.report.plan import Effort
from figures.report.write import write_report

TINY = Effort(
    suite_epsilon=0.1,
    epsilons=(0.05, 0.1, 0.2),
    cell_draws=1e6,
    bound_draws=2e5,
    batches=((20, 1 / 2), (20, 1 / 10)),
    cell_seconds=60.0,
    seconds=300.0,
    faults=("normaliser-not-tempered", "every-output-twice", "inverse-cdf"),
)
BASES = ("two:0.8", "peaked9", "uniform:10")
GRID = Grid(30, (1 / 7, 0.4, 0.5, 1.0), (20, 200))


@pytest.fixture(scope="session")
def tiny() -> Effort:
    return TINY


@pytest.fixture(scope="session")
def grid() -> Grid:
    """What can be chosen in the explorer of `report`."""
    return GRID


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports without pictures, which take most of the time of a small one."""
    monkeypatch.setattr("figures.report.write.chosen_pictures", lambda *_arguments: [])


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory, adaptive_results: Path) -> Path:
    """The folder of a report on three bases in a few seconds, with every section but that on a trained model."""
    folder = tmp_path_factory.mktemp("report")
    effort = replace(TINY, explorer=(GRID,))
    write_report(folder, bases=BASES, seed=5, quick=True, threads=2, adapt=str(adaptive_results), effort=effort)
    return folder


@pytest.fixture(scope="session")
def adaptive_results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as of ``simtemp adapt evaluate``, with made-up numbers: nothing in it was measured."""
    folder = tmp_path_factory.mktemp("adaptive")
    found = {
        "mixed": made_up_task(
            "sequence", {"arithmetic": [0.9, 0.1, 0.0], "creative": [0.0, 0.25, 0.75]}, [0.0, 0.5, 1.0]
        ),
        "constrained": made_up_task("token", {"acrostic": [0.5, 0.2, 0.3]}, [0.0, 0.5, 1.5]),
        "mixed-blocks": made_up_task("token", {"creative": [0.2, 0.8]}, [0.2, 1.0], model="blocks"),
        "world": made_up_world(),
    }
    for name, document in found.items():
        (folder / name).mkdir()
        (folder / name / "results.json").write_text(json.dumps(document))
    return folder


def made_up_task(
    level: str, kinds: dict[str, list[float]], temperatures: list[float], model: str = "logits"
) -> dict[str, Any]:
    """The contents of a task's results.json."""
    names = ["adaptive", *(f"T = {t:g}" for t in temperatures), *(["EDT, T0 = 1"] if model == "logits" else [])]
    policies = [
        {
            "name": name,
            "kind": "adaptive" if name == "adaptive" else "entropy" if name.startswith("EDT") else "fixed",
            "temperature": temperatures[i - 1] if name.startswith("T =") else None,
            "score": 0.8 - 0.07 * i,
            "low": 0.77 - 0.07 * i,
            "high": 0.82 - 0.07 * i,
            "by_kind": dict.fromkeys(kinds, 0.75),
            "measures": {"repeated_3grams": 0.012},
            "log_prob_per_token": -1.2 if model == "logits" else None,
            "mean_temperature": 0.4,
            "draws": None if model == "logits" else 61.5,
        }
        for i, name in enumerate(names)
    ]
    pieces = list("Ants eat. ") if model == "logits" else ["Ant", "s e", "at."]
    steps = [temperatures[i % 2] for i in range(len(pieces))]
    return {
        "task": "mixed",
        "model": model,
        "level": level,
        "temperatures": temperatures,
        "seeds": [0, 1],
        "prompts": 300,
        "samples": 1,
        "confidence": 0.95,
        "loss": "latent",
        "policies": policies,
        "differences": [
            {"against": name, "difference": 0.07 * i, "low": 0.07 * i - 0.09, "high": 0.07 * i + 0.02}
            for i, name in enumerate(names[1:], 1)
        ],
        "by_seed": [{"seed": seed, "score": 0.8, "difference_to_best_fixed": 0.05 + seed} for seed in (0, 1)],
        "claims": [
            {"claim": "better than every fixed temperature", "holds": level == "token", "figure": "+0.07 [−0.02, 0.09]"}
        ],
        "temperature_by_kind": kinds,
        "temperature_by_place": {
            "rows": [
                {"label": "constrained", "mean": [0.05, None, 0.2, 0.1], "count": [300, 0, 280, 10]},
                {"label": "free", "mean": [None, 0.9, 0.7, 0.8], "count": [0, 300, 20, 290]},
            ]
            if level == "token"
            else []
        },
        "examples": [
            {
                "prompt": "Write lines that start with A, e:\n",
                "kind": kind,
                "pieces": pieces,
                "temperatures": steps if level == "token" else [0.5],
                "labels": ["constrained" if i % 5 == 0 else "free" for i in range(len(pieces))],
            }
            for kind in kinds
        ],
        "learning": [
            {"seed": seed, "round": step, "loss": None if step == 0 else 0.69 / step, "reward": 0.5 + 0.05 * step, "mean_temperature": 0.6}
            for seed in (0, 1)
            for step in range(4)
        ],
        "command": "simtemp adapt evaluate mixed --seed 0",
        "seconds": 120.0,
    }  # fmt: skip


def made_up_world() -> dict[str, Any]:
    """The contents of the known world's results.json: one loss within two per cent, one far off."""
    return {
        "task": "world",
        "temperatures": [0.2, 0.5, 1.0],
        "range": 0.4,
        "seeds": 4,
        "contexts": [
            {"name": "a", "expected_reward": [0.8, 0.5, 0.4], "optimal": 0},
            {"name": "b", "expected_reward": [0.2, 0.3, 0.6], "optimal": 2},
        ],
        "losses": [
            {
                "loss": "latent",
                "regret": [0.0, 0.0, 0.01, 0.005],
                "agreement": [1.0] * 4,
                "picked": [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
            },
            {
                "loss": "nll",
                "regret": [0.3, 0.28, 0.4, 0.31],
                "agreement": [0.5] * 4,
                "picked": [[0.25, 0.75, 0.0], [0.0, 1.0, 0.0]],
            },
        ],
        "learning": [
            {"loss": loss, "step": 10 * i, "regret": 0.4 * factor**i, "low": 0.3 * factor**i, "high": 0.5 * factor**i}
            for loss, factor in (("latent", 0.4), ("nll", 0.9))
            for i in range(5)
        ],
        "command": "simtemp adapt evaluate world",
    }
