"""The command ``simtemp verify``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from simtemp.options import BatchSize, Budget, Coupling, EarlyExit, Fraction, Rule, Split, Steps, given

Sampler = Annotated[
    str,
    typer.Argument(
        metavar="METHOD|MODULE:FUNCTION",
        help="collision, duel, accepted, batch, chain, or sampler(size, rng) of a module.",
    ),
]
Base = Annotated[str, typer.Option("--base", help="Base distribution: zipf:1000,1.1 · peaked9 · text · file:PATH · …")]
Temperature = Annotated[float, typer.Option("--temperature", "-T", help="The target is P^(1/T), normalised.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("verify")(verify)


def verify(
    sampler: Sampler,
    base: Base,
    temperature: Temperature,
    epsilon: Annotated[float, typer.Option(help="Total variation from the target that is good enough.")] = 0.01,
    alpha: Annotated[float, typer.Option(help="Chance of rejecting a right sampler, at most.")] = 1e-6,
    delta: Annotated[float, typer.Option(help="Chance of accepting one further off than epsilon, at most.")] = 1e-6,
    max_samples: Annotated[float, typer.Option(help="Outputs that may be drawn.")] = 1e7,
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
    category indices, or a pair of those and the base draws each cost. In JSON, log_e is null where it is infinite: a
    category of probability zero came out.
    """
    from simtemp import parse_base, temper
    from simtemp.arguments import rate, whole_number
    from simtemp.console import progress, show, show_table
    from verify.judge import check_sampler, planned_samples
    from verify.sampler import check_affordable, load_sampler, simulated
    from verify.verdict import EXIT_CODE

    known = parse_base(base)
    target = temper(known.probs, temperature)
    most = whole_number(max_samples, "max_samples", 1)
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

    judged: Any
    if ":" in sampler:
        if options:
            raise ValueError(f"{next(iter(options))} is an option of a method, got {sampler!r}")
        judged = load_sampler(sampler)
    else:
        draws = whole_number(max_draws, "max_draws", 1, 2**62)
        judged = simulated(sampler, known, temperature, threads=threads, max_draws=draws, **options)
        options = dict(judged.options)
        check_affordable(judged, planned_samples(target, rate(epsilon, "epsilon"), rate(delta, "delta"), most))

    with progress(f"judging {sampler} at T = {temperature:g}") as tick:
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
        if verdict.witness is not None:
            show_table(verdict.witness.rows(), title="furthest from expectation")
        typer.echo(verdict.sentence)
    raise typer.Exit(EXIT_CODE[verdict.status])
