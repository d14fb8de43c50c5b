"""Is the exact test's p-value uniform when the sampler is right? Its distribution over many right samplers, inside an exact band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.intervals import LEVEL
from figures.seeds import child_seed
from figures.uniform_band import uniform_band
from simtemp.arguments import Floats, rate, whole_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BASES = ("peaked9", "zipf:100,1.1")
TEMPERATURES = (0.5,)
OUTPUTS = 1000
"""Counts in each table that is tested."""
TABLES = 999
TILT = 0.05
"""The planted fault: an exponent 5 % too large."""
SMALLEST = 0.005
GRID = 40
HEADROOM = 5.0
"""Top of the axis of shares: above 1, for words."""
TESTS = {
    "right": ("exact test, right sampler", "#137a5a"),
    "chi-square": ("chi-square quantiles, right sampler", style.MUTED),
    "wrong": (f"exact test, exponent {100 * TILT:g} % off", "#d1495b"),
}
"""What each curve is, and its colour."""


@dataclass(frozen=True)
class NullsData:
    """Shares of runs whose p-value is at most a level.

    Attributes
    ----------
    curves : DataFrame
        base, temperature, test ("right", "chi-square" or "wrong"), seed, runs, level, share.
    band : DataFrame
        level, low, high: where the share of a uniform p-value over `runs` runs stays at all levels at once.
    coverage : float
        With this chance.
    outputs, tables, runs : int
        Outputs of a run, null tables of a test, runs with a right sampler.
    """

    curves: pd.DataFrame
    band: pd.DataFrame
    coverage: float
    outputs: int
    tables: int
    runs: int


def nulls_data(
    bases: Sequence[str] = BASES,
    temperatures: Sequence[float] = TEMPERATURES,
    *,
    size: int = 300,
    seed: int = 0,
    outputs: int = OUTPUTS,
    tables: int = TABLES,
    coverage: float = LEVEL,
    progress: Callable[[int, int], None] | None = None,
) -> NullsData:
    """P-values of `verify.test_counts` over many runs of a right sampler, and of one whose exponent is 5 % off.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        The targets are the bases tempered.
    size : int
        Runs with a right sampler; a quarter as many with the wrong one.
    seed : int
        Every run has its own child.
    outputs, tables : int
        Outputs of a run, null tables of a test (its B).
    coverage : float
        Of the band.
    progress : callable, optional
        Called with (runs done, runs).

    Returns
    -------
    NullsData

    Raises
    ------
    ValueError
        For a bad base, temperature, size or coverage, or a target of one category.

    Notes
    -----
    The right sampler is numpy's multinomial of the target. Beside the exact test stands Pearson's statistic on the same
    counts with the chi-square quantiles of textbooks: right in the middle of the distribution, wrong in its tail where
    categories are rare.

    Examples
    --------
    >>> data = nulls_data(["two:0.8"], size=20, tables=99)
    >>> sorted(set(data.curves["test"])), bool((data.band["low"] <= data.band["high"]).all())
    (['chi-square', 'right', 'wrong'], True)
    """
    import pandas as pd

    from simtemp import parse_base, temper

    runs, n, draws = whole_number(size, "size", 4), whole_number(outputs, "outputs", 1), whole_number(tables, "B", 1)
    levels = p_value_levels(draws)
    low, high = uniform_band(runs, levels, rate(coverage, "coverage"))
    names = list(dict.fromkeys(bases))
    total, done = (runs + runs // 4) * len(names) * len(temperatures), 0

    def tick(run: int) -> None:
        if progress is not None:
            progress(done + run + 1, total)

    rows = []
    for name in names:
        base = parse_base(name)
        for temperature in temperatures:
            target = temper(base.probs, temperature)
            target = target[target > 0]
            if target.size < 2:
                raise ValueError(f"base must have at least two categories at temperature {temperature:g}, got {name!r}")
            own = child_seed(seed, "nulls", name, f"{temperature:.12g}")
            for test, law, times in (("right", target, runs), ("wrong", temper(target, 1 / (1 + TILT)), runs // 4)):
                exact, asymptotic = _p_values(law, target, n, draws, times, child_seed(own, test), tick)
                done += times
                for kind, values in ((test, exact), ("chi-square", asymptotic)):
                    if kind == test or test == "right":
                        share = np.searchsorted(np.sort(values), levels * (1 + 1e-9), side="right") / times
                        row = {"base": name, "temperature": temperature, "test": kind, "seed": own, "runs": times}
                        rows.append(pd.DataFrame({**row, "level": levels, "share": share}))
    band = pd.DataFrame({"level": levels, "low": low / runs, "high": high / runs})
    return NullsData(pd.concat(rows, ignore_index=True), band, coverage, n, draws, runs)


def p_value_levels(tables: int) -> Floats:
    """Levels that a p-value of so many null tables can reach, from `SMALLEST` up to just below 1, even in the logarithm."""
    steps = np.geomspace(max(1.0, SMALLEST * (tables + 1)), tables, GRID)
    return np.unique(np.round(steps)) / (tables + 1)


def _p_values(
    law: Floats, target: Floats, outputs: int, tables: int, runs: int, seed: int, tick: Callable[[int], None]
) -> tuple[Floats, Floats]:
    from scipy.stats import chisquare

    from verify import test_counts

    counts_of, null_of = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    exact, asymptotic = np.empty(runs), np.empty(runs)
    for run in range(runs):
        counts = counts_of.multinomial(outputs, law)
        exact[run] = test_counts(counts, target, tables, null_of).p_value
        asymptotic[run] = chisquare(counts, outputs * target).pvalue
        tick(run)
    return exact, asymptotic


def draw_nulls(data: NullsData, *, narrow: bool = False) -> Figure:
    """One panel a base and temperature; `narrow` for a phone."""
    from figures.panels import Room, cells_of, label_edges, panels

    cells = cells_of(data.curves)
    across = min(1 if narrow else 2, len(cells))
    with style.look():
        room = Room(across=0.3, left=0.85, right=0.2)
        figure, axes = panels(len(cells), across, width=3.3 if narrow else 4.0, height=3.1, room=room, sharey=True)
        for (base, temperature), panel in zip(cells, axes, strict=True):
            plot_nulls(panel, data, base, temperature)
            panel.set_title(f"{base}, {style.temperature_name(temperature)}")
        label_edges(axes, across, "level a", "share of runs with p ≤ a")
    return figure


def plot_nulls(axes: Axes, data: NullsData, base: str, temperature: float) -> None:
    """Draw one base at one temperature on given axes."""
    band, floor = data.band, 0.2 / data.runs
    axes.set_xscale("log")
    axes.set_yscale("log")
    low = np.maximum(band["low"], floor)
    axes.fill_between(band["level"], low, band["high"], color=style.GRID, linewidth=0, zorder=1)
    axes.plot(band["level"], band["level"], color=style.FAINT, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1.5)
    mine = data.curves[(data.curves["base"] == base) & (data.curves["temperature"] == temperature)]
    for test, curve in mine.groupby("test", sort=False):
        share = curve["share"].to_numpy(dtype=np.float64)
        axes.plot(
            curve["level"],
            np.where(share > 0, share, np.nan),
            color=TESTS[str(test)][1],
            drawstyle="steps-post",
            linewidth=1.4 if test == "chi-square" else 2.0,
            zorder=2 if test == "chi-square" else 3,
        )
    lowest = float(band["level"].iloc[0])
    axes.set_xlim(lowest, 1.0)
    axes.set_ylim(floor, HEADROOM)
    ticks = [tick for tick in (0.001, 0.01, 0.1, 1.0) if tick >= lowest]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([0.01, 0.1, 1.0], ["0.01", "0.1", "1"])
    axes.minorticks_off()
    for place, (name, colour) in zip((0.20, 0.125, 0.05), TESTS.values(), strict=True):
        axes.text(0.97, place, name, color=colour, transform=axes.transAxes, ha="right", fontsize=8.5)
    axes.text(
        0.03,
        0.97,
        f"grey: {100 * data.coverage:g} % band, for all levels at once\n"
        f"{data.runs:,} runs of {data.outputs:,} outputs, B = {data.tables:,}",
        transform=axes.transAxes,
        va="top",
        fontsize=8.5,
        color=style.MUTED,
    )
