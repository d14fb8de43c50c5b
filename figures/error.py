"""The batch sampler's error against N: its exact law as curves, simulated points, and the temperature it really has."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.affordable import affordable_outputs
from figures.intervals import LEVEL, normal_interval
from figures.labels import decade_ticks, spread
from figures.laws import exact_batch_law
from figures.seeds import child_seed
from simtemp.arguments import Floats, Integers, whole_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BASES = ("peaked9", "text")
TEMPERATURES = (1 / 2, 1 / 5, 1 / 10)
BATCH_SIZES = (20, 50, 100, 200, 500, 1000)
SMALL_SUPPORT = 50
SHARP = 0.2
"""A point has so many outputs that half its interval is about this share of the total variation, if they can be had."""
FEWEST = 200
BLUNT = 0.9
"""A point that would have a larger share is left out: its interval would reach zero."""
NOTHING = 1e-12
"""A total variation below this is rounding: the law is the target."""


@dataclass(frozen=True)
class ErrorData:
    """The curves and the points.

    Attributes
    ----------
    curves : DataFrame
        base, temperature, batch_size, tv (of the exact law from the target), effective_temperature.
    points : DataFrame
        base, temperature, batch_size, seed, outputs, tv (exact), estimate, low, high.
    level : float
        Confidence level of low and high.
    """

    curves: pd.DataFrame
    points: pd.DataFrame
    level: float


def error_data(
    bases: Sequence[str] = BASES,
    temperatures: Sequence[float] = TEMPERATURES,
    batch_sizes: Sequence[int] = BATCH_SIZES,
    *,
    size: int = 1_000_000,
    seed: int = 0,
    max_draws: float = 1e8,
    level: float = LEVEL,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ErrorData:
    """Total variation of the batch sampler from its target, exactly and from simulated runs.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        Each 1/n for a whole n.
    batch_sizes : sequence of int
        N of the points and of the curves.
    size : int
        Most outputs a point has.
    seed, max_draws, level, threads, progress
        As in `rejection_data`.

    Returns
    -------
    ErrorData

    Raises
    ------
    ValueError
        For a temperature that is not 1/n, or a bad base, batch size, size or level.

    Notes
    -----
    The distance of an empirical law from the target is no estimate of the sampler's: sampling noise alone makes it
    positive. A point is instead the excess ``counts(A)/n - target(A)`` on the set ``A = {exact law > target}``, fixed beforehand. Its
    expectation is the total variation itself if the sampler has the exact law, its noise that of one binomial, and its interval
    Clopper and Pearson's.

    Examples
    --------
    >>> data = error_data(["two:0.8"], [0.5], [10], size=50_000)
    >>> point = data.points.iloc[0]
    >>> bool(point["low"] < point["tv"] < point["high"])
    True
    """
    import pandas as pd

    from simtemp import effective_temperature, parse_base, simulate, temper, total_variation
    from simtemp.exact.batch_law import MAX_BATCH_SIZE

    whole_number(size, "size", 1)
    sizes = [whole_number(n, "batch_size", 1, MAX_BATCH_SIZE) for n in batch_sizes]
    curves, points = [], []
    names = list(dict.fromkeys(bases))
    grids = {name: batch_size_grid(sizes, len(parse_base(name))) for name in names}
    done, total = 0, len(temperatures) * sum(map(len, grids.values()))
    for name in names:
        base = parse_base(name)
        for temperature in temperatures:
            target = temper(base.probs, temperature)
            for batch_size in grids[name]:
                law = exact_batch_law(base.probs, temperature, batch_size)
                tv = total_variation(law, target)
                curves.append((name, temperature, batch_size, tv, effective_temperature(law, base.probs)))
                most = affordable_outputs(size, float(batch_size), max_draws) if batch_size in sizes else 0
                if most >= outputs_wanted(tv, BLUNT, level):
                    outputs = min(most, max(FEWEST, math.ceil(outputs_wanted(tv, SHARP, level))))
                    own = child_seed(seed, "error", name, f"{temperature:.12g}", batch_size)
                    run = simulate(
                        "batch",
                        base,
                        temperature,
                        outputs,
                        seed=own,
                        threads=threads,
                        batch_size=batch_size,
                        rule="published",
                    )
                    points.append(
                        (name, temperature, batch_size, own, outputs, tv, *excess(run.counts, law, target, level))
                    )
                done += 1
                if progress is not None:
                    progress(done, total)
    columns = ["base", "temperature", "batch_size"]
    return ErrorData(
        pd.DataFrame(curves, columns=[*columns, "tv", "effective_temperature"]),
        pd.DataFrame(points, columns=[*columns, "seed", "outputs", "tv", "estimate", "low", "high"]),
        level,
    )


def excess(counts: Integers, law: Floats, target: Floats, level: float) -> tuple[float, float, float]:
    """How much more often than under the target the categories in ``{law > target}`` came out: (estimate, low, high)."""
    from verify.intervals import interval

    witness = law > target
    hits, n = int(counts[witness].sum()), int(counts.sum())
    expected = float(target[witness].sum())
    low, high = interval(hits, n, 1.0 - level)
    return hits / n - expected, low - expected, high - expected


def batch_size_grid(sizes: Sequence[int], categories: int) -> list[int]:
    """The points' own sizes, and on a small support, where a law takes milliseconds, others between and around them."""
    if categories > SMALL_SUPPORT:
        return sorted(set(sizes))
    between = np.geomspace(max(1, min(sizes) / 2), max(sizes) * 2, 16).round()
    return sorted({*sizes, *map(int, between)})


