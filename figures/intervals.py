"""Confidence intervals of what the pictures show: an acceptance rate from its trials, and a mean."""

from __future__ import annotations

from scipy.special import ndtri

from simtemp.arguments import rate, whole_number
from verify.intervals import lower_limit, upper_limit

LEVEL = 0.99
"""Confidence level of every interval in a picture, printed on it."""


def acceptance_interval(outputs: int, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of an acceptance rate when trials ran until a fixed number of `outputs` was accepted.

    Each output takes a geometric number of trials, so the total is negative binomial: with m trials for r outputs,
    ``P(total <= m) = P(Bin(m, p) >= r)`` and ``P(total >= m) = P(Bin(m - 1, p) <= r - 1)``. Clopper-Pearson limits of these two
    binomials cover at least at `level` for every p.

    Parameters
    ----------
    outputs : int
        Accepted trials, >= 1.
    trials : int
        All trials, >= outputs; the last one was accepted.
    level : float
        In (0, 1).

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        For counts or a level outside their ranges.

    Examples
    --------
    >>> low, high = acceptance_interval(100, 1000)
    >>> low < 0.1 < high
    True
    """
    r = whole_number(outputs, "outputs", 1)
    m = whole_number(trials, "trials", r)
    tail = (1.0 - rate(level, "level")) / 2
    low = float(lower_limit(r, m, tail))
    return low, float(upper_limit(r - 1, m - 1, tail)) if m > r else 1.0


def normal_interval(estimate: float, standard_error: float, level: float = LEVEL) -> tuple[float, float]:
    """The estimate plus and minus as many standard errors as the level asks for.

    Examples
    --------
    >>> normal_interval(3.0, 0.0)
    (3.0, 3.0)
    """
    half = float(ndtri((1.0 + rate(level, "level")) / 2)) * standard_error
    return estimate - half, estimate + half
