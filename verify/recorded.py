"""Outputs that are there already, or come one after another, as a sampler to judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set, Sized
from itertools import islice
from typing import Any, Literal

import numpy as np

from simtemp.arguments import Integers, shown
from simtemp.blackbox.contents import as_array
from simtemp.errors import SpecificationError
from verify.errors import OutputsEnded
from verify.label_index import LabelIndex
from verify.outputs import Sampler
from verify.target import category_labels, target_probabilities

Returns = Literal["indices", "labels"]
"""What a callable gives: category indices, or labels of the target."""


class Recorded:
    """Outputs in the order in which they were recorded, as a sampler: each is handed out once.

    Parameters
    ----------
    outputs : one-dimensional array, sequence or iterator
        Labels of the target, or category indices where no label is the text of a number (`LabelIndex`). A memory-mapped array and
        an iterator are read as they are handed out.
    index : LabelIndex
        The target's labels.
    name : str
        What the outputs are called in messages.
    """

    def __init__(self, outputs: Any, index: LabelIndex, name: str = "outputs") -> None:
        self._stream: Iterator[Any] | None = None if hasattr(outputs, "__len__") else iter(outputs)
        self._outputs = outputs
        self._index = index
        self._name = name
        self.used = 0

    @property
    def remaining(self) -> int | None:
        """How many outputs are left, where that is known."""
        return None if self._stream is not None else len(self._outputs) - self.used

    def __call__(self, size: int, rng: np.random.Generator | None = None) -> Integers:
        """The next `size` outputs, int64[size]; `rng` is not used.

        Raises
        ------
        OutputsEnded
            With those that are left, if they are fewer.
        SpecificationError
            For an output that is no label of the target.
        """
        if self._stream is None:
            labels = self._outputs[self.used : self.used + size]
        else:
            labels = list(islice(self._stream, size))
        values = self._index.find(labels, self._name, self.used)
        self.used += values.size
        if values.size < size:
            raise OutputsEnded(values)
        return values


def as_sampler(source: Any, target: Any, labels: Sequence[Any] | None = None, returns: Returns = "indices") -> Sampler:
    """Anything that gives outputs as ``sampler(size, rng)``, which gives category indices.

    Parameters
    ----------
    source : callable or iterable
        A callable is one already. An iterable (array, list, generator, endless or not) holds independent outputs; a
        generator is used up by it.
    target : array_like of shape (K,), or Categorical
        Whose categories the outputs are.
    labels : sequence of K, optional
        Names of the categories; those of the target, or 0 to K-1, if left out.
    returns : {"indices", "labels"}
        With "labels", a callable ``source(size, rng)`` gives `size` labels. An iterable always holds labels, or
        category indices where no label is a number or the text of one.

    Returns
    -------
    callable
        `source` itself, a wrapper that looks labels up, or a `Recorded`, which has ``.remaining``.

    Raises
    ------
    ValueError
        If `source` is neither, empty, a masked array, a set or a mapping; for labels that are not distinct. When it is
        called: for an output that is no label of the target, naming it.

    Examples
    --------
    >>> recorded = as_sampler(["tails", "heads", "tails"], [0.5, 0.5], labels=["heads", "tails"])
    >>> recorded(2).tolist(), recorded.remaining
    ([1, 0], 1)
    """
    if returns not in ("indices", "labels"):
        raise ValueError(f"returns must be 'indices' or 'labels', got {shown(returns)}")
    if callable(source) and returns == "indices":
        return source  # type: ignore[no-any-return]
    wanted = "sampler must be callable as sampler(size, rng) or an iterable of outputs"
    outputs = source if callable(source) else _outputs(source, wanted)
    index = label_index(target, labels)
    return _by_label(source, index) if callable(source) else Recorded(outputs, index)


def label_index(target: Any, labels: Sequence[Any] | None = None) -> LabelIndex:
    """The categories of a target by their names: those given, else the target's own, else 0 to K-1."""
    return LabelIndex(category_labels(labels, target, target_probabilities(target).size))


def _by_label(source: Callable[[int, np.random.Generator], Any], index: LabelIndex) -> Sampler:
    def sampler(size: int, rng: np.random.Generator) -> Integers:
        name = f"sampler({size}, rng)"
        outputs = _outputs(source(size, rng), f"{name} must return an iterable of outputs", name)
        return index.find(list(islice(outputs, size + 1)) if isinstance(outputs, Iterator) else outputs, name)

    return sampler


def _outputs(source: Any, wanted: str, name: str = "outputs") -> Any:
    """What can be sliced as it is, arrays and tensors of any library as NumPy's, anything else as an iterator."""
    if isinstance(source, np.ma.MaskedArray):
        raise SpecificationError(f"{name} must not be a masked array (a masked entry is no output): use compressed()")
    if hasattr(source, "__array__") and not isinstance(source, np.generic):
        return one_dimensional(as_array(source), name)
    if isinstance(source, str | bytes | Mapping | Set) or not isinstance(source, Iterable):
        raise SpecificationError(f"{wanted}, got {shown(source)}")
    if isinstance(source, Sized) and not len(source):
        raise SpecificationError(f"{name} must hold at least one output, got none")
    return source if isinstance(source, list | tuple | range) else iter(source)


def one_dimensional(outputs: Any, name: str = "outputs") -> Any:
    """An array of outputs, once it is known to be one.

    Raises
    ------
    SpecificationError
        If it has another shape, no entries, or entries that are neither numbers, texts nor objects.
    """
    if outputs.ndim != 1:
        raise SpecificationError(f"{name} must be one-dimensional, got shape {outputs.shape}")
    if outputs.size == 0:
        raise SpecificationError(f"{name} must hold at least one output, got none")
    if outputs.dtype.kind not in "biufUO":
        raise SpecificationError(f"{name} must be numbers or texts, got dtype {outputs.dtype}")
    return outputs
