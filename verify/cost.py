"""Evidence, that may be looked at any time, against the number of base draws that outputs are said to cost."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats, Integers
from simtemp.exact.cost_law import CostLaw
from verify.evalue import EProcess

BINS = 256
"""About how many bins of equal mass the costs fall into, in their order."""

UPWARD = (0.9, *(2.0**-k for k in range(1, 14)))
"""Shares of the wealth that are bet on a mean cost above the stated one."""

DOWNWARD = tuple(2.0**k for k in range(2, -14, -1))
"""Rates, an output and a mean cost, of the bets on a mean cost below the stated one."""

TILTS = tuple(sign * 2.0**-k for k in range(15) for sign in (1.0, -1.0))
"""Exponential tilts of a known law, in units of one over its standard deviation."""

_UNKNOWN = 1e-3  # chance of a cost beyond the pmf from which the moments are bet on as well
_LEAST_BEYOND = 1e-9  # chance granted to the costs beyond a pmf that is not complete: what its sum lacks of 1 may be lost in rounding
_TERM = 1e-15  # to which the terms of a pmf are right
_LEAST_SPREAD = 1e-7  # of the range of the costs: a tilt that is steeper loses its digits
_LARGEST = np.iinfo(np.int64).max
_COUNTED = 1 << 16  # without a pmf, costs up to here are counted one by one


def as_cost_law(value: Any) -> CostLaw:
    """A law of costs, or a number: the mean, of which nothing else is known.

    Raises
    ------
    ValueError
        For anything but a `CostLaw` or a number > 0.

    Examples
    --------
    >>> as_cost_law(137).mean
    137.0
    """
    if isinstance(value, CostLaw):
        return value
    mean = arguments.real(value, "expected_draws")
    if not mean > 0.0:
        raise ValueError(f"expected_draws must be > 0, got {arguments.shown(value)}")
    return CostLaw(mean)


class CostProcess:
    """A wealth process of bets against "the costs are independent and have this law", started at 1.

    Under the law each bet is a supermartingale of mean at most 1, hence so is their average, and by Ville's inequality it ever reaches
    1/alpha with probability at most alpha.

    Parameters
    ----------
    law : CostLaw, or float
        What is known of the law; a float is a mean.

    Notes
    -----
    Which bets are made depends on what is known. X is a cost, mu its mean, r = E[X**2] / mu**2.

    *pmf.* Half of the wealth on the bins: the costs in their order in at most 256 bins of about equal mass, whose counts go to
    `EProcess`. A cost that is impossible under the law (a zero of the pmf; more than M, its last cost, if it is `complete`) is
    conclusive: the wealth is infinite. Half on tilts ``prod exp(theta Y) / E[exp(theta Y)]`` of Y = min(X, M + 1); Y is bounded, so that
    the expectation is a sum. They see a shift of the mean that is too small to move many costs into another bin.

    For a complete law both have the mean 1. Of one that is not, what its sum lacks of 1 may be all rounding error: the costs beyond it
    are granted a chance of 1e-9 at the least, and every possible one 1e-15 more than stated. Nothing is taken from the others, so that
    no bet divides by less than the true chance, and the mean is at most 1. That takes about 2e-9 an output from log e on the bins.

    *mean and second moment*, or a pmf that leaves out more than a thousandth. Half on

        ``prod (1 + lambda (X/mu - 1))``, 0 < lambda < 1: factors of mean 1 and at least 1 - lambda > 0 for any X >= 0 of mean mu;

    half on

        ``prod exp(-lambda X/mu) / (1 - lambda + lambda**2 r / 2)``, lambda > 0: since ``exp(-x) <= 1 - x + x**2/2`` for x >= 0 (the
        remainder of Taylor's formula is ``-x**3 exp(-xi) / 6``), a factor has mean at most 1; with r >= 1 the divisor is at least
        ``((1 - lambda)**2 + 1) / 2 > 0``.

    *mean only.* The first of the two. That a cost is too low cannot be told: with a chance of 1/n**2 it might be so large as to make up
    for it.

    No bet is made on a mean that is infinite. A sampler on which the first output costs more than the others does not have costs that
    are alike.

    References
    ----------
    J. Ville (1939); I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86 (2024).

    Examples
    --------
    >>> from simtemp.exact.cost_law import cost_law
    >>> process = CostProcess(cost_law("collision", [0.5, 0.5], 0.5))
    >>> process.add(2 * np.random.default_rng(0).geometric(0.5, size=1000))
    >>> process.log_e() < 3
    True
    >>> process.add(np.array([3]))  # an odd number of draws
    >>> process.log_e()
    inf
    """

    def __init__(self, law: CostLaw | float) -> None:
        self.law = as_cost_law(law)
        self.n = 0
        self._total = 0
        self._bets: list[_Known | _Upward | _Downward] = []
        mean, second, pmf = self.law.mean, self.law.second_moment, self.law.pmf
        if pmf is not None:
            self._bets.append(_Known(pmf, self.law.complete))
        if (pmf is None or 1.0 - pmf.sum() > _UNKNOWN) and math.isfinite(mean):
            self._bets.append(_Upward(mean))
            if second is not None and math.isfinite(second):
                self._bets.append(_Downward(mean, second))

    @property
    def mean(self) -> float:
        """Mean cost of the outputs so far (NaN before the first)."""
        return self._total / self.n if self.n else math.nan

    def add(self, draws: Integers) -> None:
        """Take the costs of more outputs: int64[size]. A few nanoseconds a cost.

        Raises
        ------
        ValueError
            If they are not integers >= 0 in one dimension.
        """
        costs = np.asarray(draws)
        if costs.ndim != 1 or costs.dtype.kind not in "iu":
            raise ValueError(
                f"draws must be a one-dimensional array of integers, got shape {costs.shape}, dtype {costs.dtype}"
            )
        if costs.size == 0:
            return
        if costs.min() < 0:
            raise ValueError(f"draws must be >= 0, got {int(costs.min())}")
        largest = int(costs.max())
        if largest > _LARGEST:
            raise ValueError(f"draws must be at most {_LARGEST}, got {largest}")
        costs = costs.astype(np.int64, copy=False)
        self.n += costs.size
        total = int(costs.sum()) if largest * costs.size <= _LARGEST else sum(costs.tolist())
        self._total += total
        for bet in self._bets:
            bet.add(costs, total)

    def log_e(self) -> float:
        """The log of the wealth: log(1/alpha) is reached, ever, with probability at most alpha."""
        if not self._bets:
            return 0.0
        return _log_mean([bet.log_e() for bet in self._bets])


class _Known:
    """Bets against a law that is known cost by cost."""

    def __init__(self, pmf: Floats, complete: bool) -> None:
        known = float(pmf.sum())
        if complete:
            chances = np.append(pmf / known, 0.0)
        else:
            chances = np.append(pmf, max(1.0 - known, _LEAST_BEYOND))
            chances[chances > 0.0] += _TERM
        mass = float(chances.sum())  # of a law that is not complete a little above 1
        self._log_mass = math.log(mass)
        self._bin_of, masses = _binned(chances / mass)
        self._bins = EProcess(masses)
        self._counts = np.zeros(masses.size + 1, np.int64)  # the last one: impossible costs
        possible = np.flatnonzero(chances)
        chances = chances[possible]
        # Tilts are of the costs less a whole number next to their mean, or a total would be the small difference of large numbers.
        self._centre = round(float(chances @ possible) / mass)
        costs = (possible - self._centre).astype(np.float64)
        self._total = 0  # of the costs less the centre
        mean = float(chances @ costs) / mass
        spread = math.sqrt(float(chances @ (costs - mean) ** 2) / mass)
        spread = max(spread, _LEAST_SPREAD * float(np.ptp(costs)))
        self._tilts = np.array(TILTS) / spread if spread > 0.0 else np.zeros(0)
        self._log_norms = np.array([_log_sum(np.log(chances) + tilt * costs) for tilt in self._tilts])

    def add(self, costs: Integers, total: int) -> None:
        beyond = self._bin_of.size - 1
        if costs.max() > beyond:
            costs = np.minimum(costs, beyond)
            total = int(costs.sum())
        counted = np.bincount(costs)
        bins = np.bincount(self._bin_of[: counted.size], weights=counted, minlength=self._counts.size)
        self._counts += bins.astype(np.int64)
        self._total += total - costs.size * self._centre

    def log_e(self) -> float:
        if self._counts[-1]:
            return math.inf
        n = int(self._counts.sum())
        bins = self._bins.log_e(self._counts[:-1]) - n * self._log_mass
        if self._tilts.size == 0:
            return bins
        tilts = self._tilts * self._total - n * self._log_norms
        return _log_mean([bins, _log_mean(tilts)])


class _Upward:
    """Bets on a mean above the stated one, whatever the law."""

    def __init__(self, mean: float) -> None:
        self._mean = mean
        self._counted = np.zeros(_COUNTED, np.int64)
        self._logs = np.zeros(len(UPWARD))  # of the larger costs

    def add(self, costs: Integers, total: int) -> None:
        large = costs >= _COUNTED
        if large.any():
            self._logs += [float(_log_factor(costs[large], self._mean, share).sum()) for share in UPWARD]
            costs = costs[~large]
        counts = np.bincount(costs)
        self._counted[: counts.size] += counts

    def log_e(self) -> float:
        seen = np.flatnonzero(self._counted)
        times = self._counted[seen].astype(np.float64)
        return _log_mean(self._logs + [float(times @ _log_factor(seen, self._mean, share)) for share in UPWARD])


class _Downward:
    """Bets on a mean below the stated one, for a known second moment."""

    def __init__(self, mean: float, second: float) -> None:
        self._mean = mean
        self._rates = np.array(DOWNWARD)
        self._log_bounds = np.log1p(-self._rates + 0.5 * self._rates**2 * max(second / mean / mean, 1.0))
        self._n = 0
        self._total = 0

    def add(self, costs: Integers, total: int) -> None:
        self._n += costs.size
        self._total += total

    def log_e(self) -> float:
        return _log_mean(-self._rates * (self._total / self._mean) - self._n * self._log_bounds)


def _binned(chances: Floats) -> tuple[Integers, Floats]:
    """The bin of each cost (one after the last for an impossible one), and the bins' masses. Bins are runs of costs."""
    possible = chances > 0
    middle = np.cumsum(chances) - 0.5 * chances
    _, bins = np.unique(np.floor(BINS * middle[possible]), return_inverse=True)
    bin_of = np.full(chances.size, bins.max() + 1, np.int64)
    bin_of[possible] = bins
    return bin_of, np.asarray(np.bincount(bins, weights=chances[possible]), np.float64)


def _log_factor(costs: Integers, mean: float, share: float) -> Floats:
    return np.log1p(share * (costs / mean - 1.0))


def _log_sum(logs: Floats) -> float:
    top = float(logs.max())
    return top + math.log(np.exp(logs - top).sum())


def _log_mean(logs: Any) -> float:
    bets = np.asarray(logs, dtype=np.float64)
    top = float(bets.max())
    if math.isinf(top):
        return top
    return top + math.log(float(np.exp(bets - top).mean()))
