"""The accuracy-diversity curve of a language model's blocks, and what a block costs: drawn from its points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from figures import style
from figures.calm_points import WAYS, CalmData, way_names
from figures.labels import decade_ticks
from figures.sampler_colours import SAMPLER_COLOURS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = {
    "batch": SAMPLER_COLOURS["published"],
    "budget": SAMPLER_COLOURS["duel in N"],
    "exact": SAMPLER_COLOURS["floor"],
}
_MARKERS = {"batch": "s", "budget": "o", "exact": "D"}
_FACE: dict[str, Any] = {"markerfacecolor": style.PAPER, "markeredgewidth": 1.3}
"""Hollow points, so that ways that agree are all seen."""


def left_out(data: CalmData) -> str:
    """Why there is no exact point at some temperatures; empty where there is one at all."""
    if not data.too_dear:
        return ""
    dear = ", ".join(style.temperature_name(t).removeprefix("T = ") for t in data.too_dear)
    return f"no exact point at T = {dear}:\na block takes > {data.max_draws:,} draws in some context"


def draw_calm(data: CalmData, *, narrow: bool = False) -> Figure:
    """Accuracy against collision rate; draws and milliseconds a block against temperature. `narrow` for a phone."""
    from figures.panels import Room, panels

    with style.look():
        room = Room(left=0.7, across=0.6, right=0.2, down=0.75)
        figure, axes = panels(3, 1 if narrow else 3, width=3.4, height=3.1, room=room)
        plot_tradeoff(axes[0], data)
        plot_cost(axes[1], data, "draws", "draws a block")
        plot_cost(axes[2], data, "milliseconds", "milliseconds a block")
    return figure


def plot_tradeoff(axes: Axes, data: CalmData) -> None:
    """The accuracy-diversity curve of each way, with intervals, on given axes."""
    for way in WAYS:
        own = _of_way(data, way)
        x, y = own["collisions"], own["accuracy"]
        axes.errorbar(
            x,
            y,
            xerr=[x - own["collisions_low"], own["collisions_high"] - x],
            yerr=[y - own["accuracy_low"], own["accuracy_high"] - y],
            fmt="none",
            ecolor=_COLOURS[way],
            elinewidth=0.7,
            alpha=0.35,
        )
        axes.plot(x, y, color=_COLOURS[way], linewidth=1.3, marker=_MARKERS[way], markersize=5, **_FACE)
    for right, up, said in temperature_labels(data.points[data.points["way"] == "budget"]):
        axes.annotate(said, (right, up), xytext=(4, -12), textcoords="offset points", fontsize=8.5, color=style.MUTED)
    axes.margins(x=0.12)
    axes.set_xlabel("collision rate: two outputs are the same block")
    axes.set_ylabel("accuracy: output is the text's next block")
    axes.set_title("Accuracy and diversity")
    below = {
        **{name: _COLOURS[way] for way, name in way_names(data).items()},
        f"{data.contexts:,} contexts, {100 * data.level:g} % intervals": style.MUTED,
    }
    for i, (said, colour) in enumerate(reversed(below.items())):
        axes.text(0.97, 0.03 + 0.065 * i, said, transform=axes.transAxes, ha="right", fontsize=8.5, color=colour)


def temperature_labels(points: pd.DataFrame) -> list[tuple[float, float, str]]:
    """Where the temperatures of a curve are written, hot ones first; points that nearly coincide share a label."""
    labels: list[tuple[float, float, str]] = []
    near = 0.06 * float(points["collisions"].max() - points["collisions"].min())
    for row in points.sort_values("temperature", ascending=False).to_dict("records"):
        x, y, said = row["collisions"], row["accuracy"], style.temperature_name(row["temperature"])
        if labels and abs(x - labels[-1][0]) <= near:
            x, y, before = labels.pop()
            said = f"{before}, {said.removeprefix('T = ')}"
        labels.append((x, y, said.removeprefix("T = ") if labels else said))
    return labels


def plot_cost(axes: Axes, data: CalmData, column: str, label: str) -> None:
    """A column of the points against temperature, one line a way, on given axes."""
    axes.set_yscale("log")
    for way in WAYS:
        own = _of_way(data, way)
        below = own[own.index < 1]  # at T = 1 every way is one draw: the cost jumps there
        axes.plot(below.index, below[column], color=_COLOURS[way], linewidth=1.3)
        axes.plot(own.index, own[column], _MARKERS[way], color=_COLOURS[way], markersize=5, **_FACE)
    low, high = 0.6 * float(data.points[column].min()), 1.8 * float(data.points[column].max())
    axes.set_ylim(low, high)
    axes.set_yticks(*decade_ticks(low, high))
    style.temperature_axis(axes, list(data.points["temperature"]))
    axes.margins(x=0.05)
    axes.autoscale(axis="x")
    axes.set_xlabel("temperature")
    axes.set_title(label[0].upper() + label[1:])
    if column == "draws" and left_out(data):
        axes.text(0.03, 0.04, left_out(data), transform=axes.transAxes, fontsize=8, color=style.MUTED)


def _of_way(data: CalmData, way: str) -> pd.DataFrame:
    """The points of a way by temperature, hot ones first, with gaps where it has none: a line across would claim what was not seen."""
    degrees = sorted(set(data.points["temperature"]), reverse=True)
    return data.points[data.points["way"] == way].set_index("temperature").reindex(degrees)
