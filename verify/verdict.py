"""What the judge found, in numbers and in a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from os import PathLike
from typing import Any, Literal, NamedTuple

from verify.witness import Witness

Status = Literal["REJECT", "EQUIVALENT", "INCONCLUSIVE"]

EXIT_CODE: dict[Status, int] = {"EQUIVALENT": 0, "REJECT": 1, "INCONCLUSIVE": 3}
"""Exit code of `simtemp verify` for each verdict."""


class Point(NamedTuple):
    """The state of the judge after a round.

    Attributes
    ----------
    n : int
        Outputs so far.
    log_e : float
        As in `Verdict`.
    tv_empirical : float
        As in `Verdict`.
    tv_upper : float or None
        The certificate of this round alone, where one was asked.
    """

    n: int
    log_e: float
    tv_empirical: float
    tv_upper: float | None


@dataclass(frozen=True)
class Verdict:
    """The outcome of `check_sampler`. Below, q is the sampler's law.

    Attributes
    ----------
    status : str
        "REJECT": the outputs are no independent draws from the target at their expected cost (`caught_by` says which
        it is), wrong with probability at most `alpha`. "EQUIVALENT": TV(q, target) <= `epsilon`, wrong with
        probability at most `delta`. "INCONCLUSIVE": the budget ended before either was proved; not a pass.
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
        Log of the e-value: evidence against "independent draws from the target, at their expected cost" (Ville: it ever
        reaches log(1/a) with probability at most a). Infinite when a category of probability zero came out, or a cost
        that cannot be.
    log_e_by : mapping of str to float
        Log e-values by themselves: "law", "dependence" and, where it is known, "cost". `log_e` is the log of their
        weighted mean.
    caught_by : str or None
        With REJECT, what carried it: "law", "zero probability", "exact test", "cost", or "dependence: ..." with its kind.
    p_value : float or None
        Of the exact Monte Carlo test, if `alpha` was large enough for it to be run.
    epsilon, alpha, delta : float
        What was asked for.
    witness : Witness or None
        With REJECT: the categories furthest from expectation.
    mean_draws : float or None
        Mean base draws an output, if the sampler tells.
    expected_draws : float or None
        What that mean should be, where it is known.
    seconds : float
        Wall-clock time, the sampler's included.
    trace : tuple of Point
        The rounds.
    """

    status: Status
    n: int
    tv_upper: float
    tv_lower: float
    tv_empirical: float
    log_e: float
    log_e_by: Mapping[str, float]
    caught_by: str | None
    p_value: float | None
    epsilon: float
    alpha: float
    delta: float
    witness: Witness | None
    mean_draws: float | None
    expected_draws: float | None
    seconds: float
    trace: tuple[Point, ...] = field(repr=False)

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
        if self.caught_by == "cost":
            return (
                f"REJECT: {self.n:,} outputs prove that the sampler does not cost what it should; this is wrong with "
                f"probability at most {self.alpha:g}. {self._strength()}; an output cost {self.mean_draws:,.6g} base draws on "
                f"average where {self.expected_draws:,.6g} were expected."
            )
        if self.caught_by is not None and self.caught_by.startswith("dependence"):
            return (
                f"REJECT: {self.n:,} outputs prove that they are not independent draws from the target; this is wrong with "
                f"probability at most {self.alpha:g}. {self._strength()}: {self.caught_by.removeprefix('dependence: ')}."
            )
        return (
            f"REJECT: {self.n:,} outputs prove that they are not independent draws from the target; this is wrong with "
            f"probability at most {self.alpha:g}. {self._evidence()} If they are independent, the total variation of "
            f"their law from the target is {bounds}.{self._doubt()}"
        )

    def _doubt(self) -> str:
        if self.log_e_by.get("dependence", 0.0) < -math.log(self.alpha):
            return ""
        return " They look dependent, too: their law may be right."

    def _strength(self) -> str:
        if math.isinf(self.log_e):
            return "What came out is impossible"
        return f"The evidence is 10^{self.log_e / math.log(10):.1f} to 1"

    def _evidence(self) -> str:
        assert self.witness is not None
        label, observed = self.witness.labels[0], self.witness.observed[0]
        if self.caught_by == "zero probability":
            return f"Category {label!r} came out {observed:,} times, and its probability is zero."
        strength = (
            f"The exact test gives p = {self.p_value:.2g}" if self.caught_by == "exact test" else self._strength()
        )
        expected = self.witness.expected[0]
        return f"{strength}; category {label!r} came out {observed:,} times where {expected:,.1f} were expected."

    def plot(self, path: Any = None) -> Any:
        """Draw how the evidence and the certificate grew.

        Parameters
        ----------
        path : str or path, optional
            Where to save the picture (.png, .svg, .pdf).

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If no installed package draws verdicts (the entry point ``verdict`` of the group ``simtemp.plots``).
        """
        if path is not None and not isinstance(path, str | PathLike):
            raise ValueError(f"path must be a file name, got {path!r}")
        # Pictures depend on verdicts, not the other way round: the drawing is found by name.
        for entry in entry_points(group="simtemp.plots", name="verdict"):
            return entry.load()(self, path)
        raise ValueError("plot needs a package that draws verdicts: none is installed")

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
            "caught_by": self.caught_by,
            "mean_draws": self.mean_draws,
            "expected_draws": self.expected_draws,
            "seconds": self.seconds,
            "sentence": self.sentence,
            "witness": None if self.witness is None else self.witness.rows(),
        }
