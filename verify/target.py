"""What a sampler is judged against, and the counts it is judged by: checked once, at the door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats, Integers


def target_probabilities(target: Any) -> Floats:
    """The probabilities of a target: a probability vector, or what carries one as ``.probs`` (a `simtemp.Categorical`).

    Raises
    ------
    ValueError
        If they are not finite, not >= 0, or do not sum to 1 within 1e-6.
    """
    return arguments.probabilities(getattr(target, "probs", target), "target")


def category_labels(labels: Sequence[Any] | None, target: Any, size: int) -> Sequence[Any]:
    """The names of the categories: those given, else those of the target, else 0, 1, ..., K - 1."""
    if labels is None:
        names: Sequence[Any] | None = getattr(target, "labels", None)
        return range(size) if names is None else names
    try:
        # Python's own numbers and texts, also of an array: a sentence names a category 6, not np.int64(6).
        names = labels.tolist() if hasattr(labels, "tolist") else list(labels)
    except TypeError:
        raise ValueError(f"labels must name the {size} categories of target, got {arguments.shown(labels)}") from None
    if len(names) != size:
        raise ValueError(f"labels must name the {size} categories of target, got {len(names)} labels")
    return names


def category_counts(counts: Any, size: int, name: str = "counts") -> Integers:
    """Counts of `size` categories as int64: integers (never frequencies), >= 0, at least one output in all.

    Raises
    ------
    ValueError
        If they are not integers, negative, all zero, or not one for each category of the target.
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
    clean = array.astype(np.int64)
    if not clean.any():
        raise ValueError(f"{name} must hold at least one output, got all zeros")
    return clean
