"""A cell: a pure function of its parameters, named by a hash of all that its result depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Cell:
    """One cell of a sweep.

    Attributes
    ----------
    kind : str
        The name of its kind.
    place : str
        Where the kind is found, as ``module:function``.
    version : int
        Of the kind's results.
    parameters : mapping
        Complete: defaults are filled in, files that are read have their hash beside them.
    key : str
        SHA-256 of kind, version and parameters, in hexadecimal.
    """

    kind: str
    place: str
    version: int
    parameters: Mapping[str, Any]
    key: str

    def seed_sequence(self) -> np.random.SeedSequence:
        """The cell's own randomness: it depends on the key alone, so on no grid, order, thread or process."""
        return np.random.SeedSequence([int(self.key[i : i + 8], 16) for i in range(0, len(self.key), 8)])


def make_cell(kind: str, place: str, version: int, parameters: Mapping[str, Any]) -> Cell:
    """A cell with its key.

    Examples
    --------
    >>> make_cell("die", "games:die", 1, {"sides": 6}).key[:8]
    '0209482d'
    """
    return Cell(kind, place, version, parameters, cell_key(kind, version, canonical_json(parameters)))


def cell_key(kind: str, version: int, parameters: str) -> str:
    """The key of a cell whose parameters are given as `canonical_json` writes them."""
    identity = f'{{"kind":{canonical_json(kind)},"parameters":{parameters},"version":{version}}}'
    return hashlib.sha256(identity.encode()).hexdigest()


def canonical_json(value: Any) -> str:
    """JSON that is the same for equal values: sorted keys, no spaces, no NaN or infinity.

    Raises
    ------
    TypeError, ValueError
        For a value that JSON has no word for.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def run_seed(seed_sequence: np.random.SeedSequence) -> int:
    """A seed for commands that take one, of 53 bits: every reader of JSON keeps it exactly."""
    return int(seed_sequence.generate_state(1, np.uint64)[0]) >> 11
