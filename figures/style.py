"""The look of every picture, decided once: colours, fonts, axes. One colour a base and one a method, the same in all figures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#1d2530"
MUTED = "#5f6b7a"
FAINT = "#98a2b3"
GRID = "#e3e7ed"
PAPER = "#ffffff"

BASE_COLOURS = ("#2f6db3", "#d1495b", "#2a8c4a", "#b07d00", "#0f94ad", "#9b3586", INK)
"""In the order of the suite, the real text last and in ink. They stay apart under simulated colour blindness (tested)."""

BASE_MARKERS = ("o", "s", "^", "D", "v", "P", "X")

METHOD_COLOURS = {
    "published": "#d1495b",
    "early exit": "#2f6db3",
    "bound": FAINT,
}

_HEAT = (
    (0.0, "#6a2fb5"),
    (0.1, "#3f4fc4"),
    (0.2, "#1c7fc0"),
    (0.5, "#16937c"),
    (1.0, INK),
    (2.0, "#d9810f"),
    (math.inf, "#c2352b"),
)
"""Cold is violet and blue, T = 1 (the base itself) is ink, hot is orange and red."""

RC: dict[str, Any] = {
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 9.5,
    "text.color": INK,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.8,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.minor.visible": False,
    "ytick.minor.visible": False,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "errorbar.capsize": 0.0,
    "savefig.dpi": 160,
    "svg.fonttype": "none",  # text stays text: searchable, readable aloud, and small
    "svg.hashsalt": "simtemp",  # the same picture is the same file
    "pdf.fonttype": 42,
}


@contextmanager
def look() -> Iterator[None]:
    """Matplotlib's settings for the time of one picture; what the caller had comes back afterwards."""
    import matplotlib

    settings: Any = RC  # matplotlib's own type of it lists every setting there is
    with matplotlib.rc_context(settings):
        yield


def base_styles(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker of each base: the suite and the text keep theirs, others take what is free, in order."""
    from simtemp import SUITE

    fixed = {name: i for i, name in enumerate((*SUITE, "text"))}
    free = iter(i for i in range(len(BASE_COLOURS)) if i not in {fixed[name] for name in names if name in fixed})
    styles: dict[str, tuple[str, str]] = {}
    for position, name in enumerate(dict.fromkeys(names)):
        i = fixed[name] if name in fixed else next(free, position)
        styles[name] = BASE_COLOURS[i % len(BASE_COLOURS)], BASE_MARKERS[i % len(BASE_MARKERS)]
    return styles


def temperature_colour(temperature: float) -> str:
    """A colour between the two nearest anchors, by the logarithm of the temperature."""
    for (low, cold), (high, hot) in itertools.pairwise(_HEAT):
        if low <= temperature <= high:
            return blend(cold, hot, _between(temperature, low, high))
    raise ValueError(f"temperature must be in [0, inf], got {temperature!r}")


def blend(one: str, other: str, share: float) -> str:
    """A colour between two: the first at share 0, the second at share 1.

    Examples
    --------
    >>> blend("#000000", "#ffffff", 0.5)
    '#808080'
    """
    mixed = (round((1 - share) * a + share * b) for a, b in zip(_rgb(one), _rgb(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _between(value: float, low: float, high: float) -> float:
    if value == low:
        return 0.0
    if math.isinf(high):
        return 1.0 - low / value
    if low == 0.0:
        return value / high
    return math.log(value / low) / math.log(high / low)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def temperature_name(temperature: float) -> str:
    """``T = 1/3`` where it is that, ``T = ∞``, else a short decimal."""
    if math.isinf(temperature):
        return "T = ∞"
    inverse = 1 / temperature if temperature > 0 else 0.0
    short = f"{temperature:g}"
    if inverse > 1 and abs(inverse - round(inverse)) < 1e-9 * inverse and len(short) > 4:
        return f"T = 1/{round(inverse)}"
    return f"T = {short}"


def temperature_axis(axes: Axes, temperatures: Sequence[float]) -> None:
    """A logarithmic temperature axis with readable ticks over the range of `temperatures`."""
    low, high = min(temperatures), max(temperatures)
    axes.set_xscale("log")
    candidates = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0]
    ticks = [t for t in candidates if low * 0.999 <= t <= high * 1.001] or [low, high]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    axes.set_xlim(low * 0.97, high * 1.03)
