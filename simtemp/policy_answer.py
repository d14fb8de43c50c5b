"""What a temperature policy gave, as one temperature for each sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from simtemp.arguments import Floats, shown


def as_temperatures(given: Any, count: int) -> Floats:
    """A number, array or tensor of a policy as float64[count].

    Raises
    ------
    ValueError
        For another shape, or a temperature that is NaN, negative or infinite.

    Examples
    --------
    >>> as_temperatures(0.5, 3)
    array([0.5, 0.5, 0.5])
    """
    array = given.detach().double().cpu().numpy() if hasattr(given, "detach") else np.asarray(given)
    if array.shape not in ((), (count,)):
        raise ValueError(f"a temperature policy must return {count} temperatures, got shape {array.shape}")
    try:
        temperatures: Floats = np.full(count, array, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"a temperature policy must return numbers, got {shown(given)}") from None
    wrong = ~((temperatures >= 0) & (temperatures < np.inf))  # NaN too
    if wrong.any():
        raise ValueError(f"a temperature policy must return temperatures in [0, inf), got {temperatures[wrong][0]}")
    return temperatures
