"""Expectations over multinomial counts: Poissons conditioned on their sum, by Fourier transform over the sum."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import fft, stats

from simtemp.arguments import Floats, Integers

Complexes = npt.NDArray[np.complex128]

TAIL = 1e-20
"""Counts beyond this tail probability, on either side, are left out."""
ALIAS = 1e-18
"""Largest aliased coefficient, relative to the wanted one."""
WORKSPACE = 2e7
"""Bytes that one call of `expectation` should work on, about what a cache holds. One row is the least."""


class MultinomialCounts:
    """The counts of N draws from P: categories of equal probability in one group, each count cut to its window.

    Parameters
    ----------
    probs : float64[K]
        Probabilities; those that are zero are outside the support.
    total : int
        N >= 1.

    Attributes
    ----------
    group : int64[K']
        The group of each category of the support, in order.
    size : int64[G]
        Categories in each group.
    counts : int64[F]
        The windows of counts of all groups, one after another.
    row : int64[F]
        The group of each entry of `counts`.
    start : int64[G]
        Where each group's window begins in `counts`.

    Notes
    -----
    Counts of a multinomial are independent Poissons of mean ``N p_x`` conditioned on their sum being N. So the
    expectation of a product of functions of one count each is the coefficient of ``z**N`` in a product of polynomials,
    divided by the same coefficient where the functions are 1. The constants of the Poissons cancel in that ratio.

    Coefficients are read off M-th roots of unity. M may be far below the degree: the coefficients at N + jM are added
    to the one at N, and they are at most ``Poisson(N + jM; N)``, so that M of about 10 sqrt(N) adds nothing to be seen.

    Memory and time of one row of `expectation`: O(G sqrt(N)), and log N times that.
    """

    def __init__(self, probs: Floats, total: int) -> None:
        values, self.group, self.size = np.unique(probs[probs > 0], return_inverse=True, return_counts=True)
        low, high = _window(total, values)
        width = high - low + 1
        self.total = total
        self.start: Integers = np.concatenate(([0], np.cumsum(width)[:-1]))
        self.row: Integers = np.repeat(np.arange(values.size), width)
        self.counts: Integers = np.arange(width.sum()) + (low - self.start)[self.row]
        windows = zip(values, low, high, strict=True)
        self._pmf: Floats = np.concatenate([_poisson(total * p, a, b) for p, a, b in windows])
        self._period = int(fft.next_fast_len(max(_alias_free_period(total), int(width.max())), real=True))

        # Each polynomial minus 1: a group may hold a million rare categories, whose power needs all digits of it.
        self._without_zero = low > 0
        tail = np.where(self.counts > 0, self._pmf, 0.0)
        self._minus_one: Floats = np.where(self.counts > 0, self._pmf, -np.add.reduceat(tail, self.start)[self.row])
        one = np.ones((1, self.counts.size))
        self._normaliser = float(self._coefficient(one, self._others(one))[0, np.argmax(values)])

    @property
    def rows_at_once(self) -> int:
        """How many rows to give to `expectation` at once."""
        return max(1, int(WORKSPACE / (64.0 * self.size.size * self._period)))

    def expectation(self, keep: Floats, pick: Floats) -> Floats:
        """``E[pick(c_x) prod_{y != x} keep(c_y)]`` for a category x of each group.

        Parameters
        ----------
        keep : float64[J, F]
            J rows of factors in [0, 1], one for each entry of `counts`; 1 where the count is 0.
        pick : float64[J, F]
            The factors for the count of x.

        Returns
        -------
        float64[J, G]
        """
        return self._coefficient(pick, self._others(keep)) / self._normaliser

    def log_bound(self, keep: Floats) -> float:
        """An upper bound of ``log E[prod_y keep(c_y)]``: no coefficient, all being >= 0, exceeds the value at z = 1."""
        with np.errstate(divide="ignore"):
            logs = np.log(np.add.reduceat(self._pmf * keep, self.start))
        return float((self.size * logs).sum() - math.log(self._normaliser))

    def _others(self, keep: Floats) -> Floats:
        """``float64[J, G, M]``: coefficients, modulo M, of the product over all categories but one of group g."""
        padded = np.zeros((keep.shape[0], self.size.size, self._period))
        padded[:, self.row, self.counts % self._period] = self._minus_one * keep
        padded[:, self._without_zero, 0] -= 1.0
        factor: Complexes = fft.rfft(padded, overwrite_x=True)
        repeated = self.size > 1
        own = _power(factor[:, repeated], self.size[repeated] - 1)
        factor += 1.0
        factor[:, repeated] *= own
        # Leave one out by products of all groups before and all groups after: dividing by a factor near 0 loses digits.
        others = np.empty_like(factor)
        others[:, 0] = 1.0
        np.multiply.accumulate(factor[:, :-1], axis=1, out=others[:, 1:])
        backwards = factor[:, ::-1]
        np.multiply.accumulate(backwards, axis=1, out=backwards)
        others[:, :-1] *= factor[:, 1:]
        others[:, repeated] *= own
        return np.asarray(fft.irfft(others, self._period, overwrite_x=True), dtype=np.float64)

    def _coefficient(self, pick: Floats, others: Floats) -> Floats:
        """The coefficient at N: the sum over the count c of x of pmf(c) pick(c) times that of the others at N - c."""
        terms = self._pmf * pick * others[:, self.row, (self.total - self.counts) % self._period]
        return np.add.reduceat(terms, self.start, axis=1)


def _power(minus_one: Complexes, exponent: Integers) -> Complexes:
    """``(1 + minus_one) ** exponent`` along the second axis, by squaring; what is squared stays the distance to 1."""
    result = np.zeros_like(minus_one)
    while exponent.any():
        odd = exponent % 2 == 1
        result[:, odd] += minus_one[:, odd] * (1.0 + result[:, odd])
        minus_one = minus_one * (2.0 + minus_one)
        exponent = exponent // 2
    return result + 1.0


def _poisson(mean: float, low: int, high: int) -> Floats:
    """Poisson probabilities of low..high, summing to 1: from neighbours' ratios, as log-gammas of 1e6 lose 9 digits."""
    logs = np.concatenate(([0.0], np.cumsum(np.log(mean / np.arange(low + 1, high + 1)))))
    pmf = np.exp(logs - logs.max())
    return np.asarray(pmf / pmf.sum(), dtype=np.float64)


def _window(total: int, values: Floats) -> tuple[Integers, Integers]:
    """For each p the counts between which a Binomial(N, p) lies but for a chance of TAIL on either side."""
    low: Integers = np.asarray(stats.binom.ppf(TAIL, total, values)).astype(np.int64)
    # The upper end by bisection, since scipy's isf(TAIL) asks for the quantile of 1 - TAIL = 1.
    above, high = np.full(values.size, -1), np.full(values.size, total)
    while (high - above > 1).any():
        middle = (above + high) // 2
        rare = stats.binom.sf(middle, total, values) <= TAIL
        high, above = np.where(rare, middle, high), np.where(rare, above, middle)
    return low, np.maximum(low, high)


def _alias_free_period(total: int) -> int:
    """The smallest M with ``Poisson(N +- M; N) <= ALIAS * Poisson(N; N)``."""
    reach = np.arange(1, 64 + 12 * math.isqrt(total))
    likely = stats.poisson.logpmf(total, total) + math.log(ALIAS)
    above, below = stats.poisson.logpmf(total + reach, total), stats.poisson.logpmf(total - reach, total)
    return int(reach[np.argmax(np.maximum(above, below) <= likely)])
