"""How many outputs a certificate will need, before any is drawn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import gammaln, xlog1py

from simtemp import arguments
from simtemp.arguments import Floats
from verify.certificate import allowance
from verify.intervals import normal_quantile
from verify.target import target_probabilities

MOST_OUTPUTS = 10**15
"""Planning goes no further: beyond it no certificate is had."""


def required_samples(target: Any, epsilon: float, delta: float, power: float = 0.9) -> int:
    """Outputs that a sampler of exactly the target law needs for ``tv_upper_bound(counts, target, delta) <= epsilon``.

    Parameters
    ----------
    target : array_like of shape (K,), or Categorical
        Probabilities.
    epsilon : float
        The total variation to be certified, in (0, 1).
    delta : float
        The certificate's chance of being wrong, in (0, 1).
    power : float
        The chance, about, that a right sampler is certified at the returned number of outputs, in (0, 1).

    Returns
    -------
    int
        At least 1.

    Raises
    ------
    ValueError
        For a rate outside (0, 1), or if more than 1e15 outputs would be needed.

    Notes
    -----
    Solves ``expected_distance(n) + allowance(n) + 0.30 z / sqrt(n) = epsilon`` for n, z being the normal
    quantile of `power` and 0.30 ``= sqrt(1 - 2/pi) / 2`` the spread of the empirical distance. The allowance is
    exact, the expected distance is exact, the spread is that of large counts. About ``(sum sqrt(p(1-p)) / 2.507 +
    z_delta / 2 + 0.30 z)**2 / epsilon**2``; the exact expectation asks for fewer where many categories are rarer than
    1/n. O(K) a step, some twenty-five steps.

    Examples
    --------
    >>> required_samples([0.01] * 100, epsilon=0.01, delta=0.01, power=0.5)
    263680
    """
    probs = target_probabilities(target)
    outputs = outputs_needed(
        probs,
        arguments.rate(epsilon, "epsilon"),
        arguments.rate(delta, "delta"),
        arguments.rate(power, "power"),
        MOST_OUTPUTS,
    )
    if outputs is None:
        raise ValueError(
            f"epsilon must be large enough to be certified within {MOST_OUTPUTS:.0e} outputs, got {epsilon!r}"
        )
    return outputs


def outputs_needed(probs: Floats, epsilon: float, delta: float, power: float, most: int) -> int | None:
    """`required_samples` of arguments that are known to be clean; None if it is more than `most`."""
    if probs.size == 1:
        return 1
    top = float(probs.max())
    side = max(top, 0.5)
    spread = 0.30 * normal_quantile(1.0 - power) * 2.0 * math.sqrt(side * (1.0 - side))

    def enough(n: int) -> bool:
        return expected_distance(probs, n) + allowance(n, delta, int(top * n)) + spread / math.sqrt(n) <= epsilon

    low, high = 0, min(16, most)
    while not enough(high):
        if high >= most:
            return None
        low, high = high, min(4 * high, most)
    while high - low > max(1, low // 1000):
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def expected_distance(probs: Floats, n: int) -> float:
    """The mean total variation between the empirical law of n outputs and their law `probs`, by de Moivre's formula.

    ``E|N - np| = 2 m C(n, m) p**m (1-p)**(n-m+1)`` with ``m = floor(np) + 1``.
    """
    inside = probs[(probs > 0.0) & (probs < 1.0)]
    m = np.minimum(np.floor(n * inside) + 1.0, n)
    log_choose = gammaln(n + 1.0) - gammaln(m + 1.0) - gammaln(n - m + 1.0)
    log_deviation = np.log(2.0 * m) + log_choose + m * np.log(inside) + xlog1py(n - m + 1.0, -inside)
    return 0.5 * float(np.exp(log_deviation).sum()) / n
