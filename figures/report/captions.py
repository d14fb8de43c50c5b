"""What stands under each picture, and what it says to a reader who cannot see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from figures.cost import CostData
from figures.error import ErrorData
from figures.labels import scientific
from figures.rejection import RejectionData
from figures.report.form import number
from figures.shapes import ShapesData
from figures.style import temperature_name


@dataclass(frozen=True)
class Caption:
    """Title and text of a picture, and its text alternative."""

    title: str
    text: str
    alternative: str


def _shapes(data: ShapesData) -> Caption:
    parts = []
    for base in data.categories:
        top = data.curves[(data.curves["base"] == base) & (data.curves["rank"] == 1)]
        said = ", ".join(f"{number(p)} at {temperature_name(t)}" for t, p in zip(top["temperature"], top["probability"], strict=True))
        parts.append(f"{base}, {data.categories[base]:,} categories: the most probable one has {said}")
    return Caption(
        "What temperature does",
        "The tempered law P^(1/T) against category rank. Cold sharpens towards the most probable category, heat flattens towards "
        "equal shares.",
        "Probability against rank at several temperatures. " + "; ".join(parts) + ".",
    )


def _rejection(data: RejectionData) -> Caption:
    ends = data.curves.loc[data.curves.groupby("base", sort=False)["temperature"].idxmin()]
    said = ", ".join(
        f"{base} {scientific(10.0**-log10)}" for base, log10 in zip(ends["base"], ends["log10_acceptance"], strict=True)
    )
    return Caption(
        "How often a trial is thrown away",
        "The share of trials that the collision sampler throws away. Each point is the acceptance counted in a simulated run, with its "
        f"exact {100 * data.level:g} % interval; dearer points are left to the curve. The right axis says what it means: trials for one "
        "output.",
        "Rejection rate against temperature; it falls to 0 at T = 1. Trials an output at "
        f"{temperature_name(float(ends['temperature'].iloc[0]))}: {said}.",
    )


def _cost(data: CostData) -> Caption:
    ends = data.curves.loc[data.curves.groupby("base", sort=False)["temperature"].idxmin()]
    said = ", ".join(f"{base} {scientific(10.0**log10)}" for base, log10 in zip(ends["base"], ends["published"], strict=True))
    return Caption(
        "What an output costs",
        "Expected base draws of one output (CALM, Theorem 2), as published and with early exit, with the means of simulated runs. T = 1 is "
        "one draw; just below it a wide support costs as many draws as it has categories. Time marks are at ten nanoseconds a draw.",
        "Base draws an output against temperature, on a logarithmic axis; they grow steeply as T falls. As published at "
        f"{temperature_name(float(ends['temperature'].iloc[0]))}: {said}.",
    )


def _error(data: ErrorData) -> Caption:
    size = data.curves["batch_size"].max() if data.points.empty else data.points["batch_size"].max()
    ends = data.curves[data.curves["batch_size"] == size]
    said = ", ".join(
        f"{base} at {temperature_name(t)} {number(tv)}" for base, t, tv in zip(ends["base"], ends["temperature"], ends["tv"], strict=True)
    )
    return Caption(
        "Error of the batch sampler against N",
        "Total variation of the batch sampler's exact law from its target, and below it the temperature whose target is nearest to that "
        f"law. Points: excess of the categories that the law favours, in simulated runs, with exact {100 * data.level:g} % intervals. The "
        "error falls like 1/N in the end; before that, N is the real knob and not T.",
        f"Total variation against batch size N, falling like 1/N. At N = {size:,}: {said}.",
    )


CAPTIONS: dict[str, Callable[[Any], Caption]] = {"shapes": _shapes, "rejection": _rejection, "cost": _cost, "error": _error}
"""By the name of the picture; made from its data."""
