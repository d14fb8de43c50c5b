"""How the cost of an exact output is distributed: the chance that it takes more than x base draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.affordable import affordable_outputs
from figures.duel_runs import duel_outputs
from figures.labels import decade_ticks
from figures.sampler_colours import SAMPLER_COLOURS
from figures.seeds import child_seed
from simtemp.arguments import Floats, Integers, whole_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BASES = ("peaked9", "zipf:1000,1.1")
TEMPERATURES = (0.2,)
POINTS = 60
"""Steps of a drawn survival function at most."""
RARE = 0.01


@dataclass(frozen=True)
class SpreadData:
    """Survival functions and their quantiles.

    Attributes
    ----------
    curves : DataFrame
        base, temperature, sampler ("published" or "duel"), draws, above (share of outputs that cost more).
    quantiles : DataFrame
        base, temperature, sampler, seed, outputs, mean, q50, q99, largest.
    """

    curves: pd.DataFrame
    quantiles: pd.DataFrame


def spread_data(
    bases: Sequence[str] = BASES,
    temperatures: Sequence[float] = TEMPERATURES,
    *,
    size: int = 10_000,
    seed: int = 0,
    max_draws: float = 5e6,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SpreadData:
    """Costs of single outputs, by the published and by the duel sampler.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        In (0, 1].
    size : int
        Outputs of a run at most.
    seed, max_draws, threads, progress
        As in `draws_data`; a sampler that `max_draws` does not give 50 outputs is left out.

    Returns
    -------
    SpreadData

    Raises
    ------
    ValueError
        For a temperature outside (0, 1], or a bad base or size.

    Examples
    --------
    >>> spread_data(["two:0.5"], [0.5], size=1000).quantiles["sampler"].tolist()
    ['published', 'duel']
    """
    import pandas as pd

    from simtemp import expected_draws, parse_base, simulate
    from simtemp.arguments import temperature as in_range

    whole_number(size, "size", 2)
    for temperature in temperatures:
        in_range(temperature, maximum=1.0, zero=False)
    curves, quantiles = [], []
    names = list(dict.fromkeys(bases))
    done, total = 0, 2 * len(names) * len(temperatures)
    for name in names:
        base = parse_base(name)
        for temperature in temperatures:
            for sampler in ("published", "duel"):
                own = child_seed(seed, "spread", name, sampler, f"{temperature:.12g}")
                if sampler == "duel":
                    run = duel_outputs(base, temperature, size, max_draws, own, threads)
                else:
                    outputs = affordable_outputs(size, expected_draws(base.probs, temperature), max_draws)
                    run = (
                        simulate("collision", base, temperature, outputs, seed=own, threads=threads)
                        if outputs
                        else None
                    )
                if run is not None:
                    draws, above = survival(run.draws)
                    curves.append(
                        pd.DataFrame(
                            {
                                "base": name,
                                "temperature": temperature,
                                "sampler": sampler,
                                "draws": draws,
                                "above": above,
                            }
                        )
                    )
                    q50, q99 = np.quantile(run.draws, [0.5, 1 - RARE], method="higher")
                    known = (run.mean_draws, float(q50), float(q99), int(run.draws.max()))
                    quantiles.append((name, temperature, sampler, own, run.size, *known))
                done += 1
                if progress is not None:
                    progress(done, total)
    columns = ["base", "temperature", "sampler", "seed", "outputs", "mean", "q50", "q99", "largest"]
    empty = pd.DataFrame(columns=["base", "temperature", "sampler", "draws", "above"])
    return SpreadData(
        pd.concat(curves, ignore_index=True) if curves else empty, pd.DataFrame(quantiles, columns=columns)
    )


def survival(draws: Integers) -> tuple[Floats, Floats]:
    """Costs, increasing, and the share of outputs that took more: at most `POINTS`, evenly spread in the logarithm.

    Examples
    --------
    >>> x, above = survival(np.array([1, 2, 2, 4]))
    >>> x.tolist(), above.tolist()
    ([1.0, 2.0], [0.75, 0.25])
    """
    seen = np.unique(draws)[:-1]  # nothing is above the largest
    if seen.size > POINTS:
        wanted = np.geomspace(seen[0], seen[-1], POINTS)
        seen = seen[np.unique(np.searchsorted(seen, wanted * (1 - 1e-12)))]
    above = 1.0 - np.searchsorted(np.sort(draws), seen, side="right") / draws.size
    return seen.astype(np.float64), above


def draw_spread(data: SpreadData, *, narrow: bool = False) -> Figure:
    """One panel a base and temperature; `narrow` for a phone."""
    from figures.panels import Room, cells_of, panels

    cells = cells_of(data.quantiles)
    across = min(1 if narrow else 2, max(1, len(cells)))
    with style.look():
        room = Room(top=0.35, across=0.4, left=0.8, right=0.3)
        figure, axes = panels(
            max(1, len(cells)), across, width=3.3 if narrow else 4.1, height=2.5, room=room, sharey=True
        )
        for i, ((base, temperature), panel) in enumerate(zip(cells, axes, strict=False)):
            plot_spread(panel, data, base, temperature)
            panel.set_title(f"{base}, {style.temperature_name(temperature)}")
            panel.tick_params(labelleft=i % across == 0)
            panel.set_xlabel("x (base draws)")
            if i % across == 0:
                panel.set_ylabel("chance of more than x")
    return figure


def plot_spread(axes: Axes, data: SpreadData, base: str, temperature: float) -> None:
    """Draw one base at one temperature on given axes."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    lowest = 1e-4
    axes.set_ylim(lowest, 1.3)
    axes.set_xlim(1, 10)
    axes.axhline(RARE, color=style.FAINT, linewidth=1.0, linestyle=(0, (1, 2)))
    largest = 10.0
    for row in data.quantiles[
        (data.quantiles["base"] == base) & (data.quantiles["temperature"] == temperature)
    ].to_dict("records"):
        sampler = row["sampler"]
        mine = data.curves[
            (data.curves["base"] == base)
            & (data.curves["temperature"] == temperature)
            & (data.curves["sampler"] == sampler)
        ]
        colour = SAMPLER_COLOURS[sampler]
        axes.plot(mine["draws"], mine["above"], color=colour, linewidth=2.2 if sampler == "duel" else 1.8)
        axes.plot(
            [row["q99"]], [RARE], "o", color=colour, markersize=5, markerfacecolor=style.PAPER, markeredgewidth=1.3
        )
        place = {"duel": 0.22, "published": 0.05}[sampler]
        axes.text(
            0.03, place, f"{sampler}: mean {row['mean']:,.0f}\n99 % ≤ {row['q99']:,.0f}", transform=axes.transAxes, fontsize=8.5,
            color=colour,
        )  # fmt: skip
        largest = max(largest, float(row["largest"]))
    axes.set_yticks(*decade_ticks(lowest, 1.0))
    axes.set_xlim(1, largest * 1.2)
    axes.set_xticks(*decade_ticks(1.0, largest * 1.2))
    axes.minorticks_off()
