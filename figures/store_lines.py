"""Drawing the cells of a store: faint points for cells, a line through the mean of each group, its name at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.labels import decade_ticks, spread
from figures.sampler_colours import SAMPLER_COLOURS
from figures.store_sweep import SweepData

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simtemp.arguments import Floats

LOGARITHMIC = {"x": 4.0, "y": 10.0}
"""Positive numbers that spread over this factor get a logarithmic axis."""

WORDS = {
    "batch_size": "batch size N (base draws an output)",
    "temperature": "temperature T",
    "mean_draws": "base draws an output",
    "tv": "total variation from the target",
    "tv_empirical": "total variation of the outputs from the target",
    "tv_upper": "proved upper bound of total variation",
    "effective_temperature": "effective temperature",
}
"""Of columns on axes; others are named as they are."""


def draw_sweep(data: SweepData, *, narrow: bool = False) -> Figure:
    """One panel a base, with shared axes; `narrow` for a phone."""
    from figures.panels import Room, label_edges, panels

    bases = list(dict.fromkeys(data.points["base"]))
    colours = group_colours(list(dict.fromkeys(data.points["group"])), data.by)
    longest = max(map(len, colours))
    across = min(1 if narrow else 2, len(bases))
    room = Room(left=0.85, right=0.25 + 0.075 * longest, across=0.35 + 0.075 * longest, top=0.5)
    with style.look():
        figure, axes = panels(len(bases), across, width=3.3, height=2.6, room=room, sharex=True, sharey=True)
        _scale(axes[0], data)
        for base, panel in zip(bases, axes, strict=True):
            plot_lines(panel, data, base, colours)
            panel.set_title(base)
            panel.tick_params(labelbottom=True)
        label_edges(axes, across, WORDS.get(data.x, data.x), WORDS.get(data.y, data.y))
        if data.left_out:
            figure.text(
                0.01, 0.99, f"{data.left_out:,} cells without such a number are not drawn", va="top", fontsize=8.5, color=style.MUTED
            )  # fmt: skip
    return figure


def plot_lines(axes: Axes, data: SweepData, base: str, colours: dict[str, str]) -> None:
    """Draw the groups of one base on given axes."""
    cells, points = data.cells[data.cells["base"] == base], data.points[data.points["base"] == base]
    ends: dict[str, float] = {}
    for group, line in points.groupby("group", sort=False):
        colour = colours[str(group)]
        mine = cells[cells["group"] == group]
        if len(mine) > len(line):
            axes.plot(mine["x"], mine["y"], "o", color=colour, markersize=3, alpha=0.35, markeredgewidth=0)
        axes.plot(line["x"], line["mean"], "o-", color=colour, markersize=4)
        ends[str(group)] = float(line["mean"].iloc[-1])
    low, high = axes.get_ylim()
    log = axes.get_yscale() == "log"
    heights = [_share(end, low, high, log=log) for end in ends.values()]
    for group, place in zip(ends, spread(heights, 0.065, 0.02, 0.98), strict=True):
        axes.text(1.02, place, group, transform=axes.transAxes, va="center", fontsize=8.5, color=colours[group])


def group_colours(groups: list[str], by: str) -> dict[str, str]:
    """A colour a group: that of its temperature or its sampler where there is one."""
    if by == "temperature":
        return {group: style.temperature_colour(_degrees(group)) for group in groups}
    colours = {"collision": SAMPLER_COLOURS["published"], "batch": SAMPLER_COLOURS["plug-in"], **SAMPLER_COLOURS}
    if all(group in colours for group in groups):
        return {group: colours[group] for group in groups}
    return {group: style.BASE_COLOURS[i % len(style.BASE_COLOURS)] for i, group in enumerate(groups)}


def logarithmic(values: Floats, factor: float) -> bool:
    """Whether numbers belong on a logarithmic axis: positive, and spread over a factor.

    Examples
    --------
    >>> logarithmic(np.array([1.0, 10.0]), 10.0), logarithmic(np.array([0.0, 10.0]), 10.0)
    (True, False)
    """
    return bool(values.min() > 0 and values.max() >= factor * values.min())


def _degrees(name: str) -> float:
    said = name.removeprefix("T = ")
    return 1 / float(said[2:]) if said.startswith("1/") else float(said.replace("∞", "inf"))


def _share(value: float, low: float, high: float, *, log: bool) -> float:
    if log:
        value, low, high = float(np.log(value)), float(np.log(low)), float(np.log(high))
    return (value - low) / (high - low)


def _scale(axes: Axes, data: SweepData) -> None:
    x, y = (data.cells[name].to_numpy(np.float64) for name in ("x", "y"))
    if logarithmic(y, LOGARITHMIC["y"]):
        low, high = float(y.min()) / 1.4, float(y.max()) * 1.4
        axes.set_yscale("log")
        axes.set_ylim(low, high)
        if high / low >= 100:
            axes.set_yticks(*decade_ticks(low, high))
            axes.yaxis.minorticks_off()
    else:
        margin = 0.06 * (float(np.ptp(y)) or abs(float(y[0])) or 1.0)
        axes.set_ylim(float(y.min()) - margin, float(y.max()) + margin)
    if data.x == "temperature" and x.min() > 0:
        style.temperature_axis(axes, x.tolist())
    elif logarithmic(x, LOGARITHMIC["x"]):
        axes.set_xscale("log")
        low, high = float(x.min()), float(x.max())
        ticks = [c * 10.0**k for k in range(-12, 19) for c in (1, 2, 5) if low * 0.999 <= c * 10.0**k <= high * 1.001]
        ticks = ticks[:: -(-len(ticks) // 8)] if ticks else [low, high]
        axes.set_xticks(ticks, [f"{tick:,.12g}" for tick in ticks])
        axes.xaxis.minorticks_off()
        axes.set_xlim(low * 0.93, high * 1.07)
