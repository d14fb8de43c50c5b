"""The package's own exceptions: what a caller can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simtemp.simulation import Run


class SimtempError(Exception):
    """Base class of every exception that is simtemp's own."""


class SpecificationError(SimtempError, ValueError):
    """A base specification or a file it names cannot be read; the message says which part and why."""


class DrawBudgetExceeded(SimtempError):
    """A sampler needed more base draws than it was allowed.

    Attributes
    ----------
    run : Run or None
        The outputs finished before the budget ended, in order, with their costs. They over-represent cheap outputs (an output
        that was cut off is missing *because* it was expensive), so they must not be used as a sample of the target.
    draws : int
        Base draws spent on finished outputs; over a black box, on the output that was cut off.
    max_draws : int
        The budget that was given.
    """

    def __init__(self, message: str, *, run: Run | None = None, draws: int = 0, max_draws: int = 0) -> None:
        super().__init__(message)
        self.run = run
        self.draws = draws
        self.max_draws = max_draws


class DrawError(SimtempError, ValueError):
    """A black box did not give the values it was asked for; the message says what came instead, and what it raised is chained."""


def describe(error: BaseException) -> str:
    """An exception in one line: its type and its message, or the type alone where it has no message or cannot give it."""
    name = type(error).__name__
    try:
        message = " ".join(str(error).split())
    except Exception:  # its __str__ is the caller's code
        message = ""
    return f"{name}: {message}" if message else name


class WorkerDied(SimtempError):
    """A worker process ended before its work did."""
