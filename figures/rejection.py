"""Rejection rate of the collision sampler against temperature: the closed form as curves, simulated points with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.affordable import affordable_outputs
from figures.intervals import LEVEL, acceptance_interval
from figures.labels import power_of_ten, spread
from figures.seeds import child_seed
from simtemp.arguments import Floats, whole_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TEMPERATURES = (1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 7, 1 / 10)
"""Where points are simulated. At T = 1/n every trial of the published sampler costs n draws, so that draws count trials."""
COLDEST = 0.1
SMALLEST_RATE = 0.03
"""Where the axis begins; the rate itself falls to 0 at T = 1."""


@dataclass(frozen=True)
class RejectionData:
    """The curves and the points.

    Attributes
    ----------
    curves : DataFrame
        base, temperature, log10_acceptance (of one trial; the rejection rate is 1 minus it).
    points : DataFrame
        base, temperature, seed, outputs, trials, acceptance (outputs / trials), low, high.
    level : float
        Confidence level of low and high.
    """

    curves: pd.DataFrame
    points: pd.DataFrame
    level: float


def rejection_data(
    bases: Sequence[str],
    temperatures: Sequence[float] = TEMPERATURES,
    *,
    size: int = 1000,
    seed: int = 0,
    max_draws: float = 5e6,
    level: float = LEVEL,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RejectionData:
    """Acceptance per trial, exactly and from simulated runs.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        Of the points; each 1/n for a whole n >= 2.
    size : int
        Outputs a point.
    seed : int
        Each point has its own child.
    max_draws : float
        Base draws a point may be expected to take; a dearer point has fewer outputs or is left out.
    level : float
        Of the intervals.
    threads : int or None
        Does not change the numbers.
    progress : callable, optional
        Called with (points done, points).

    Returns
    -------
    RejectionData

    Raises
    ------
    ValueError
        For a temperature that is not 1/n, or a bad base, size or level.

    Notes
    -----
    Published collision sampler at T = 1/n (CALM, Theorem 2): a trial is n draws and is accepted with probability Z_n, so draws / n
    trials gave `size` acceptances: a negative binomial total, whose exact interval is `acceptance_interval`.

    Examples
    --------
    >>> data = rejection_data(["two:0.5"], [0.5], size=500)
    >>> data.points["low"].item() < 0.5 < data.points["high"].item()
    True
    """
    import pandas as pd

    from simtemp import expected_draws, parse_base, simulate, split_exponent
    from simtemp.tempering import log_power_sum

    whole_number(size, "size", 1)
    for temperature in temperatures:
        if not 0 < temperature <= 0.5 or split_exponent(temperature)[1] != 0:
            raise ValueError(
                f"temperature must be 1/n for a whole n >= 2 where trials are counted from draws, got {temperature!r}"
            )
    grid = 1 / (1 + np.geomspace(1 / min(COLDEST, *temperatures) - 1, 1e-4, 160))
    curves, points = [], []
    names = list(dict.fromkeys(bases))
    for i, name in enumerate(names):
        base = parse_base(name)
        log10 = np.array([log_power_sum(base.probs, 1 / t) for t in grid]) / np.log(10)
        curves.append(pd.DataFrame({"base": name, "temperature": grid, "log10_acceptance": np.minimum(log10, 0.0)}))
        for j, temperature in enumerate(temperatures):
            n = split_exponent(temperature)[0]
            outputs = affordable_outputs(size, expected_draws(base.probs, temperature), max_draws)
            if outputs:
                own = child_seed(seed, "rejection", name, n)
                run = simulate("collision", base, temperature, outputs, seed=own, threads=threads)
                trials = int(run.draws.sum()) // n
                low, high = acceptance_interval(outputs, trials, level)
                points.append((name, temperature, own, outputs, trials, outputs / trials, low, high))
            if progress is not None:
                progress(i * len(temperatures) + j + 1, len(names) * len(temperatures))
    columns = ["base", "temperature", "seed", "outputs", "trials", "acceptance", "low", "high"]
    return RejectionData(pd.concat(curves, ignore_index=True), pd.DataFrame(points, columns=columns), level)


def log_odds(log10_acceptance: Floats) -> Floats:
    """Base-10 logarithm of rejected over accepted trials: where a rejection rate stands on the axis.

    It is about k for a rate of 1 - 10**-k and about -k for a rate of 10**-k, so both ends can be read; -inf when nothing is rejected.
    From the logarithm of the acceptance, because 1 - rate would be lost to rounding.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(-np.expm1(np.log(10) * log10_acceptance)) - log10_acceptance, dtype=np.float64)


