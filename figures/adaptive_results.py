"""The results of ``simtemp adapt evaluate``, read from a directory and checked: what every picture of adaptive decoding is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figures.json_shape import Each, Maybe, read_shape
from simtemp.arguments import shown
from simtemp.errors import SimtempError

TASKS = ("repeats", "mixed", "constrained", "voting", "mixed-blocks", "constrained-blocks")
"""Folders of the tasks, in the order in which they are shown; ``-blocks``: on a model that decodes blocks without logits."""
WORLD = "world"
FILE = "results.json"


class ResultsError(SimtempError, ValueError):
    """Results are not there, or are not what they should be; the message says which file and what in it."""


@dataclass(frozen=True)
class AdaptiveResults:
    """What a directory holds.

    Attributes
    ----------
    tasks : dict
        By folder, in the order of `TASKS`: the contents of its results.json.
    world : dict or None
        Of the known world.
    missing : tuple of str
        Those of `TASKS` and the world that are not there.
    """

    tasks: dict[str, dict[str, Any]]
    world: dict[str, Any] | None
    missing: tuple[str, ...]


_POLICY = {
    "name": str,
    "kind": str,
    "temperature": Maybe(float),
    "score": float,
    "low": float,
    "high": float,
    "by_kind": Maybe(Each(float), {}),
    "measures": Maybe(Each(Maybe(float)), {}),
    "log_prob_per_token": Maybe(float),
    "mean_temperature": Maybe(float),
    "draws": Maybe(float),
}
_TASK = {
    "model": str,
    "level": str,
    "temperatures": [float],
    "seeds": [int],
    "prompts": int,
    "samples": int,
    "confidence": float,
    "loss": str,
    "policies": [_POLICY],
    "differences": [{"against": str, "difference": float, "low": float, "high": float}],
    "by_seed": Maybe([{"seed": int, "score": float, "difference_to_best_fixed": Maybe(float)}], []),
    "claims": [{"claim": str, "holds": bool, "figure": str}],
    "temperature_by_kind": Maybe(Each([float]), {}),
    "temperature_by_place": Maybe({"rows": [{"label": str, "mean": [Maybe(float)], "count": [int]}]}, {"rows": []}),
    "examples": Maybe(
        [{"prompt": str, "kind": str, "pieces": [str], "temperatures": [float], "labels": Maybe([str])}], []
    ),
    "learning": Maybe(
        [
            {
                "seed": int,
                "round": int,
                "loss": Maybe(float),
                "reward": Maybe(float),
                "mean_temperature": Maybe(float),
            }
        ],
        [],
    ),
    "command": str,
    "seconds": Maybe(float),
}
_WORLD = {
    "temperatures": [float],
    "range": float,
    "seeds": int,
    "contexts": [{"name": str, "expected_reward": [float], "optimal": int}],
    "losses": [{"loss": str, "regret": [float], "agreement": [float], "picked": [[float]]}],
    "learning": Maybe([{"loss": str, "step": int, "regret": float, "low": float, "high": float}], []),
    "command": str,
}


def read_results(directory: str | Path) -> AdaptiveResults:
    """Read ``TASK/results.json`` of every task that is there, and ``world/results.json``.

    Parameters
    ----------
    directory : path
        What ``simtemp adapt evaluate`` wrote to.

    Returns
    -------
    AdaptiveResults

    Raises
    ------
    ResultsError
        For a directory without any results, or a file that is damaged.
    OSError
        For a file that cannot be read.
    """
    place = Path(directory)
    if not place.is_dir():
        raise ResultsError(f"results must be a directory of `simtemp adapt evaluate`, got {str(directory)!r}")
    there = [name for name in (*TASKS, WORLD) if (place / name / FILE).is_file()]
    if not there:
        raise ResultsError(
            f"no results of `simtemp adapt evaluate` in {str(directory)!r}: no TASK/{FILE}, such as {TASKS[1]}/{FILE}"
        )
    return AdaptiveResults(
        tasks={name: _read_task(place / name / FILE) for name in there if name != WORLD},
        world=_read_world(place / WORLD / FILE) if WORLD in there else None,
        missing=tuple(name for name in (*TASKS, WORLD) if name not in there),
    )


def task_name(folder: str) -> str:
    """A task in words.

    Examples
    --------
    >>> task_name("mixed"), task_name("mixed-blocks")
    ('mixed', 'mixed, CALM')
    """
    return f"{folder.removesuffix('-blocks')}, CALM" if folder.endswith("-blocks") else folder


def _read_task(file: Path) -> dict[str, Any]:
    found = _read(file, _TASK)
    count = len(found["temperatures"])
    if not found["policies"]:
        raise ResultsError(f"{file}: policies must not be empty")
    for kind, shares in found["temperature_by_kind"].items():
        _same_length(file, f"temperature_by_kind.{kind}", len(shares), count)
    for i, row in enumerate(found["temperature_by_place"]["rows"]):
        _same_length(file, f"temperature_by_place.rows[{i}].count", len(row["count"]), len(row["mean"]))
    for i, example in enumerate(found["examples"]):
        pieces = len(example["pieces"])
        if len(example["temperatures"]) == 1:  # of a sequence: one for all of it
            example["temperatures"] *= pieces
        _same_length(file, f"examples[{i}].temperatures", len(example["temperatures"]), pieces)
        if example["labels"] is not None:
            _same_length(file, f"examples[{i}].labels", len(example["labels"]), pieces)
    return found


def _read_world(file: Path) -> dict[str, Any]:
    found = _read(file, _WORLD)
    count = len(found["temperatures"])
    if found["seeds"] < 1 or not found["contexts"] or not found["losses"]:
        raise ResultsError(f"{file}: seeds, contexts and losses must not be empty")
    for i, context in enumerate(found["contexts"]):
        _same_length(file, f"contexts[{i}].expected_reward", len(context["expected_reward"]), count)
        if not 0 <= context["optimal"] < count:
            raise ResultsError(
                f"{file}: contexts[{i}].optimal must be in [0, {count - 1}], got {shown(context['optimal'])}"
            )
    for i, loss in enumerate(found["losses"]):
        for part in ("regret", "agreement"):
            _same_length(file, f"losses[{i}].{part}", len(loss[part]), found["seeds"])
        _same_length(file, f"losses[{i}].picked", len(loss["picked"]), len(found["contexts"]))
        for j, shares in enumerate(loss["picked"]):
            _same_length(file, f"losses[{i}].picked[{j}]", len(shares), count)
    return found


def _read(file: Path, shape: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return read_shape(file, shape)
    except ValueError as error:
        raise ResultsError(f"{file}: {error}") from None


def _same_length(file: Path, name: str, count: int, needed: int) -> None:
    if count != needed:
        raise ResultsError(f"{file}: {name} must have {needed} entries, got {count}")