def outputs_wanted(tv: float, share: float, level: float) -> float:
    """Outputs with which half the interval of a point is at most `share` of its total variation: infinite if that is zero."""
    if tv <= NOTHING:
        return math.inf
    low, high = normal_interval(0.0, 0.5, level)  # the standard error of a proportion is at most 0.5 / sqrt(outputs)
    return ((high - low) / 2 / (share * tv)) ** 2


def draw_error(data: ErrorData, *, narrow: bool = False) -> Figure:
    """One column a base: total variation above, effective temperature below; `narrow` for a phone."""
    from figures.panels import Room, rows_of_panels

    names = list(data.curves["base"].unique())
    with style.look():
        across = min(1 if narrow else 2, len(names))
        down = -(-len(names) // across)
        room = Room(left=0.85, right=0.65, across=1.15, down=0.25 if down == 1 else 0.8)
        figure, grid = rows_of_panels([2.9, 1.9] * down, across, width=3.3, room=room, sharex=True)
        for i, name in enumerate(names):
            above, below = grid[2 * (i // across)][i % across], grid[2 * (i // across) + 1][i % across]
            plot_distance(above, data, name)
            plot_effective_temperature(below, data, name)
            above.set_title(name)
            below.tick_params(labelbottom=True)
            below.set_xlabel("batch size N (base draws an output)")
            if i % across == 0:
                above.set_ylabel("total variation from the target")
                below.set_ylabel("effective temperature\n(dashed: asked for)")
        for spare in range(len(names), across * down):
            for row in (2 * (spare // across), 2 * (spare // across) + 1):
                grid[row][spare % across].remove()
    return figure


def plot_distance(axes: Axes, data: ErrorData, base: str) -> None:
    """Total variation against N on given axes, with the slope 1/N."""
    curves = data.curves[(data.curves["base"] == base)]
    biased = curves[curves["tv"] > NOTHING]
    axes.set_xscale("log")
    axes.set_yscale("log")
    if biased.empty:
        axes.text(
            0.5,
            0.5,
            "no error at any N: the law is the target",
            transform=axes.transAxes,
            ha="center",
            color=style.MUTED,
        )
        return
    floor = float(biased["tv"].min()) / 6
    ends: list[tuple[float, float]] = []
    for temperature, curve in biased.groupby("temperature", sort=False):
        heat = float(str(temperature))
        colour = style.temperature_colour(heat)
        axes.plot(curve["batch_size"], curve["tv"], color=colour)
        ends.append((heat, float(curve["tv"].iloc[-1])))
        points = data.points[(data.points["base"] == base) & (data.points["temperature"] == heat)]
        middle, low, high = (
            np.maximum(points[c].to_numpy(dtype=np.float64), floor) for c in ("estimate", "low", "high")
        )
        axes.errorbar(
            points["batch_size"],
            middle,
            yerr=[middle - low, high - middle],
            fmt="o",
            color=colour,
            markersize=5,
            markerfacecolor=style.PAPER,
            markeredgewidth=1.3,
            elinewidth=1.3,
        )
    _slope(axes, biased)
    _batch_size_ticks(axes, data)
    ceiling = min(1.3, 2.0 * float(biased["tv"].max()))
    axes.set_ylim(floor, ceiling)
    axes.set_yticks(*decade_ticks(floor, ceiling))
    axes.yaxis.minorticks_off()
    span = np.log(ceiling / floor)
    places = spread([np.log(y / floor) / span for _, y in ends], 0.055, 0.03, 0.97)
    for (heat, _), place in zip(ends, places, strict=True):
        axes.text(
            1.01, place, style.temperature_name(heat), transform=axes.transAxes, va="center", fontsize=8.5,
            color=style.temperature_colour(heat),
        )  # fmt: skip
    axes.text(
        0.02,
        0.03,
        f"lines: exact law\npoints: simulated, {100 * data.level:g} % intervals",
        transform=axes.transAxes,
        va="bottom",
        fontsize=8.5,
        color=style.MUTED,
    )


def slope_guide(batch_size: Floats, tv: Floats) -> tuple[Floats, Floats]:
    """A segment of slope -1 in the logarithms, half a decade long at the large end and a third below the curve given."""
    last = float(batch_size[-1])
    ends = np.array([last / 10**0.75, last])
    return ends, 0.62 * float(tv[-1]) * last / ends


def _slope(axes: Axes, curves: pd.DataFrame) -> None:
    lowest = curves.sort_values("tv").iloc[0]
    curve = curves[curves["temperature"] == lowest["temperature"]]
    x, y = slope_guide(curve["batch_size"].to_numpy(dtype=np.float64), curve["tv"].to_numpy())
    axes.plot(x, y, color=style.MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.annotate(
        "slope 1/N",
        xy=(x[0], y[0]),
        xytext=(-4, -2),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=8.5,
        color=style.MUTED,
    )


def plot_effective_temperature(axes: Axes, data: ErrorData, base: str) -> None:
    """The temperature whose target is nearest to the law, against N; dashed where it should be."""
    curves = data.curves[data.curves["base"] == base]
    axes.set_xscale("log")
    axes.set_yscale("log")
    for temperature, curve in curves.groupby("temperature", sort=False):
        heat = float(str(temperature))
        colour = style.temperature_colour(heat)
        axes.axhline(heat, color=colour, linewidth=1.0, linestyle=(0, (4, 3)))
        axes.plot(curve["batch_size"], curve["effective_temperature"], color=colour)
    _batch_size_ticks(axes, data)
    temperatures = sorted({*map(float, curves["temperature"])})
    top = float(np.nanmax([*curves["effective_temperature"], *temperatures]))
    ticks = [t for t in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if 0.8 * temperatures[0] <= t <= 1.1 * top]
    axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
    axes.yaxis.minorticks_off()
    axes.set_ylim(0.8 * temperatures[0], 1.15 * top)


def _batch_size_ticks(axes: Axes, data: ErrorData) -> None:
    sizes = data.curves["batch_size"]
    low, high = int(sizes.min()), int(sizes.max())
    ticks = [c * 10**k for k in range(8) for c in (1, 2, 5) if low <= c * 10**k <= high]
    while len(ticks) > 8:
        ticks = ticks[::2]
    axes.set_xticks(ticks, [f"{t:,}" for t in ticks])
    axes.xaxis.minorticks_off()
    axes.set_xlim(low * 0.93, high * 1.07)
