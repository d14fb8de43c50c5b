"""The collision sampler (CALM, Algorithm 1): exact for any temperature in (0, 1]."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simtemp.jit import kernel
from simtemp.samplers.coin import power_coin
from simtemp.sources import next_draw


class Collision(NamedTuple):
    """Algorithm 1 with 1/T = n + alpha; `early_exit` stops a trial at its first mismatch (same law, fewer draws)."""

    n: int
    alpha: float
    early_exit: bool


def collision_draw(sampler: Collision, source: Any, rng: np.random.Generator, limit: Any) -> tuple[int, int]:
    """Draw one value from ``P ** (1/T) / Z``: n equal draws make a candidate, a power coin keeps or discards it.

    Parameters
    ----------
    sampler : Collision
        n >= 1 and alpha in [0, 1).
    source, rng
        Where base draws and uniforms come from. Uniforms are spent by the coin only.
    limit : int64[1]
        Base draws allowed; read before every draw, so that another thread can end the run by setting it to zero.

    Returns
    -------
    value : int
        The category, or -1 when the source or the limit ran out.
    draws : int
        Base draws spent, all restarts included.

    Notes
    -----
    A trial succeeds with probability ``Z_s = sum p**s``. Expected draws, Theorem 2: ``(n + [alpha > 0] sum p**(s-1)) / Z_s``; with
    early exit the n becomes ``1 + Z_1 + ... + Z_{n-1}``. See `simtemp.expected_draws`.

    References
    ----------
    CALM, arXiv:2510.27688, Algorithm 1, Theorems 1 and 2.
    """
    return collide(sampler.n, sampler.alpha, sampler.early_exit, source, rng, limit, 0)


@kernel
def collide(
    n: int, alpha: float, early_exit: bool, source: Any, rng: np.random.Generator, limit: Any, draws: int
) -> tuple[int, int]:
    """`collision_draw` as a part of another sampler that has already spent `draws`; returns the value and all draws spent."""
    while True:
        candidate = -1
        length = 0  # how many draws of this trial have been equal
        while length < n:
            if draws >= limit[0]:
                return -1, draws
            x = next_draw(source, rng)
            if x < 0:
                return -1, draws
            draws += 1
            candidate = x if length == 0 else candidate
            if x == candidate:
                length += 1
                continue
            if not early_exit:
                rest = min(n - length - 1, limit[0] - draws)
                for _ in range(rest):
                    if next_draw(source, rng) < 0:
                        return -1, draws
                    draws += 1
            length = 0
        if alpha == 0.0:
            return candidate, draws
        outcome, flips = power_coin(source, rng, candidate, alpha, limit[0] - draws)
        draws += flips
        if outcome == 1:
            return candidate, draws
        if outcome < 0:
            return -1, draws
