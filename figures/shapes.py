"""Temperature shapes: the tempered law of a base against category rank, at several temperatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.labels import decade_ticks, spread

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TEMPERATURES = (float("inf"), 2.0, 1.0, 0.5, 0.2, 0.1, 0.0)
BASES = ("peaked9", "text")
RANKS = 160
"""Most ranks a curve has: all on a small support, evenly spaced in the logarithm on a wide one."""
FEW = 40
"""Up to this many categories the axes are linear and every category has its dot."""
FLOOR = 1e-9
"""Smallest probability that a logarithmic axis shows."""


@dataclass(frozen=True)
class ShapesData:
    """Columns of `curves`: base, temperature, rank (1 is the most probable), probability; `categories` is the support's size by base."""

    curves: pd.DataFrame
    categories: dict[str, int]


def shapes_data(bases: Sequence[str] = BASES, temperatures: Sequence[float] = TEMPERATURES) -> ShapesData:
    """Tempered probabilities by rank.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        In [0, inf].

    Returns
    -------
    ShapesData

    Raises
    ------
    ValueError
        For a specification or a temperature that cannot be.

    Notes
    -----
    O(K log K) a base and O(K) a temperature.

    Examples
    --------
    >>> shapes_data(["two:0.8"], [0.5]).curves["probability"].round(4).tolist()
    [0.9412, 0.0588]
    """
    import pandas as pd

    from simtemp import parse_base, temper

    parts = []
    categories = {}
    for base in dict.fromkeys(bases):
        probs = parse_base(base).probs
        falling = np.sort(probs[probs > 0])[::-1]
        categories[base] = falling.size
        index = _shown(falling.size)
        for temperature in temperatures:
            curve = {"base": base, "temperature": float(temperature), "rank": index + 1}
            parts.append(pd.DataFrame({**curve, "probability": temper(falling, temperature)[index]}))
    return ShapesData(pd.concat(parts, ignore_index=True), categories)


def _shown(size: int) -> np.typing.NDArray[np.int64]:
    if size <= RANKS:
        return np.arange(size)
    return np.unique(np.geomspace(1, size, RANKS).round().astype(np.int64)) - 1


def draw_shapes(data: ShapesData, *, narrow: bool = False) -> Figure:
    """One panel a base, one line a temperature; `narrow` for a phone."""
    from figures.panels import Room, panels

    with style.look():
        across = 1 if narrow else 2
        figure, axes = panels(len(data.categories), across, width=3.8, height=2.7, room=Room(across=0.65))
        for i, (base, panel) in enumerate(zip(data.categories, axes, strict=True)):
            _draw_base(panel, data.curves[data.curves["base"] == base], data.categories[base])
            panel.set_title(f"{base}  ({data.categories[base]:,} categories)")
            panel.set_xlabel("category, most probable first")
            if i % across == 0:
                panel.set_ylabel("probability at temperature T")
    return figure


def _draw_base(axes: Axes, curves: pd.DataFrame, categories: int) -> None:
    few = categories <= FEW
    ends: list[tuple[float, float]] = []
    for temperature, curve in curves.groupby("temperature", sort=False):
        heat = float(str(temperature))
        shown = curve if few else curve[curve["probability"] >= FLOOR]
        colour = style.temperature_colour(heat)
        axes.plot(
            shown["rank"],
            shown["probability"],
            color=colour,
            marker="o" if few or len(shown) == 1 else "",
            markersize=4,
        )
        ends.append((heat, float(shown["probability"].iloc[0])))
    if few:
        axes.set_ylim(0, 1.04)
        axes.set_xlim(-0.02 * categories - 0.35 * max(1.0, categories / 5), categories + 0.3)
        axes.set_xticks(range(1, categories + 1, max(1, categories // 9)))
    else:
        axes.set_xscale("log")
        axes.set_yscale("log")
        floor = max(FLOOR, curves["probability"].min() / 3)
        axes.set_ylim(floor, 2.0)
        axes.set_xlim(categories**-0.24, categories * 1.3)
        axes.set_yticks(*decade_ticks(floor, 1.0))
        axes.set_xticks(*decade_ticks(1.0, categories))
        axes.minorticks_off()
    _label_starts(axes, ends, log=not few)


def _label_starts(axes: Axes, ends: list[tuple[float, float]], *, log: bool) -> None:
    low, high = axes.get_ylim()
    if log:
        low, high = np.log10(low), np.log10(high)
    heights = [np.log10(y) if log else y for _, y in ends]
    margin = 0.035 * (high - low)
    for (heat, y), place in zip(ends, spread(heights, 0.062 * (high - low), low + margin, high - margin), strict=True):
        axes.annotate(
            style.temperature_name(heat),
            xy=(1, y),
            xytext=(0.005, (place - low) / (high - low)),
            textcoords="axes fraction",
            ha="left",
            va="center",
            fontsize=8.5,
            color=style.temperature_colour(heat),
        )
