"""The commands ``simtemp plot`` and ``simtemp report``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Picture(StrEnum):
    """The pictures there are."""

    shapes = "shapes"
    rejection = "rejection"
    cost = "cost"
    draws = "draws"
    error = "error"
    rules = "rules"
    spread = "spread"
    choice = "choice"
    nulls = "nulls"
    evidence = "evidence"
    certificate = "certificate"
    detection = "detection"
    calm = "calm"
    adaptive_scores = "adaptive-scores"
    adaptive_kinds = "adaptive-kinds"
    adaptive_places = "adaptive-places"
    adaptive_learning = "adaptive-learning"
    adaptive_world = "adaptive-world"
    sweep = "sweep"


Bases = Annotated[
    list[str] | None, typer.Option("--base", help="Base distribution; repeat for several. Default: the suite and text.")
]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer outputs and wider intervals, in a fraction of the time.")]
Seed = Annotated[int, typer.Option(help="Same seed, same numbers.")]
Threads = Annotated[int | None, typer.Option(help="Worker threads (default: all cores); no number depends on it.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("plot")(plot)
    app.command("report")(report)


def plot(
    picture: Annotated[Picture, typer.Argument(help="What to draw.", show_choices=True)],
    output: Annotated[str, typer.Option("--output", "-o", help="File to write: .png, .svg or .pdf.")],
    base: Bases = None,
    temperature: Annotated[list[float] | None, typer.Option("--temperature", "-T", help="Repeat for several.")] = None,
    batch_size: Annotated[
        list[int] | None, typer.Option("--batch-size", "-N", help="error, rules: N; choice: budgets. Repeat.")
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="evidence: whose outputs are judged (collision, duel, batch, …).")
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="DIR", help="calm: directory of a trained model.")] = None,
    text: Annotated[
        str | None, typer.Option(metavar="FILE", help="calm: a text of one's own; its held-out part is used.")
    ] = None,
    results: Annotated[
        str | None, typer.Option(metavar="DIR", help="adaptive-…: directory of results of simtemp adapt evaluate.")
    ] = None,
    store: Annotated[str | None, typer.Option(metavar="FILE", help="sweep: store of simtemp sweep.")] = None,
    x: Annotated[str | None, typer.Option(metavar="COLUMN", help="sweep: across.")] = None,
    y: Annotated[str | None, typer.Option(metavar="COLUMN", help="sweep: upwards.")] = None,
    by: Annotated[str | None, typer.Option(metavar="COLUMNS", help="sweep: one line for each of their values.")] = None,
    size: Annotated[
        int | None,
        typer.Option(
            help="Outputs a simulated point has (error, evidence, certificate: at most); nulls, detection: runs; calm: contexts."
        ),
    ] = None,
    seed: Seed = 0,
    quick: Quick = False,
    threads: Threads = None,
) -> None:
    """Draw a picture: exact curves, simulated points with their intervals.

    shapes: the tempered law against category rank. rejection: rejection rate of a trial against T. cost: base draws an output against
    T. draws: the same of an exact output, by the published and the duel sampler, above what none can beat. error: total variation and
    effective temperature of the batch sampler against N. rules: total variation of every batch rule and of the duel inside N draws.
    spread: how the cost of an output is distributed. choice: which method for a temperature and a budget.

    Of the judge: nulls: p-values of the exact test of right samplers, inside their band. evidence: e-values of right and of wrong
    samplers as outputs come. certificate: how close a right sampler is proved to be after n outputs. detection: outputs until a wrong
    sampler is rejected, against how wrong it is.

    Of a trained language model: calm: accuracy against collision rate of its blocks over temperatures, and what a block costs.

    Of results of simtemp adapt evaluate: adaptive-scores: an adaptive policy beside every fixed temperature. adaptive-kinds: temperatures
    picked by kind of prompt. adaptive-places: by place in a response. adaptive-learning: reward and loss by round. adaptive-world: regret
    in a world whose best policy is known.

    Of a store of simtemp sweep: sweep: any number of its finished cells against another, one panel a base. By default total variation
    against N of exact laws, else base draws an output against T.
    """
    from figures.gallery import entry_of, settings
    from figures.picture import picture_format, save_picture
    from simtemp.console import progress
    from simtemp.whole_file import check_folder

    picture_format(output)  # refuse a bad ending or place before the work, not after it
    check_folder(output)
    entry = entry_of(picture.value)
    chosen = settings(
        entry,
        bases=base,
        temperatures=temperature,
        batch_sizes=batch_size,
        method=method,
        model=model,
        text=text,
        results=results,
        store=store,
        x=x,
        y=y,
        by=by,
        size=size,
        seed=seed,
        quick=quick,
        threads=threads,
    )
    with progress(f"plot {picture.value}") as tick:
        data = entry.data(**chosen, **({"progress": tick} if entry.simulates else {}))
    typer.echo(f"wrote {save_picture(entry.draw(data), output)}")


def report(
    output: Annotated[
        str, typer.Option("--output", "-o", help="Folder for the page, the results and the pictures.")
    ] = "report",
    base: Bases = None,
    seed: Seed = 0,
    quick: Quick = False,
    threads: Threads = None,
    calm: Annotated[
        str | None, typer.Option(metavar="DIR", help="A trained language model: adds what a temperature buys on text.")
    ] = None,
    adapt: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Results of simtemp adapt evaluate: adds which temperature is best where."),
    ] = None,
) -> None:
    """Run the samplers, judge each against its exact target, measure and draw: one self-contained page.

    Writes index.html, results.json and the pictures. Results are saved as they come, so an interrupted run keeps what it had.
    """
    from figures.report import write_report
    from figures.report.display import display

    with display() as watcher:
        page = write_report(
            output, bases=base, seed=seed, quick=quick, threads=threads, calm=calm, adapt=adapt, watcher=watcher
        )
    typer.echo(f"wrote {page}")
