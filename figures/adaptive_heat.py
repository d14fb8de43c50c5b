"""The colour of a temperature among those that a head picks from: violet and blue are cold, orange and red are hot."""

from __future__ import annotations

from figures.style import blend

_HEAT = ("#6a2fb5", "#2f6db3", "#0f94ad", "#2a8c4a", "#b07d00", "#d9710f", "#c2352b")
"""From 0 to the hottest of the list in equal steps. Neighbours differ in hue and not in lightness alone, which dark paper would undo."""


def heat_colour(temperature: float, hottest: float) -> str:
    """A colour between the two nearest anchors.

    Parameters
    ----------
    temperature : float
        In [0, hottest].
    hottest : float
        The highest temperature that is shown, > 0.

    Returns
    -------
    str
        ``#rrggbb``.

    Examples
    --------
    >>> heat_colour(0.0, 1.0), heat_colour(1.0, 1.0)
    ('#6a2fb5', '#c2352b')
    """
    place = min(max(temperature / hottest, 0.0), 1.0) * (len(_HEAT) - 1) if hottest > 0 else 0.0
    below = min(int(place), len(_HEAT) - 2)
    return blend(_HEAT[below], _HEAT[below + 1], place - below)
