"""All the evidence against a sampler in one e-process: its law, its independence, its cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from simtemp.arguments import Floats, Integers
from verify.cost import CostProcess, as_cost_law
from verify.dependence import BEFORE, UNEVEN, Dependence
from verify.evalue import EProcess

DEPENDENCE_SHARE = 1.0 / 32.0
"""The share of the wealth on independence; repeats give evidence with every output, so little is enough."""

COST_SHARE = 1.0 / 32.0
"""The share on the cost, where that is known."""


def cost_process(sampler: Any, expected_cost: Any) -> CostProcess | None:
    """Bets on the cost an output should have: the one given, else the one the sampler names (``.cost_law()``), if any."""
    if expected_cost is None:
        told = getattr(sampler, "cost_law", None)
        expected_cost = told() if callable(told) else None
    return None if expected_cost is None else CostProcess(as_cost_law(expected_cost))


class Evidence:
    """An average of test martingales: on the law of single outputs, on independence, on the cost.

    Parameters
    ----------
    probs : float64[K]
        The target.
    alpha : float
        The level at which `log_e` is judged.
    cost : CostProcess or None
        Bets on the cost of an output, if its law is known.

    Attributes
    ----------
    log_e : float
        The log of the average at the last `weigh`.
    """

    def __init__(self, probs: Floats, alpha: float, cost: CostProcess | None) -> None:
        self._enough = -math.log(alpha)
        self._law = EProcess(probs)
        self._dependence = Dependence(probs, alpha)
        self._cost = cost
        self._shares = {"dependence": DEPENDENCE_SHARE} | ({} if cost is None else {"cost": COST_SHARE})
        self._shares["law"] = 1.0 - math.fsum(self._shares.values())
        self._parts: dict[str, float] = {}
        self.log_e = 0.0

    @property
    def parts(self) -> Mapping[str, float]:
        """The log e-value of each by itself: "law", "dependence", and "cost" where it is known."""
        return dict(self._parts)

    def add(self, values: Integers, counts: Integers, draws: Any) -> None:
        """Score one call's outputs (int64[size]), their counts (int64[K]) and what each cost (array[size], or None)."""
        self._dependence.add(values, counts)
        if self._cost is not None:
            if draws is None:
                raise ValueError("sampler must return (outputs, draws) when expected_cost is given, got outputs alone")
            self._cost.add(draws)

    def weigh(self, counts: Integers) -> None:
        """Bring `log_e` and `parts` up to date; `counts` (int64[K]) are those of all outputs so far."""
        self._parts = {"law": self._law.log_e(counts), "dependence": self._dependence.log_e()}
        if self._cost is not None:
            self._parts["cost"] = self._cost.log_e()
        logs = np.array([math.log(self._shares[name]) + log for name, log in self._parts.items()])
        top = float(logs.max())
        self.log_e = top if math.isinf(top) else top + math.log(float(np.exp(logs - top).sum()))

    def strongest(self) -> str:
        """What carries most of the evidence: "law", "zero probability", "cost", or "dependence: ..." with its kind."""
        name = max(self._parts, key=lambda part: math.log(self._shares[part]) + self._parts[part])
        if math.isinf(self._parts["law"]):
            return "zero probability"
        if name != "dependence":
            return name
        found = self._dependence.found()
        # Counts of a wrong law look uneven and like a chain's, too: where the law suffices, it is the simpler account.
        law_suffices = math.log(self._shares["law"]) + self._parts["law"] >= self._enough
        return "law" if law_suffices and found in (BEFORE, UNEVEN) else f"dependence: {found}"
