"""The explorer as the page holds it: numbers for bars, and everything else as it is to be read."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from typing import Any

from figures.explorer import DuelCost, ExplorerBase, TemperatureStep
from figures.report import form
from figures.report.commands import python_command
from figures.report.plan import SYMMETRIC

FIRST_BASE, FIRST_TEMPERATURE, FIRST_BATCH_SIZE = "peaked9", 0.2, 200
"""What is chosen when the page opens, or what is nearest to it."""
DIGITS = 6
"""Decimals of probabilities: a thousandth of a pixel."""
FEW_ACCEPTED = 1e-3
"""Below this acceptance a rejection rate in per cent says nothing any more."""


def explorer_section(explored: Sequence[ExplorerBase]) -> dict[str, Any] | None:
    """What the page's script reads; None without bases. Texts are final: the script puts them in their places and computes nothing."""
    if not explored:
        return None
    names = [own.base for own in explored]
    return {
        "first": {
            "base": names.index(FIRST_BASE) if FIRST_BASE in names else 0,
            "temperature": FIRST_TEMPERATURE,
            "batch_size": FIRST_BATCH_SIZE,
        },
        "bases": [
            {
                "name": own.base,
                "categories": form.whole(own.categories),
                "labels": [*map(visible, own.labels), *_others(own)],
                "probs": _rounded(own.probs),
                "temperatures": [_temperature(own.base, step) for step in own.temperatures],
            }
            for own in explored
        ],
    }


def visible(label: str) -> str:
    r"""A label whose spaces and line ends can be seen.

    Examples
    --------
    >>> visible("a b\n")
    'a␣b⏎'
    """
    return label.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥")


def _others(own: ExplorerBase) -> list[str]:
    left = own.categories - len(own.labels)
    return [f"{form.whole(left)} others" if left > 1 else "1 other"] if left else []


def _temperature(base: str, step: TemperatureStep) -> dict[str, Any]:
    return {
        "value": step.temperature,
        "name": form.temperature(step.temperature),
        "law": _rounded(step.law),
        "rejection": rejection(step.acceptance, step.rejection),
        "trials": f"one trial in {form.number(1 / step.acceptance)} ends in an output" if step.acceptance else "",
        "published": draws(step.published),
        "early": draws(step.early_exit),
        "floor": draws(step.floor),
        "duel": duel_draws(step.duel),
        "duel_note": duel_note(step.duel),
        "rule": step.rule,
        "batches": [
            {
                "size": batch.batch_size,
                "tv": off(batch.tv),
                "warm": acts_like(batch.effective_temperature),
                "law": _rounded(batch.law),
            }
            for batch in step.batches
        ],
        "law_command": shlex.join(["simtemp", "law", "--base", base, "-T", repr(step.temperature)]),
        "commands": [exact_command(base, step), *duel_commands(base, step)],
    }


def rejection(accepted: float, rejected: float) -> str:
    """A rejection rate, whose digits are not lost next to one.

    Examples
    --------
    >>> rejection(0.3, 0.7), rejection(2.2e-7, 1 - 2.2e-7), rejection(0.0, 1.0)
    ('70.00 %', '100 % − 2.20 × 10⁻⁵ %', '100 %')
    """
    if accepted >= FEW_ACCEPTED:
        return f"{100 * rejected:.2f} %"
    return f"100 % − {form.number(100 * accepted)} %" if accepted else "100 %"


def draws(mean: float) -> str:
    """A mean number of base draws.

    Examples
    --------
    >>> draws(12.3456), draws(math.inf)
    ('12.35 draws', 'more than 10³⁰⁸ draws')
    """
    return "more than 10³⁰⁸ draws" if math.isinf(mean) else f"{form.number(mean, 4)} draws"


def duel_draws(cost: DuelCost | None) -> str:
    """The mean of a duel with its standard error."""
    if cost is None:
        return "not run"
    return draws(cost.mean) if not cost.outputs else f"{form.number(cost.mean)} ± {form.number(cost.error, 2)} draws"


def duel_note(cost: DuelCost | None) -> str:
    """How that mean is known."""
    if cost is None:
        return "too dear for a short run"
    return f"measured, {form.whole(cost.outputs)} outputs" if cost.outputs else "exact"


def off(tv: float) -> str:
    """A total variation."""
    return form.number(tv) if tv > SYMMETRIC else "0"


def acts_like(temperature: float) -> str:
    """An effective temperature; a uniform base has none, or all.

    Examples
    --------
    >>> acts_like(0.25), acts_like(math.nan)
    ('T = 0.250', 'any T')
    """
    return "any T" if math.isnan(temperature) else f"T = {form.number(temperature)}"


def exact_command(base: str, step: TemperatureStep) -> str:
    """Prints the law and the closed forms; the duel's too where it is exact and no other's."""
    duel, at = step.duel, f"(p, {step.temperature!r})"
    forms = [f"simtemp.{name}{at}" for name in ("temper", "rejection_rate", "expected_draws", "draws_lower_bound")]
    forms.insert(3, f"simtemp.expected_draws(p, {step.temperature!r}, early_exit=True)")
    if duel is not None and not duel.outputs and duel.mean != step.early_exit:
        forms.append(f"simtemp.cost_law('duel', p, {step.temperature!r}).mean")
    return python_command(f"import simtemp; p = simtemp.parse_base({base!r}).probs; print({', '.join(forms)})")


def duel_commands(base: str, step: TemperatureStep) -> list[str]:
    """Runs the duels again, if they were run."""
    cost = step.duel
    if cost is None or not cost.outputs:
        return []
    words = ["simtemp", "sample", "--method", "duel", "--base", base, "-T", repr(step.temperature)]
    return [shlex.join([*words, "--size", str(cost.outputs), "--seed", str(cost.seed)])]


def _rounded(law: Sequence[float]) -> list[float]:
    return [round(p, DIGITS) for p in law]
