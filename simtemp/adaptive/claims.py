"""What may be claimed of adaptive decoding, and whether the figures bear it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from simtemp.adaptive.comparison import Interval

PUBLISHED_REDUCTION = 0.42
"""Fewer repeated 3-grams than greedy decoding, in the text of arXiv:2411.09661."""

LEAST_REDUCTION = 0.25
"""Its interval must exclude this."""


class Claim(NamedTuple):
    """A claim, whether it holds, and the figures that say so."""

    claim: str
    holds: bool
    figure: str


@dataclass(frozen=True)
class Comparison:
    """The adaptive policy beside the others, as claims see it.

    Attributes
    ----------
    differences : mapping
        Its score minus that of each fixed temperature; intervals hold all together.
    best : float
        The fixed temperature with the highest score on these prompts.
    measure_reduction : callable
        From a measure to how much smaller it is than with greedy decoding.
    temperature_of : callable
        From a label of places to the mean temperature picked there, None where there is none.
    """

    differences: Mapping[float | None, Interval]
    best: float | None
    measure_reduction: Callable[[str], Interval]
    temperature_of: Callable[[str], float | None]

    @property
    def against_best(self) -> Interval:
        """The difference to the best fixed temperature."""
        return self.differences[self.best]


ClaimOf = Callable[[Comparison], Claim]


def at_least_equal(found: Comparison) -> Claim:
    """At least equal to the best fixed temperature: not shown to be worse."""
    difference = found.against_best
    verdict = "better" if difference.low > 0.0 else "worse" if difference.high < 0.0 else "a tie"
    return Claim(
        "at least equal to the best single temperature",
        difference.high >= 0.0,
        f"{verdict}: {_signed(difference)} against T = {found.best:g}",
    )


def better_than_best(found: Comparison) -> Claim:
    """Better than the best fixed temperature."""
    return Claim(
        "better than the best single temperature on the joint score",
        found.against_best.low > 0.0,
        f"{_signed(found.against_best)} against T = {found.best:g}",
    )


def better_than_all(found: Comparison) -> Claim:
    """Better than every fixed temperature, intervals of all together."""
    return Claim(
        "better than every single temperature on the joint score",
        min(difference.low for difference in found.differences.values()) > 0.0,
        f"{_signed(found.against_best)} against T = {found.best:g}, the best of them",
    )


def fewer_repeats(found: Comparison) -> Claim:
    """As many fewer repeats than greedy decoding as published."""
    fewer = found.measure_reduction("repeated_3grams")
    return Claim(
        f"at least {PUBLISHED_REDUCTION:.0%} fewer repeated 3-grams than greedy decoding",
        fewer.value >= PUBLISHED_REDUCTION and fewer.low > LEAST_REDUCTION,
        f"{fewer.value:.0%} fewer [{fewer.low:.0%}, {fewer.high:.0%}]",
    )


def colder_where_bound(found: Comparison) -> Claim:
    """Colder at the places "constrained" than at the places "free"."""
    bound, free = found.temperature_of("constrained"), found.temperature_of("free")
    return Claim(
        "a lower mean temperature where the constraint binds than elsewhere",
        bound is not None and free is not None and bound < free,
        f"{_number(bound)} where it binds, {_number(free)} elsewhere",
    )


def _signed(found: Interval) -> str:
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
