"""Compile options, decided once.

`kernel` is used for every compiled function: cached on disk (a second process starts in a fraction of a second), the interpreter
lock released (threads run chunks), strict IEEE arithmetic (no fast-math: laws are checked to 1e-12). Numba's cache does not notice
a change in a *called* function's file; the test suite therefore keeps its cache in a folder named after a hash of the sources.
Where no folder can be written to, every process compiles anew, with a warning.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile `function` on its first call."""
    try:
        return _compiled(function, cache=True)
    except RuntimeError:  # no cache, neither beside the source nor in the user's folder
        _warn_once()
        return _compiled(function, cache=False)


def is_instance(numba_type: Any, named_tuple: type) -> bool:
    """Whether a Numba type is that of the given NamedTuple class (of equal or of mixed field types)."""
    return getattr(numba_type, "instance_class", None) is named_tuple


def _compiled(function: Function, *, cache: bool) -> Function:
    return cast(Function, numba.njit(cache=cache, nogil=True, error_model="numpy")(function))


@lru_cache
def _warn_once() -> None:
    warnings.warn(
        "compiled code cannot be kept, so that every start takes seconds longer: set NUMBA_CACHE_DIR to a folder that can be written",
        RuntimeWarning,
        stacklevel=4,
    )
