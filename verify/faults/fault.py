"""What a planted fault is: a wrong sampler, the mistake in it, and the law that its outputs have instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from simtemp.arguments import Floats
from simtemp.categorical import Categorical
from simtemp.exact.distance import total_variation
from simtemp.tempering import temper
from verify.outputs import Sampler

Kind = Literal["law", "dependence", "cost", "none"]


@dataclass(frozen=True, eq=False)
class Fault:
    """A wrong sampler of ``P ** (1/T) / Z`` (or, for comparison, a right one that looks different).

    Attributes
    ----------
    name : str
        Unique, in kebab-case.
    mistake : str
        What was done wrong, in a sentence.
    kind : str
        What the mistake changes: "law", the law of an output; "dependence", only how outputs hang together; "cost", only
        the base draws that outputs are said to cost; "none", none of these: a change that must be accepted.
    base, temperature
        The target is the base tempered.
    sampler : callable
        ``sampler(size, rng)`` gives category indices, or a pair of those and their draws (`verify.outputs.Sampler`).
    missed_by : str
        A common test that would not see it; of a harmless change, what would see it without reason.
    exact : callable or None
        Gives the exact law of an output, float64[K], by a closed form or by enumeration, never from the sampler's code.
        None where outputs are not independent, so that no law of one output describes them.
    cost : callable or None
        Gives what the outputs are said to cost in base draws (a `simtemp.exact.cost_law.CostLaw` or a mean), for the judge
        to test.
    """

    name: str
    mistake: str
    kind: Kind
    base: Categorical
    temperature: float
    sampler: Sampler
    missed_by: str
    exact: Callable[[], Floats] | None = None
    cost: Callable[[], Any] | None = None

    @cached_property
    def target(self) -> Floats:
        """What the outputs should follow: float64[K]."""
        return temper(self.base.probs, self.temperature)

    @cached_property
    def law(self) -> Floats | None:
        """What they do follow: float64[K], or None where that is not the law of independent outputs."""
        return None if self.exact is None else self.exact()

    @cached_property
    def expected_cost(self) -> Any:
        """The stated cost, for `check_sampler`; None where none is stated."""
        return None if self.cost is None else self.cost()

    @property
    def tv(self) -> float | None:
        """Total variation between the two, where the law is known."""
        return None if self.law is None else total_variation(self.law, self.target)


def normalised(weights: Floats) -> Floats:
    """Weights as probabilities."""
    return np.asarray(weights / weights.sum(), dtype=np.float64)
