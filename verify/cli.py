"""The command ``simtemp verify``."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import typer

from simtemp.options import BatchSize, Budget, Coupling, EarlyExit, Fraction, Rule, Split, Steps, given

Sampler = Annotated[
    str | None,
    typer.Argument(
        metavar="METHOD|MODULE:FUNCTION|file:PATH",
        help="collision, duel, accepted, batch, chain; sampler(size, rng) of a module; or recorded outputs, one a line.",
        show_default=False,
    ),
]
Base = Annotated[
    str | None, typer.Option("--base", help="Base distribution: zipf:1000,1.1 · peaked9 · text · file:PATH · …")
]
Temperature = Annotated[
    float | None, typer.Option("--temperature", "-T", help="The target is P^(1/T), normalised.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("verify")(verify)


def verify(
    sampler: Sampler = None,
    base: Base = None,
    temperature: Temperature = None,
    epsilon: Annotated[float, typer.Option(help="Total variation from the target that is good enough.")] = 0.01,
    alpha: Annotated[float, typer.Option(help="Chance of rejecting a right sampler, at most.")] = 1e-6,
    delta: Annotated[float, typer.Option(help="Chance of accepting one further off than epsilon, at most.")] = 1e-6,
    max_samples: Annotated[
        float | None, typer.Option(help="Outputs that may be drawn.", show_default="1e7; 2e6 a fault with --gallery")
    ] = None,
    expected_draws: Annotated[
        float | None,
        typer.Option(help="Mean base draws an output of MODULE:FUNCTION may cost; only a cost too high can be proved."),
    ] = None,
    gallery: Annotated[
        bool, typer.Option("--gallery", help="Judge the gallery of planted faults instead: is each one found?")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option("-o", "--plot", help="Draw how the evidence grew: FILE.png, .svg or .pdf.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same verdict.")] = 0,
    early_exit: EarlyExit = False,
    batch_size: BatchSize = None,
    rule: Rule = None,
    split: Split = None,
    fraction: Fraction = None,
    coupling: Coupling = None,
    budget: Budget = None,
    steps: Steps = None,
    max_draws: Annotated[float, typer.Option(help="Base draws that a METHOD may spend.")] = 1e11,
    threads: Annotated[int | None, typer.Option(help="Worker threads of a METHOD (default: all cores).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Prove that a sampler has the law P^(1/T) (exit code 0), that it has not (1), or neither (3).

    A METHOD is run on the base distribution; MODULE:FUNCTION is called as sampler(size, rng) and returns size
    category indices, or a pair of those and the base draws each cost; file:PATH holds recorded outputs, the labels of the
    base (.npy, .csv, .tsv, .txt, .json, .jsonl). Judged are the law, the independence of the outputs and, where it is
    known, the cost. In JSON, log_e is null where it is infinite: what came out has probability zero.
    """
    from simtemp import parse_base, temper
    from simtemp.arguments import rate, whole_number
    from simtemp.console import progress, show, show_table
    from verify.judge import check_sampler, planned_samples
    from verify.recorded_file import load_outputs
    from verify.sampler import check_affordable, load_sampler, simulated
    from verify.verdict import EXIT_CODE

    options = given(
        early_exit=early_exit,
        batch_size=batch_size,
        rule=rule,
        split=split,
        fraction=fraction,
        coupling=coupling,
        budget=budget,
        steps=steps,
    )
    if gallery:
        others = given(
            METHOD=sampler, base=base, temperature=temperature, plot=plot, expected_draws=expected_draws, **options
        )
        if others:
            raise ValueError(f"--gallery judges its own samplers, got {next(iter(others))} as well")
        _gallery(epsilon, alpha, delta, 2e6 if max_samples is None else max_samples, seed, json)
        return
    for name, value in (("METHOD", sampler), ("--base", base), ("--temperature", temperature)):
        if value is None:
            raise ValueError(f"{name} is missing: simtemp verify METHOD --base B -T 0.5 (or --gallery)")
    assert sampler is not None
    assert base is not None
    assert temperature is not None
    known = parse_base(base)
    target = temper(known.probs, temperature)
    most = whole_number(1e7 if max_samples is None else max_samples, "max_samples", 1)
    if plot is not None:
        _check_picture(plot)

    judged: Any
    if ":" in sampler:
        if options:
            raise ValueError(f"{next(iter(options))} is an option of a method, got {sampler!r}")
        with redirect_stdout(sys.stderr):  # what a module prints is not our answer
            judged = load_outputs(sampler, known) if sampler.startswith("file:") else load_sampler(sampler)
    else:
        if expected_draws is not None:
            raise ValueError(
                f"expected_draws is for MODULE:FUNCTION: what {sampler} costs is known, got {expected_draws:g}"
            )
        draws = whole_number(max_draws, "max_draws", 1, 2**62)
        judged = simulated(sampler, known, temperature, threads=threads, max_draws=draws, **options)
        options = dict(judged.options)
        check_affordable(judged, planned_samples(target, rate(epsilon, "epsilon"), rate(delta, "delta"), most))

    with progress(f"judging {sampler} at T = {temperature:g}") as tick, redirect_stdout(sys.stderr):
        verdict = check_sampler(
            judged,
            target,
            epsilon,
            alpha,
            delta,
            most,
            whole_number(seed, "seed"),
            labels=known.labels,
            progress=tick,
            expected_cost=expected_draws,
        )
    record = {
        "method": sampler,
        "base": known.name,
        "temperature": temperature,
        **options,
        "seed": seed,
        **verdict.record(),
    }
    if json:
        show(record, as_json=True)
    else:
        show(
            {k: v for k, v in record.items() if k not in ("sentence", "witness") and v is not None},
            as_json=False,
            title=sampler,
        )
        if verdict.witness is not None and verdict.caught_by in ("law", "zero probability", "exact test"):
            show_table(verdict.witness.rows(), title="furthest from expectation")
        typer.echo(verdict.sentence)
    if plot is not None:
        verdict.plot(plot)
    raise typer.Exit(EXIT_CODE[verdict.status])


def _check_picture(path: Path) -> None:
    """Find out before judging that no picture can be written there."""
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise ValueError(f"plot must end in .png, .svg or .pdf, got {str(path)!r}")
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(f"plot must be a file in a folder that exists, got {str(path)!r}")


def _gallery(epsilon: float, alpha: float, delta: float, max_samples: float, seed: int, json: bool) -> None:
    """Judge every planted fault; exit code 1 if one is judged otherwise than it should be."""
    from simtemp.arguments import whole_number
    from simtemp.console import progress, show, show_table
    from verify.gallery import run_gallery, summary

    most = whole_number(max_samples, "max_samples", 1)
    with progress("judging the gallery") as tick:
        rows = run_gallery(
            alpha=alpha,
            epsilon=epsilon,
            delta=delta,
            max_samples=most,
            rng=whole_number(seed, "seed"),
            progress=tick,
        )
    records = [row.record() for row in rows]
    if json:
        show({"gallery": records, "summary": summary(rows)}, as_json=True)
    else:
        show_table(
            [
                {title: "" if record[key] is None else record[key] for key, title in _SHOWN.items()}
                for record in records
            ],
            title="the gallery",
        )
        typer.echo(summary(rows))
    raise typer.Exit(0 if all(row.ok for row in rows) else 1)


_SHOWN = {
    "name": "sampler",
    "tv": "TV",
    "status": "verdict",
    "caught_by": "caught by",
    "n": "outputs",
    "predicted_median": "predicted",
    "predicted_low": "from",
    "predicted_high": "to",
}
