"""What the collision sampler and the power coin cost, in closed form (CALM, Algorithm 1 and Theorem 2)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats
from simtemp.tempering import log_power_sum, split_exponent


def acceptance_rate(probs: Any, temperature: float) -> float:
    """The chance ``Z_s = sum_x p_x ** s`` that one trial of the collision sampler ends in an output, with ``s = 1/T``.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Base probabilities; finite, >= 0, summing to 1 within 1e-6.
    temperature : float
        In (0, 1].

    Returns
    -------
    float
        In [0, 1]; 0 where it underflows (`log_expected_draws` does not).

    Raises
    ------
    ValueError
        For a temperature outside (0, 1], or for `probs` that are no probability vector.

    Examples
    --------
    >>> acceptance_rate([0.5, 0.5], 0.5)
    0.5
    """
    base, n, alpha = _trial(probs, temperature)
    return math.exp(_log_acceptance(base, n + alpha))


def rejection_rate(probs: Any, temperature: float) -> float:
    """The share ``1 - Z_s`` of trials of the collision sampler that are restarted.

    Parameters, errors and notes are those of `acceptance_rate`. Small rates keep their digits.

    Examples
    --------
    >>> rejection_rate([0.5, 0.5], 0.5), rejection_rate([0.5, 0.5], 1)
    (0.5, 0.0)
    """
    base, n, alpha = _trial(probs, temperature)
    return abs(math.expm1(_log_acceptance(base, n + alpha)))


def expected_draws(probs: Any, temperature: float, early_exit: bool = False) -> float:
    """The mean number of base draws that one output of the collision sampler costs.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Base probabilities; finite, >= 0, summing to 1 within 1e-6.
    temperature : float
        In (0, 1]. At 1 an output is one draw.
    early_exit : bool
        Whether a trial stops at its first mismatch, or draws all its n values at once as published.

    Returns
    -------
    float
        Base draws, at least 1; inf where the number overflows (`log_expected_draws` does not).

    Raises
    ------
    ValueError
        For a temperature outside (0, 1], or for `probs` that are no probability vector.

    Notes
    -----
    With ``1/T = n + alpha``: ``(n + [alpha > 0] sum p**(s-1)) / Z_s`` (Theorem 2). With early exit the n becomes
    ``1 + Z_1 + ... + Z_{n-1}``, where ``Z_j = sum p**j``: draw j + 1 of a trial is made if the first j were equal.
    O(K) for any n.

    References
    ----------
    CALM, arXiv:2510.27688, Theorem 2.

    Examples
    --------
    >>> expected_draws([0.5, 0.5], 0.5)
    4.0
    >>> round(expected_draws([0.5, 0.5], 1 / 3, early_exit=True), 9)
    10.0
    """
    base, n, alpha = _trial(probs, temperature)
    return _divide(_trial_draws(base, n, alpha, early_exit), _log_acceptance(base, n + alpha))


def log_expected_draws(probs: Any, temperature: float, early_exit: bool = False) -> float:
    """The natural logarithm of `expected_draws`, which does not overflow.

    Examples
    --------
    >>> round(log_expected_draws([0.1] * 10, 0.001) / math.log(10), 3)  # 1000 * 10 ** 999 draws
    1002.0
    """
    base, n, alpha = _trial(probs, temperature)
    return math.log(_trial_draws(base, n, alpha, early_exit)) - _log_acceptance(base, n + alpha)


def expected_draws_bound(probs: Any, temperature: float) -> float:
    """The published bound of `expected_draws`: ``(1 + n) / Z_s`` for T <= 0.5, ``(1 + |X|**(2-s)) / Z_s`` for T > 0.5.

    Parameters and errors are those of `expected_draws`; ``|X|`` is the size of the support. The corollary leaves out
    T = 1, where the exact cost, 1, is returned.

    References
    ----------
    CALM, arXiv:2510.27688, Corollary 2.1.

    Examples
    --------
    >>> expected_draws_bound([0.5, 0.5], 0.5)
    6.0
    """
    base, n, alpha = _trial(probs, temperature)
    exponent = n + alpha
    if exponent == 1:
        return 1.0
    second_stage = float(n) if exponent >= 2 else float(base.size) ** (2.0 - exponent)
    return _divide(1.0 + second_stage, _log_acceptance(base, exponent))


def expected_flips(p: float, alpha: float) -> float:
    """The mean number ``p ** (alpha - 1)`` of flips of the power coin for ``p ** alpha``.

    Parameters
    ----------
    p : float
        Probability of the value whose power is flipped, in (0, 1].
    alpha : float
        Exponent, in (0, 1).

    Returns
    -------
    float
        Base draws, at least 1.

    Raises
    ------
    ValueError
        For p outside (0, 1] or alpha outside (0, 1).

    References
    ----------
    L. Mendo, arXiv:1612.08923.

    Examples
    --------
    >>> expected_flips(0.25, 0.5)
    2.0
    """
    chance = arguments.real(p, "p")
    if not 0.0 < chance <= 1.0:
        raise ValueError(f"p must be in (0, 1], got {p!r}")
    return float(chance ** (arguments.rate(alpha, "alpha") - 1.0))


def _trial(probs: Any, temperature: float) -> tuple[Floats, int, float]:
    """The probabilities of the support, and 1/T = n + alpha."""
    base = arguments.probabilities(probs)
    n, alpha = split_exponent(arguments.temperature(temperature, maximum=1.0, zero=False))
    return base[base > 0], n, alpha


def _log_acceptance(support: Floats, exponent: float) -> float:
    return min(0.0, log_power_sum(support, exponent)) if exponent > 1 else 0.0


def _trial_draws(support: Floats, n: int, alpha: float, early_exit: bool) -> float:
    """Mean base draws of one trial, accepted or not: the first stage, and the power coin for those that pass it."""
    first_stage = _equal_draws(support, n) if early_exit else float(n)
    return first_stage + (math.exp(log_power_sum(support, n + alpha - 1)) if alpha > 0 else 0.0)


def _equal_draws(support: Floats, n: int) -> float:
    """``1 + Z_1 + ... + Z_{n-1}``, by the geometric series ``p + ... + p**(n-1)`` of each category."""
    sure = support == 1.0  # the series is n - 1 there, also beside others of less than a rounding error
    rest = support[~sure]
    series = rest * -np.expm1((n - 1) * np.log(rest)) / (1.0 - rest)
    return 1.0 + float(n - 1) * int(sure.sum()) + float(series.sum())


def _divide(draws: float, log_acceptance: float) -> float:
    """``draws / acceptance``, with inf where it overflows."""
    acceptance = math.exp(log_acceptance)
    return draws / acceptance if acceptance > 0 else math.inf