def rate_ticks(top: float) -> tuple[list[float], list[str], list[str]]:
    """Places on the axis up to log odds `top`, with the rejection rate and the mean number of trials at each."""
    step = max(1, int(np.ceil(top / 9)))
    acceptances = [0.9, 0.5, *(10.0**-k for k in range(1, int(top) + 1) if k == 1 or k % step == 0)]
    places = [float(log_odds(np.log10(np.array([z])))[0]) for z in acceptances]
    rates = [f"{1 - z:.4g}" if z > 5e-5 else f"1 − {power_of_ten(z)}" for z in acceptances]
    trials = [f"{1 / z:.2g}" if z > 0.05 else f"{1 / z:,.0f}" if z > 5e-5 else power_of_ten(1 / z) for z in acceptances]
    return places, rates, trials


def draw_rejection(data: RejectionData, *, narrow: bool = False) -> Figure:
    """All bases in one panel; `narrow` for a phone."""
    from figures.panels import Room, panels

    with style.look():
        figure, (axes,) = panels(
            1, 1, width=3.0 if narrow else 6.8, height=3.7, room=Room(left=1.0, right=0.8, top=0.55)
        )
        plot_rejection(axes, data, label_room=1.62 if narrow else 1.22)
    return figure


def plot_rejection(axes: Axes, data: RejectionData, label_room: float = 1.22) -> None:
    """Draw on given axes; the temperature axis begins at the coldest temperature to the power `label_room`, for the names."""
    styles = style.base_styles(list(data.curves["base"].unique()))
    floor = float(log_odds(np.log10(np.array([1 - SMALLEST_RATE])))[0])
    top = floor + 1.0
    ends: list[tuple[str, float]] = []
    for name, curve in data.curves.groupby("base", sort=False):
        odds = log_odds(curve["log10_acceptance"].to_numpy())
        colour, marker = styles[str(name)]
        axes.plot(curve["temperature"], odds, color=colour)
        ends.append((str(name), float(odds[0])))
        top = max(top, float(odds[0]))
        points = data.points[data.points["base"] == name]
        middle, near, far = (
            np.maximum(log_odds(np.log10(points[c].to_numpy(dtype=np.float64))), floor)
            for c in ("acceptance", "high", "low")
        )
        axes.errorbar(
            points["temperature"],
            middle,
            yerr=[middle - near, far - middle],
            fmt=marker,
            color=colour,
            markersize=5.5,
            markerfacecolor=style.PAPER,
            markeredgewidth=1.4,
            elinewidth=1.4,
        )
    coldest = float(data.curves["temperature"].min())
    style.temperature_axis(axes, [coldest, 1.0])
    axes.set_xlim(coldest**label_room, 1.02)
    ceiling = top + 0.04 * (top - floor)
    axes.set_ylim(floor, ceiling)
    places, rates, trials = rate_ticks(top)
    axes.set_yticks(places, rates)
    axes.set_xlabel("temperature T")
    axes.set_ylabel("rejection rate of a trial, 1 − Z (logit scale)")
    other = axes.secondary_yaxis("right")
    other.set_yticks(places, trials)
    other.set_ylabel("trials an output, 1/Z")
    gap = 0.055 * (ceiling - floor)
    heights = spread([y for _, y in ends], gap, floor + gap, ceiling - gap / 2)
    for (name, _), height in zip(ends, heights, strict=True):
        axes.text(coldest * 0.97, height, name, color=styles[name][0], ha="right", va="center", fontsize=8.5)
    axes.set_title("Rejection rate of the collision sampler", pad=18)
    said = f"lines: closed form · points: simulated, {100 * data.level:g} % intervals"
    axes.text(0.0, 1.02, said, transform=axes.transAxes, fontsize=8.5, color=style.MUTED)
