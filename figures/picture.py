"""From a drawn figure to a file: PNG, SVG or PDF by its ending, the same bytes for the same picture."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from figures.style import look

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""Dates and versions are left out, so that a picture that has not changed is a file that has not changed."""


def picture_format(path: str | Path) -> str:
    """The format a file name's ending asks for.

    Raises
    ------
    ValueError
        For an ending other than .png, .svg and .pdf.

    Examples
    --------
    >>> picture_format("cost.SVG")
    'svg'
    """
    ending = Path(path).suffix.lower().lstrip(".")
    if ending not in _METADATA:
        raise ValueError(f"output must end in .png, .svg or .pdf, got {str(path)!r}")
    return ending


def render(figure: Figure, kind: str) -> bytes:
    """The bytes of a figure as "png", "svg" or "pdf"."""
    stream = io.BytesIO()
    with look():
        figure.savefig(stream, format=kind, metadata=_METADATA[kind])
    return stream.getvalue()


def save_picture(figure: Figure, path: str | Path) -> Path:
    """Write a figure to a file by its ending; a file that was there is replaced only when the new one is whole."""
    return write_whole(path, render(figure, picture_format(path)))


def write_whole(path: str | Path, content: bytes) -> Path:
    """Write beside the place and rename: a reader, a full disk or Ctrl-C never sees half a file."""
    place = Path(path)
    if not place.parent.is_dir():  # said of the folder, not of the temporary file in it
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(place.parent))
    handle, temporary = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)  # mkstemp's 0600 would hide a report from everyone else
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return place
