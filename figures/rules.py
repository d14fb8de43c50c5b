"""Total variation against N: batch rules by their exact laws, the corrected rule and the duel inside a budget by simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from figures import style
from figures.affordable import affordable_outputs
from figures.error import batch_size_grid
from figures.intervals import LEVEL
from figures.labels import decade_ticks
from figures.laws import exact_batch_law, law_at_hand
from figures.sampler_colours import SAMPLER_COLOURS
from figures.seeds import child_seed
from simtemp.arguments import Floats, Integers, whole_number
from simtemp.tempering import split_exponent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BASES = ("peaked9",)
TEMPERATURES = (0.25, 0.1, 0.7, 0.3)
BATCH_SIZES = (20, 50, 100, 200, 400)
SIMULATED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "corrected": ("batch", "batch_size", {"rule": "corrected"}),
    "duel in N": ("duel", "budget", {}),
}
"""What has no exact law: method, the option that N is, and the others."""
NAMES = {
    "published": "batch as published, exact law",
    "plug-in": "plug-in rule, exact law",
    "falling": "falling-factorial rule, exact law",
    "corrected": "corrected rule, simulated",
    "duel in N": "duel inside N draws, simulated",
}
MISS = 1e-6
"""Chance that the certified bound of a point is wrong."""
SURE = 0.9999
"""A point is drawn where an interval of this level excludes zero: of all points, none is to be noise."""
LOWEST = 2e-4


@dataclass(frozen=True)
class RulesData:
    """The curves and the points.

    Attributes
    ----------
    curves : DataFrame
        base, temperature, rule, batch_size, tv (of the exact law from the target).
    points : DataFrame
        base, temperature, rule ("corrected" or "duel in N"), batch_size, seed, outputs, estimate, low, high (of the distance, on a set
        chosen by other outputs), found (that interval at level 0.9999 excludes zero),
        unfinished (share of duels that did not end in N draws), bound (certified: the total variation of a
        duel inside N draws is at most the chance of that; NaN for the batch).
    level : float
        Confidence level of low and high.
    """

    curves: pd.DataFrame
    points: pd.DataFrame
    level: float


def rules_data(
    bases: Sequence[str] = BASES,
    temperatures: Sequence[float] = TEMPERATURES,
    batch_sizes: Sequence[int] = BATCH_SIZES,
    *,
    size: int = 300_000,
    seed: int = 0,
    max_draws: float = 6e6,
    level: float = LEVEL,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RulesData:
    """Total variation from the target of everything that turns N base draws into one output.

    Parameters
    ----------
    bases : sequence of str
        Base specifications; exact laws are left out where they would take minutes.
    temperatures : sequence of float
        In (0, 1): the published rule where 1/T is whole, plug-in and falling factorial elsewhere.
    batch_sizes : sequence of int
        N of the points.
    size : int
        Most outputs of a point.
    seed, max_draws, level, threads, progress
        As in `rejection_data`.

    Returns
    -------
    RulesData

    Raises
    ------
    ValueError
        For a temperature outside (0, 1), or a bad base, batch size, size or level.

    Notes
    -----
    A point's set is chosen by one half of its outputs (the categories that came out too often) and its excess is measured on the other
    half, with the interval of Clopper and Pearson: no sampling noise is counted as error, and no set can exceed the total variation.
    A duel inside N draws is exact unless it is unfinished, so the chance of that bounds its total variation.

    Examples
    --------
    >>> data = rules_data(["two:0.8"], [0.5], [10], size=2000)
    >>> sorted(set(data.curves["rule"])), data.points["rule"].tolist()
    (['published'], ['corrected', 'duel in N'])
    """
    import pandas as pd

    from simtemp import parse_base, simulate, temper
    from simtemp.arguments import temperature as in_range
    from simtemp.exact.batch_law import MAX_BATCH_SIZE
    from verify.intervals import upper_limit

    whole_number(size, "size", 1)
    for temperature in temperatures:
        if in_range(temperature, maximum=1.0, zero=False) == 1.0:
            raise ValueError("temperature must be in (0, 1): at 1 one base draw is exact, got 1.0")
    sizes = [whole_number(n, "batch_size", 1, MAX_BATCH_SIZE) for n in batch_sizes]
    curves: list[tuple[Any, ...]] = []
    points: list[tuple[Any, ...]] = []
    names = list(dict.fromkeys(bases))
    done, total = 0, len(names) * len(temperatures) * (1 + len(SIMULATED) * len(sizes))

    def tick() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    for name in names:
        base = parse_base(name)
        for temperature in temperatures:
            target = temper(base.probs, temperature)
            if law_at_hand(base.probs, max(sizes)):
                curves += [(name, temperature, *row) for row in _exact(base.probs, target, temperature, sizes)]
            tick()
            for rule, (method, n_is, options) in SIMULATED.items():
                for n in sizes:
                    outputs = affordable_outputs(size, float(n), max_draws)
                    if outputs >= 2:
                        own = child_seed(seed, "rules", name, rule, f"{temperature:.12g}", n)
                        given: dict[str, Any] = {n_is: n, **options}
                        run = simulate(method, base, temperature, outputs, seed=own, threads=threads, **given)
                        bound = (
                            float(upper_limit(round(run.unfinished * outputs), outputs, MISS))
                            if method == "duel"
                            else np.nan
                        )
                        estimate, low, high = held_out_excess(run.values, target, level)
                        found = held_out_excess(run.values, target, SURE)[1] > 0
                        points.append(
                            (
                                name,
                                temperature,
                                rule,
                                n,
                                own,
                                outputs,
                                estimate,
                                low,
                                high,
                                found,
                                run.unfinished,
                                bound,
                            )
                        )
                    tick()
    return RulesData(
        pd.DataFrame(curves, columns=["base", "temperature", "rule", "batch_size", "tv"]),
        pd.DataFrame(
            points,
            columns=[
                "base",
                "temperature",
                "rule",
                "batch_size",
                "seed",
                "outputs",
                "estimate",
                "low",
                "high",
                "found",
                "unfinished",
                "bound",
            ],
        ),
        level,
    )


def exact_rules(temperature: float) -> tuple[str, ...]:
    """The rules whose exact laws are drawn: the published one at T = 1/n, where falling is the same."""
    return ("published",) if split_exponent(temperature)[1] == 0 else ("plug-in", "falling")


def _exact(probs: Floats, target: Floats, temperature: float, sizes: Sequence[int]) -> list[tuple[str, int, float]]:
    from simtemp import rule_law, total_variation
    from simtemp.methods import batch_tables

    rows = []
    for rule in exact_rules(temperature):
        for n in batch_size_grid(sizes, probs.size):
            known = rule == "published"
            law = (
                exact_batch_law(probs, temperature, n)
                if known
                else rule_law(probs, batch_tables(temperature, n, rule)[0], n)
            )
            rows.append((rule, n, total_variation(law, target)))
    return rows


def held_out_excess(values: Integers, target: Floats, level: float) -> tuple[float, float, float]:
    """How much more often than under the target a set comes out that other outputs chose: (estimate, low, high).

    The set is what came out too often in the first half; the second half is counted.
    """
    from verify.intervals import interval

    half = values.size // 2
    first = np.bincount(values[:half], minlength=target.size) / half
    chosen = first > target
    hits, n = int(chosen[values[half:]].sum()), values.size - half
    expected = float(target[chosen].sum())
    low, high = interval(hits, n, 1.0 - level)
    return hits / n - expected, low - expected, high - expected


def draw_rules(data: RulesData, *, narrow: bool = False) -> Figure:
    """One panel a base and temperature; `narrow` for a phone."""
    from figures.panels import Room, cells_of, label_edges, panels

    cells = cells_of(data.points)
    several = data.points["base"].nunique() > 1
    across = min(1 if narrow else 2, len(cells))
    with style.look():
        room = Room(top=2.2 if narrow else 1.2, across=0.25, left=0.8)
        figure, axes = panels(len(cells), across, width=3.3 if narrow else 4.1, height=2.5, room=room, sharey=True)
        for i, ((base, temperature), panel) in enumerate(zip(cells, axes, strict=True)):
            plot_rules(panel, data, base, temperature)
            where = f"{base}, {style.temperature_name(temperature)}"
            panel.set_title(where if several or i == 0 else style.temperature_name(temperature))
        label_edges(axes, across, "N (base draws an output)", "total variation")
        handles = {str(a.get_label()): a for panel in axes for a in panel.get_legend_handles_labels()[0]}
        order = [said for said in (*NAMES.values(), CERTIFIED) if said in handles]
        figure.legend(
            handles=[handles[said] for said in order],
            labels=order,
            loc="upper left",
            bbox_to_anchor=(0.0, 1.0),
            borderaxespad=0.4,
            ncols=1 if narrow else 2,
            frameon=False,
            fontsize=9,
            title=f"points: simulated, {100 * data.level:g} % intervals;{chr(10) if narrow else ' '}none where no error could be found",
            title_fontsize=9,
            alignment="left",
        )
    return figure


CERTIFIED = "duel inside N draws: unfinished, which bounds it"


def plot_rules(axes: Axes, data: RulesData, base: str, temperature: float) -> None:
    """Draw one base at one temperature on given axes."""
    curves = data.curves[(data.curves["base"] == base) & (data.curves["temperature"] == temperature)]
    points = data.points[(data.points["base"] == base) & (data.points["temperature"] == temperature)]
    axes.set_xscale("log")
    axes.set_yscale("log")
    bottom, top = LOWEST, 1.5
    for rule, curve in curves.groupby("rule", sort=False):
        axes.plot(curve["batch_size"], curve["tv"], color=SAMPLER_COLOURS[str(rule)], label=NAMES[str(rule)], zorder=2)
    for rule, marker in (("corrected", "s"), ("duel in N", "o")):
        mine = points[points["rule"] == rule]
        found = mine[mine["found"].astype(bool)]
        colour = SAMPLER_COLOURS[rule]
        middle = found["estimate"].to_numpy(dtype=np.float64)
        axes.errorbar(
            found["batch_size"],
            middle,
            yerr=[middle - found["low"], found["high"] - middle],
            fmt=marker + "-",
            linewidth=1.4,
            color=colour,
            markersize=5,
            markerfacecolor=style.PAPER,
            markeredgewidth=1.3,
            elinewidth=1.3,
            label=NAMES[rule],
            zorder=3,
        )
        if rule == "duel in N":
            axes.plot(
                mine["batch_size"],
                mine["bound"],
                color=colour,
                linewidth=1.0,
                linestyle=(0, (4, 3)),
                label=CERTIFIED,
                zorder=1.5,
            )
    axes.set_ylim(bottom, top)
    axes.set_yticks(*decade_ticks(bottom, top))
    axes.yaxis.minorticks_off()
    every = [*curves["batch_size"], *points["batch_size"]]
    low, high = min(every), max(every)
    ticks = [c * 10**k for k in range(6) for c in (1, 2, 5) if low <= c * 10**k <= high]
    axes.set_xticks(ticks, [f"{t:,}" for t in ticks])
    axes.xaxis.minorticks_off()
    axes.set_xlim(low * 0.93, high * 1.07)
