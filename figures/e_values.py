"""An axis of evidence: what every picture of e-values has in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from figures import style
from figures.labels import decade_ticks, power_of_ten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PARTS = {"law": "#2f6db3", "dependence": "#b07d00", "cost": "#9b3586"}
"""What the judge bets on, and its colour."""
RIGHT, WRONG = "#137a5a", "#d1495b"
BELOW = 0.22
"""Room below zero on an axis of evidence, as a share of that above."""


def evidence_axes(axes: Axes, outputs: Iterable[float], bar: float, said: str = "1/α") -> None:
    """Outputs against log10 e, with the line that rejects.

    Parameters
    ----------
    axes : Axes
        To be drawn on afterwards.
    outputs : iterable of float
        What the axis must hold.
    bar : float
        The log10 of the e-value that rejects, in the middle of the room above zero.
    said : str
        How that is made from alpha.
    """
    axes.set_xscale("log")
    axes.axhline(bar, color=style.MUTED, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
    axes.set_ylim(-BELOW * 2 * bar, 2 * bar)
    every = [float(n) for n in outputs]
    low, high = min(0.9 * min(every), max(every) / 8), 1.1 * max(every)
    axes.set_xlim(low, high)
    axes.set_xticks(*decade_ticks(low, high))
    axes.minorticks_off()
    place = (0.5 + BELOW) / (1.0 + BELOW) - 0.02
    axes.text(
        0.03,
        place,
        f"REJECT from {said} = {e_value_name(bar)}",
        transform=axes.transAxes,
        va="top",
        fontsize=8.5,
        color=style.MUTED,
    )


def e_value_name(log10: float) -> str:
    """An e-value for a person.

    Examples
    --------
    >>> e_value_name(6.0), e_value_name(2.30103)
    ('10⁶', '200')
    """
    if log10 > 6 and abs(log10 - round(log10)) > 1e-9:
        return f"10^{log10:.1f}"
    return power_of_ten(10.0**log10) if log10 > 3 else f"{10.0**log10:,.3g}"


def names(axes: Axes, colours: Mapping[str, str]) -> None:
    """Names of lines in their colours, from the top left corner down."""
    for i, (name, colour) in enumerate(colours.items()):
        axes.text(0.03, 0.95 - 0.085 * i, name, transform=axes.transAxes, va="top", fontsize=8.5, color=colour)
