"""The judge's own exceptions."""

from __future__ import annotations

from simtemp.arguments import Integers
from simtemp.errors import SimtempError


class SamplerError(SimtempError):
    """The sampler under test raised; the message names what it raised, and ``__cause__`` is the original exception."""


class OutputsEnded(Exception):
    """Raised by a sampler that has fewer outputs left than it was asked for; the judge ends with those.

    Attributes
    ----------
    values : int64[any]
        The last outputs, in order; fewer than were asked for, perhaps none.
    """

    def __init__(self, values: Integers) -> None:
        super().__init__(f"only {len(values):,} outputs were left")
        self.values = values
