"""What one trial of the collision sampler costs, with and without success: by moments, and by draws."""

from __future__ import annotations

import numpy as np

from simtemp.arguments import Floats
from simtemp.exact.coin_cost import Support, coin_moments, coin_series
from simtemp.exact.restart_cost import Moments, power_sums


def collision_moments(
    support: Support, chosen: Support, n: int, alpha: float, early_exit: bool
) -> tuple[Moments, Moments]:
    """Moments of a trial of ``n + alpha`` that returns one of `chosen`, and of a trial that fails (whatever it met)."""
    if early_exit:
        lengths = np.arange(2.0, n + 1.0)
        lost = _mismatch_by_length(support, n)
        mismatch = Moments(float(lost.sum()), float(lost @ lengths), float(lost @ lengths**2))
    else:
        mismatch = Moments(_mismatch(support, n), 0.0, 0.0).after(n)
    if alpha == 0.0:
        return Moments(float(chosen.many @ chosen.values**n), 0.0, 0.0).after(n), mismatch
    heads, tails = coin_moments(chosen, alpha, n)[0], coin_moments(support, alpha, n)[1]
    return heads.after(n), mismatch.or_else(tails.after(n))


def collision_series(
    support: Support, chosen: Support, n: int, alpha: float, early_exit: bool, size: int
) -> tuple[Floats, Floats]:
    """The chances that a trial costs d draws and returns one of `chosen`, and that it costs d draws and fails, for d < size."""
    failure = np.zeros(size)
    if early_exit:
        lost = _mismatch_by_length(support, min(n, size - 1))
        failure[2 : 2 + lost.size] = lost
    elif n < size:
        failure[n] = _mismatch(support, n)
    success = np.zeros(size)
    if n >= size:
        return success, failure
    if alpha == 0.0:
        success[n] = float(chosen.many @ chosen.values**n)
        return success, failure
    rest = size - n
    success[n:] = coin_series(chosen, alpha, n, rest)[0]
    failure[n:] += coin_series(support, alpha, n, rest)[1]
    return success, failure


def _mismatch(support: Support, n: int) -> float:
    """The chance ``1 - Z_n`` that n draws are not all equal; exactly 0 where it is."""
    p = support.values
    return float(support.many @ (p * -np.expm1((n - 1) * np.log(p))))


def _mismatch_by_length(support: Support, n: int) -> Floats:
    """The chance ``sum_x p**(j-1) (1-p)`` that draw j is the first of a trial that differs, for j = 2, ..., n."""
    if n < 2:
        return np.zeros(0)
    p = support.values
    return power_sums(support.many * p * (1.0 - p), np.log(p), n - 1)
