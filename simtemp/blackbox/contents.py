"""What a black box returned, as keys to compare: values are equal where their keys are."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np

from simtemp.arguments import Integers, shown
from simtemp.errors import DrawError


class Contents(NamedTuple):
    """k values: what kind they are, a key for each, and how to get at the values themselves."""

    form: str  # values of different forms cannot be compared
    keys: Sequence[Hashable]
    pick: Callable[[Integers], list[Any]]  # the values at some places, as they were drawn


def contents(returned: Any, *leading: int) -> Contents:
    """Read what ``draw`` returned: k values for ``leading = (k,)``, m times k values for ``(m, k)``.

    Raises
    ------
    DrawError
        When it is not that many values, or one of them is a row or number with NaN.
    """
    array = as_array(returned)
    if array is not None:
        if array.shape[: len(leading)] != leading:
            expected = ", ".join(map(str, leading))
            raise DrawError(f"draw must return an array of shape [{expected}, ...], got shape {list(array.shape)}")
        return _of_array(array.reshape(math.prod(leading), *array.shape[len(leading) :]))
    k = leading[0]
    values = list(islice(_iterator(returned), k + 1))  # one that does not end is not gathered
    if len(values) != k:
        what = "values" if len(leading) == 1 else f"sequences of {leading[1]:,} values"
        got = f"{len(values):,}" if len(values) < k else f"more than {k:,}"
        raise DrawError(f"draw must return {k:,} {what}, got {got}")
    if len(leading) == 1:
        return _of_objects(values)
    return _joined([contents(row, *leading[1:]) for row in values], leading[1])


def as_array(value: Any) -> Any:
    """The NumPy array that an array or tensor is (of any library: nothing is imported), or None."""
    if hasattr(value, "detach"):
        on_host = value.detach().cpu()
        for resolve in ("resolve_conj", "resolve_neg"):  # PyTorch conjugates and negates lazily, NumPy cannot
            on_host = getattr(on_host, resolve)() if hasattr(on_host, resolve) else on_host
        try:
            return on_host.numpy()
        except TypeError:  # bfloat16 is unknown to NumPy; float32 holds it exactly
            return on_host.float().numpy()
    if not _is_array(type(value)):
        return None
    if np.ma.is_masked(value):
        raise DrawError("draw must not return masked entries, which are no values")
    return np.asarray(value)


def _is_array(kind: type) -> bool:
    return hasattr(kind, "__array__") and not issubclass(kind, np.generic)


def _iterator(returned: Any) -> Iterator[Any]:
    if isinstance(returned, Set | Mapping):  # what was drawn twice is in it once
        raise DrawError(f"draw must return a sequence of values, got a {type(returned).__name__}")
    try:
        return iter(returned)
    except TypeError:
        raise DrawError(f"draw must return a sequence of values, got {shown(returned)}") from None


def _of_array(array: Any) -> Contents:
    kind = array.dtype.kind
    if kind in "fcmM":  # of dates, NaT
        wrong = np.isnan(array).any(axis=tuple(range(1, array.ndim)))
        if wrong.any():
            raise DrawError(
                f"draw must not return NaN, which equals nothing: {int(wrong.sum()):,} of {wrong.size:,} values have one"
            )
    if array.ndim == 1:
        if kind in "biufc":
            return Contents("objects", array.tolist(), lambda places: list(array[places]))
        return _of_objects(list(array))

    def rows(places: Integers) -> list[Any]:
        return list(array[places])  # a copy, so that the values do not keep the whole batch alive

    if kind not in "biufc" or array.dtype.char in "gG":  # widths of text differ; long doubles have padding
        return Contents(f"rows of kind {kind}", [_frozen(row) for row in array.tolist()], rows)
    plain = array + 0.0 if kind in "fc" else array  # -0.0 becomes 0.0
    return Contents(f"rows of {array.dtype} and shape {list(array.shape[1:])}", _row_bytes(plain), rows)


def _row_bytes(array: Any) -> list[bytes]:
    width = math.prod(array.shape[1:])
    if width == 0:
        return [b""] * array.shape[0]
    rows = np.ascontiguousarray(array).reshape(array.shape[0], width)
    keys: list[bytes] = rows.view(f"V{width * rows.itemsize}").ravel().tolist()
    return keys


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _of_objects(values: list[Any]) -> Contents:
    kinds = set(map(type, values))
    keys: list[Any] = values
    if any(map(_is_array, kinds)):
        keys = list(map(_by_content, values))  # a tensor's hash is its address

    def pick(places: Integers) -> list[Any]:
        return [_kept(values[i]) for i in places]

    return Contents("objects", keys, pick)


def _kept(value: Any) -> Any:
    """A value that stays what it is when the box draws into the same memory."""
    if hasattr(value, "detach") and hasattr(value, "clone"):
        return value.detach().clone()
    return value.copy() if _is_array(type(value)) and hasattr(value, "copy") else value


def _by_content(value: Any) -> Any:
    array = as_array(value)
    if array is None:
        return value
    one = _of_array(array[np.newaxis])
    return one.form, one.keys[0]


def _joined(parts: list[Contents], k: int) -> Contents:
    for part in parts:
        if part.form != parts[0].form:
            raise DrawError(f"draw must return values of one kind, got {part.form} beside {parts[0].form}")

    def pick(places: Integers) -> list[Any]:
        return [parts[i // k].pick(np.array([i % k]))[0] for i in places]

    return Contents(parts[0].form, list(chain.from_iterable(part.keys for part in parts)), pick)
