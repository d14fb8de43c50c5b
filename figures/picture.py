"""From a drawn figure to a file: PNG, SVG or PDF by its ending, the same bytes for the same picture."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from figures.style import look
from simtemp.whole_file import write_whole

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
