"""How close a right sampler can be proved to be after n outputs: the certificate as planned, and as it comes out."""

from __future__ import annotations

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

BASES = ("peaked9", "text")
TEMPERATURES = (0.5,)
DELTA = 1e-6
EPSILONS = (0.1, 0.03, 0.01)
POWER = 0.9
PLANNED, DISTANCE, ALLOWANCE = "#2f6db3", "#b07d00", "#9b3586"
FEWEST = 100.0
LOWEST = 3e-4
"""Bottom of the axis of total variation."""
HEADROOM = 8.0
"""Its top: above 1, for words."""


@dataclass(frozen=True)
class CertificateData:
    """The certificate of a sampler that is right.

    Attributes
    ----------
    curves : DataFrame
        base, temperature, n, distance (mean total variation of n outputs from their law, exact), allowance (what
        sampling error may hide), planned (their sum).
    points : DataFrame
        base, temperature, seed, run, n, tv_upper: certificates of simulated runs.
    needed : DataFrame
        base, temperature, epsilon, n: outputs with which a right sampler is certified within epsilon with chance `power`.
    delta, power : float
        Chance that a certificate is wrong; that a right sampler has it in the planned number of outputs.
    """

    curves: pd.DataFrame
    points: pd.DataFrame
    needed: pd.DataFrame
    delta: float
    power: float


def certificate_data(
    bases: Sequence[str] = BASES,
    temperatures: Sequence[float] = TEMPERATURES,
    *,
    size: int = 2_000_000,
    runs: int = 5,
    seed: int = 0,
    delta: float = DELTA,
    progress: Callable[[int, int], None] | None = None,
) -> CertificateData:
    """Upper bounds on the total variation of a right sampler, against the number of its outputs.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        The targets are the bases tempered.
    size : int
        Most outputs of a simulated run.
    runs : int
        Simulated runs of each target; every point of a run adds outputs to the one before.
    seed : int
        Every target has its own child.
    delta : float
        Chance that a certificate is wrong.
    progress : callable, optional
        Called with (targets done, targets).

    Returns
    -------
    CertificateData

    Raises
    ------
    ValueError
        For a bad base, temperature, size or delta.

    Notes
    -----
    The certificate is `verify.tv_upper_bound`: empirical distance and allowance. What is planned from is the exact mean of
    the first and the second at the expected count of the largest category (`verify.required_samples`).

    Examples
    --------
    >>> data = certificate_data(["two:0.8"], [0.5], size=10_000, runs=1)
    >>> int(data.points["n"].max()), bool((data.points["tv_upper"] > 0).all())
    (10000, True)
    """
    import pandas as pd

    from simtemp import parse_base, temper
    from verify import required_samples, tv_upper_bound

    most, times = whole_number(size, "size", 200), whole_number(runs, "runs", 1)
    allowed = rate(delta, "delta")
    names = list(dict.fromkeys(bases))
    cells = [(name, temperature) for name in names for temperature in temperatures]
    curves, points, needed = [], [], []
    for done, (name, temperature) in enumerate(cells):
        target = temper(parse_base(name).probs, temperature)
        curves.append(planned_curve(target, most, allowed).assign(base=name, temperature=temperature))
        for epsilon in EPSILONS:
            needed.append((name, temperature, epsilon, required_samples(target, epsilon, allowed, POWER)))
        own = child_seed(seed, "certificate", name, f"{temperature:.12g}")
        rng = np.random.default_rng(own)
        looks = np.unique(np.round(np.geomspace(FEWEST, most, 9)).astype(np.int64))
        for run in range(times):
            counts = np.zeros(target.size, np.int64)
            for before, n in zip([0, *looks[:-1]], looks, strict=True):
                counts += rng.multinomial(n - before, target)
                points.append((name, temperature, own, run, int(n), tv_upper_bound(counts, target, allowed)))
        if progress is not None:
            progress(done + 1, len(cells))
    return CertificateData(
        pd.concat(curves, ignore_index=True),
        pd.DataFrame(points, columns=["base", "temperature", "seed", "run", "n", "tv_upper"]),
        pd.DataFrame(needed, columns=["base", "temperature", "epsilon", "n"]),
        allowed,
        POWER,
    )


