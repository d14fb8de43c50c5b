"""When the judge looks, and what each look may cost: fixed before the first output, so that every look is paid for."""

from __future__ import annotations

import math
from dataclasses import dataclass

FIRST = 100
"""Outputs of the first round."""

GROWTH = 1.25
"""Factor between rounds: a fault is seen at most a quarter later than it could be."""


@dataclass(frozen=True)
class Look:
    """The end of a round.

    Attributes
    ----------
    n : int
        Outputs so far.
    delta : float
        The certificate's chance of a miss at this look; over all looks they sum to at most delta.
    epoch : bool
        Whether the certificate is asked here; elsewhere only if the judge stops here.
    """

    n: int
    delta: float
    epoch: bool


def epoch_delta(delta: float, index: int) -> float:
    """The share ``6 delta / (pi**2 (index + 1)**2)`` of epoch 0, 1, 2, ...; all of them sum to `delta`."""
    return 6.0 * delta / (math.pi * (index + 1)) ** 2


def schedule(planned: int, delta: float, max_samples: int) -> tuple[Look, ...]:
    """The looks: rounds that grow by a quarter, and doubling epochs from `planned` outputs to the budget's end.

    The series of epoch shares never ends but the epochs do; what the missing ones leave over is spread over the other
    looks, so that a verdict reached between epochs has a bound to report, and one look more (`spare_delta`).
    """
    first = min(FIRST, max_samples)
    epochs = [min(max(planned, first), max_samples)]
    while epochs[-1] < max_samples:
        epochs.append(min(2 * epochs[-1], max_samples))
    rounds = [first]
    while rounds[-1] < max_samples:
        rounds.append(min(math.ceil(GROWTH * rounds[-1]), max_samples))
    share = {n: epoch_delta(delta, index) for index, n in enumerate(epochs)}
    others = set(rounds) - set(share)
    rest = (delta - math.fsum(share.values())) / (len(others) + 1)
    return tuple(Look(n, share.get(n, rest), n in share) for n in sorted({*share, *others}))


def spare_delta(looks: tuple[Look, ...], delta: float) -> float:
    """What no look has taken: for the end of outputs that stop between two looks."""
    return max(delta - math.fsum(look.delta for look in looks), 0.0)
