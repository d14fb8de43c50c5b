"""Evidence against a sampler that may be looked at any time: a test martingale, in log space."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import gammaln

from simtemp.arguments import Floats, Integers
from verify.target import category_counts, target_probabilities

TILTS = (-0.4, -0.2, -0.1, -0.05, -0.02, -0.01, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Directed bets: laws proportional to ``target ** (1 + tilt)``, a wrong temperature."""

OUTPUTS = 2.0**30
"""The Dirichlet bets reach to laws that so many outputs just tell from the target: c up to OUTPUTS sqrt(k)."""

BLOCK = 4096
"""Categories scored at once, for all concentrations: the working set stays in the cache."""

STIRLING_FROM = 32.0
"""Arguments from which three terms of Stirling's series are exact to rounding."""

MOST_OUTPUTS = 10**12
"""Beyond so many outputs rounding errors are no longer small beside the evidence."""

_HALF_LOG_TAU = 0.5 * math.log(2.0 * math.pi)


def log_e_value(counts: Any, target: Any) -> float:
    """The log e-value of counts (`EProcess`): under the target it ever reaches log(1/a) with probability at most a.

    Parameters
    ----------
    counts : int array_like, shape (K,)
        How often each category came out among n independent outputs, n from 1 to 1e12.
    target : array_like of shape (K,), or Categorical
        Probabilities.

    Returns
    -------
    float
        Infinite when a category of probability zero came out.

    Raises
    ------
    ValueError
        For counts that are no counts of the target's categories, or of more than 1e12 outputs: rounding errors would be no longer small.

    Examples
    --------
    >>> log_e_value([100, 0], [0.5, 0.5]) > 60, log_e_value([50, 50], [0.5, 0.5]) < 0
    (True, True)
    """
    probs = target_probabilities(target)
    observed = category_counts(counts, probs.size)
    n = int(observed.sum())
    if n > MOST_OUTPUTS:
        raise ValueError(
            f"counts must be of at most {MOST_OUTPUTS:.0e} outputs in all, beyond which rounding errors count, got {n:.3g}"
        )
    return EProcess(probs).log_e(observed)


