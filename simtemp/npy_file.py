"""The header of a .npy file, read before its numbers: NumPy itself ends the process for some that are damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def check_npy(path: Path) -> None:
    """Refuse a file that is no .npy file of plain entries (not records), or whose header no array can have.

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        For a damaged header, a negative length, or entries of no bytes.
    """
    with path.open("rb") as stream:
        try:
            shape, _, dtype = _HEADERS[np.lib.format.read_magic(stream)](stream)
        except OSError:
            raise
        except Exception as error:  # a broken header ends in errors of many kinds
            raise ValueError(f"not a .npy array of numbers or texts: {error}") from None
    if min(shape, default=0) < 0 or dtype.itemsize == 0:
        raise ValueError(f"not a .npy array of numbers or texts: {dtype} of shape {shape}")
