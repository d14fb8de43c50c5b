"""Real text as a base distribution: its consecutive blocks of K characters, as a block language model decodes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simtemp import arguments
from simtemp.arguments import Integers
from simtemp.categorical import MAX_CATEGORIES, Categorical
from simtemp.utf8_file import read_utf8

MANUAL_BLOCK_LENGTH = 4
"""Characters to a block of the Python manual, the base named `text`."""

MAX_BLOCK_LENGTH = 10_000
"""Longer blocks of a text are hardly ever met twice."""

_CHUNK_BITS = 20
_CHUNK = 2**_CHUNK_BITS  # characters counted at once: fixed memory, whatever the length of the text
_KEYS = 2 ** (63 - _CHUNK_BITS)  # a key and a position share one signed 64-bit integer


def python_manual() -> str:
    """The reference text that ships with Python itself (`pydoc_data.topics`), always at hand."""
    from pydoc_data import topics

    return "\n".join(topics.topics.values())


def read_text_blocks(path: Path, length: float, name: str = "") -> Categorical:
    """The blocks of a UTF-8 file (a byte-order mark at its start is no character; line ends are kept as they are).

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        For a file that is not UTF-8, or as `text_blocks`.
    """
    size = arguments.whole_number(length, "K", 1, MAX_BLOCK_LENGTH)  # before the file is read
    return text_blocks(read_utf8(path), size, name)


def text_blocks(text: str, length: int, name: str = "") -> Categorical:
    """The distribution of the consecutive, non-overlapping blocks of `length` characters of a text.

    Parameters
    ----------
    text : str
        What remains after the last whole block is dropped.
    length : int
        Characters to a block, from 1 to 10,000.
    name : str, optional
        The name of the distribution.

    Returns
    -------
    Categorical
        Labels are the blocks, by falling count and then by first occurrence.

    Raises
    ------
    ValueError
        For a length out of range, a text shorter than one block, or more than 10 million different blocks.

    Notes
    -----
    O(characters): 100 million of them take seconds.

    Examples
    --------
    >>> text_blocks("to be, to see, to be", 3).labels
    ('to ', 'be,', ' to', ' se', 'e, ')
    """
    size = arguments.whole_number(length, "K", 1, MAX_BLOCK_LENGTH)
    blocks = len(text) // size
    if blocks == 0:
        raise ValueError(f"the text has {len(text)} characters, less than one block of K = {size}")
    tally: dict[str, int] = {}
    step = max(1, _CHUNK // size) * size
    for start in range(0, blocks * size, step):
        chunk = text[start : min(start + step, blocks * size)]
        first, counts = _count_blocks(chunk, size)
        for position, count in zip((first * size).tolist(), counts.tolist(), strict=True):
            block = chunk[position : position + size]
            tally[block] = tally.get(block, 0) + count
        if len(tally) > MAX_CATEGORIES:
            raise ValueError(f"the text has more than {MAX_CATEGORIES} different blocks of K = {size} characters")
    falling = tuple(
        sorted(tally, key=tally.__getitem__, reverse=True)
    )  # stable: ties stay in order of first occurrence
    return Categorical.from_counts(np.fromiter(map(tally.__getitem__, falling), np.int64), falling, name)


def _count_blocks(chunk: str, size: int) -> tuple[Integers, Integers]:
    """Where each different block of a chunk is first met (rising), and how often it is met.

    One sort of key and position together: equal blocks end side by side, the first of them in front.
    """
    keys = _block_keys(chunk, size)
    packed = (keys << _CHUNK_BITS) | np.arange(keys.size)
    packed.sort()
    heads = np.flatnonzero(np.diff(packed >> _CHUNK_BITS, prepend=-1))
    counts = np.diff(heads, append=keys.size)
    first = packed[heads] & (_CHUNK - 1)
    order = np.argsort(first)
    return first[order], counts[order]


def _block_keys(chunk: str, size: int) -> Integers:
    """One integer in [0, 2**43) for each block, equal for equal blocks only.

    Blocks are read as numbers in base (alphabet size), character by character; before a digit that could not be held,
    the numbers so far are replaced by their ranks, of which there are no more than blocks.
    """
    code_points = np.frombuffer(chunk.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
    present = np.zeros(int(code_points.max()) + 1, np.int64)
    present[code_points] = 1
    rank = np.cumsum(present) - 1
    digits = rank[code_points].reshape(-1, size)
    alphabet = int(rank[-1]) + 1
    keys, bound = digits[:, 0], alphabet
    for column in range(1, size):
        if bound * alphabet > _KEYS:
            keys = np.unique(keys, return_inverse=True)[1]
            bound = keys.size
        keys = keys * alphabet + digits[:, column]
        bound *= alphabet
    return np.asarray(keys, np.int64)
