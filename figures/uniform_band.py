"""Where the empirical distribution of p-values stays, at all levels at once, when they are uniform: an exact band."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import binom

from simtemp.arguments import Floats, Integers, rate, whole_number


def uniform_band(runs: int, levels: Any, coverage: float) -> tuple[Integers, Integers]:
    """Counts between which ``#{p <= a}`` of independent uniform p-values stays for every level a, together.

    Parameters
    ----------
    runs : int
        P-values, at least 1.
    levels : array_like, shape (J,)
        Levels a in (0, 1), rising.
    coverage : float
        The chance that all J counts are inside, at least, in (0, 1).

    Returns
    -------
    low, high : int64[J]
        Both counts are inside.

    Raises
    ------
    ValueError
        For an argument out of its range.

    Notes
    -----
    At each level the band holds the binomial's quantiles of one and the same chance g of leaving, the largest at which
    the chance of never leaving is still `coverage`: equally sharp in the tails, where tests are used, and in the middle
    (a Kolmogorov band is blind there). That chance is exact: from one level to the next the count is a Markov chain,
    ``N(b) - N(a) ~ Binomial(runs - N(a), (b - a) / (1 - a))``. O(J runs) a step, some twenty steps.

    References
    ----------
    T. Sailynoja, P.-C. Burkner and A. Vehtari, "Graphical test for discrete uniformity and its applications in
    goodness-of-fit evaluation and multiple sample comparison", Statistics and Computing 32 (2022).

    Examples
    --------
    >>> low, high = uniform_band(100, [0.1, 0.5, 0.9], 0.99)
    >>> low.tolist(), high.tolist()
    ([3, 36, 80], [20, 64, 97])
    """
    count = whole_number(runs, "runs", 1)
    wanted = rate(coverage, "coverage")
    grid = np.asarray(levels, dtype=np.float64)
    if grid.ndim != 1 or grid.size == 0 or not (grid[0] > 0 and grid[-1] < 1 and (np.diff(grid) > 0).all()):
        raise ValueError(f"levels must be in (0, 1) and rise, got {levels!r}")
    few, many = 1e-12, 1.0 - wanted  # a chance of leaving at each level: between none, and all of it at one level
    while many > 1.01 * few:
        middle = float(np.sqrt(few * many))
        inside = staying_inside(count, grid, *_pointwise(count, grid, middle))
        few, many = (middle, many) if inside >= wanted else (few, middle)
    return _pointwise(count, grid, few)


def staying_inside(runs: int, levels: Floats, low: Integers, high: Integers) -> float:
    """The chance that ``low[j] <= #{p <= levels[j]} <= high[j]`` for all j, for uniform p-values."""
    counts, chances, before = np.zeros(1, np.int64), np.ones(1), 0.0
    for level, least, most in zip(levels, low, high, strict=True):
        after = np.arange(least, most + 1)
        step = (level - before) / (1.0 - before)
        chances = chances @ binom.pmf(after[None, :] - counts[:, None], runs - counts[:, None], step)
        counts, before = after, level
    return float(chances.sum())


def _pointwise(runs: int, levels: Floats, outside: float) -> tuple[Integers, Integers]:
    low, high = binom.ppf(outside / 2, runs, levels), binom.isf(outside / 2, runs, levels)
    return np.asarray(low, dtype=np.int64), np.asarray(high, dtype=np.int64)
