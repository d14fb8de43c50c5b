"""Names of a package that are loaded on first use, so that importing it is quick."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any


def lazy_names(
    package: str,
    home: Mapping[str, Sequence[str]],
    guard: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """What a package's ``__getattr__``, ``__dir__`` and ``__all__`` are to be.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    home : mapping
        From modules to the names that the package has of them.
    guard : callable
        The module is imported inside the context that it returns.

    Returns
    -------
    tuple
        In this order.
    """
    module_of = {name: module for module, names in home.items() for name in names}

    def load(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with guard():
            value = getattr(import_module(module_of[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *module_of})

    return load, names, sorted(module_of)
