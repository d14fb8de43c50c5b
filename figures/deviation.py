"""How much the collision sampler's cost varies: the exact standard deviation of the base draws of one output."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.tempering import split_exponent


def draws_deviation(probs: Any, temperature: float, early_exit: bool = False) -> float:
    """Standard deviation of the base draws that one output of the collision sampler costs.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Base probabilities.
    temperature : float
        In (0, 1].
    early_exit : bool
        End a trial at its first mismatch.

    Returns
    -------
    float
        0 at T = 1; infinite where it overflows.

    Raises
    ------
    ValueError
        For arguments out of their ranges.

    Notes
    -----
    A trial costs C and is accepted with probability Z; trials are independent until the first that is accepted, so with D the cost of
    an output ``E D**2 = (E C**2 + 2 E[C; rejected] E D) / Z``. The parts:

    - draws of the first stage: n as published; with early exit J, where ``P(J > j) = Z_j`` for 1 <= j < n and J = n if all are equal;
    - flips F of the power coin of a candidate of probability p: ``P(F > i) = (1-p)**i c_i`` with ``c_i = prod_{j<=i} (1 - alpha/j)``
      and ``sum c_i x**i = (1-x)**(alpha-1)``, hence ``E F = p**(alpha-1)``,
      ``E F**2 = 2 (1-alpha) (1-p) p**(alpha-2) + p**(alpha-1)`` and ``E[F; heads] = (1-alpha) (1-p) p**(alpha-1) + p**alpha``.

    With rare categories and 1/2 < T < 1 it is far above the mean: the mean of a sample then says little, however right the
    sampler is. O(nK) with early exit, O(K) without.

    Examples
    --------
    >>> round(draws_deviation([0.5, 0.5], 0.5), 6)  # 2 draws a trial, half of the trials accepted
    2.828427
    """
    support = arguments.probabilities(probs)
    support = support[support > 0]
    n, alpha = split_exponent(arguments.temperature(temperature, maximum=1.0, zero=False))
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        first, first_square = float(n), float(n * n)
        if early_exit:
            equal = [float((support**j).sum()) for j in range(1, n)]
            first = 1.0 + math.fsum(equal)
            first_square = 1.0 + math.fsum((2 * j + 1) * z for j, z in enumerate(equal, 1))
        candidate = support**n
        flips = flips_square = heads = np.zeros_like(support)
        if alpha > 0:
            flips = support ** (alpha - 1)
            flips_square = 2 * (1 - alpha) * (1 - support) * support ** (alpha - 2) + flips
            heads = (1 - alpha) * (1 - support) * flips + support**alpha
        accepted = float((support ** (n + alpha)).sum())
        cost = first + float(candidate @ flips)
        square = first_square + 2 * n * float(candidate @ flips) + float(candidate @ flips_square)
        cost_rejected = cost - n * accepted - float(candidate @ heads)
        mean = cost / accepted
        variance = (square + 2 * cost_rejected * mean) / accepted - mean * mean
    return math.sqrt(max(variance, 0.0)) if math.isfinite(variance) else math.inf
