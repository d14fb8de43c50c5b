"""Writing a file so that it is there whole or not at all, also when the process is killed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError


def replace_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Replace a file by what `write` writes to the path it is given.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    unfinished = path.with_name(f".unfinished-{path.name}")  # the suffix may say how to write
    try:
        write(unfinished)
        unfinished.replace(path)
    except SafetensorError as error:  # how the library reports a full disk or a forbidden directory
        raise OSError(f"{path} cannot be written: {' '.join(str(error).split())}") from None
    finally:
        unfinished.unlink(missing_ok=True)
