"""Direct labels: what ticks say, and where the names of lines stand so that they do not cover each other. Geometry only."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simtemp.arguments import Floats


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> Floats:
    """Move positions as little as possible (least squares) so that neighbours are at least `gap` apart, within [low, high].

    Parameters
    ----------
    positions : sequence of float
        Wanted positions, in any order.
    gap : float
        Least distance between two; shrunk when they cannot all fit.
    low, high : float
        The room there is.

    Returns
    -------
    float64[len(positions)]
        In the order of the input; the order along the axis is kept.

    Notes
    -----
    With ``z_i = y_(i) - i gap`` the condition is that z increases: isotonic regression, solved by pooling adjacent violators.

    Examples
    --------
    >>> spread([0.0, 0.0], 1.0, -9.0, 9.0).tolist()
    [-0.5, 0.5]
    """
    wanted = np.asarray(positions, dtype=np.float64)
    count = wanted.size
    if count == 0:
        return wanted
    step = min(gap, (high - low) / (count - 1)) if count > 1 else gap
    order = np.argsort(wanted, kind="stable")
    offsets = step * np.arange(count)
    blocks: list[tuple[float, int]] = []  # (mean, how many)
    for value in wanted[order] - offsets:
        mean, size = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean = (mean * size + before * many) / (size + many)
            size += many
        blocks.append((mean, size))
    pooled = np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])
    placed = np.empty(count)
    # Clipping z between the lowest first place and the highest last place keeps both the order and the gaps.
    placed[order] = np.clip(pooled, low, high - offsets[-1]) + offsets
    return placed


def power_of_ten(value: float) -> str:
    """A power of ten as text (no mathtext, so that it stays text in an SVG).

    Examples
    --------
    >>> power_of_ten(1e-6), power_of_ten(1e12)
    ('10⁻⁶', '10¹²')
    """
    return "10" + str(round(math.log10(value))).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def decade_ticks(low: float, high: float, most: int = 7) -> tuple[list[float], list[str]]:
    """Powers of ten from `low` to `high`, every second or third one if there are many, and how they are written.

    Examples
    --------
    >>> decade_ticks(0.01, 1000.0)
    ([0.01, 0.1, 1.0, 10.0, 100.0, 1000.0], ['0.01', '0.1', '1', '10', '100', '1,000'])
    """
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / most))
    powers = [k for k in range(first, last + 1) if k % step == 0]
    return [10.0**k for k in powers], [f"{10.0**k:,g}" if -4 < k < 4 else power_of_ten(10.0**k) for k in powers]


def scientific(value: float) -> str:
    """Three digits and a power of ten.

    Examples
    --------
    >>> scientific(1.66e6), scientific(0.0123)
    ('1.66 × 10⁶', '1.23 × 10⁻²')
    """
    digits, power = f"{value:.2e}".split("e")
    return f"{digits} × {power_of_ten(10.0 ** int(power))}"
