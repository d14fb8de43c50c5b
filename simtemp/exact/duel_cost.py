"""What the duel sampler costs on two categories.

There a step is constant if its proposal wins a gambler's ruin against the other category; if it loses, it maps each state to itself and
its stream is not read again. So steps are trials that start again: a proposal (itself a restarted trial), then the ruin. On more
categories what a step has seen of all rivals counts, and nothing feasible and exact is known.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_banded

from simtemp.arguments import Floats
from simtemp.exact.coin_cost import Support, coin_moments, coin_series
from simtemp.exact.collision_cost import collision_moments, collision_series
from simtemp.exact.restart_cost import Moments, product, restarted, restarted_moments
from simtemp.jit import kernel


class Split(NamedTuple):
    """``1/T = n0 + alpha + m + coin``, as in `simtemp.samplers.duel.Duel`."""

    n0: int
    alpha: float
    m: int
    coin: float


def duel_moments(pair: Floats, split: Split) -> tuple[Moments, Moments]:
    """Moments of a trial that ends in an output and of one that is restarted, for two probabilities."""
    both, ruin, zero = Support.of(pair), ruin_moments(pair, split.m), Moments(0.0, 0.0, 0.0)
    trials = [collision_moments(both, Support.of(pair[y : y + 1]), split.n0, split.alpha, True) for y in (0, 1)]
    proposals = restarted_moments([success for success, _ in trials], trials[0][1])
    won = [proposals[y].then(ruin[y]) for y in (0, 1)]
    lost = proposals[0].then(ruin[1]).or_else(proposals[1].then(ruin[0]))
    if split.coin == 0.0:
        return won[0].or_else(won[1]), lost
    kept, discarded = zero, zero
    for y, output in enumerate(restarted_moments(won, lost)):
        heads, tails = coin_moments(Support.of(pair[y : y + 1]), split.coin)
        kept, discarded = kept.or_else(output.then(heads)), discarded.or_else(output.then(tails))
    return kept, discarded


def duel_series(pair: Floats, split: Split, size: int) -> tuple[Floats, Floats]:
    """The same by draws: the chances of d draws for d < size."""
    both, ruin = Support.of(pair), ruin_series(float(pair[0]), float(pair[1]), split.m, size)
    trials = [collision_series(both, Support.of(pair[y : y + 1]), split.n0, split.alpha, True, size) for y in (0, 1)]
    proposals = restarted([success for success, _ in trials], trials[0][1])
    won = [product(proposals[y], ruin[y]) for y in (0, 1)]
    lost = product(proposals[0], ruin[1]) + product(proposals[1], ruin[0])
    if split.coin == 0.0:
        return won[0] + won[1], lost
    kept, discarded = np.zeros(size), np.zeros(size)
    for y, output in enumerate(restarted(won, lost)):
        heads, tails = coin_series(Support.of(pair[y : y + 1]), split.coin, 0, size)
        kept += product(output, heads)
        discarded += product(output, tails)
    return kept, discarded


def ruin_moments(pair: Floats, m: int) -> tuple[Moments, Moments]:
    """Moments of the draws until one of two categories is m ahead, for each of them as the first to be.

    Who wins and when are independent of each other, because both ends are m away (Feller, vol. 1, XIV). The moments of the time solve
    ``(I - M) t = 1`` and ``(I - M) u = 2 t - 1`` with M the moves between the leads -m+1, ..., m-1.
    """
    p, q = float(pair[0]), float(pair[1])
    bands = np.ones((3, 2 * m - 1))
    bands[0], bands[2] = -p, -q
    first = solve_banded((1, 1), bands, np.ones(2 * m - 1))
    second = solve_banded((1, 1), bands, 2.0 * first - 1.0)
    log_odds = m * (math.log(p) - math.log(q))
    chances = (1.0 / (1.0 + math.exp(min(-log_odds, 700.0))), 1.0 / (1.0 + math.exp(min(log_odds, 700.0))))
    a, b = (Moments(chance, chance * float(first[m - 1]), chance * float(second[m - 1])) for chance in chances)
    return a, b


@kernel
def ruin_series(p: float, q: float, m: int, size: int) -> tuple[Floats, Floats]:
    """The chances that the ruin ends at draw d < size, for each of the two as the winner. O(m) a draw, until 1e-30 is left."""
    won, lost = np.zeros(size), np.zeros(size)
    leads = np.zeros(2 * m + 1)  # chance of each lead -m, ..., m; at draw d only every other one is possible
    leads[m] = 1.0
    for d in range(1, size):
        left = 0.0
        for i in range(1 + (m + d + 1) % 2, 2 * m, 2):
            leads[i] = p * leads[i - 1] + q * leads[i + 1]
            left += leads[i]
        won[d] = p * leads[2 * m - 1] if (m + d) % 2 == 0 else 0.0
        lost[d] = q * leads[1] if (m + d) % 2 == 0 else 0.0
        if left < 1e-30:
            break
    return won, lost
