"""The commands ``simtemp adapt ...``."""

from __future__ import annotations

import math
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simtemp.adaptive.names import TASK_NAMES, WORLD, TaskName

if TYPE_CHECKING:
    from simtemp.adaptive.experiment import Experiment


class Models(StrEnum):
    """The models a task is run on."""

    logits = "logits"
    blocks = "blocks"
    both = "both"


TaskArgument = Annotated[TaskName, typer.Argument(help="world: where the best policy is known.")]
ModelOption = Annotated[
    Models,
    typer.Option(help="A language model with logits, one of blocks without (CALM), or both where the task has both."),
]
OutputOption = Annotated[str, typer.Option("--output", "-o", help="Directory of models, heads and results.")]
QuickOption = Annotated[bool, typer.Option("--quick", help="Sizes of a smoke test; its figures say nothing.")]
SeedOption = Annotated[int, typer.Option(help="Of base models and prompts; heads take it and those after it.")]
LossOption = Annotated[
    str | None,
    typer.Option(
        help="latent | reference-free | uniform-reference | nll (default: latent; for blocks uniform-reference)."
    ),
]
WorkersOption = Annotated[int | None, typer.Option(help="Processes (default: the cores); figures do not depend on it.")]
FreshOption = Annotated[bool, typer.Option("--fresh/--resume", help="Start over, or go on with what is there.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the group to the application."""
    group = typer.Typer(
        help="Adaptive decoding: heads that pick the temperature, trained by latent preference optimization.",
        no_args_is_help=True,
    )
    group.command("train")(train)
    group.command("evaluate")(evaluate)
    app.add_typer(group, name="adapt")


def train(
    task: TaskArgument,
    model: ModelOption = Models.both,
    output: OutputOption = "adaptive",
    loss: LossOption = None,
    quick: QuickOption = False,
    seed: SeedOption = 0,
    workers: WorkersOption = None,
    fresh: FreshOption = False,
    json: JsonOption = False,
) -> None:
    """Train the base models of a task and the heads on them; Ctrl-C keeps what is done, and the same command goes on."""
    if task == WORLD:
        raise ValueError("heads of the world are trained where they are judged: simtemp adapt evaluate world")
    from simtemp.calm.torch_required import torch_required
    from simtemp.console import show, show_table

    with torch_required():
        from simtemp.adaptive.experiment import learning_rows
    experiments = _trained(task, model, output, loss, quick, seed, workers, fresh)
    rows = [{"task": own.task, "model": own.kind} | row for own in experiments for row in learning_rows(own)]
    if json:
        show({"output": output, "learning": rows}, as_json=True)
    else:
        show_table([row for row in rows if row["round"] in (0, row["rounds"] - 1)], "first and last round of each head")


def evaluate(
    task: TaskArgument,
    model: ModelOption = Models.both,
    output: OutputOption = "adaptive",
    loss: LossOption = None,
    quick: QuickOption = False,
    seed: SeedOption = 0,
    workers: WorkersOption = None,
    fresh: FreshOption = False,
    json: JsonOption = False,
) -> None:
    """Compare heads with every fixed temperature and with the entropy rule; trains first what is not trained yet.

    DIR/TASK/results.json has every figure; simtemp report --adapt DIR and simtemp plot adaptive --results DIR draw them.
    """
    from simtemp.calm.torch_required import torch_required
    from simtemp.console import progress, show

    with torch_required():
        from simtemp.adaptive import experiment
    results: list[dict[str, Any]] = []
    if task != WORLD:
        experiments = _trained(task, model, output, loss, quick, seed, workers, fresh)
        results = experiment.evaluate(experiments, workers=_workers(workers), bar=progress)
    if task in (WORLD, "all"):
        from simtemp.adaptive.world_experiment import evaluate_world

        with progress("known world") as bar:
            results.append(evaluate_world(Path(output), quick=quick, seed=seed, progress=bar))
    if json:
        show({"output": output, "results": results}, as_json=True)
    else:
        for record in results:
            _show_results(record)


def _trained(
    task: str,
    model: str,
    output: str,
    loss: str | None,
    quick: bool,
    seed: int,
    workers: int | None,
    fresh: bool,
) -> list[Experiment]:
    """The experiments that the options ask for, trained."""
    from simtemp.adaptive import experiment
    from simtemp.adaptive.settings import Settings
    from simtemp.adaptive.tasks import make_task
    from simtemp.arguments import whole_number
    from simtemp.console import progress

    whole_number(seed, "seed")
    chosen = [
        experiment.Experiment.of(Path(output), name, kind, Settings.of(name, kind, quick=quick), seed, loss)
        for name in (TASK_NAMES if task == "all" else (str(task),))
        for kind in experiment.KINDS
        if (model in (kind, "both")) and (kind == "logits" or make_task(name).block_temperatures)
    ]
    if not chosen:
        raise ValueError(f"the task {task} is not run on a model of {model}: it needs probabilities")
    experiment.train(chosen, workers=_workers(workers), fresh=fresh, bar=progress)
    return chosen


def _workers(workers: int | None) -> int:
    from simtemp.arguments import whole_number

    return (os.cpu_count() or 1) if workers is None else whole_number(workers, "workers", 1, 256)


def _show_results(record: dict[str, Any]) -> None:
    from simtemp.console import show_table

    if record["task"] == WORLD:
        show_table(
            [
                {
                    "loss": row["loss"],
                    "mean regret": f"{sum(row['regret']) / len(row['regret']):.2%}",
                    "highest": f"{max(row['regret']):.2%}",
                    "agreement": f"{sum(row['agreement']) / len(row['agreement']):.0%}",
                }
                for row in record["losses"]
            ],
            f"known world: regret as a share of the range of reward, {record['seeds']} seeds",
        )
        return
    difference = {row["against"]: row for row in record["differences"]}
    rows = []
    for policy in record["policies"]:
        beside = difference.get(policy["name"])
        rows.append(
            {
                "policy": policy["name"],
                "score": f"{policy['score']:.3f}",
                "adaptive - it": ""
                if beside is None
                else f"{beside['difference']:+.3f} [{beside['low']:+.3f}, {beside['high']:+.3f}]",
                "T": f"{policy['mean_temperature']:.2f}",
                "log P": "" if math.isnan(policy["log_prob_per_token"]) else f"{policy['log_prob_per_token']:.2f}",
            }
            | {name: f"{value:.3f}" for name, value in policy["measures"].items()}
        )
    what = f"{record['task']}, model of {record['model']}, {record['prompts']} prompts, {len(record['seeds'])} heads"
    show_table(rows, what)
    for claim in record["claims"]:
        typer.echo(f"{'holds' if claim['holds'] else 'DOES NOT HOLD'}: {claim['claim']} ({claim['figure']})")
