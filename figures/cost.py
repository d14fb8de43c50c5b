"""Expected base draws of one output against temperature: closed forms as lines, means of simulated runs as points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.affordable import affordable_outputs
from figures.deviation import draws_deviation
from figures.intervals import LEVEL, normal_interval
from figures.labels import decade_ticks, scientific
from figures.seeds import child_seed
from simtemp.arguments import Floats, whole_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TEMPERATURES = (1.0, 0.95, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
COLDEST = 0.1
CURVE_POINTS = 16
"""Points of a curve between two whole exponents."""
CEILING = 3e10
"""Where the axis ends: minutes for one output. What is above is named at the edge."""
VARIANTS = {"published": False, "early exit": True}
"""The two ways to run Algorithm 1: all n draws of a trial at once, or one after another until the first mismatch."""
BOTH_DIFFER_FROM = 3
"""With n <= 2 there is nothing to exit from early: the two ways are one."""
VAGUE = 0.2
"""A point whose exact standard error is a larger share of its expectation is left out: rare categories rule its mean."""
DRAWS_A_SECOND = 1e8
PACE = {"1 second": DRAWS_A_SECOND, "1 minute": 60 * DRAWS_A_SECOND}
"""What an output takes at ten nanoseconds a draw."""


@dataclass(frozen=True)
class CostData:
    """The curves and the points.

    Attributes
    ----------
    curves : DataFrame
        base, temperature, whole (1/T is a whole number, where the cost jumps), and log10 of the expected draws in columns
        "published", "early exit" (NaN where it is the published sampler) and "bound" (Corollary 2.1).
    points : DataFrame
        base, variant, temperature, seed, outputs, expected, mean, low, high.
    level : float
        Confidence level of low and high.
    """

    curves: pd.DataFrame
    points: pd.DataFrame
    level: float


def cost_data(
    bases: Sequence[str],
    temperatures: Sequence[float] = TEMPERATURES,
    *,
    size: int = 1000,
    seed: int = 0,
    max_draws: float = 5e6,
    level: float = LEVEL,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CostData:
    """Expected and measured base draws an output.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        Of the points, in (0, 1].
    size, seed, max_draws, level, threads, progress
        As in `rejection_data`.

    Returns
    -------
    CostData

    Raises
    ------
    ValueError
        For a temperature outside (0, 1], or a bad base, size or level.

    Notes
    -----
    Expected draws by CALM, Theorem 2 (published) and the same argument stopped at the first mismatch; the bound is Corollary 2.1. The
    interval of a mean uses the exact standard deviation of the cost (`draws_deviation`), because that of the sample misses the rare
    categories that the mean depends on. Whether a point is shown is decided from the closed forms, never from the sample.

    Examples
    --------
    >>> data = cost_data(["two:0.5"], [0.5, 0.2], size=500)
    >>> data.points[["variant", "expected"]].values.tolist()
    [['published', 4.0], ['published', 80.0], ['early exit', 46.0]]
    """
    import pandas as pd

    from simtemp import expected_draws, parse_base, simulate, split_exponent
    from simtemp.arguments import temperature as in_range

    whole_number(size, "size", 1)
    for temperature in temperatures:
        in_range(temperature, maximum=1.0, zero=False)
    grid, whole = exponent_grid(1 / min(COLDEST, *temperatures))
    curves, points = [], []
    names = list(dict.fromkeys(bases))
    done, total = 0, len(names) * len(temperatures) * len(VARIANTS)
    for name in names:
        base = parse_base(name)
        curves.append(
            pd.DataFrame({"base": name, "temperature": 1 / grid, "whole": whole, **_closed_forms(base.probs, grid)})
        )
        for temperature in temperatures:
            for variant, early_exit in VARIANTS.items():
                expected = expected_draws(base.probs, temperature, early_exit=early_exit)
                outputs = affordable_outputs(size, expected, max_draws)
                differ = not early_exit or split_exponent(temperature)[0] >= BOTH_DIFFER_FROM
                error = draws_deviation(base.probs, temperature, early_exit) / np.sqrt(max(outputs, 1))
                if outputs and differ and error <= VAGUE * expected:
                    own = child_seed(seed, "cost", name, variant, f"{temperature:.12g}")
                    run = simulate(
                        "collision", base, temperature, outputs, seed=own, threads=threads, early_exit=early_exit
                    )
                    low, high = normal_interval(run.mean_draws, error, level)
                    points.append((name, variant, temperature, own, outputs, expected, run.mean_draws, low, high))
                done += 1
                if progress is not None:
                    progress(done, total)
    columns = ["base", "variant", "temperature", "seed", "outputs", "expected", "mean", "low", "high"]
    return CostData(pd.concat(curves, ignore_index=True), pd.DataFrame(points, columns=columns), level)


def _closed_forms(probs: Floats, exponents: Floats) -> dict[str, Floats]:
    from simtemp import expected_draws_bound, log_expected_draws

    forms = {
        variant: np.array([log_expected_draws(probs, 1 / s, early_exit=early) for s in exponents]) / np.log(10)
        for variant, early in VARIANTS.items()
    }
    forms["early exit"][exponents < BOTH_DIFFER_FROM] = np.nan
    forms["bound"] = np.log10([expected_draws_bound(probs, 1 / s) for s in exponents])
    return forms


def exponent_grid(largest: float) -> tuple[Floats, np.typing.NDArray[np.bool_]]:
    """Exponents from 1 to `largest`, and which of them are whole.

    The cost jumps at whole exponents (the power coin is needed on either side and not there), so each open interval has its own
    points, right up to its ends.
    """
    parts: list[Floats] = []
    marks: list[np.typing.NDArray[np.bool_]] = []
    n = 1
    while n <= largest * (1 + 1e-12):
        parts.append(np.array([float(n)]))
        marks.append(np.array([True]))
        end = min(n + 1.0, largest)
        if end - n > 1e-9:
            share = (1 - np.cos(np.linspace(0.02, np.pi - 0.02, CURVE_POINTS))) / 2  # closer together towards the ends
            parts.append(n + (end - n) * share)
            marks.append(np.zeros(CURVE_POINTS, np.bool_))
        n += 1
    return np.concatenate(parts), np.concatenate(marks)


def draw_cost(data: CostData, *, narrow: bool = False) -> Figure:
    """One panel a base, with one scale for all; `narrow` for a phone."""
    from figures.panels import Room, label_edges, panels

    names = list(data.curves["base"].unique())
    across = min(2 if narrow else 4, len(names))
    with style.look():
        few = across < 3
        room = Room(top=1.15 if few else 0.85, across=0.2)
        width = 3.8 if across == 1 else 1.85 if narrow else 2.1 if across > 2 else 3.4
        figure, axes = panels(
            len(names), across, width=width, height=2.9 if across == 1 else 1.95, room=room, sharey=True
        )
        for name, panel in zip(names, axes, strict=True):
            plot_cost(panel, data, name)
            panel.set_title(name)
        label_edges(axes, across, "temperature T", "base draws an output")
        figure.legend(
            handles=axes[0].get_lines()[:3],
            labels=[
                "published: all n draws of a trial",
                "early exit, at the first mismatch (n ≥ 3)",
                "bound (Corollary 2.1)",
            ],
            loc="upper left",
            bbox_to_anchor=(0.0, 1.0),
            borderaxespad=0.4,
            ncols=1 if few else 3,
            frameon=False,
            fontsize=9,
            title=f"lines: closed form · points: simulated means, {100 * data.level:g} % intervals",
            title_fontsize=9,
            alignment="left",
        )
    return figure


def plot_cost(axes: Axes, data: CostData, base: str) -> None:
    """Draw one base on given axes."""
    curves = data.curves[data.curves["base"] == base]
    axes.set_yscale("log")
    for form, width in (("published", 1.8), ("early exit", 1.8), ("bound", 1.0)):
        height = 10.0 ** np.minimum(curves[form].where(~curves["whole"]), 300)  # a gap at every jump
        axes.plot(
            curves["temperature"],
            height,
            color=style.METHOD_COLOURS[form],
            linewidth=width,
            linestyle=(0, (3, 2)) if form == "bound" else "-",
            zorder=1.5 if form == "bound" else 2,
        )
    for variant, marker in (("published", "o"), ("early exit", "s")):
        points = data.points[(data.points["base"] == base) & (data.points["variant"] == variant)]
        axes.errorbar(
            points["temperature"],
            points["mean"],
            yerr=[points["mean"] - np.maximum(points["low"], 0.5), points["high"] - points["mean"]],
            fmt=marker,
            color=style.METHOD_COLOURS[variant],
            markersize=4.5,
            markerfacecolor=style.PAPER,
            markeredgewidth=1.2,
            elinewidth=1.2,
            zorder=3,
        )
    coldest = float(data.curves["temperature"].min())
    style.temperature_axis(axes, [coldest, 1.0])
    top = 10 ** float(min(data.curves["published"].max() + 0.6, np.log10(CEILING)))
    axes.set_ylim(0.6, top)
    axes.set_yticks(*decade_ticks(1.0, top))
    axes.minorticks_off()
    for name, draws in PACE.items():
        if draws < top:
            axes.axhline(draws, color=style.FAINT, linewidth=0.7, zorder=1)
            axes.annotate(
                f"{name} an output", xy=(0.99, draws), xycoords=("axes fraction", "data"), xytext=(0, 2), textcoords="offset points",
                ha="right", fontsize=7.5, color=style.MUTED,
            )  # fmt: skip
    beyond = float(curves["published"].iloc[-1])
    if beyond > np.log10(top):
        axes.annotate(
            f"{scientific(10.0**beyond)}\nat T = {coldest:g}", xy=(0.98, 0.75), xycoords="axes fraction", fontsize=8, ha="right", va="top",
            color=style.METHOD_COLOURS["published"],
        )  # fmt: skip
