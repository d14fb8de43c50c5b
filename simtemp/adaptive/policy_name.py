"""The policies that an experiment compares, by name."""

from __future__ import annotations

from typing import Literal, NamedTuple


class PolicyName(NamedTuple):
    """A policy of an experiment.

    Attributes
    ----------
    kind : str
        "adaptive", "entropy" or "fixed".
    temperature : float or None
        Of a fixed one.
    """

    kind: Literal["adaptive", "entropy", "fixed"]
    temperature: float | None = None

    @property
    def label(self) -> str:
        """For people: "T = 0.4", "entropy rule", "adaptive"."""
        if self.temperature is not None:
            return f"T = {self.temperature:g}"
        return "entropy rule" if self.kind == "entropy" else self.kind

    def file(self, seed: int) -> str:
        """Where its figures with a seed are kept."""
        middle = self.kind if self.temperature is None else f"{self.kind}-{self.temperature:g}"
        return f"policy-{middle}-{seed}.json"
