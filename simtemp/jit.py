"""Compile options, decided once.

`kernel` is used for every compiled function: cached on disk (a second process starts in a fraction of a second), the interpreter
lock released (threads run chunks), strict IEEE arithmetic (no fast-math: laws are checked to 1e-12). Numba's cache does not notice
a change in a *called* function's file; the test suite therefore keeps its cache in a folder named after a hash of the sources.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile `function` on its first call."""
    return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def is_instance(numba_type: Any, named_tuple: type) -> bool:
    """Whether a Numba type is that of the given NamedTuple class (of equal or of mixed field types)."""
    return getattr(numba_type, "instance_class", None) is named_tuple
