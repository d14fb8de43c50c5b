"""Before any output is drawn: how many a certificate will need, and how small a bias so many can show."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import gammaln, xlog1py

from simtemp import arguments
from simtemp.arguments import Floats
from simtemp.exact.distance import total_variation
from simtemp.tempering import temper
from verify.certificate import allowance
from verify.evalue import EProcess
from verify.intervals import normal_quantile
from verify.seeds import roles
from verify.target import target_probabilities

MOST_OUTPUTS = 10**15
"""Planning goes no further: beyond it no certificate is had."""

RUNS = 400
"""Simulated runs of the e-process at each law that `detectable_tv` tries: its power is known to 1.5 %."""

_LEAST_SHARE = 1e-8  # of the way along a direction; closer to the target than anything that MOST_OUTPUTS shows
_STEP = 1.01  # the answer is found to this factor


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
    Solves ``expected_distance(n) + allowance(n) + 0.30 z u / sqrt(n) = epsilon`` for n. Here z is the normal quantile of `power`;
    0.30 u is the spread of the empirical distance, ``0.30 = sqrt(1 - 2/pi) / 2`` that of an even coin and ``u = 2 sqrt(s (1-s))``, s being
    the largest probability, at least 1/2. The allowance is exact, the expected distance is exact, the spread is that of large counts.
    About ``(sum sqrt(p(1-p)) / 2.507 + u z_delta / 2 + 0.30 z u)**2 / epsilon**2``; the exact expectation asks for fewer where many
    categories are rarer than 1/n. O(K) a step, some twenty-five steps.

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


def detectable_tv(
    target: Any, n: int, alpha: float, power: float = 0.9, direction: Any = "temperature", rng: Any = 0
) -> float:
    """The smallest total variation, along a direction, at which a wrong sampler is rejected within n outputs.

    How much evidence a bias leaves depends on its shape and not on its total variation alone, so a direction goes with the question.

    Parameters
    ----------
    target : array_like of shape (K,), or Categorical
        Probabilities, at least two of them positive.
    n : int
        Outputs that are drawn, 1 to 1e12.
    alpha : float
        The chance of rejecting a right sampler, in (0, 1): `EProcess` must reach 1/alpha.
    power : float
        The chance, about, that the wrong sampler is rejected, in [0.01, 0.99].
    direction : str, or array_like of shape (K,), or Categorical
        ``"temperature"``: ``target ** (1 + e)`` normalised, e > 0, a sampler that is too cold. On a target that is uniform on its
        support no temperature changes anything, and ``"spread"`` is taken.
        ``"spread"``: all probabilities of one half of the target's mass too large by one factor, those of the other too small. Of all
        laws at one total variation it is the hardest to see: the chi-square distance ``sum (q - target)**2 / target`` is then the least
        possible, ``4 TV**2`` for equal halves, by the Cauchy-Schwarz inequality in each half.
        A law: mixtures of it with the target.
    rng : int, SeedSequence or Generator
        For the simulated runs.

    Returns
    -------
    float
        In (0, 1].

    Raises
    ------
    ValueError
        For an argument out of its range; if n outputs do not show even the far end of the direction with that power (the mode of the
        target, one half of it, the given law); or for a target with one category of positive probability, unless a law is given.

    Notes
    -----
    At each law that is tried, 400 runs of n outputs (more for a power near 0 or 1) are simulated and the share with
    ``log_e(counts) >= log(1/alpha)`` is held against `power`; bisection to 1 %. A judge that looks before the n-th output, too, rejects a
    little more often. Some 3000 evaluations of `EProcess.log_e`: a second or two up to K = 1000, and in proportion to K beyond.

    Examples
    --------
    >>> round(detectable_tv([0.5, 0.5], 10_000, 1e-6), 2)
    0.04
    """
    probs = target_probabilities(target)
    outputs = arguments.whole_number(n, "n", 1, 10**12)
    threshold = -math.log(arguments.rate(alpha, "alpha"))
    wanted = arguments.rate(power, "power")
    if not 0.01 <= wanted <= 0.99:  # simulated: 20 / 0.01 runs at each law
        raise ValueError(f"power must be in [0.01, 0.99], got {power!r}")
    law = _along(probs, direction)
    process = EProcess(probs)
    runs = max(RUNS, math.ceil(20.0 / min(wanted, 1.0 - wanted)))
    seed = roles(rng, 1)[0].integers(2**63)

    def rejected(share: float) -> bool:
        sampler = np.random.default_rng(seed)  # the same for all laws, so that they are compared on like runs
        wrong = law(share)
        misses = 0
        for _ in range(runs):
            misses += process.log_e(sampler.multinomial(outputs, wrong)) < threshold
            if misses > (1.0 - wanted) * runs:
                return False
        return True

    low, high = _LEAST_SHARE, 1.0
    if not rejected(high):
        raise ValueError(
            f"n must be large enough to show the far end of the direction at alpha = {alpha:g} with power {power:g}, got {n!r}"
        )
    while high > _STEP * low:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if rejected(middle) else (middle, high)
    return total_variation(law(high), probs)


def _along(probs: Floats, direction: Any) -> Callable[[float], Floats]:
    """From a share in (0, 1] of the way along a direction to the law there."""
    if isinstance(direction, str):
        if direction not in ("temperature", "spread"):
            raise ValueError(f"direction must be 'temperature', 'spread' or a law, got {arguments.shown(direction)}")
        support = probs[probs > 0.0]
        if support.size == 1:
            raise ValueError("target must have at least two categories of positive probability (or direction be a law)")
        if direction == "temperature" and np.ptp(support) > 1e-12 * support.max():
            return lambda share: temper(probs, 1.0 - share)  # share 1 is the mode
        end = _one_half(probs)
    else:
        end = arguments.probabilities(getattr(direction, "probs", direction), "direction")
        if end.size != probs.size:
            raise ValueError(f"direction must have {probs.size} probabilities like target, got {end.size}")
        if total_variation(end, probs) == 0.0:
            raise ValueError("direction must differ from target, got the same law")
    return lambda share: (1.0 - share) * probs + share * end


def _one_half(probs: Floats) -> Floats:
    """The target restricted to about half of its mass: from the largest category down, each goes to the lighter side."""
    side = np.zeros(probs.size, np.bool_)
    balance = 0.0
    for index in np.argsort(-probs, kind="stable"):
        side[index] = balance <= 0.0
        balance += probs[index] if side[index] else -probs[index]
    half = np.where(side, probs, 0.0)
    return half / float(half.sum())


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
