"""Base draws of one exact output against temperature: the published sampler, the duel sampler, and what no exact sampler can beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.cost import BOTH_DIFFER_FROM, exponent_grid
from figures.deviation import draws_deviation
from figures.duel_runs import duel_outputs, is_collision
from figures.intervals import LEVEL, normal_interval
from figures.labels import decade_ticks, scientific
from figures.sampler_colours import SAMPLER_COLOURS
from figures.seeds import child_seed
from simtemp.arguments import Floats, whole_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BASES = ("peaked9", "zipf:1000,1.1", "uniform:10", "text")
TEMPERATURES = (
    1.0, 0.95, 0.8, 0.7, 0.6, 0.5, 0.4, 1 / 3, 0.3, 0.28, 0.25, 0.22, 0.2, 0.18, 1 / 6, 0.15, 1 / 7, 0.125, 0.115, 1 / 9, 0.1,
)  # fmt: skip
"""Whole exponents are cheaper than those on either side, so both have points."""
COLDEST = 0.1
VAGUE = 0.25
"""A mean whose standard error is a larger share of it is left out."""
FLOOR_EVERY = 4
"""The floor is computed at one in so many points of the curves."""
TOP = 1e20
"""Where the axis ends at most; what is above is named at the edge."""


@dataclass(frozen=True)
class DrawsData:
    """The curves and the points.

    Attributes
    ----------
    curves : DataFrame
        base, temperature, whole (1/T is a whole number, where the cost jumps), and log10 of the draws in columns "published",
        "early exit" (NaN where it is the published sampler) and "floor" (no exact sampler needs fewer on average).
    points : DataFrame
        Of the duel sampler: base, temperature, split, seed, outputs, mean, low, high, floor, published.
    accepted : DataFrame
        Of the accepted batch at T <= 1/2 (above, it is the collision sampler): base, temperature, seed, outputs, mean, low, high.
    level : float
        Confidence level of low and high.
    """

    curves: pd.DataFrame
    points: pd.DataFrame
    accepted: pd.DataFrame
    level: float


def draws_data(
    bases: Sequence[str] = BASES,
    temperatures: Sequence[float] = TEMPERATURES,
    *,
    size: int = 600,
    seed: int = 0,
    max_draws: float = 2e6,
    batches: bool = True,
    level: float = LEVEL,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DrawsData:
    """Draws an exact output costs: closed forms, simulated means of the duel sampler, and the lower bound.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        Of the points, in (0, 1].
    size : int
        Outputs a point has at most.
    max_draws : float
        Base draws a point may take; a pilot, thrown away, says how many outputs that is.
    batches : bool
        Whether the accepted batch is measured too; its kernel takes the longest to compile.
    seed, level, threads, progress
        As in `rejection_data`.

    Returns
    -------
    DrawsData

    Raises
    ------
    ValueError
        For a temperature outside (0, 1], or a bad base, size or level.

    Notes
    -----
    Below exponent 3 the duel sampler is the collision sampler, whose mean and variance are known: there the interval has the exact
    standard error, elsewhere that of the sample (a duel's cost has no long tail: `simtemp plot spread`).

    Examples
    --------
    >>> data = draws_data(["two:0.5"], [0.5, 0.1], size=500)
    >>> data.points["floor"].round().tolist()
    [4.0, 100.0]
    """
    import pandas as pd

    from simtemp import draws_lower_bound, expected_draws, parse_base
    from simtemp.arguments import temperature as in_range

    whole_number(size, "size", 1)
    for temperature in temperatures:
        in_range(temperature, maximum=1.0, zero=False)
    grid, whole = exponent_grid(1 / min(COLDEST, *temperatures))
    curves, points, accepted = [], [], []
    names = list(dict.fromkeys(bases))
    done, total = 0, len(names) * len(temperatures)
    for name in names:
        base = parse_base(name)
        curves.append(
            pd.DataFrame({"base": name, "temperature": 1 / grid, "whole": whole, **_closed_forms(base.probs, grid)})
        )
        for temperature in temperatures:
            own = child_seed(seed, "draws", name, f"{temperature:.12g}")
            run = duel_outputs(base, temperature, size, max_draws, own, threads)
            if run is not None:
                spread = (
                    draws_deviation(base.probs, temperature)
                    if is_collision(temperature)
                    else float(run.draws.std(ddof=1))
                )
                error = spread / np.sqrt(run.size)
                if error <= VAGUE * run.mean_draws:
                    low, high = normal_interval(run.mean_draws, error, level)
                    floor, published = (
                        draws_lower_bound(base.probs, temperature),
                        expected_draws(base.probs, temperature),
                    )
                    split = run.options["split"]
                    points.append(
                        (name, temperature, split, own, run.size, run.mean_draws, low, high, floor, published)
                    )
            own = child_seed(seed, "accepted", name, f"{temperature:.12g}")
            grown = None
            if batches and temperature <= 0.5:
                grown = duel_outputs(base, temperature, size, max_draws, own, threads, "accepted")
            if grown is not None:
                error = float(grown.draws.std(ddof=1)) / np.sqrt(grown.size)
                interval = normal_interval(grown.mean_draws, error, level)
                accepted.append((name, temperature, own, grown.size, grown.mean_draws, *interval))
            done += 1
            if progress is not None:
                progress(done, total)
    columns = ["base", "temperature", "split", "seed", "outputs", "mean", "low", "high", "floor", "published"]
    return DrawsData(
        pd.concat(curves, ignore_index=True),
        pd.DataFrame(points, columns=columns),
        pd.DataFrame(accepted, columns=["base", "temperature", "seed", "outputs", "mean", "low", "high"]),
        level,
    )


def _closed_forms(probs: Floats, exponents: Floats) -> dict[str, Floats]:
    from simtemp import draws_lower_bound, log_expected_draws

    forms = {
        variant: np.array([log_expected_draws(probs, 1 / s, early_exit=early) for s in exponents]) / np.log(10)
        for variant, early in (("published", False), ("early exit", True))
    }
    forms["early exit"][exponents < BOTH_DIFFER_FROM] = np.nan
    # The floor is smooth: a few points between two whole exponents, and straight lines in the logarithms from one to the next.
    knots = np.unique(np.concatenate((exponents[::FLOOR_EVERY], exponents[:3], exponents[-1:])))
    forms["floor"] = np.interp(
        np.log(exponents), np.log(knots), np.log10([draws_lower_bound(probs, 1 / s) for s in knots])
    )
    return forms


def draw_draws(data: DrawsData, *, narrow: bool = False) -> Figure:
    """One panel a base, with one scale for all; `narrow` for a phone."""
    from figures.panels import Room, label_edges, panels

    names = list(data.curves["base"].unique())
    across = min(1 if narrow else 2, len(names))
    top = 10 ** min(float(data.curves["published"].max()) + 0.8, np.log10(TOP))
    with style.look():
        room = Room(top=1.75 if narrow else 1.15, across=0.25, left=0.8)
        figure, axes = panels(len(names), across, width=3.3 if narrow else 4.3, height=2.6, room=room, sharey=True)
        for name, panel in zip(names, axes, strict=True):
            plot_draws(panel, data, name, top)
            panel.set_title(name)
        label_edges(axes, across, "temperature T", "base draws an exact output")
        lines, labels = axes[0].get_legend_handles_labels()
        figure.legend(
            handles=lines,
            labels=labels,
            loc="upper left",
            bbox_to_anchor=(0.0, 1.0),
            borderaxespad=0.4,
            ncols=1 if narrow else 2,
            frameon=False,
            fontsize=9,
            title=f"lines: closed form · points: simulated means,{chr(10) if narrow else ' '}{100 * data.level:g} % intervals",
            title_fontsize=9,
            alignment="left",
        )
    return figure


def plot_draws(axes: Axes, data: DrawsData, base: str, top: float) -> None:
    """Draw one base on given axes, up to `top` draws."""
    curves = data.curves[data.curves["base"] == base]
    points = data.points[data.points["base"] == base].sort_values("temperature")
    axes.set_yscale("log")
    for form, said in (
        ("published", "published: all n draws of a trial"),
        ("early exit", "early exit, at the first mismatch (n ≥ 3)"),
    ):
        height = 10.0 ** np.minimum(curves[form].where(~curves["whole"]), 300)  # a gap at every jump
        axes.plot(curves["temperature"], height, color=SAMPLER_COLOURS[form], linewidth=1.6, label=said, zorder=2)
    cold = points[~points["temperature"].map(is_collision)]
    axes.plot(
        cold["temperature"], cold["mean"], color=SAMPLER_COLOURS["duel"], linewidth=2.4, label="duel sampler", zorder=3
    )
    warm = curves[curves["temperature"].map(is_collision)]
    axes.plot(
        warm["temperature"],
        10 ** warm["published"].where(~warm["whole"]),
        color=SAMPLER_COLOURS["duel"],
        linewidth=2.4,
        zorder=3,
    )
    axes.errorbar(
        points["temperature"],
        points["mean"],
        yerr=[points["mean"] - np.maximum(points["low"], 0.5), points["high"] - points["mean"]],
        fmt="o",
        color=SAMPLER_COLOURS["duel"],
        markersize=3.6,
        markerfacecolor=style.PAPER,
        markeredgewidth=1.1,
        elinewidth=1.2,
        zorder=4,
    )
    batches = data.accepted[data.accepted["base"] == base].sort_values("temperature")
    if len(batches):
        axes.errorbar(
            batches["temperature"],
            batches["mean"],
            yerr=[batches["mean"] - np.maximum(batches["low"], 0.5), batches["high"] - batches["mean"]],
            fmt="s-",
            color=SAMPLER_COLOURS["accepted"],
            linewidth=1.8,
            markersize=3.2,
            markerfacecolor=style.PAPER,
            markeredgewidth=1.0,
            elinewidth=1.1,
            label="accepted batch",
            zorder=3.5,
        )
    floor = 10 ** curves["floor"]
    axes.plot(
        curves["temperature"],
        floor,
        color=SAMPLER_COLOURS["floor"],
        linewidth=1.2,
        label="floor of every exact sampler",
        zorder=2,
    )
    axes.fill_between(curves["temperature"], 0.1, floor, color=style.GRID, linewidth=0, zorder=1.2)
    coldest = float(curves["temperature"].min())
    style.temperature_axis(axes, [coldest, 1.0])
    axes.set_ylim(0.6, top)
    axes.set_yticks(*decade_ticks(1.0, top))
    axes.minorticks_off()
    _name_the_ends(axes, curves, points, top)


def _name_the_ends(axes: Axes, curves: pd.DataFrame, points: pd.DataFrame, top: float) -> None:
    """How many draws at the coldest temperature, beside each line's end."""
    coldest = float(curves["temperature"].min())
    end = curves.nsmallest(1, "temperature").to_dict("records")[0]
    marks = [
        ("published", 10 ** min(float(end["published"]), 300), 2, "bottom"),
        ("floor", 10 ** float(end["floor"]), -3, "top"),
    ]
    if len(points) and points["temperature"].iloc[0] <= coldest * 1.001:
        marks.append(("duel", float(points["mean"].iloc[0]), 7, "bottom"))
    for form, draws, offset, side in marks:
        said = f"{draws:,.0f}" if draws < 1e5 else scientific(draws)
        axes.annotate(
            said,
            xy=(coldest, min(draws, top / 30)),
            xytext=(9, offset),
            textcoords="offset points",
            va=side,
            fontsize=8.5,
            fontweight="bold" if form == "duel" else "normal",
            color=SAMPLER_COLOURS[form],
            zorder=5,
        )
