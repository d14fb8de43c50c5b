"""Values as indices: equal values have equal indices, whatever they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from simtemp.arguments import Integers, shown
from simtemp.blackbox.contents import Contents
from simtemp.errors import DrawError, describe


class Interner:
    """The distinct values met so far, each with an index, counted from 0 in the order of first appearance."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._index = _numbered(())
        self._form: str | None = None

    def __len__(self) -> int:
        return len(self.values)

    def intern(self, batch: Contents) -> Integers:
        """The index of each value of a batch: int64[k]."""
        self._form = batch.form if self._form is None else self._form
        if batch.form != self._form:
            raise DrawError(f"draw must always return values of one kind, got {batch.form} after {self._form}")
        known = len(self.values)
        try:
            indices = np.fromiter(map(self._index.__getitem__, batch.keys), np.int64, count=len(batch.keys))
            highest = np.maximum.accumulate(np.concatenate(([known - 1], indices)))
            fresh = np.flatnonzero(indices > highest[:-1])
            unequal = [key for key in map(batch.keys.__getitem__, fresh.tolist()) if _has_nan(key)]
        except Exception as error:  # a value's own __hash__ and __eq__ may raise anything
            raise DrawError(
                f"draw must return hashable values (tuples, not lists), or an array of rows: {describe(error)}"
            ) from error
        if unequal:
            raise DrawError(f"draw must not return NaN, which equals nothing, got {shown(unequal[0])}")
        self.values.extend(batch.pick(fresh))
        return indices

    def keep(self, indices: Integers) -> Integers:
        """Forget every value that is not among `indices`; returns what these are now."""
        kept, renamed = np.unique(indices, return_inverse=True)
        keys = list(self._index)
        self._index = _numbered(keys[i] for i in kept)
        self.values = [self.values[i] for i in kept]
        return renamed.astype(np.int64, copy=False)


def _numbered(keys: Iterable[Hashable]) -> defaultdict[Hashable, int]:
    """A table that gives every new key the next number, without a Python call."""
    table: defaultdict[Hashable, int] = defaultdict(int, {key: i for i, key in enumerate(keys)})
    table.default_factory = table.__len__
    return table


def _has_nan(value: Any) -> bool:
    if isinstance(value, tuple | frozenset):
        return any(map(_has_nan, value))
    if is_dataclass(value) and not isinstance(value, type):  # like a tuple, it equals itself whatever is in it
        return any(_has_nan(getattr(value, field.name)) for field in fields(value) if field.compare)
    return bool(value != value)
