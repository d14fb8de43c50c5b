"""Learning curves of temperature heads: reward and loss by round, seed by seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from figures import style
from figures.adaptive_results import ResultsError, read_results, task_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MEASURES = {"reward": "mean reward", "loss": "loss"}


@dataclass(frozen=True)
class LearningData:
    """Learning curves.

    Attributes
    ----------
    curves : DataFrame
        task, seed, round, loss, reward (of the responses sampled in that round), mean_temperature.
    """

    curves: pd.DataFrame


def learning_data(results: str | Path) -> LearningData:
    """Learning curves of all tasks in a directory of results.

    Raises
    ------
    ResultsError
        For a directory without them.
    """
    import pandas as pd

    columns = ("seed", "round", "loss", "reward", "mean_temperature")
    rows = [
        {"task": name, **{column: row[column] for column in columns}}
        for name, task in read_results(results).tasks.items()
        for row in task["learning"]
    ]
    if not rows:
        raise ResultsError(f"no learning curves in {str(results)!r}")
    return LearningData(pd.DataFrame(rows).astype({"loss": float, "reward": float, "mean_temperature": float}))


def draw_learning(data: LearningData, *, narrow: bool = False) -> Figure:
    """For each task its rewards and below them its losses; `narrow` for a phone."""
    from figures.panels import Room, rows_of_panels

    tasks = list(data.curves["task"].unique())
    across = min(len(tasks), 2 if narrow else 3)
    with style.look():
        room = Room(left=0.7, right=0.35, across=0.55, down=0.72)
        width = 1.45 if narrow else 2.4
        bands = [tasks[i : i + across] for i in range(0, len(tasks), across)]
        figure, grid = rows_of_panels([1.25] * (2 * len(bands)), across, width=width, room=room)
        for i, row in enumerate(grid):
            measure = list(MEASURES)[i % 2]
            for j, panel in enumerate(row):
                if j >= len(bands[i // 2]):
                    panel.remove()
                    continue
                task = bands[i // 2][j]
                plot_curves(panel, data.curves[data.curves["task"] == task], measure)
                if measure == "reward":
                    panel.set_title(task_name(task))
                    panel.tick_params(labelbottom=False)
                else:
                    panel.set_xlabel("round", labelpad=1)
                if j == 0:
                    panel.set_ylabel(MEASURES[measure])
    return figure


def plot_curves(axes: Axes, curves: pd.DataFrame, measure: str) -> None:
    """A measure by round, a thin line a seed and their mean in ink, on given axes."""
    from matplotlib.ticker import MaxNLocator

    known = curves.dropna(subset=[measure])
    for i, (_, own) in enumerate(known.groupby("seed", sort=True)):
        axes.plot(own["round"], own[measure], color=style.BASE_COLOURS[i % 6], linewidth=0.9, alpha=0.75)
    mean = known.groupby("round", sort=True)[measure].mean()
    axes.plot(mean.index, mean, color=style.INK, linewidth=1.8, marker="o" if len(mean) == 1 else "")
    axes.set_xlim(curves["round"].min() - 0.3, curves["round"].max() + 0.3)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))
