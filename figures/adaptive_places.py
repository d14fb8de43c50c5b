"""Which temperature a learned head picks where in a response: by position and by what stands there, and in examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figures import style
from figures.adaptive_examples import chosen_examples, example_grid, plot_examples
from figures.adaptive_heat import heat_colour
from figures.adaptive_results import ResultsError, read_results, task_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _LINE = 0.3, 0.21
"""Inches a row of a heat map, and a line of an example."""


@dataclass(frozen=True)
class PlacesData:
    """Temperatures by place.

    Attributes
    ----------
    places : DataFrame
        task, label, place (from 0), mean (temperature), count (responses with that label there, > 0).
    examples : dict
        By task: responses in pieces with their temperatures, as in results.json.
    temperatures : dict
        By task: the list that its head picks from.
    blocks : dict
        By task: whether a place is a block, and not a token.
    """

    places: pd.DataFrame
    examples: dict[str, list[dict[str, Any]]]
    temperatures: dict[str, list[float]]
    blocks: dict[str, bool]


def places_data(results: str | Path) -> PlacesData:
    """Temperatures by place, and examples, of all tasks in a directory of results whose heads are asked at every step.

    Raises
    ------
    ResultsError
        For a directory without them.
    """
    import pandas as pd

    tasks = {
        name: task
        for name, task in read_results(results).tasks.items()
        if task["level"] == "token" and (task["temperature_by_place"]["rows"] or task["examples"])
    }
    if not tasks:
        raise ResultsError(f"no temperatures by place in {str(results)!r}")
    rows = [
        {"task": name, "label": row["label"], "place": place, "mean": mean, "count": count}
        for name, task in tasks.items()
        for row in task["temperature_by_place"]["rows"]
        for place, (mean, count) in enumerate(zip(row["mean"], row["count"], strict=True))
        if mean is not None and count > 0
    ]
    return PlacesData(
        pd.DataFrame(rows, columns=["task", "label", "place", "mean", "count"]),
        {name: chosen_examples(task["examples"]) for name, task in tasks.items()},
        {name: task["temperatures"] for name, task in tasks.items()},
        {name: task["model"] == "blocks" for name, task in tasks.items()},
    )


def draw_places(data: PlacesData, *, narrow: bool = False) -> Figure:
    """For each task a heat map of its labels by place, and examples below it; `narrow` for a phone."""
    from figures.panels import Room, rows_of_panels

    columns, width = (42, 3.2) if narrow else (84, 7.0)
    plan: list[tuple[str, str, Any, float]] = [("scale", "", None, 0.2)]
    for task in data.temperatures:
        places = data.places[data.places["task"] == task]
        if len(places):
            plan.append(("map", task, places, _ROW * places["label"].nunique()))
        if data.examples[task]:
            grids = [example_grid(example, columns, columns // 2) for example in data.examples[task]]
            lines = sum(grid[-1].line + 1 for grid in grids) + 0.4 * (len(grids) - 1)
            plan.append(("text", task, grids, _LINE * lines))
    degrees = sorted({t for own in data.temperatures.values() for t in own})
    hottest = degrees[-1]
    with style.look():
        room = Room(left=1.0, down=0.72, top=0.4, bottom=0.5)
        figure, grid = rows_of_panels([height for *_, height in plan], 1, width=width, room=room)
        for (axes,), (kind, task, content, _) in zip(grid, plan, strict=True):
            if kind == "scale":
                _plot_scale(axes, degrees)
            elif kind == "map":
                plot_places(axes, content, hottest)
                axes.set_title(f"{task_name(task)}: mean temperature")
                axes.set_xlabel("block of the response" if data.blocks[task] else "token of the response")
            else:
                labels = list(data.places[data.places["task"] == task]["label"].unique())
                plot_examples(axes, content, columns, hottest, labels[0] if labels else None)
                axes.set_title(f"{task_name(task)}: examples")
    return figure


def plot_places(axes: Axes, places: pd.DataFrame, hottest: float) -> None:
    """The heat map of a task on given axes; nothing where no response has that label there."""
    from matplotlib.patches import Rectangle
    from matplotlib.ticker import MaxNLocator

    labels = list(places["label"].unique())
    for row in places.to_dict("records"):
        corner = (row["place"] - 0.5, labels.index(row["label"]) + 0.06)
        axes.add_patch(Rectangle(corner, 1.0, 0.88, facecolor=heat_colour(row["mean"], hottest), linewidth=0))
    axes.grid(False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xlim(-0.5, float(places["place"].max()) + 0.5)
    axes.set_ylim(len(labels), 0)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_yticks([i + 0.5 for i in range(len(labels))], labels)


def _plot_scale(axes: Axes, temperatures: Sequence[float]) -> None:
    from matplotlib.patches import Rectangle

    for i, temperature in enumerate(temperatures):
        axes.add_patch(
            Rectangle((i + 0.02, 0), 0.96, 1, facecolor=heat_colour(temperature, temperatures[-1]), linewidth=0)
        )
    axes.grid(False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xlim(0, len(temperatures))
    axes.set_ylim(0, 1)
    axes.set_yticks([0.5], ["temperature"])
    axes.set_xticks([i + 0.5 for i in range(len(temperatures))], [f"{t:g}" for t in temperatures])
