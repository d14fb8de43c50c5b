"""The power coin: a Bernoulli factory for p**alpha from a coin of unknown p."""

from __future__ import annotations

from typing import Any

import numpy as np

from simtemp.jit import kernel
from simtemp.sources import next_draw


@kernel
def power_coin(source: Any, rng: np.random.Generator, x: int, alpha: float, allowance: int) -> tuple[int, int]:
    """Flip a coin whose heads have probability ``p_x ** alpha`` exactly, where ``p_x`` is the unknown probability of `x`.

    For i = 1, 2, ...: draw; a match is heads; otherwise tails with probability ``alpha / i``. The match is tested before the
    rejection, and there is no cap on i. The flip at which tails would come does not depend on the draws, so one uniform decides
    it beforehand: tails at the first i with ``(1 - alpha)(1 - alpha/2)...(1 - alpha/i) <= u``.

    Parameters
    ----------
    source, rng
        Where base draws and uniforms come from: one uniform for the coin, then one draw a flip.
    x : int
        The category whose probability is raised to a power.
    alpha : float
        The exponent, in (0, 1).
    allowance : int
        Base draws this coin may spend.

    Returns
    -------
    outcome : int
        1 heads, 0 tails, -1 when the source or the allowance ran out.
    draws : int
        Base draws spent; on average ``p_x ** (alpha - 1)``.

    References
    ----------
    L. Mendo, "An asymptotically optimal Bernoulli factory for certain functions that can be expressed as power series",
    arXiv:1612.08923; CALM, arXiv:2510.27688, Algorithm 1, stage 2.
    """
    draws = 0
    survival = 1.0
    u = rng.random()
    while draws < allowance:
        y = next_draw(source, rng)
        if y < 0:
            return -1, draws
        draws += 1
        survival *= 1.0 - alpha / draws
        if y == x or survival <= u:
            return 1 if y == x else 0, draws
    return -1, draws
