"""Batch rules: the log-weight that each gives a count."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from simtemp.arguments import Floats

RULES = ("published", "plug-in", "falling", "corrected")


def published_log_weight(n: int, size: int) -> Floats:
    """``log C(c, n)`` for every count c = 0, ..., size; -inf below n, where the published cascade falls back on the largest count."""
    log_weight = np.full(size + 1, -np.inf)
    if n <= size:
        steps = np.arange(
            n, size, dtype=np.float64
        )  # C(c+1, n) = C(c, n) (c+1) / (c+1-n): exact ratios, no cancelling log-gammas
        log_weight[n:] = np.concatenate(([0.0], np.cumsum(np.log1p(n / (steps + 1.0 - n)))))
    return log_weight


def plug_in_log_weight(exponent: float, size: int) -> Floats:
    """``s log c``: the empirical frequencies, tempered; -inf for c = 0."""
    log_weight = np.full(size + 1, -np.inf)
    log_weight[1:] = exponent * np.log(np.arange(1, size + 1))
    return log_weight


def falling_log_weight(exponent: float, size: int, taken: float = 0.0) -> Floats:
    """``log(Gamma(c + 1) / Gamma(c + 1 - s))``, the falling factorial of real order s, at c less `taken`.

    For whole s it is n! C(c, n), whose mean is proportional to p**n: the published weight. It is -inf at and below its pole
    c = s - 1, and for a category that was not seen (or whose draws are all taken).
    """
    log_weight = np.full(size + 1, -np.inf)
    count = np.arange(size + 1) - taken
    positive = (count > 0) & (count > exponent - 1.0 + 1e-9)
    log_weight[positive] = gammaln(count[positive] + 1.0) - gammaln(count[positive] + 1.0 - exponent)
    return log_weight
