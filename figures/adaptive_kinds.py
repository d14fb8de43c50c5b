"""Which temperature a learned head picks for which kind of prompt: a histogram a kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from figures import style
from figures.adaptive_heat import heat_colour
from figures.adaptive_results import ResultsError, read_results, task_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 0.62
"""Inches a kind."""


@dataclass(frozen=True)
class KindsData:
    """How often each temperature was picked.

    Attributes
    ----------
    shares : DataFrame
        task, kind, temperature, share (of the picks in responses to prompts of this kind).
    """

    shares: pd.DataFrame


def kinds_data(results: str | Path) -> KindsData:
    """Shares of the temperatures by kind of prompt, of all tasks in a directory of results.

    Raises
    ------
    ResultsError
        For a directory without them.
    """
    import pandas as pd

    rows = [
        {"task": name, "kind": kind, "temperature": temperature, "share": share}
        for name, task in read_results(results).tasks.items()
        for kind, shares in task["temperature_by_kind"].items()
        for temperature, share in zip(task["temperatures"], shares, strict=True)
    ]
    if not rows:
        raise ResultsError(f"no temperatures by kind of prompt in {str(results)!r}")
    return KindsData(pd.DataFrame(rows))


def draw_kinds(data: KindsData, *, narrow: bool = False) -> Figure:
    """A panel a task, a row of bars a kind of prompt; `narrow` for a phone."""
    from figures.panels import Room, rows_of_panels, shorten

    tasks = list(data.shares["task"].unique())
    across = 1 if narrow or len(tasks) == 1 else 2
    counts = [int(data.shares[data.shares["task"] == task]["kind"].nunique()) for task in tasks]
    rows = [max(counts[i : i + across]) for i in range(0, len(tasks), across)]
    with style.look():
        room = Room(left=1.0, across=1.3, down=0.85)
        width = 3.0 if narrow else 3.3
        figure, grid = rows_of_panels([_ROW * count for count in rows], across, width=width, room=room)
        panels = [(panel, rows[i]) for i, row in enumerate(grid) for panel in row]
        for (panel, height), task, count in zip(panels, tasks, counts, strict=False):
            shorten(panel, count / height)
            plot_kinds(panel, data.shares[data.shares["task"] == task], float(data.shares["temperature"].max()))
            panel.set_title(task_name(task))
            panel.set_xlabel("temperature picked")
        for panel, _ in panels[len(tasks) :]:
            panel.remove()
    return figure


def plot_kinds(axes: Axes, shares: pd.DataFrame, hottest: float) -> None:
    """The histograms of a task's kinds, one above the other, on given axes; their bars have one scale."""
    kinds, temperatures = list(shares["kind"].unique()), list(shares["temperature"].unique())
    unit = 0.68 / (float(shares["share"].max()) or 1.0)
    for row in shares.to_dict("records"):
        x, foot = temperatures.index(row["temperature"]), kinds.index(row["kind"]) + 1
        colour = heat_colour(row["temperature"], hottest)
        axes.bar(x, -unit * row["share"], bottom=foot, width=0.78, color=colour, linewidth=0)
        if row["share"] >= 0.005:
            said = f"{100 * row['share']:.0f} %"
            axes.text(
                x, foot - unit * row["share"] - 0.04, said, ha="center", va="bottom", fontsize=7.5, color=style.INK
            )
    axes.hlines(range(1, len(kinds) + 1), -0.5, len(temperatures) - 0.5, color=style.FAINT, linewidth=0.8)
    axes.grid(False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xlim(-0.5, len(temperatures) - 0.5)
    axes.set_ylim(len(kinds), 0)
    axes.set_yticks([i + 0.75 for i in range(len(kinds))], kinds)
    axes.set_xticks(range(len(temperatures)), [f"{t:g}" for t in temperatures])
