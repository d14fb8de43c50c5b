"""The parameters that cells share: a base, a temperature, a method with its options, a seed."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from simtemp.arguments import real, shown, whole_number
from simtemp.sweep.base_content import with_content
from simtemp.sweep.declaration import Parameter, Parameters

LARGEST_SEED = 2**63 - 1


def text(value: Any, name: str) -> str:
    """Text without the spaces around it."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be text, got {shown(value)}")
    return value.strip()


def switch(value: Any, name: str) -> bool:
    """A truth value."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false, got {shown(value)}")
    return value


def finite_temperature(value: Any, name: str) -> float:
    """A temperature in [0, inf)."""
    number = real(value, name)
    if not 0 <= number < math.inf:
        raise ValueError(f"{name} must be in [0, inf), got {shown(value)}")
    return number + 0.0  # no -0.0


def count(value: Any, name: str) -> int:
    """A whole number from 1 to 2**62."""
    return whole_number(value, name, 1, 2**62)


def seed(value: Any, name: str) -> int:
    """A whole number from 0 to 2**63 - 1."""
    return whole_number(value, name, 0, LARGEST_SEED)


def steps(value: Any, name: str) -> int:
    """A whole number from 0 to a thousand million."""
    return whole_number(value, name, 0, 10**9)


METHOD_OPTIONS: dict[str, Parameter] = {
    "early_exit": Parameter(switch, None),
    "batch_size": Parameter(count, None),
    "rule": Parameter(text, None),
    "split": Parameter(count, None),
    "fraction": Parameter(text, None),
    "coupling": Parameter(text, None),
    "budget": Parameter(count, None),
    "steps": Parameter(steps, None),
}
"""The options of all methods; which of them a method takes, `settle_method` knows."""

SAMPLER: dict[str, Parameter] = {
    "base": Parameter(text),
    "temperature": Parameter(finite_temperature),
    "method": Parameter(text, "duel"),
    "seed": Parameter(seed, 0),
    **METHOD_OPTIONS,
}
"""A sampler over a known base."""


def settle_method(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters with every option of their method filled in, and the hash of a base that is read from disk.

    Raises
    ------
    ValueError
        For an option or a temperature that the method does not take, or a base that cannot be read.
    """
    options = method_options(parameters)
    settled = _full_options(parameters["method"], parameters["temperature"], tuple(sorted(options.items())))
    rest = {name: value for name, value in parameters.items() if name not in METHOD_OPTIONS}
    return with_content({**rest, **settled})


def method_options(parameters: Parameters) -> dict[str, Any]:
    """Those parameters that are options of the method."""
    return {name: value for name, value in parameters.items() if name in METHOD_OPTIONS}


@lru_cache(maxsize=4096)
def _full_options(method: str, temperature: float, options: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    from simtemp.methods import recipe

    full = recipe(method, temperature, dict(options)).options
    return {name: value for name, value in full.items() if value is not None}
