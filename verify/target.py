"""What a sampler is judged against, and the counts it is judged by: checked once, at the door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats, Integers
from simtemp.categorical import Categorical, first_repeat

_MOST_COUNTED = 9e18  # their sum is an int64, whose largest value is 9.2e18


def target_probabilities(target: Any) -> Floats:
    """The probabilities of a target: a probability vector, or what carries one as ``.probs`` (a `simtemp.Categorical`).

    Raises
    ------
    ValueError
        If they are not finite, not >= 0, or do not sum to 1 within 1e-6.
    """
    return arguments.probabilities(getattr(target, "probs", target), "target")


def category_labels(labels: Sequence[Any] | None, target: Any, size: int) -> Sequence[Any]:
    """The names of the categories: those given, else those of the target, else 0, 1, ..., K - 1.

    Raises
    ------
    ValueError
        If they are not one for each category, distinct, hashable and in an order.
    """
    if labels is None and isinstance(target, Categorical):
        return target.labels
    given = getattr(target, "labels", None) if labels is None else labels
    if given is None:
        return range(size)
    wanted = f"labels must name the {size} categories of target"
    if isinstance(given, Set | Mapping):
        raise ValueError(f"{wanted} in their order, got a {type(given).__name__}")
    try:
        # Python's own numbers and texts, also of an array: a sentence names a category 6, not np.int64(6).
        names = given if isinstance(given, range) else list(given.tolist() if hasattr(given, "tolist") else given)
    except TypeError:
        raise ValueError(f"{wanted}, got {arguments.shown(given)}") from None
    if len(names) != size:
        raise ValueError(f"{wanted}, got {len(names)} labels")
    repeat = None if isinstance(names, range) else first_repeat(names)
    if repeat is not None:
        earlier, later = repeat
        raise ValueError(f"labels must be distinct, got {arguments.shown(names[later])} at {earlier} and at {later}")
    return names


def category_counts(counts: Any, size: int, name: str = "counts") -> Integers:
    """Counts of `size` categories as int64: integers (never frequencies), >= 0, at least one output in all.

    Raises
    ------
    ValueError
        If they are not integers, negative, all zero, too many to be added, or not one for each category of the target.
    """
    array = np.asarray(counts)
    if array.ndim != 1 or array.size != size:
        raise ValueError(
            f"{name} must have one entry for each of the {size} categories of target, got shape {array.shape}"
        )
    if array.dtype.kind not in "iu":
        # Frequencies would pass for counts and make every test blind: a sample of size 1.
        raise ValueError(
            f"{name} must be integers (how often each category came out, not frequencies), got dtype {array.dtype}"
        )
    if array.min() < 0:
        raise ValueError(f"{name} must be >= 0, got {name}[{int(array.argmin())}] = {array.min()}")
    if array.sum(dtype=np.float64) > _MOST_COUNTED:
        raise ValueError(
            f"{name} must be of at most {_MOST_COUNTED:.0e} outputs in all, got {array.sum(dtype=np.float64):.3g}"
        )
    clean = array.astype(np.int64)
    if not clean.any():
        raise ValueError(f"{name} must hold at least one output, got all zeros")
    return clean
