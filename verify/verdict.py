"""What the judge found, in numbers and in a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from verify.witness import Witness

Status = Literal["REJECT", "EQUIVALENT", "INCONCLUSIVE"]

EXIT_CODE: dict[Status, int] = {"EQUIVALENT": 0, "REJECT": 1, "INCONCLUSIVE": 3}
"""Exit code of `simtemp verify` for each verdict."""


@dataclass(frozen=True)
class Verdict:
    """The outcome of `check_sampler`. Below, q is the sampler's law.

    Attributes
    ----------
    status : str
        "REJECT": q is not the target, wrong with probability at most `alpha`. "EQUIVALENT": TV(q, target) <=
        `epsilon`, wrong with probability at most `delta`. "INCONCLUSIVE": the budget ended before either was proved;
        not a pass.
    n : int
        Outputs used.
    tv_upper : float
        TV(q, target) is at most this, except with probability `delta` (1: nothing known).
    tv_lower : float
        TV(q, target) is at least this, except with probability `alpha`. Often 0 at the moment of REJECT: to prove a
        difference takes fewer outputs than to measure it.
    tv_empirical : float
        Total variation between the empirical law and the target. Not an estimate of TV(q, target): noise alone makes
        it positive.
    log_e : float
        Log of the e-value: evidence against "q is the target" (Ville: it ever reaches log(1/a) with probability at
        most a). Infinite when a category of probability zero came out.
    p_value : float or None
        Of the exact Monte Carlo test, if `alpha` was large enough for it to be run.
    epsilon, alpha, delta : float
        What was asked for.
    witness : Witness or None
        With REJECT: the categories furthest from expectation.
    mean_draws : float or None
        Mean base draws an output, if the sampler tells.
    seconds : float
        Wall-clock time, the sampler's included.
    """

    status: Status
    n: int
    tv_upper: float
    tv_lower: float
    tv_empirical: float
    log_e: float
    p_value: float | None
    epsilon: float
    alpha: float
    delta: float
    witness: Witness | None
    mean_draws: float | None
    seconds: float

    @property
    def sentence(self) -> str:
        """The verdict for a person."""
        bounds = f"at most {self.tv_upper:.3g}"
        if self.tv_lower > 0:
            bounds = f"between {self.tv_lower:.3g} and {self.tv_upper:.3g}"
        if self.status == "EQUIVALENT":
            return (
                f"EQUIVALENT: {self.n:,} outputs prove that the sampler's law is within {self.tv_upper:.3g} of the "
                f"target in total variation ({self.epsilon:g} was allowed); this is wrong with probability at most "
                f"{self.delta:g}."
            )
        if self.status == "INCONCLUSIVE":
            return (
                f"INCONCLUSIVE: {self.n:,} outputs prove neither that the sampler's law differs from the target nor "
                f"that it is within {self.epsilon:g} of it; its total variation from the target is {bounds}. "
                "This is not a pass."
            )
        return (
            f"REJECT: {self.n:,} outputs prove that the sampler's law is not the target; this is wrong with "
            f"probability at most {self.alpha:g}. {self._evidence()} Its total variation from the target is {bounds}."
        )

    def _evidence(self) -> str:
        assert self.witness is not None
        label, observed = self.witness.labels[0], self.witness.observed[0]
        if math.isinf(self.log_e):
            return f"Category {label!r} came out {observed:,} times, and its probability is zero."
        if self.log_e >= -math.log(self.alpha):
            strength = f"The evidence is 10^{self.log_e / math.log(10):.1f} to 1"
        else:
            strength = f"The exact test gives p = {self.p_value:.2g}"
        expected = self.witness.expected[0]
        return f"{strength}; category {label!r} came out {observed:,} times where {expected:,.1f} were expected."

    def record(self) -> dict[str, Any]:
        """The verdict as a flat record of numbers and text (the witness as a list of rows), for JSON and tables."""
        return {
            "status": self.status,
            "n": self.n,
            "tv_upper": self.tv_upper,
            "tv_lower": self.tv_lower,
            "tv_empirical": self.tv_empirical,
            "log_e": self.log_e,
            "p_value": self.p_value,
            "epsilon": self.epsilon,
            "alpha": self.alpha,
            "delta": self.delta,
            "mean_draws": self.mean_draws,
            "seconds": self.seconds,
            "sentence": self.sentence,
            "witness": None if self.witness is None else self.witness.rows(),
        }
