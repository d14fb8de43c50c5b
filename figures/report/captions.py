"""What stands under each picture, and what it says to a reader who cannot see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from figures.calm_curve import left_out
from figures.calm_points import CalmData
from figures.choice import ChoiceData
from figures.cost import CostData
from figures.draws import DrawsData
from figures.error import ErrorData
from figures.labels import scientific
from figures.rejection import RejectionData
from figures.report.adaptive_captions import ADAPTIVE_CAPTIONS
from figures.report.caption import Caption
from figures.report.form import number
from figures.report.judge_captions import JUDGE_CAPTIONS
from figures.rules import RulesData
from figures.shapes import ShapesData
from figures.spread import SpreadData
from figures.style import temperature_name


def _shapes(data: ShapesData) -> Caption:
    parts = []
    for base in data.categories:
        top = data.curves[(data.curves["base"] == base) & (data.curves["rank"] == 1)]
        said = ", ".join(
            f"{number(p)} at {temperature_name(t)}" for t, p in zip(top["temperature"], top["probability"], strict=True)
        )
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
    said = ", ".join(
        f"{base} {scientific(10.0**log10)}" for base, log10 in zip(ends["base"], ends["published"], strict=True)
    )
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
        f"{base} at {temperature_name(t)} {number(tv)}"
        for base, t, tv in zip(ends["base"], ends["temperature"], ends["tv"], strict=True)
    )
    return Caption(
        "Error of the batch sampler against N",
        "Total variation of the batch sampler's exact law from its target, and below it the temperature whose target is nearest to that "
        f"law. Points: excess of the categories that the law favours, in simulated runs, with exact {100 * data.level:g} % intervals. The "
        "error falls like 1/N in the end; before that, N is the real knob and not T.",
        f"Total variation against batch size N, falling like 1/N. At N = {size:,}: {said}.",
    )


def _draws(data: DrawsData) -> Caption:
    ends = data.points.loc[data.points.groupby("base", sort=False)["temperature"].idxmin()].to_dict("records")
    said = ", ".join(
        f"{end['base']} at {temperature_name(end['temperature'])}: {number(end['mean'])} by the duel sampler instead of "
        f"{number(end['published'])} as published; none can do with less than {number(end['floor'])}"
        for end in ends
    )
    return Caption(
        "What an exact output costs, and what none can beat",
        "Base draws of one exact output: as published, with early exit, and by the duel sampler (coupling from the past; its default "
        "settings). The shaded part is out of reach of every exact sampler (draws_lower_bound). Where 1/T is below 3 the duel sampler "
        "is the published one; colder, where that one explodes, it stays near the floor.",
        f"Base draws of an exact output against temperature, on logarithmic axes, above a shaded floor. {said}.",
    )


def _rules(data: RulesData) -> Caption:
    last = data.points[
        (data.points["rule"] == "duel in N") & (data.points["batch_size"] == data.points["batch_size"].max())
    ]
    said = ", ".join(
        f"{row['base']} at {temperature_name(row['temperature'])} {number(row['bound'])}"
        for row in last.to_dict("records")
    )
    return Caption(
        "Which rule for N draws",
        "Total variation of what N base draws can give: the published rule, and where 1/T is not whole the plug-in and falling rules, by "
        "their exact laws; the corrected rule and the duel inside N draws by simulation, the set chosen by one half of the outputs and "
        "counted in the other. A duel inside N draws is exact where it ends: the share that does not (dashed; upper limit, wrong with "
        "probability at most 10⁻⁶) bounds its error.",
        f"Total variation against N. Certified bounds of the duel inside N = {data.points['batch_size'].max():,} draws: {said}.",
    )


def _spread(data: SpreadData) -> Caption:
    said = "; ".join(
        f"{row['base']} at {temperature_name(row['temperature'])}, {row['sampler']}: mean {number(row['mean'])}, "
        f"one in a hundred above {number(row['q99'])}"
        for row in data.quantiles.to_dict("records")
    )
    return Caption(
        "How much the cost varies",
        "The chance that an output takes more than x base draws, in simulated runs. The dotted line is one output in a hundred.",
        f"Chance of a cost above x, on logarithmic axes. {said}.",
    )


def _choice(data: ChoiceData) -> Caption:
    cold = data.table[data.table["budget"] == 0].to_dict("records")
    said = ", ".join(f"{row['base']} at {temperature_name(row['temperature'])} {row['method']}" for row in cold)
    return Caption("Which method?", data.rule, f"The method for each temperature and budget. Without a budget: {said}.")


def _calm(data: CalmData) -> Caption:
    own = data.points[data.points["way"] == "budget"]
    said = ", ".join(
        f"{temperature_name(row['temperature'])}: accuracy {number(row['accuracy'])}, collision rate {number(row['collisions'])}"
        for row in own.to_dict("records")
    )
    missing = f" {left_out(data).replace(chr(10), ' ').replace('no exact', 'No exact')}." if data.too_dear else ""
    return Caption(
        "What a temperature buys on text",
        f"Blocks of {data.patch_size} tokens decoded in {data.contexts:,} contexts of held-out text, two in each. Accuracy: the block is "
        "the next one of the text. Collision rate: the two are the same. Every way chooses among the same draws; intervals "
        f"({100 * data.level:g} %) are of these contexts. A step decodes a block: 1/{data.patch_size} of the steps of a token model."
        + missing,
        f"Accuracy against collision rate, and draws and milliseconds a block against temperature. Duel in N draws: {said}.",
    )


CAPTIONS: dict[str, Callable[[Any], Caption]] = {
    "shapes": _shapes,
    "rejection": _rejection,
    "cost": _cost,
    "draws": _draws,
    "error": _error,
    "rules": _rules,
    "spread": _spread,
    "choice": _choice,
    "calm": _calm,
    **JUDGE_CAPTIONS,
    **ADAPTIVE_CAPTIONS,
}
"""By the name of the picture; made from its data."""
