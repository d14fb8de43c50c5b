"""What a kind of cell declares: its function, the version of that function's results, and its parameters with their checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from simtemp.arguments import shown

Parameters = Mapping[str, Any]
Compute = Callable[[Parameters, np.random.SeedSequence], Mapping[str, Any]]

REQUIRED: Final = object()
"""The default of a parameter that has none."""

RESERVED: Final = frozenset({"key", "kind", "version", "status", "error", "seconds", "simtemp_version"})
"""Columns of every table of results, which no parameter and no result may be named after."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kind of cell.

    Attributes
    ----------
    check : callable
        ``check(value, name)`` gives the clean value (text, a finite number or a truth value), or raises ValueError.
    default
        What it is when left out; None leaves it out of the cell, REQUIRED makes leaving it out an error.
    """

    check: Callable[[Any, str], Any]
    default: Any = REQUIRED


@dataclass(frozen=True)
class CellKind:
    """A kind of cell: called with (parameters, seed_sequence) it gives a flat result.

    Made by `cell_kind`, which describes the attributes.
    """

    compute: Compute
    version: int
    parameters: Mapping[str, Parameter]
    settle: Callable[[dict[str, Any]], dict[str, Any]]

    def __call__(self, parameters: Parameters, seed_sequence: np.random.SeedSequence) -> Mapping[str, Any]:
        """Compute the cell."""
        return self.compute(parameters, seed_sequence)

    def check_names(self, names: Mapping[str, Any]) -> None:
        """Refuse names that are no parameter, and the absence of one that is required."""
        for name in names:
            if name not in self.parameters:
                raise ValueError(f"unknown key {shown(name)}; allowed are kind, {', '.join(self.parameters)}")
        for name, parameter in self.parameters.items():
            if parameter.default is REQUIRED and name not in names:
                raise ValueError(f"{name} is missing")

    def defaults(self) -> dict[str, Any]:
        """The parameters that have a value when they are left out."""
        return {
            name: parameter.default
            for name, parameter in self.parameters.items()
            if parameter.default is not REQUIRED and parameter.default is not None
        }


def cell_kind(
    *,
    version: int,
    parameters: Mapping[str, Parameter],
    settle: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> Callable[[Compute], CellKind]:
    """Make a function a kind of cell, to be named in the entry-point group ``simtemp.cells``.

    Parameters
    ----------
    version : int
        Of the function's results. Part of every cell's key: raise it when the same parameters give other numbers.
    parameters : mapping of str to Parameter
        Every parameter.
    settle : callable, optional
        Given a cell's checked parameters, gives them as they go into its key: raises ValueError for a combination that
        cannot be, fills in what follows from others, adds hashes of files that are read.

    Returns
    -------
    callable
        A decorator. The function takes (parameters, seed_sequence), takes all its randomness from the seed sequence and
        returns a flat dict of numbers, text, truth values and None, in which no name is that of a parameter.

    Raises
    ------
    ValueError
        For a parameter of a reserved name.

    Examples
    --------
    >>> from simtemp.arguments import whole_number
    >>> @cell_kind(version=1, parameters={"sides": Parameter(whole_number, 6)})
    ... def die(parameters, seed_sequence):
    ...     return {"face": int(np.random.default_rng(seed_sequence).integers(parameters["sides"]))}
    >>> die.version, die.defaults()
    (1, {'sides': 6})
    """
    for name in parameters:
        if name in RESERVED:
            raise ValueError(f"a parameter must not be named {name}: every table of results has a column of that name")
    return lambda compute: CellKind(compute, version, parameters, settle)
