"""Pictures that follow the reader's light or dark setting: every colour of an SVG becomes a CSS variable with two values."""

from __future__ import annotations

import re

import numpy as np

from simtemp.arguments import Floats

_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
_TEXT = re.compile(r"<text\b[^>]*>")
NEUTRAL_CHROMA = 0.035
"""Below this OKLab chroma a colour is a grey: ink, grid and paper, whose lightness is turned around."""
_LIGHT_GREYS = (0.0, 0.26, 0.52, 0.70, 0.93, 1.0)
_DARK_GREYS = (0.97, 0.93, 0.78, 0.50, 0.30, 0.205)
"""OKLab lightness of greys on light and on dark paper: ink, text of less weight, axes, grid, paper keep their order and contrast."""
PIXELS_A_POINT = 1.75
"""How far a picture may grow with its page."""
READABLE = 4.5
"""Least contrast of text with its paper (WCAG 2.2, success criterion 1.4.3)."""
BRIGHT = 0.72
"""Least OKLab lightness of a coloured line on dark paper."""


def dark_colour(colour: str) -> str:
    """What a colour on white paper becomes on dark paper: greys are turned around, colours keep their hue and get light.

    Parameters
    ----------
    colour : str
        ``#rrggbb``.

    Returns
    -------
    str
        ``#rrggbb``.

    Notes
    -----
    In OKLab, where equal steps look equal (B. Ottosson, "A perceptual color space for image processing", 2020).

    Examples
    --------
    >>> dark_colour("#ffffff")
    '#171717'
    """
    lab = _to_oklab(colour)
    if np.hypot(lab[1], lab[2]) < NEUTRAL_CHROMA:
        lab[0] = np.interp(lab[0], _LIGHT_GREYS, _DARK_GREYS)
    else:
        lab[0] = max(lab[0], BRIGHT)
    return _from_oklab(lab)


def readable_colour(colour: str) -> str:
    """A colour of text on white paper: darkened, its hue kept, until it has the contrast that text needs.

    Examples
    --------
    >>> readable_colour("#1d2530"), readable_colour("#d9810f")
    ('#1d2530', '#b45f00')
    """
    lab = _to_oklab(colour)
    while 1.05 / (_LUMINANCE @ _linear(colour) + 0.05) < READABLE:
        lab[0] -= 0.01
        colour = _from_oklab(lab)
    return colour


def themed_svg(svg: str, prefix: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """Make a picture's SVG ready to stand inside a page.

    Parameters
    ----------
    svg : str
        A whole SVG document.
    prefix : str
        Put before every id, because several pictures share a page.

    Returns
    -------
    svg : str
        The ``<svg>`` element alone, as wide as its place up to a limit, each colour written ``var(--c-rrggbb)``, of text
        ``var(--t-rrggbb)``.
    colours : dict
        By name of the variable (``c-rrggbb``), its colours on light and on dark paper, ``#rrggbb``.
    """
    element = svg[svg.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", element)  # inside HTML they mean nothing
    width = re.search(r'<svg\b[^>]*? width="([0-9.]+)pt"', element)
    assert width is not None, "an SVG of matplotlib says its width"
    element = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", element, count=1)
    widest = f'style="max-width:{PIXELS_A_POINT * float(width[1]):.0f}px"'
    element = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', rf"\1 {widest}", element, count=1)
    element = re.sub(r'\bid="([^"]*)"', rf'id="{prefix}-\1"', element)
    element = re.sub(r"url\(#([^)]*)\)", rf"url(#{prefix}-\1)", element)
    element = re.sub(r'href="#([^"]*)"', rf'href="#{prefix}-\1"', element)
    colours: dict[str, tuple[str, str]] = {}

    def variable(kind: str, colour: str) -> str:
        name = f"{kind}-{colour[1:].lower()}"
        colours[name] = (
            readable_colour(colour.lower()) if kind == "t" else colour.lower(),
            dark_colour(colour.lower()),
        )
        return f"var(--{name})"

    element = _TEXT.sub(lambda text: _HEX.sub(lambda found: variable("t", found[0]), text[0]), element)
    return _HEX.sub(lambda found: variable("c", found[0]), element), colours


def colour_rules(colours: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """CSS declarations of the variables of `themed_svg`: those for light paper and those for dark."""
    light, dark = (";".join(f"--{name}:{colours[name][paper]}" for name in sorted(colours)) for paper in (0, 1))
    return light, dark


_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _linear(colour: str) -> Floats:
    encoded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _to_oklab(colour: str) -> Floats:
    return np.asarray(_TO_LAB @ np.cbrt(_TO_CONE @ _linear(colour)), dtype=np.float64)


def _from_oklab(lab: Floats) -> str:
    linear = np.clip(np.linalg.solve(_TO_CONE, np.linalg.solve(_TO_LAB, lab) ** 3), 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * part):02x}" for part in encoded)