def planned_curve(target: Floats, most: int, delta: float) -> pd.DataFrame:
    """n, distance, allowance and planned, from 100 outputs to five times as many as `most`."""
    import pandas as pd

    from verify.certificate import allowance
    from verify.planning import expected_distance

    grid = np.unique(np.round(np.geomspace(FEWEST, 5 * most, 60)).astype(np.int64))
    one = np.count_nonzero(target) == 1
    distance = np.array([0.0 if one else expected_distance(target, int(n)) for n in grid])
    hidden = np.array([0.0 if target.size == 1 else allowance(int(n), delta, int(target.max() * n)) for n in grid])
    planned = np.minimum(distance + hidden, 1.0)
    return pd.DataFrame({"n": grid, "distance": distance, "allowance": hidden, "planned": planned})


def draw_certificate(data: CertificateData, *, narrow: bool = False) -> Figure:
    """One panel a base and temperature; `narrow` for a phone."""
    from figures.panels import Room, cells_of, label_edges, panels

    cells = cells_of(data.curves)
    across = min(1 if narrow else 2, len(cells))
    with style.look():
        room = Room(across=0.3, left=0.85, right=0.2)
        figure, axes = panels(len(cells), across, width=3.3 if narrow else 4.0, height=3.1, room=room, sharey=True)
        for (base, temperature), panel in zip(cells, axes, strict=True):
            plot_certificate(panel, data, base, temperature)
            panel.set_title(f"{base}, {style.temperature_name(temperature)}")
        label_edges(axes, across, "outputs", "total variation")
    return figure


def plot_certificate(axes: Axes, data: CertificateData, base: str, temperature: float) -> None:
    """Draw one base at one temperature on given axes."""

    def mine(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[(frame["base"] == base) & (frame["temperature"] == temperature)]

    curves, points, needed = mine(data.curves), mine(data.points), mine(data.needed)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.plot(curves["n"], curves["distance"], color=DISTANCE, linewidth=1.4)
    axes.plot(curves["n"], curves["allowance"], color=ALLOWANCE, linewidth=1.4)
    axes.plot(curves["n"], curves["planned"], color=PLANNED, linewidth=2.2)
    axes.plot(
        points["n"], points["tv_upper"], "o", color=PLANNED, markersize=4.5, markerfacecolor=style.PAPER,
        markeredgewidth=1.1, zorder=3,
    )  # fmt: skip
    low, high, bottom, top = float(curves["n"].min()), float(curves["n"].max()), LOWEST, HEADROOM
    for row in needed[needed["n"] <= high].to_dict("records"):
        axes.plot([row["n"]], [row["epsilon"]], "s", color=style.INK, markersize=5, zorder=4)
        axes.annotate(
            f"{row['epsilon']:g} after\n{row['n']:,}",
            (row["n"], row["epsilon"]),
            xytext=(5, 4),
            textcoords="offset points",
            fontsize=8.5,
        )
    axes.set_xlim(low, high)
    axes.set_ylim(bottom, top)
    axes.set_xticks(*decade_ticks(low, high))
    axes.set_yticks(*decade_ticks(bottom, 1.0))
    axes.minorticks_off()
    above = {
        "certificate, planned": PLANNED,
        f"o  of {points['run'].nunique()} runs, each wrong: at most {chance(data.delta)}": PLANNED,
        f"■  enough with chance {100 * data.power:g} %": style.INK,
    }
    for i, (said, colour) in enumerate(above.items()):
        axes.text(
            0.97, 0.96 - 0.07 * i, said, transform=axes.transAxes, ha="right", va="top", fontsize=8.5, color=colour
        )
    below = {"+ allowance for sampling error": ALLOWANCE, "mean distance of n outputs": DISTANCE}
    for i, (said, colour) in enumerate(below.items()):
        axes.text(0.03, 0.04 + 0.07 * i, said, transform=axes.transAxes, fontsize=8.5, color=colour)
