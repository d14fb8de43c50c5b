"""One verdict as a picture: the evidence after each round, and what was proved of the distance from the target."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from figures import style
from figures.e_values import PARTS, RIGHT, WRONG, evidence_axes, names
from figures.labels import decade_ticks
from figures.report.form import at_least, at_most, chance

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from verify.verdict import Verdict

TOP = 0.95
"""Of the axis of evidence: what is higher is drawn there, with an arrow."""


def draw_verdict(verdict: Verdict, path: str | Path | None = None) -> Figure:
    """How one verdict came about: the evidence above, the distance from the target below, round by round.

    Parameters
    ----------
    verdict : Verdict
        Of `verify.check_sampler`.
    path : path, optional
        Where to save it (.png, .svg, .pdf).

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        For a file name with another ending.
    OSError
        If the file cannot be written.
    """
    from figures.panels import Room, rows_of_panels
    from figures.picture import save_picture

    with style.look():
        room = Room(left=0.85, right=0.2, top=0.55, down=0.3)
        figure, ((above,), (below,)) = rows_of_panels([2.2, 2.2], 1, width=5.2, room=room, sharex=True)
        plot_verdict_evidence(above, verdict)
        plot_verdict_distance(below, verdict)
        above.tick_params(labelbottom=False)
        above.set_title(f"{verdict.status} after {verdict.n:,} outputs", pad=18)
        caught = f"caught by {verdict.caught_by} · " if verdict.caught_by else ""
        rates = f"α = {_rate(verdict.alpha)}, δ = {_rate(verdict.delta)}, ε = {verdict.epsilon:g}"
        above.text(0.0, 1.03, caught + rates, transform=above.transAxes, fontsize=8.5, color=style.MUTED)
    if path is not None:
        save_picture(figure, path)
    return figure


def _rate(value: float) -> str:
    return f"{value:g}" if value >= 1e-3 else chance(value)


def plot_verdict_evidence(axes: Axes, verdict: Verdict) -> None:
    """The e-value after each round, on given axes, and what its parts came to."""
    from verify.judge import MONTE_CARLO_FROM

    halved = verdict.alpha >= MONTE_CARLO_FROM  # the other half is the exact test's
    bar = math.log10(2 if halved else 1) - math.log10(verdict.alpha)
    n = np.array([point.n for point in verdict.trace])
    log10_e = np.array([point.log_e for point in verdict.trace]) / math.log(10)
    evidence_axes(axes, n, bar, "2/α" if halved else "1/α")
    colour = WRONG if verdict.status == "REJECT" else style.INK
    axes.plot(n, np.minimum(log10_e, TOP * 2 * bar), color=colour, marker="o", markersize=3)
    beyond = log10_e > TOP * 2 * bar
    axes.plot(n[beyond], np.full(beyond.sum(), TOP * 2 * bar), color=colour, marker="^", markersize=7, linestyle="none")
    ends = {part: log / math.log(10) for part, log in verdict.log_e_by.items()}
    said = {
        f"{part} {end:.1f}".replace("-", "−").replace("inf", "∞"): PARTS.get(part, style.INK)
        for part, end in ends.items()
    }
    names(axes, {"log₁₀ e of its parts, at the end": style.MUTED, **said})
    axes.set_ylabel("evidence, log₁₀ e")


def plot_verdict_distance(axes: Axes, verdict: Verdict) -> None:
    """Total variation from the target, on given axes: of the outputs so far, and what is proved of the sampler's law."""
    trace = [point for point in verdict.trace if point.tv_empirical > 0]
    bounds = [(point.n, point.tv_upper) for point in verdict.trace[:-1] if point.tv_upper is not None]
    bounds = [(n, bound) for n, bound in [*bounds, (verdict.n, verdict.tv_upper)] if bound > 0]
    heights = [verdict.epsilon, *(point.tv_empirical for point in trace), *(bound for _, bound in bounds)]
    low, high = 0.15 * min(heights), min(2.0, 2.5 * max(heights))
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.axhline(verdict.epsilon, color=style.MUTED, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
    axes.plot([p.n for p in trace], [p.tv_empirical for p in trace], color=style.FAINT, marker="o", markersize=3)
    axes.plot([n for n, _ in bounds], [bound for _, bound in bounds], color=RIGHT, marker="v", markersize=7)
    said = {"of the outputs so far, noise included": style.MUTED}
    if verdict.tv_lower > 0:
        axes.plot([verdict.n], [max(verdict.tv_lower, 1.2 * low)], color=WRONG, marker="^", markersize=7)
        said[f"▲ of the sampler, proved: at least {at_least(verdict.tv_lower)}"] = WRONG
    said[f"▼ of the sampler, proved: at most {at_most(verdict.tv_upper)}"] = RIGHT
    for i, (name, colour) in enumerate(said.items()):
        axes.text(0.03, 0.05 + 0.09 * i, name, transform=axes.transAxes, fontsize=8.5, color=colour)
    axes.set_yticks(*decade_ticks(low, high))
    axes.yaxis.minorticks_off()
    axes.set_xlabel("outputs")
    axes.set_ylabel("total variation")
    axes.text(
        0.985,
        math.log(verdict.epsilon / low) / math.log(high / low) + 0.02,
        f"ε = {verdict.epsilon:g}",
        transform=axes.transAxes,
        ha="right",
        fontsize=8.5,
        color=style.MUTED,
    )
