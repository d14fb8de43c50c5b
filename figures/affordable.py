"""How many outputs a simulated point can have within a budget of base draws."""

from __future__ import annotations

MIN_OUTPUTS = 50
"""Fewer outputs than this make an interval that says nothing: such a point is left out."""


def affordable_outputs(size: int, expected_draws: float, max_draws: float) -> int:
    """Outputs a point may have: `size`, fewer when they would cost more than `max_draws`, 0 when too few would be left.

    Examples
    --------
    >>> affordable_outputs(2000, 10.0, 1e6), affordable_outputs(2000, 1e4, 1e6), affordable_outputs(2000, 1e6, 1e6)
    (2000, 100, 0)
    """
    outputs = int(min(float(size), max_draws / expected_draws))
    return outputs if outputs >= min(size, MIN_OUTPUTS) else 0
