"""A grid of panels of one size, measured in inches: no layout to be searched for, and the same in every format."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Room:
    """Inches around the panels, for labels and titles, and between them."""

    left: float = 0.75
    right: float = 0.15
    bottom: float = 0.55
    top: float = 0.35
    across: float = 0.45
    down: float = 0.75


def figure_size(rows: Sequence[float], columns: int, width: float, room: Room) -> tuple[float, float]:
    """Width and height in inches of a figure with rows of the given heights and so many columns.

    Examples
    --------
    >>> figure_size([3.0], 1, 4.0, Room(left=1.0, right=0.5, bottom=0.5, top=0.25))
    (5.5, 3.75)
    """
    return (
        room.left + columns * width + (columns - 1) * room.across + room.right,
        room.bottom + sum(rows) + (len(rows) - 1) * room.down + room.top,
    )


def panels(
    count: int, columns: int, *, width: float, height: float, room: Room, **options: Any
) -> tuple[Figure, list[Axes]]:
    """A figure with `count` axes of `width` by `height` inches, in rows of `columns`."""
    across = max(1, min(columns, count))
    figure, grid = rows_of_panels([height] * math.ceil(count / across), across, width=width, room=room, **options)
    axes = [panel for row in grid for panel in row]
    for unused in axes[count:]:
        unused.remove()
    return figure, axes[:count]


def rows_of_panels(
    rows: Sequence[float], columns: int, *, width: float, room: Room, **options: Any
) -> tuple[Figure, list[list[Axes]]]:
    """A figure with rows of axes of the given heights."""
    from matplotlib.figure import Figure

    wide, high = figure_size(rows, columns, width, room)
    figure = Figure(figsize=(wide, high))
    mean = sum(rows) / len(rows)
    grid = figure.subplots(
        len(rows),
        columns,
        squeeze=False,
        gridspec_kw={
            "left": room.left / wide,
            "right": 1 - room.right / wide,
            "bottom": room.bottom / high,
            "top": 1 - room.top / high,
            "wspace": room.across / width,
            "hspace": room.down / mean,
            "height_ratios": list(rows),
        },
        **options,
    )
    return figure, [list(row) for row in grid]


def shorten(axes: Axes, share: float) -> None:
    """Keep the upper part of the place of axes: a panel that has less to show than its neighbours in the row."""
    place = axes.get_position()
    height = share * place.height
    axes.set_position((place.x0, place.y1 - height, place.width, height))


def cells_of(frame: pd.DataFrame) -> list[tuple[str, float]]:
    """The pairs of base and temperature of a table, in their order: what gets a panel each."""
    return list(dict.fromkeys(zip(frame["base"], frame["temperature"], strict=True)))


def label_edges(axes: Sequence[Axes], across: int, x: str, y: str) -> None:
    """Name the axes at the outer edges of a grid `across` panels wide with shared scales: x below, y on the left."""
    for i, panel in enumerate(axes):
        panel.tick_params(labelleft=i % across == 0)
        if i >= len(axes) - across:
            panel.set_xlabel(x)
        if i % across == 0:
            panel.set_ylabel(y)
