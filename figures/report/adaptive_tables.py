"""Every number of the pictures of adaptive decoding in tables, with the command that makes them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from figures.adaptive_results import AdaptiveResults, task_name
from figures.adaptive_scores import difference_text, policy_rows, signed
from figures.adaptive_world import LIMIT, LOSS_NAMES
from figures.report.form import number, percent, whole


@dataclass(frozen=True)
class Numbers:
    """A table as the page writes it.

    Attributes
    ----------
    title : str
    columns : tuple of str
        The first one is a name, the others are numbers.
    rows : tuple of tuple of str
    command : str
        Makes the numbers again.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    command: str


def adaptive_tables(results: AdaptiveResults) -> dict[str, list[Numbers]]:
    """The tables of each picture, by its name."""
    tasks = results.tasks
    tables = {
        "adaptive-scores": [
            made for name, task in tasks.items() for made in (_policies(name, task), _seeds(name, task))
        ],
        "adaptive-kinds": [_kinds(name, task) for name, task in tasks.items()],
        "adaptive-places": [_places(name, task) for name, task in tasks.items()],
        "adaptive-learning": [_learning(name, task) for name, task in tasks.items()],
        "adaptive-world": [] if results.world is None else _world(results.world),
    }
    return {name: [table for table in own if table.rows] for name, own in tables.items()}


def _policies(name: str, task: Mapping[str, Any]) -> Numbers:
    by_name = {policy["name"]: policy for policy in task["policies"]}
    kinds = list(dict.fromkeys(kind for policy in task["policies"] for kind in policy["by_kind"]))
    measures = list(dict.fromkeys(measure for policy in task["policies"] for measure in policy["measures"]))
    said = {"mean_temperature": "mean T", "log_prob_per_token": "log P a token", "draws": "draws a block"}
    known = {key: column for key, column in said.items() if any(p[key] is not None for p in task["policies"])}
    rows = []
    for row in policy_rows(name, dict(task)):
        policy = by_name[row["policy"]]
        paired = (row["difference"], row["difference_low"], row["difference_high"])
        rows.append(
            (
                row["policy"],
                f"{row['score']:.3f} [{row['low']:.3f}, {row['high']:.3f}]",
                difference_text(*paired) if paired[0] == paired[0] else "–",
                *(number(policy["by_kind"].get(kind)) for kind in kinds),
                *(number(policy["measures"].get(measure)) for measure in measures),
                *(number(policy[key]) for key in known),
            )
        )
    columns = ("policy", "score", "adaptive − this", *kinds, *(measure.replace("_", " ") for measure in measures))
    return Numbers(
        f"{task_name(name)}: {whole(task['prompts'])} prompts, {task['samples']} "
        f"{'response' if task['samples'] == 1 else 'responses'} each; {task['level']} level, loss {task['loss']}",
        (*columns, *known.values()),
        tuple(rows),
        task["command"],
    )


def _seeds(name: str, task: Mapping[str, Any]) -> Numbers:
    rows = (
        (
            str(row["seed"]),
            f"{row['score']:.3f}",
            "–" if row["difference_to_best_fixed"] is None else signed(row["difference_to_best_fixed"]),
        )
        for row in task["by_seed"]
    )
    return Numbers(f"{task_name(name)}, seed by seed", ("seed", "score", "− best fixed"), tuple(rows), task["command"])


def _kinds(name: str, task: Mapping[str, Any]) -> Numbers:
    rows = ((kind, *(percent(share) for share in shares)) for kind, shares in task["temperature_by_kind"].items())
    return Numbers(task_name(name), ("kind of prompt", *_degrees(task["temperatures"])), tuple(rows), task["command"])


def _places(name: str, task: Mapping[str, Any]) -> Numbers:
    own = task["temperature_by_place"]["rows"]
    rows = []
    for place in range(max((len(row["mean"]) for row in own), default=0)):
        cells = [(row["mean"][place], row["count"][place]) if place < len(row["mean"]) else (None, 0) for row in own]
        rows.append((str(place), *(f"{number(mean)} ({whole(count)})" if count else "–" for mean, count in cells)))
    columns = ("block" if task["model"] == "blocks" else "token", *(row["label"] for row in own))
    return Numbers(f"{task_name(name)}: mean T (responses)", columns, tuple(rows), task["command"])


def _learning(name: str, task: Mapping[str, Any]) -> Numbers:
    rows = (
        (
            str(row["seed"]),
            str(row["round"]),
            *(number(row[key]) for key in ("reward", "loss", "mean_temperature")),
        )
        for row in task["learning"]
    )
    return Numbers(task_name(name), ("seed", "round", "reward", "loss", "mean T"), tuple(rows), task["command"])


def _world(world: Mapping[str, Any]) -> list[Numbers]:
    degrees, command = _degrees(world["temperatures"]), world["command"]
    losses = tuple(
        (
            LOSS_NAMES.get(own["loss"], own["loss"]),
            percent(_mean(own["regret"])),
            percent(max(own["regret"])),
            f"{sum(regret <= LIMIT for regret in own['regret'])} of {world['seeds']}",
            percent(_mean(own["agreement"])),
        )
        for own in world["losses"]
    )
    contexts = tuple(
        (
            f"{own['name']}: expected reward",
            *(f"{number(r)}{' ★' if i == own['optimal'] else ''}" for i, r in enumerate(own["expected_reward"])),
        )
        for own in world["contexts"]
    )
    picks = tuple(
        (f"{context['name']}: {LOSS_NAMES.get(own['loss'], own['loss'])}", *(percent(share) for share in shares))
        for j, context in enumerate(world["contexts"])
        for own in world["losses"]
        for shares in (own["picked"][j],)
    )
    steps = tuple(
        (
            LOSS_NAMES.get(row["loss"], row["loss"]),
            whole(row["step"]),
            f"{percent(row['regret'])} [{percent(row['low'])}, {percent(row['high'])}]",
        )
        for row in world["learning"]
    )
    regret = f"Regret in shares of {number(world['range'])}, the range of achievable reward"
    return [
        Numbers(regret, ("loss", "mean", "largest", f"≤ {percent(LIMIT)}", "optimal picks"), losses, command),
        Numbers("Contexts, ★ optimal", ("context", *degrees), contexts, command),
        Numbers("Shares of the seeds that pick a temperature", ("context: loss", *degrees), picks, command),
        Numbers("Regret by step", ("loss", "step", "regret"), steps, command),
    ]


def _degrees(temperatures: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"T = {t:g}" for t in temperatures)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
