"""The options of the methods as every command takes them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

EarlyExit = Annotated[bool, typer.Option("--early-exit", help="collision: end a trial at its first mismatch.")]
BatchSize = Annotated[int | None, typer.Option(help="batch: draws an output (default 200).")]
Rule = Annotated[
    str | None,
    typer.Option(
        help="batch, duel in a budget: published | plug-in | falling | corrected (default: published at T = 1/n, else corrected)."
    ),
]
Split = Annotated[
    int | None, typer.Option(help="duel: whole part n0 of the exponent of its proposals (default: by a rule).")
]
Fraction = Annotated[
    str | None, typer.Option(help="duel: the fraction of 1/T goes to the proposal | last, to a coin at the end.")
]
Coupling = Annotated[str | None, typer.Option(help="duel: past (each output by itself) | stream (read-once).")]
Budget = Annotated[
    int | None, typer.Option(help="duel: N draws at once; exact if it ends in time, else a batch rule on them.")
]
Steps = Annotated[int | None, typer.Option(help="chain: steps from a base draw (default 20).")]


def given(**options: Any) -> dict[str, Any]:
    """The options that were named on the command line."""
    return {name: value for name, value in options.items() if value is not None and value is not False}
