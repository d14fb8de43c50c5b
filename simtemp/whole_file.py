"""Writing a file so that it is there whole or not at all, also on a full disk or when the process is killed."""

from __future__ import annotations

import errno
from collections.abc import Callable
from os import PathLike
from pathlib import Path


def check_folder(path: str | PathLike[str]) -> Path:
    """The place of a file that is to be written.

    Raises
    ------
    OSError
        For a folder in its place, or one that is not there to hold it.
    """
    place = Path(path)
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(place))
    if not place.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(place.parent))
    return place


def replace_whole(path: str | PathLike[str], write: Callable[[Path], object]) -> Path:
    """Replace a file by what `write` writes to the path it is given, beside it and with the same suffix.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    place = check_folder(path)
    unfinished = place.with_name(f".unfinished-{place.name}")
    try:
        write(unfinished)
        unfinished.replace(place)
    except OSError as error:
        if error.filename is not None and str(error.filename) == str(unfinished):
            raise type(error)(error.errno, error.strerror, str(place)) from None  # the one that the caller knows
        raise
    finally:
        unfinished.unlink(missing_ok=True)
    return place


def write_whole(path: str | PathLike[str], content: bytes) -> Path:
    """Replace a file by bytes.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    return replace_whole(path, lambda unfinished: unfinished.write_bytes(content))
