"""The second moment of what the invariant chain above T = 1 costs (its mean is `simtemp.chain_draws`)."""

from __future__ import annotations

import numpy as np

from simtemp.arguments import Floats
from simtemp.exact.coin_cost import Support, coin_terms


def chain_moments(probs: Floats, gamma: float, steps: int) -> tuple[float, float]:
    """Mean and second moment of the base draws that `steps` steps from one base draw cost.

    Categories of equal probability are lumped. ``mass``, ``first`` and ``second`` are ``E[C**k; state]`` for the cost C so far; a step
    multiplies them by the matrices ``E[W**k; next state]`` of its own cost W, by the binomial formula for ``(C + W)**k``.
    """
    support = Support.of(probs)
    mass = support.many * support.values
    first, second = mass.copy(), mass.copy()
    chance, once, twice = _step(support, gamma)
    for _ in range(steps):
        second = second @ chance + 2.0 * (first @ once) + mass @ twice
        first = first @ chance + mass @ once
        mass = mass @ chance
    return float(first.sum()), float(second.sum())


def _step(support: Support, gamma: float) -> tuple[Floats, Floats, Floats]:
    """``E[W**k; the next state is in group h]`` from a state in group g, for k = 0, 1, 2.

    A proposal equal to the state costs one draw. Against another one y, picks of x or y, with F flips each, go on until heads: with
    h the chance of heads a pick, w and v the moments of the draws with the outcome wanted,
    ``w = E[F; wanted] + E[F; tails] P + (1 - h) w`` and ``v = E[F**2; wanted] + E[F**2; tails] P + 2 E[F; tails] w + (1 - h) v``,
    P being the chance of that outcome.
    """
    p = support.values
    others = (support.many[None, :] - np.eye(p.size)) * p[None, :]
    heads, flips = coin_terms(p, gamma)
    chance, once, twice = np.diag(p), np.diag(p), np.diag(p)
    picked = [0.5 * part for part in heads]
    of_x, of_y = [part[:, None] for part in picked], [part[None, :] for part in picked]
    stop = of_x[0] + of_y[0]
    tails = [0.5 * (a[:, None] + a[None, :]) - x - y for a, x, y in zip(flips, of_x, of_y, strict=True)]
    for wanted, moves in ((of_x, True), (of_y, False)):  # heads of the state's own coin: the proposal is next
        outcome = wanted[0] / stop
        w = (wanted[1] + tails[1] * outcome) / stop
        v = (wanted[2] + tails[2] * outcome + 2.0 * tails[1] * w) / stop
        for total, part in (
            (chance, outcome),
            (once, outcome + w),
            (twice, outcome + 2.0 * w + v),
        ):  # and the proposal's draw
            total += others * part if moves else np.diag((others * part).sum(axis=1))
    return chance, once, twice
