"""A known base distribution over finitely many categories."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats, Integers

MAX_CATEGORIES: Final = 10_000_000
"""The largest support a base may have."""

_NUMBERED: Final = range(0)


@dataclass(frozen=True, eq=False, repr=False)
class Categorical:
    """A base distribution P that is known, category by category.

    Equality is identity, as for the arrays inside.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Finite, >= 0, summing to 1 within 1e-6; K is at most 10 million. Kept as a read-only float64 copy that sums to 1
        to rounding.
    labels : sequence of K distinct hashables, optional
        What each category stands for; a tuple, or a range. Left out: ``range(K)``.
    name : str, optional
        The specification that gives this base (`simtemp.parse_base`), or any other name for titles and tables.

    Raises
    ------
    ValueError
        Naming the argument, for anything else.

    Examples
    --------
    >>> coin = Categorical(np.array([0.5, 0.5]), labels=("heads", "tails"), name="coin")
    >>> coin.size, coin.labels[1]
    (2, 'tails')
    """

    probs: Floats
    labels: Sequence[Hashable] = _NUMBERED
    name: str = ""

    def __post_init__(self) -> None:
        probs = arguments.probabilities(self.probs, "probs")
        _check_size(probs.size)
        probs.setflags(write=False)
        _check_name(self.name)
        object.__setattr__(self, "probs", probs)
        object.__setattr__(self, "labels", _distinct_labels(self.labels, probs.size))

    @classmethod
    def from_counts(cls, counts: Any, labels: Sequence[Hashable] | None = None, name: str = "") -> Categorical:
        """The empirical distribution of whole counts >= 0 with a positive total.

        Examples
        --------
        >>> Categorical.from_counts([3, 1]).probs.tolist()
        [0.75, 0.25]
        """
        numbers = arguments.numeric_vector(counts, "counts")
        fraction = numbers != np.floor(numbers)
        if fraction.any():
            index = int(np.argmax(fraction))
            raise ValueError(f"counts must be whole numbers, got counts[{index}] = {float(numbers[index])!r}")
        largest = numbers.max()
        if largest == 0:
            raise ValueError("counts must have a positive total, got zeros only")
        numbers /= largest  # totals beyond the largest float do not overflow
        return cls(numbers / numbers.sum(), _NUMBERED if labels is None else labels, name)

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        shown = ", ".join(f"{p:.4g}" for p in self.probs[:3]) + (", ..." if self.size > 3 else "")
        return f"<Categorical {self.name!r}, {self.size} categories, probs [{shown}]>"

    @property
    def size(self) -> int:
        """K, the number of categories, those of probability zero included."""
        return int(self.probs.size)

    @property
    def support(self) -> Integers:
        """The indices of the categories of positive probability, rising."""
        return np.flatnonzero(self.probs).astype(np.int64)


def _check_size(size: int) -> None:
    if size > MAX_CATEGORIES:
        raise ValueError(f"probs must have at most {MAX_CATEGORIES} entries, got {size}")


def _check_name(name: Any) -> None:
    if not isinstance(name, str):
        raise ValueError(f"name must be text, got {arguments.shown(name)}")


def _distinct_labels(labels: Any, size: int) -> Sequence[Hashable]:
    """The labels as an immutable sequence, once they are known to be `size` distinct hashables."""
    if labels is _NUMBERED:
        return range(size)
    if isinstance(labels, np.ndarray):
        labels = labels.tolist()
    if not isinstance(labels, Sequence):
        raise ValueError(f"labels must be a sequence of {size} distinct hashables, got {type(labels).__name__}")
    if len(labels) != size:
        raise ValueError(f"labels must be as many as probs ({size}), got {len(labels)}")
    if isinstance(labels, range):
        return labels
    fixed = tuple(labels)
    repeat = first_repeat(fixed)
    if repeat is not None:
        earlier, later = repeat
        raise ValueError(f"labels must be distinct, got {arguments.shown(fixed[later])} at {earlier} and at {later}")
    return fixed


def first_repeat(labels: Sequence[Hashable]) -> tuple[int, int] | None:
    """The first position whose label was met before, as (earlier, later); None when all labels are distinct.

    Sorted hashes take a fraction of the memory of a set of millions of labels; no two equal means no equal labels.
    """
    try:
        hashes = np.fromiter(map(hash, labels), np.int64, len(labels))
    except TypeError:
        index = next(i for i, label in enumerate(labels) if not _hashable(label))
        raise ValueError(f"labels must be hashable, got labels[{index}] = {arguments.shown(labels[index])}") from None
    hashes.sort()
    if not (hashes[1:] == hashes[:-1]).any():
        return None
    met: dict[Hashable, int] = {}
    for later, label in enumerate(labels):
        earlier = met.setdefault(label, later)
        if earlier != later:
            return earlier, later
    return None


def _hashable(label: object) -> bool:
    try:
        hash(label)
    except TypeError:
        return False
    return True
