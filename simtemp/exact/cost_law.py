"""The law of the number of base draws that an output costs, for every method of which it is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats
from simtemp.base import as_base
from simtemp.exact.batch_law import MAX_BATCH_SIZE
from simtemp.exact.chain_cost import chain_moments
from simtemp.exact.chain_law import MAX_DISTINCT, chain_draws
from simtemp.exact.coin_cost import Support
from simtemp.exact.collision_cost import collision_moments, collision_series
from simtemp.exact.cost import expected_draws
from simtemp.exact.duel_cost import Split, duel_moments, duel_series
from simtemp.exact.restart_cost import Moments, restarted, restarted_moments
from simtemp.methods import METHODS, plan
from simtemp.tempering import split_exponent

MOST_DRAWS = 1_000_000
"""The longest law that is worked out draw by draw; what is beyond is left out of `CostLaw.pmf`."""

TAIL = 1e-9
"""Chance of a cost beyond the last one in `CostLaw.pmf`, where that is within `MOST_DRAWS`."""

_WORK = 4e9  # distinct probabilities times draws: half a second or so
_STEPS_WORK = 1e9  # the same for a chain: distinct probabilities squared times steps
_COIN_DISTINCT = 1_500  # distinct probabilities a chain may have for its second moment: some ten matrices


@dataclass(frozen=True, eq=False)
class CostLaw:
    """What is known of the base draws D of an output; outputs are independent and alike in this.

    Attributes
    ----------
    mean : float
        E[D]; inf where it overflows.
    second_moment : float or None
        E[D**2]; inf where it overflows, None where it is not known.
    pmf : float64[M + 1] or None
        P(D = d) for d = 0, ..., M; the chance of more than M is what its sum lacks of 1. Zero means impossible. Right to about 1e-15 a
        term. None where it is not known, or too long to be of use.
    complete : bool
        Whether more than M is impossible. A sum of 1 does not say so: a tail of 1e-16 is possible and does not show in it. So a law is
        complete only if it is said to be.
    """

    mean: float
    second_moment: float | None = None
    pmf: Floats | None = None
    complete: bool = False

    def __post_init__(self) -> None:
        mean = arguments.real(self.mean, "mean")
        if not mean > 0.0:
            raise ValueError(f"mean must be > 0, got {self.mean!r}")
        if self.second_moment is not None:
            second = arguments.real(self.second_moment, "second_moment")
            if second < mean * mean * (1.0 - 1e-9):
                raise ValueError(
                    f"second_moment must be at least mean ** 2 = {mean * mean:g}, got {self.second_moment!r}"
                )
        if self.pmf is not None:
            pmf = arguments.numeric_vector(self.pmf, "pmf")
            if not 0.0 < pmf.sum() <= 1.0 + arguments.SUM_TOLERANCE:
                raise ValueError(f"pmf must have a sum in (0, 1], got {pmf.sum():.9g}")
            pmf.setflags(write=False)
            object.__setattr__(self, "pmf", pmf)
        if self.complete and (self.pmf is None or self.pmf.sum() < 1.0 - arguments.SUM_TOLERANCE):
            total = "no pmf" if self.pmf is None else f"a sum of {self.pmf.sum():.9g}"
            raise ValueError(f"pmf must sum to 1 (within {arguments.SUM_TOLERANCE:g}) if it is complete, got {total}")

    @classmethod
    def constant(cls, draws: int) -> CostLaw:
        """The law of a cost that is always the same; beyond 1e7, the largest batch, only its moments."""
        if draws > MAX_BATCH_SIZE:
            return cls(float(draws), float(draws) ** 2)
        pmf = np.zeros(draws + 1)
        pmf[draws] = 1.0
        return cls(float(draws), float(draws) ** 2, pmf, complete=True)


def cost_law(method: str, base: Any, temperature: float, options: Mapping[str, Any] | None = None) -> CostLaw | None:
    """The exact law of the number of base draws that an output of `simtemp.simulate` costs.

    Parameters
    ----------
    method, base, temperature
        As for `simtemp.simulate`.
    options : mapping, optional
        Options of the method, as given to `simtemp.simulate` or as in `Run.options`.

    Returns
    -------
    CostLaw or None
        None where nothing exact is known: the duel of exponent m > 0 on more than two categories (what one step has seen of all
        rivals counts); the read-once duel (``coupling="stream"``) with m > 0, where the first output of a stream costs more than the
        others; the accepted batch for 1/T >= 2; a chain whose mean would take more than a few seconds.

    Raises
    ------
    ValueError
        For arguments that `simtemp.simulate` refuses.

    Notes
    -----
    =============================================  ==================================================================
    collision; duel with m = 0; accepted, n = 1    pmf and both moments (the last two are the collision sampler)
    batch; duel in a budget                        constant
    duel, two categories, ``coupling="past"``      pmf and both moments (`simtemp.exact.duel_cost`)
    any exact sampler on one category              constant (but for the accepted batch with n > 1)
    chain                                          mean; second moment for at most 1,500 distinct probabilities
    =============================================  ==================================================================

    The pmf is the power series ``s / (1 - f)`` of trials that start again (`simtemp.exact.restart_cost`), up to the first M with at
    most 1e-9 beyond, and never beyond 1e6; None if even that would hold no more than a hundredth of the mean. Such a series has no end,
    so only constant laws are complete. O(M log M + G M) for G distinct probabilities: at most two or three seconds.

    Examples
    --------
    >>> law = cost_law("collision", [0.5, 0.5], 0.5)
    >>> law.mean, law.second_moment, law.pmf[:7].round(6).tolist()
    (4.0, 24.0, [0.0, 0.0, 0.5, 0.0, 0.25, 0.0, 0.125])
    """
    known = as_base(base)
    given = dict(options or {})
    if method == "batch":
        size = given.get("batch_size", METHODS["batch"][1]["batch_size"])
        return CostLaw.constant(arguments.whole_number(size, "batch_size", 1, MAX_BATCH_SIZE))
    if method == "duel" and given.get("budget") is not None:
        return CostLaw.constant(arguments.whole_number(given["budget"], "budget", 1, MAX_BATCH_SIZE))
    if method == "accepted":
        n, alpha = split_exponent(arguments.temperature(temperature, maximum=1.0, zero=False))
        return _collision(known.probs, temperature, True) if n == 1 else None
    full = plan(method, known, temperature, given).options
    if method == "collision":
        return _collision(known.probs, temperature, bool(full["early_exit"]))
    if method == "chain":
        return _chain(known.probs, temperature, int(full["steps"]))
    n, alpha = split_exponent(temperature)
    in_proposal = full["fraction"] == "proposal"
    split = Split(full["split"], alpha if in_proposal else 0.0, n - full["split"], 0.0 if in_proposal else alpha)
    if split.m == 0:
        return _collision(known.probs, temperature, True)
    return _duel(known.probs[known.probs > 0], split) if full["coupling"] == "past" else None


def _collision(probs: Floats, temperature: float, early_exit: bool) -> CostLaw:
    n, alpha = split_exponent(temperature)
    support = Support.of(probs)
    if support.many.sum() == 1.0 or n + alpha == 1.0:  # no trial fails, no coin shows tails
        return CostLaw.constant(n + (alpha > 0.0))
    mean = expected_draws(probs, temperature, early_exit)
    if early_exit and n * support.values.size > _WORK:  # a sum over the lengths of a trial
        return CostLaw(mean)
    moments = _of_trials(*collision_moments(support, support, n, alpha, early_exit))

    def pmf(size: int) -> Floats:
        success, failure = collision_series(support, support, n, alpha, early_exit, size)
        return restarted([success], failure)[0]

    return _law(mean, moments.second, pmf, int(min(MOST_DRAWS, _WORK // support.values.size)))


def _duel(support: Floats, split: Split) -> CostLaw | None:
    if support.size == 1:
        return CostLaw.constant(split.n0 + split.m + (split.alpha > 0.0) + (split.coin > 0.0))
    if support.size > 2:
        return None
    moments = _of_trials(*duel_moments(support, split))
    if split.m * MOST_DRAWS > 4 * _WORK:  # one lead at a time, at every draw
        return CostLaw(moments.first, moments.second)

    def pmf(size: int) -> Floats:
        success, failure = duel_series(support, split, size)
        return restarted([success], failure)[0]

    return _law(moments.first, moments.second, pmf, MOST_DRAWS // 4)  # it takes a dozen long products


def _chain(probs: Floats, temperature: float, steps: int) -> CostLaw | None:
    distinct = Support.of(probs).values.size
    if distinct > MAX_DISTINCT or max(distinct, 100) ** 2 * steps > _STEPS_WORK:
        return None
    mean = chain_draws(probs, temperature, steps)
    if distinct > _COIN_DISTINCT:
        return CostLaw(mean)
    return CostLaw(mean, chain_moments(probs, 1.0 - 1.0 / temperature, steps)[1])


def _of_trials(success: Moments, failure: Moments) -> Moments:
    return restarted_moments([success], failure)[0]


def _law(mean: float, second: float, pmf: Callable[[int], Floats], most: int) -> CostLaw:
    """The law with as much of its pmf as is worth having, up to `most` draws; `pmf` gives its first terms."""
    second = second if not math.isnan(second) else math.inf
    if not mean <= 100.0 * most:
        return CostLaw(mean, second)
    last = min(12.0 * second / mean, 64.0 * mean) + 64.0  # for a geometric law 24 means
    last = most if 2.0 * last > most else int(last)
    while True:
        terms = pmf(last + 1)
        within = np.cumsum(terms)
        if within[-1] >= 1.0 - TAIL or last == most:
            break
        last = min(4 * last, most)
    end = int(np.searchsorted(within, 1.0 - TAIL)) + 1
    return CostLaw(mean, second, terms[:end])
