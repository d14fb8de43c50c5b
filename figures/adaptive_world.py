"""Learned policies in a world whose best policy is known: how much reward each loss leaves behind, and which temperatures it picks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.adaptive_results import FILE, WORLD, ResultsError, read_results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LIMIT = 0.02
"""Share of the range of achievable reward that a learned policy may leave behind."""
LOSS_COLOURS = {
    "reference-free": style.BASE_COLOURS[0],
    "uniform-reference": style.BASE_COLOURS[3],
    "latent": style.BASE_COLOURS[2],
    "nll": style.BASE_COLOURS[1],
}
LOSS_NAMES = {
    "reference-free": "reference-free",
    "uniform-reference": "uniform reference",
    "latent": "latent",
    "nll": "NLL",
}


@dataclass(frozen=True)
class WorldData:
    """The known world.

    Attributes
    ----------
    contexts : DataFrame
        context, temperature, expected_reward, optimal (whether this temperature is the best one).
    losses : DataFrame
        loss, seed, regret (share of the range), agreement (share of contexts with the optimal pick).
    picked : DataFrame
        loss, context, temperature, share (of the seeds that pick it).
    learning : DataFrame
        loss, step, regret, low, high; may have no rows.
    reward_range : float
        Range of achievable reward.
    seeds : int
    """

    contexts: pd.DataFrame
    losses: pd.DataFrame
    picked: pd.DataFrame
    learning: pd.DataFrame
    reward_range: float
    seeds: int


def world_data(results: str | Path) -> WorldData:
    """Of the known world in a directory of results.

    Raises
    ------
    ResultsError
        For a directory without it.
    """
    import pandas as pd

    world = read_results(results).world
    if world is None:
        raise ResultsError(f"no results of the known world in {str(results)!r}: {WORLD}/{FILE} is missing")
    degrees = world["temperatures"]
    contexts = [
        {"context": own["name"], "temperature": t, "expected_reward": reward, "optimal": i == own["optimal"]}
        for own in world["contexts"]
        for i, (t, reward) in enumerate(zip(degrees, own["expected_reward"], strict=True))
    ]
    losses = [
        {"loss": own["loss"], "seed": seed, "regret": regret, "agreement": agreement}
        for own in world["losses"]
        for seed, (regret, agreement) in enumerate(zip(own["regret"], own["agreement"], strict=True))
    ]
    picked = [
        {"loss": own["loss"], "context": context["name"], "temperature": t, "share": share}
        for own in world["losses"]
        for context, shares in zip(world["contexts"], own["picked"], strict=True)
        for t, share in zip(degrees, shares, strict=True)
    ]
    columns = ["loss", "step", "regret", "low", "high"]
    learning = [{column: row[column] for column in columns} for row in world["learning"]]
    return WorldData(
        pd.DataFrame(contexts),
        pd.DataFrame(losses),
        pd.DataFrame(picked),
        pd.DataFrame(learning, columns=columns),
        world["range"],
        world["seeds"],
    )


def draw_world(data: WorldData, *, narrow: bool = False) -> Figure:
    """Regret by loss, regret as it falls, and a panel a context; `narrow` for a phone."""
    from figures.panels import Room, panels

    contexts = list(data.contexts["context"].unique())
    first = 1 + (len(data.learning) > 0)
    with style.look():
        room = Room(left=1.2, across=1.3, right=0.2, down=0.85)
        width = 2.9 if narrow else 2.35
        figure, axes = panels(first + len(contexts), 1 if narrow else 3, width=width, height=2.5, room=room)
        plot_regret(axes[0], data)
        if first > 1:
            plot_regret_by_step(axes[1], data)
        for panel, context in zip(axes[first:], contexts, strict=True):
            plot_context(panel, data, context)
    return figure


def plot_regret(axes: Axes, data: WorldData) -> None:
    """The regret of each loss, a point a seed, with the line it should stay below."""
    names = list(data.losses["loss"].unique())
    for y, name in enumerate(names):
        regret = 100 * data.losses[data.losses["loss"] == name]["regret"].to_numpy()
        scatter = 0.24 * np.linspace(-1, 1, regret.size) if regret.size > 1 else np.zeros(1)
        axes.plot(regret, y + scatter, "o", color=_colour(name), markersize=4, alpha=0.55, markeredgewidth=0)
        axes.plot(regret.mean(), y, "D", color=_colour(name), markersize=6, markeredgecolor=style.PAPER)
    _share_axis(axes, "x", 100 * float(data.losses["regret"].max()))
    axes.axvline(100 * LIMIT, color=style.INK, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.set_ylim(len(names) - 0.5, -0.5)
    _name_rows(axes, [], range(len(names)), names)
    axes.set_xlim(left=-0.12)
    axes.set_xlabel(f"regret, % of the range; {data.seeds} seeds, ◆ mean")
    axes.set_title("Regret by loss")


def plot_regret_by_step(axes: Axes, data: WorldData) -> None:
    """How regret falls with steps, with its interval."""
    for name, own in data.learning.groupby("loss", sort=False):
        colour = _colour(str(name))
        axes.fill_between(own["step"], 100 * own["low"], 100 * own["high"], color=colour, alpha=0.12, linewidth=0)
        axes.plot(own["step"], 100 * own["regret"], color=colour, linewidth=1.5)
    _share_axis(axes, "y", 100 * float(data.learning["high"].max()))
    axes.axhline(100 * LIMIT, color=style.INK, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.set_ylim(bottom=-0.12)
    axes.set_xlabel("step")
    axes.set_ylabel("regret, %")
    axes.set_title("Regret by step")


def plot_context(axes: Axes, data: WorldData, context: str) -> None:
    """Expected reward of a context by temperature; below it what each loss picks, areas as shares of the seeds."""
    own = data.contexts[data.contexts["context"] == context]
    best = own[own["optimal"]].iloc[0]
    degrees = list(own["temperature"])
    low, high = float(own["expected_reward"].min()), float(own["expected_reward"].max())
    room = (high - low) or 1.0
    names = list(data.losses["loss"].unique())
    place = range(len(degrees))
    axes.axvline(degrees.index(best["temperature"]), color=style.GRID, linewidth=9, zorder=0.5)
    axes.plot(place, own["expected_reward"], color=style.INK, marker="o", markersize=3.5)
    axes.plot(degrees.index(best["temperature"]), best["expected_reward"], "*", color=style.INK, markersize=12)
    for i, name in enumerate(names):
        y = low - room * (0.2 + 0.14 * i)
        picks = data.picked[
            (data.picked["loss"] == name) & (data.picked["context"] == context) & (data.picked["share"] > 0)
        ]
        at = [degrees.index(t) for t in picks["temperature"]]
        axes.scatter(at, [y] * len(at), s=75 * picks["share"].to_numpy(), color=_colour(name), linewidth=0)
    axes.set_ylim(low - room * (0.2 + 0.14 * len(names)), high + 0.15 * room)
    axes.set_xlim(-0.5, len(degrees) - 0.5)
    axes.set_xticks(place, [f"{t:g}" for t in degrees])
    ticks = [float(t) for t in axes.get_yticks() if low - 0.05 * room <= t <= high + 0.15 * room]
    _name_rows(axes, ticks, [low - room * (0.2 + 0.14 * i) for i in range(len(names))], names)
    axes.set_xlabel("temperature")
    axes.set_title(str(context).capitalize())


def _colour(loss: str) -> str:
    return LOSS_COLOURS.get(loss, style.MUTED)


def _name_rows(axes: Axes, values: Sequence[float], rows: Sequence[float], losses: Sequence[str]) -> None:
    """Ticks for values, and the name of a loss in its colour at each row."""
    names = [LOSS_NAMES.get(name, name) for name in losses]
    axes.set_yticks([*values, *rows], [*(f"{value:.3g}" for value in values), *names])
    for label, name in zip(axes.get_yticklabels()[len(values) :], losses, strict=True):
        label.set_color(_colour(name))


def _share_axis(axes: Axes, way: str, largest: float) -> None:
    """Linear up to the limit and logarithmic above it, so that 0 and what is far above the limit are both seen."""
    ticks = [t for t in (0, 1, 2, 5, 10, 20, 50, 100) if t <= max(1.3 * largest, 5)]
    getattr(axes, f"set_{way}scale")("symlog", linthresh=100 * LIMIT, linscale=1.0)
    getattr(axes, f"set_{way}ticks")(ticks, [f"{t}" for t in ticks])
    axes.minorticks_off()
