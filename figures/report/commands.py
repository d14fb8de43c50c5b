"""The commands that reproduce what a report shows."""

from __future__ import annotations

import shlex
from typing import Any

from figures.report.plan import ALPHA, MAX_SAMPLES, PILOT, PILOT_DRAWS, Cell, pilot_seed


def verify_command(cell: Cell) -> str:
    """Judges the cell again: the same seed, the same verdict."""
    words = ["simtemp", "verify", cell.sampler, *_where(cell), "--epsilon", _number(cell.epsilon)]
    if cell.max_samples != MAX_SAMPLES:
        words += ["--max-samples", str(cell.max_samples)]
    return shlex.join([*words, "--seed", str(cell.seed)])


def law_command(cell: Cell) -> str:
    """Prints the exact error of a batch sampler, and its effective temperature."""
    return shlex.join(["simtemp", "law", *_where(cell)])


def bound_command(cell: Cell) -> str:
    """Prints the lower bound on the error of a batch sampler."""
    size = cell.options["batch_size"]
    program = (
        "import simtemp, verify; "
        f"run = simtemp.simulate('batch', {cell.base!r}, {cell.temperature!r}, {cell.bound_outputs}, "
        f"seed={cell.bound_seed}, batch_size={size}); "
        f"print(verify.tv_lower_bound(run.counts, simtemp.temper(run.base.probs, {cell.temperature!r}), {ALPHA:g}).value)"
    )
    return python_command(program)


def cost_command(cell: Cell) -> str:
    """Prints the exact mean and the exact standard deviation of the base draws of one output of the collision sampler."""
    at = f"(p, {cell.temperature!r}{', early_exit=True' if cell.options.get('early_exit') else ''})"
    return python_command(
        f"import simtemp, figures.deviation; p = simtemp.parse_base({cell.base!r}).probs; "
        f"print(simtemp.expected_draws{at}, figures.deviation.draws_deviation{at})"
    )


def pilot_command(cell: Cell) -> str:
    """Prints what a few outputs of the duel sampler cost, where that is too much to judge it."""
    return python_command(
        f"import simtemp; run = simtemp.simulate('duel', {cell.base!r}, {cell.temperature!r}, {PILOT}, "
        f"seed={pilot_seed(cell.seed)}, max_draws={PILOT_DRAWS}); print(run.mean_draws)"
    )


def python_command(program: str) -> str:
    """Runs a line of Python, from any shell."""
    if any(character in program for character in '"$`\\!'):
        return shlex.join(["python", "-c", program])
    return f'python -c "{program}"'  # the same, easier to read


def _where(cell: Cell) -> list[str]:
    options = {"early_exit": ["--early-exit"], "batch_size": ["--batch-size", str(cell.options.get("batch_size"))]}
    return [
        "--base",
        cell.base,
        "-T",
        _number(cell.temperature),
        *(word for name in cell.options for word in options[name]),
    ]


def _number(value: Any) -> str:
    return f"{value:.12g}"
