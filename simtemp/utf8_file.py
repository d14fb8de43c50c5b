"""Reading a UTF-8 file whole."""

from __future__ import annotations

from pathlib import Path

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_utf8(path: Path) -> str:
    """The text of a UTF-8 file, line ends as they are, without a byte-order mark.

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        For a file that is not UTF-8, naming the line.
    """
    encoded = path.read_bytes().removeprefix(_BYTE_ORDER_MARK)
    try:
        return encoded.decode("utf-8")
    except UnicodeDecodeError as error:
        line = encoded.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line}: byte 0x{encoded[error.start]:02x} is not UTF-8 text") from None
