"""One line instead of a traceback where the extra `calm` is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from simtemp.calm.errors import TorchRequired

_EXTRA = ("torch", "transformers", "safetensors", "tokenizers")


@contextmanager
def torch_required() -> Iterator[None]:
    """Wrap imports of the extra: a package of it that is missing becomes one line that says how to install it.

    Raises
    ------
    TorchRequired
        For a missing package of the extra; any other failed import passes unchanged.

    Examples
    --------
    >>> from simtemp.calm.torch_required import torch_required
    >>> with torch_required():
    ...     import torch
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRA:
            raise
        raise TorchRequired(
            f'the language model needs {package}: pip install "simtemp[calm]" -c constraints.txt', name=package
        ) from None
