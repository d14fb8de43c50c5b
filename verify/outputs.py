"""Asking a sampler for outputs, and refusing what is no output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from simtemp.arguments import Integers, shown
from simtemp.errors import SimtempError, describe
from verify.errors import OutputsEnded, SamplerError

Sampler = Callable[[int, np.random.Generator], Any]
"""``sampler(size, rng)`` gives `size` category indices, or ``(indices, draws)`` with the base draws each cost."""

Watch = Callable[[Integers, Integers, npt.NDArray[Any] | None], None]

MOST_AT_ONCE = 1 << 20
"""Outputs asked for in one call: memory does not grow with their number."""


class Tally:
    """The outputs of a sampler so far: their counts, how many, and what they cost.

    Parameters
    ----------
    sampler : callable
        See `Sampler`.
    rng : Generator
        Handed to the sampler, and used for nothing else.
    categories : int
        Number of categories of the target.
    watch : callable, optional
        Called after each call of the sampler with its outputs (int64[size]), their counts (int64[K]) and the base draws
        they cost (array[size], or None).
    """

    def __init__(self, sampler: Sampler, rng: np.random.Generator, categories: int, watch: Watch | None = None) -> None:
        self._sampler = sampler
        self._rng = rng
        self._watch = watch
        self.counts: Integers = np.zeros(categories, np.int64)
        self.n = 0
        self.ended = False
        self._draws: float | None = 0.0

    @property
    def mean_draws(self) -> float | None:
        """Mean base draws an output, if the sampler tells."""
        return None if self._draws is None or self.n == 0 else self._draws / self.n

    def grow(self, n: int, goal: int, progress: Callable[[int, int], None] | None) -> None:
        """Ask for outputs until there are `n` or no more come (`ended`); after each call tell how many there are, and the `goal`."""
        while self.n < n and not self.ended:
            size = min(n - self.n, MOST_AT_ONCE)
            try:
                values, draws = ask(self._sampler, size, self._rng, self.counts.size)
            except OutputsEnded as end:
                self.ended = True
                values, draws = category_indices(end.values, len(end.values), self.counts.size, "outputs"), None
                if not values.size:
                    return
            counts = np.bincount(values, minlength=self.counts.size)
            self.counts += counts
            self._draws = None if draws is None or self._draws is None else self._draws + float(draws.sum(dtype=float))
            self.n += values.size
            if self._watch is not None:
                self._watch(values, counts, draws)
            if progress is not None:
                progress(self.n, goal)


def ask(
    sampler: Sampler, size: int, rng: np.random.Generator, categories: int
) -> tuple[Integers, npt.NDArray[Any] | None]:
    """One call of a sampler: its outputs as int64[size], and the base draws each cost, if it tells.

    Raises
    ------
    ValueError
        If what came is not `size` integers from 0 to `categories` - 1.
    SamplerError
        If the sampler raised; `OutputsEnded`, simtemp's own exceptions and interrupts pass as they are.
    """
    try:
        result = sampler(size, rng)
    except (SimtempError, OutputsEnded):
        raise
    except (Exception, SystemExit, GeneratorExit) as error:  # whoever exits in a sampler has not passed
        raise SamplerError(f"sampler({size}, rng) raised {describe(error)}") from error
    paired = isinstance(result, tuple) and len(result) == 2 and hasattr(result[0], "__len__")
    values, draws = result if paired else (result, None)
    indices = category_indices(values, size, categories, f"sampler({size}, rng)")
    return indices, None if draws is None else _draws_of_each(draws, size)


def category_indices(values: Any, size: int, categories: int, source: str) -> Integers:
    """The outputs of `source` as int64[size], or a ValueError that says what they are instead."""
    verb = "return" if source.endswith(")") else "be"
    wanted = f"{source} must {verb} {size} integers from 0 to {categories - 1}"
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{wanted}, got a masked array: a masked entry is no output")
    array = _as_array(values, wanted)
    if array.ndim != 1:
        raise ValueError(f"{wanted} in one dimension, got {shown(values)} of shape {array.shape}")
    if array.size != size:
        raise ValueError(f"{wanted}, got {array.size} of them")
    if array.dtype.kind not in "iu":
        raise ValueError(f"{wanted}, got dtype {array.dtype}")
    for extreme in (int(array.min()), int(array.max())) if size else ():
        if not 0 <= extreme < categories:
            raise ValueError(f"{wanted}, got {extreme}")
    return array.astype(np.int64, copy=False)


def _draws_of_each(draws: Any, size: int) -> npt.NDArray[Any]:
    wanted = f"sampler({size}, rng) may return a second array with the {size} numbers of base draws its outputs cost"
    array = _as_array(draws, wanted)
    if array.shape != (size,) or array.dtype.kind not in "iuf":
        raise ValueError(f"{wanted}, got shape {array.shape} of dtype {array.dtype}")
    total = float(array.sum(dtype=np.float64))
    if not (np.isfinite(total) and array.min() >= 0):
        raise ValueError(f"{wanted}, all finite and >= 0, got {shown(draws)}")
    return array


def _as_array(values: Any, wanted: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(values)
    except (ValueError, TypeError):  # rows of unequal length
        raise ValueError(f"{wanted}, got {shown(values)}") from None
