"""How many outputs it takes to reject a wrong sampler, against how wrong it is: for several kinds of fault, above what no test can beat."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.labels import decade_ticks
from figures.report.form import chance
from figures.seeds import child_seed
from simtemp.arguments import Floats, rate, whole_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BASES = ("zipf:100,1.1",)
TEMPERATURES = (1.0,)
ALPHA = 1e-6
DISTANCES = (0.3, 0.1, 0.03, 0.01, 0.003)
"""Total variations of the faults."""
MOST = 10_000_000
"""Outputs after which a run has found nothing."""
MIDDLE = 0.8
"""Share of the runs inside the band."""
KINDS = {
    "tilt": ("wrong temperature", "#d1495b"),
    "one": ("one category too frequent", "#2f6db3"),
    "spread": ("every category a little off", "#137a5a"),
}
"""What each fault is, and its colour."""
ACCEPTED = style.INK


@dataclass(frozen=True)
class DetectionData:
    """Outputs until a fault is rejected.

    Attributes
    ----------
    curves : DataFrame
        base, temperature, fault (one of `KINDS`), tv, seed, median, low, high (outputs, over the runs), bound (the mean of
        any test is at least this).
    accepted : DataFrame
        base, temperature, tv, n: outputs with which a right sampler is certified within that total variation.
    alpha, delta : float
        Levels of the rejection and of the certificate.
    middle : float
        Share of the runs from low to high.
    runs : int
        Simulated runs of each point.
    """

    curves: pd.DataFrame
    accepted: pd.DataFrame
    alpha: float
    delta: float
    middle: float
    runs: int


def detection_data(
    bases: Sequence[str] = BASES,
    temperatures: Sequence[float] = TEMPERATURES,
    *,
    size: int = 40,
    seed: int = 0,
    distances: Sequence[float] = DISTANCES,
    alpha: float = ALPHA,
    progress: Callable[[int, int], None] | None = None,
) -> DetectionData:
    """Outputs until `verify.check_sampler` rejects faults of given kinds and total variations.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        The targets are the bases tempered.
    size : int
        Simulated runs of each fault.
    seed : int
        Each point has its own child.
    distances : sequence of float
        Total variations, in (0, 1); a kind of fault that cannot be so large is left out there.
    alpha : float
        Level of the judge; the certificate beside it has the same.
    progress : callable, optional
        Called with (points done, points).

    Returns
    -------
    DetectionData

    Raises
    ------
    ValueError
        For a bad base, temperature, size or level.

    Notes
    -----
    Runs are those of `verify.prediction.predicted_outputs`: counts of a known law, no sampler. For a test of level alpha
    that rejects q with certainty, Wald's identity for the log-likelihood ratio gives ``E[n] >= log(1/alpha) / KL(q, target)``.

    References
    ----------
    A. Wald, "Sequential tests of statistical hypotheses", Ann. Math. Stat. 16 (1945), section 4.7.

    Examples
    --------
    >>> data = detection_data(["two:0.7"], [1.0], size=5, distances=[0.1])
    >>> data.curves["fault"].tolist()
    ['tilt', 'one', 'spread']
    """
    import pandas as pd

    from simtemp import parse_base, temper
    from verify import required_samples
    from verify.prediction import predicted_outputs

    runs, level = whole_number(size, "size", 1), rate(alpha, "alpha")
    wanted = [rate(tv, "tv") for tv in distances]
    names = list(dict.fromkeys(bases))
    points, accepted = [], []
    done, total = 0, len(names) * len(temperatures) * len(KINDS) * len(wanted)
    for name in names:
        base = parse_base(name)
        for temperature in temperatures:
            target = temper(base.probs, temperature)
            accepted += [(name, temperature, tv, required_samples(target, tv, level)) for tv in wanted]
            for kind in KINDS:
                for tv in wanted:
                    law = faulty_law(target, kind, tv)
                    if law is not None:
                        own = child_seed(seed, "detection", name, f"{temperature:.12g}", kind, f"{tv:g}")
                        found = predicted_outputs(law, target, level, runs, own, MOST)
                        low, high = found.quantile((1 - MIDDLE) / 2), found.quantile((1 + MIDDLE) / 2)
                        bound = -math.log(level) / divergence(law, target)
                        points.append((name, temperature, kind, tv, own, found.median, low, high, bound))
                    done += 1
                    if progress is not None:
                        progress(done, total)
    columns = ["base", "temperature", "fault", "tv", "seed", "median", "low", "high", "bound"]
    return DetectionData(
        pd.DataFrame(points, columns=columns),
        pd.DataFrame(accepted, columns=["base", "temperature", "tv", "n"]),
        level,
        level,
        MIDDLE,
        runs,
    )


def faulty_law(target: Floats, kind: str, tv: float) -> Floats | None:
    """The law of a fault of a kind, at a total variation from the target; None where there is none so large.

    Parameters
    ----------
    target : float64[K]
        Probabilities.
    kind : str
        "tilt": ``target ** (1 + e)``, e > 0. "one": the category in the middle of the target's mass is too frequent, at the
        expense of all others in proportion. "spread": categories, from the most probable down, are too frequent and too rare in
        turn, all by one factor up and one down.
    tv : float
        In (0, 1).

    Returns
    -------
    float64[K] or None
    """
    from scipy.optimize import brentq

    from simtemp import temper, total_variation

    def at(size: float) -> float:
        return total_variation(temper(target, 1 / (1 + size)), target) - tv

    order = np.argsort(-target, kind="stable")
    if kind == "tilt":
        return temper(target, 1 / (1 + brentq(at, 0.0, 1e3, xtol=1e-12))) if at(1e3) > 0 else None
    raised = np.zeros(target.size, np.bool_)
    if kind == "one":
        raised[order[np.searchsorted(np.cumsum(target[order]), 0.5)]] = True
    else:
        raised[order[::2]] = True
    up, down = float(target[raised].sum()), float(target[~raised].sum())
    if down <= tv:
        return None
    return np.where(raised, target * (1 + tv / up), target * (1 - tv / down))


def divergence(law: Floats, target: Floats) -> float:
    """The Kullback-Leibler divergence KL(law, target) in nats."""
    from scipy.special import rel_entr

    return float(rel_entr(law, target).sum())


def draw_detection(data: DetectionData, *, narrow: bool = False) -> Figure:
    """One panel a base and temperature; `narrow` for a phone."""
    from figures.panels import Room, cells_of, label_edges, panels

    cells = cells_of(data.accepted)
    across = min(1 if narrow else 2, len(cells))
    wide = 3.3 if narrow else 4.0 if across == 2 else 5.6
    with style.look():
        room = Room(across=0.3, left=0.85, right=0.2)
        figure, axes = panels(len(cells), across, width=wide, height=3.4, room=room, sharey=True)
        for (base, temperature), panel in zip(cells, axes, strict=True):
            plot_detection(panel, data, base, temperature)
            panel.set_title(f"{base}, {style.temperature_name(temperature)}")
        label_edges(axes, across, "total variation of the fault", "outputs until it is rejected")
    return figure


def plot_detection(axes: Axes, data: DetectionData, base: str, temperature: float) -> None:
    """Draw one base at one temperature on given axes."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    here = (data.curves["base"] == base) & (data.curves["temperature"] == temperature)
    for fault, curve in data.curves[here].groupby("fault", sort=False):
        colour = KINDS[str(fault)][1]
        axes.fill_between(curve["tv"], curve["low"], curve["high"], color=colour, alpha=0.15, linewidth=0)
        axes.plot(curve["tv"], curve["median"], color=colour, marker="o", markersize=4.5)
        axes.plot(curve["tv"], curve["bound"], color=colour, linewidth=1.0, linestyle=(0, (4, 3)))
    accepted = data.accepted[(data.accepted["base"] == base) & (data.accepted["temperature"] == temperature)]
    axes.plot(accepted["tv"], accepted["n"], color=ACCEPTED, marker="s", markersize=4, linewidth=1.4)
    low, high = float(accepted["tv"].min()), float(accepted["tv"].max())
    axes.set_xlim(low / 1.1, high * 1.1)
    axes.set_xticks(sorted(data.accepted["tv"].unique()), [f"{tv:g}" for tv in sorted(data.accepted["tv"].unique())])
    bottom, top = 10.0, 10.0 * float(accepted["n"].max())
    axes.set_ylim(bottom, top)
    axes.set_yticks(*decade_ticks(bottom, top))
    axes.minorticks_off()
    words = {f"to accept a right sampler within it, δ = {chance(data.delta)}": ACCEPTED}
    words |= dict(KINDS.values())
    for i, (said, colour) in enumerate(words.items()):
        axes.text(
            0.97, 0.96 - 0.065 * i, said, transform=axes.transAxes, ha="right", va="top", fontsize=8.5, color=colour
        )
    axes.text(
        0.03,
        0.03,
        f"rejected at α = {chance(data.alpha)}: median of {data.runs} runs,\nband: the middle {100 * data.middle:g} % of them\n"
        "dashed: no test needs fewer on average",
        transform=axes.transAxes,
        va="bottom",
        fontsize=8.5,
        color=style.MUTED,
    )