class EProcess:
    """A wealth process of bets against the target, started at 1: a weighted average of likelihood ratios to the target.

    Half of the wealth is on Good's Dirichlet mixture, spread evenly over concentrations c = k/2 * 4**j (every such c
    between 1/2, laws quite unlike the target, and 2**30 sqrt(k), laws that a billion outputs just tell from it; k
    categories of positive probability), half on the laws ``target ** (1 + tilt)``, spread evenly over `TILTS`. Under
    the target each is a martingale of mean 1, so by Ville's inequality the average ever reaches 1/alpha with
    probability at most alpha.

    Parameters
    ----------
    probs : float64[K]
        The target, clean.

    Notes
    -----
    The counts are sufficient: `log_e` of the counts so far is the process at that time, whatever happened in
    between. O(number of categories seen) a call for each of 16 to 21 concentrations; memory O(K), whatever n.

    The bets grow like n, and what they add up to under the target does not. So the large parts are cancelled on paper: directed bets
    are on ``log p`` less its mean, and Dirichlet bets on ``log(1 + d)``, d being how far, relatively, a + count is from its mean.
    Where the counts look like the target's, rounding stays below 1e-6 at n = 1e9 and below 1e-3 at n = 1e12.

    References
    ----------
    I. J. Good, "A Bayesian significance test for multinomial distributions", JRSS B 29 (1967); J. Ville (1939).
    """

    def __init__(self, probs: Floats) -> None:
        self._probs = probs
        self._support = probs > 0
        with np.errstate(divide="ignore"):
            self._log_probs = np.log(probs)
        categories = int(self._support.sum())
        lowest = math.ceil(-math.log(categories, 4))
        highest = math.floor(math.log(2 * OUTPUTS / math.sqrt(categories), 4))
        self.concentrations = tuple(categories / 2 * 4.0**j for j in range(lowest, highest + 1))
        mass = probs[self._support]
        logs = self._log_probs[self._support]
        total = float(mass.sum())
        self._mean_log = float(mass @ logs) / total
        shares = np.repeat([0.5 / len(self.concentrations), 0.5 / len(TILTS)], [len(self.concentrations), len(TILTS)])
        self._log_shares = np.log(shares)
        excess = logs - self._mean_log
        self._log_norms = np.array(
            [math.log1p(float((mass * np.expm1(tilt * excess)).sum()) / total) for tilt in TILTS]
        )

    def log_e(self, counts: Integers) -> float:
        """The log of the wealth after outputs with these counts: int64[K] (all zero: 0)."""
        if counts[~self._support].any():
            return math.inf
        seen = np.flatnonzero(counts)
        if seen.size == 0:
            return 0.0
        times = counts[seen].astype(np.float64)
        logs = self._log_probs[seen]
        n = float(times.sum())
        directed = np.array(TILTS) * float(times @ (logs - self._mean_log)) - n * self._log_norms
        again = times > 1  # a category seen once adds log(a / a) = 0 to any Dirichlet bet
        rest = float(self._probs[counts <= 1].sum())
        dirichlet = self._dirichlet(times[again], self._probs[seen[again]], logs[again], n, rest)
        bets = self._log_shares + np.concatenate([dirichlet, directed])
        top = float(bets.max())
        return top + math.log(np.exp(bets - top).sum())

    def _dirichlet(self, times: Floats, probs: Floats, logs: Floats, n: float, rest: float) -> Floats:
        """The Dirichlet bets, from the categories that were seen more than once; `rest` is the mass of the others.

        ``sum_x log_rising_ratio(c p, times) - log_rising_ratio(c, n)`` with ``log(1 + n/c)`` taken out of every logarithm.
        """
        c, log_c = np.array(self.concentrations), np.log(self.concentrations)
        end, log_end = c + n, np.log(c + n)
        growth = np.log1p(n / c)
        once = n - float(times.sum())
        total = once - growth * (c * rest + once + 0.5 * (times.size - 1)) + _binet(c) - _binet(end)
        for begin in range(0, times.size, BLOCK):
            part = slice(begin, begin + BLOCK)
            starts, log_starts = np.multiply.outer(c, probs[part]), np.add.outer(log_c, logs[part])
            ends = starts + times[part]
            with np.errstate(over="ignore"):
                far_off = (times[part] - n * probs[part]) / np.multiply.outer(end, probs[part])
            relative = np.log1p(np.maximum(far_off, -0.5))
            far, which = np.nonzero(np.abs(far_off) >= 0.5)
            relative[far, which] = np.log(ends[far, which]) - log_end[far] - logs[part][which]
            total += ((ends - 0.5) * relative + _binet(ends) - _binet(starts, log_starts)).sum(axis=1)
        return total


def log_rising_ratio(start: Floats, log_start: Floats, steps: Floats) -> Floats:
    """``log(a (a+1) ... (a+m-1) / a**m)`` for a start a and m >= 1 steps (broadcast to the starts), elementwise.

    With a = c p this is Good's term: the powers of c and p cancel against the target's likelihood, and the large numbers
    with them. Where c p is below the smallest float its logarithm is what counts.
    """
    steps = np.broadcast_to(steps, start.shape)
    end = start + steps
    result = np.empty_like(start)
    large = start >= STIRLING_FROM
    a, m, b = start[large], steps[large], end[large]
    result[large] = (b - 0.5) * np.log1p(m / a) - m + _stirling_tail(b) - _stirling_tail(a)
    small = ~large
    a, m, b = start[small], steps[small], end[small]
    result[small] = gammaln(b) - gammaln(a + 1.0) - (m - 1.0) * log_start[small]
    return result


def _binet(x: Floats, log_x: Floats | None = None) -> Floats:
    """What Stirling's formula leaves out: ``log Gamma(x) - (x - 1/2) log x + x - log(2 pi) / 2``; an x that underflows needs `log_x`."""
    result = np.empty_like(x)
    large = x >= STIRLING_FROM
    result[large] = _stirling_tail(x[large])
    y = x[~large]
    log_y = np.log(y) if log_x is None else log_x[~large]
    result[~large] = gammaln(y + 1.0) - (y + 0.5) * log_y + y - _HALF_LOG_TAU
    return result


def _stirling_tail(x: Floats) -> Floats:
    y = 1.0 / (x * x)
    return (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y / 1680.0))) / x
