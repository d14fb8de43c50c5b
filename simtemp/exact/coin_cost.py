"""What the power coin costs, on heads and on tails: by moments, and by flips."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simtemp.arguments import Floats
from simtemp.exact.restart_cost import Moments, power_sums


class Support(NamedTuple):
    """The distinct positive probabilities of a base, and how many categories have each."""

    values: Floats
    many: Floats

    @classmethod
    def of(cls, probs: Floats) -> Support:
        """The support of probabilities; those of a part of the categories do not sum to 1."""
        values, many = np.unique(probs[probs > 0], return_counts=True)
        return cls(values, many.astype(np.float64))


def coin_terms(p: Floats, alpha: float, n: int = 0) -> tuple[list[Floats], list[Floats]]:
    """``E[F**k; heads]`` and ``E[F**k]``, k = 0, 1, 2, of the flips F of the coin for ``p ** alpha``, each times ``p ** n``.

    More than i flips have the chance ``(1-p)**i s_i`` with ``sum_i s_i z**i = (1-z)**(alpha-1)``; the moments are its derivatives.
    """
    z, log = 1.0 - p, np.log(p)
    with np.errstate(over="ignore"):
        plain, less, least = (np.exp((n + alpha - k) * log) for k in range(3))
        rise = (1.0 - alpha) * z * less
        heads = [plain, rise + plain, 3.0 * rise + (1.0 - alpha) * (2.0 - alpha) * z * z * least + plain]
        return heads, [np.exp(n * log), less, less + 2.0 * (1.0 - alpha) * z * least]


def coin_moments(support: Support, alpha: float, n: int = 0) -> tuple[Moments, Moments]:
    """Moments of the flips on heads and on tails, for a candidate x that comes with the weight ``p_x ** n``."""
    heads, flips = (
        Moments(*(float(support.many @ term) for term in terms)) for terms in coin_terms(support.values, alpha, n)
    )
    return heads, flips.without(heads)


def coin_series(support: Support, alpha: float, n: int, size: int) -> tuple[Floats, Floats]:
    """The chances of heads and of tails at flip i < size, for a candidate x that comes with the weight ``p_x ** n``."""
    p = support.values
    with np.errstate(divide="ignore"):
        log_miss = np.log1p(-p)
    matched = power_sums(support.many * p ** (n + 1.0), log_miss, size)
    missed = power_sums(support.many * p**n, log_miss, size)
    flip = np.arange(1.0, size)
    survival = np.cumprod(np.append(1.0, 1.0 - alpha / flip))[:-1]  # the rejections before flip i
    heads, tails = np.zeros(size), np.zeros(size)
    heads[1:] = matched[:-1] * survival
    tails[1:] = missed[1:] * survival * alpha / flip
    return heads, tails
