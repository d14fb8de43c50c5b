"""Text to learn from and text held out: disjoint parts of the same documents, as streams of tokens and batches of windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from simtemp.calm.brier import blocks_ahead
from simtemp.calm.tokenizer import Tokenizer
from simtemp.utf8_file import read_utf8

PARTS = 10
"""The text is cut into so many equal parts; the end of each is held out."""

HELD_OUT_SHARE = 0.1

LEFT_PADDED_SHARE = 0.2
"""Of the windows of a batch: as many begin with padding inside their first block, as a prompt of any length does."""

_LONGEST_LINE = 200
"""Characters; a longer line is cut, so that a text of one line can be split as well. In a short text, a tenth of a part."""

_COPIED_LINE = 30
"""Characters a line must have for its second occurrence to be taken for a copy and not for chance."""


def read_documents(path: Path | None) -> list[str]:
    """The documents of a text: one UTF-8 file, or, without one, the topics of the Python manual (`pydoc_data.topics`).

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        For a file that is empty or not UTF-8.
    """
    if path is None:
        from pydoc_data import topics

        return list(topics.topics.values())
    try:
        text = read_utf8(path)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if not text:
        raise ValueError(f"{path} is empty")
    return [text]


@dataclass(frozen=True)
class Piece:
    """A stretch of one document.

    Attributes
    ----------
    text : str
    ends : bool
        Whether the document ends here.
    """

    text: str
    ends: bool


def split_documents(documents: Sequence[str]) -> tuple[list[Piece], list[Piece]]:
    """Training text and held-out text: the last tenth of each of ten equal parts is held out, in whole lines.

    A line of 30 characters or more that is in both (manuals repeat themselves) is taken out of the training text: what is
    held out was never seen.

    Returns
    -------
    training, held_out : list of Piece
        In the order of the text.

    Examples
    --------
    >>> training, held_out = split_documents(["x" * 2000])
    >>> sum(len(piece.text) for piece in training), sum(len(piece.text) for piece in held_out)
    (1800, 200)
    """
    part = max(1.0, sum(map(len, documents)) / PARTS)
    longest = max(1, min(_LONGEST_LINE, int(HELD_OUT_SHARE * part)))
    lines: list[tuple[str, bool, bool]] = []  # text, whether it ends its document, whether it is held out
    position = 0
    for document in documents:
        cut = list(_lines(document, longest))
        for index, line in enumerate(cut):
            lines.append((line, index == len(cut) - 1, position % part >= (1 - HELD_OUT_SHARE) * part))
            position += len(line)
    copied = {line.strip() for line, _, is_held_out in lines if is_held_out and len(line.strip()) >= _COPIED_LINE}
    training = [(line, ends) for line, ends, is_held_out in lines if not is_held_out and line.strip() not in copied]
    held_out = [(line, ends) for line, ends, is_held_out in lines if is_held_out]
    return _join(training), _join(held_out)


def _lines(document: str, longest: int) -> Iterator[str]:
    for line in document.splitlines(keepends=True):
        for start in range(0, len(line), longest):
            yield line[start : start + longest]


def _join(lines: Sequence[tuple[str, bool]]) -> list[Piece]:
    """Lines in one piece up to the end of their document."""
    pieces: list[Piece] = []
    open_lines: list[str] = []
    for line, ends in lines:
        open_lines.append(line)
        if ends:
            pieces.append(Piece("".join(open_lines), True))
            open_lines = []
    if open_lines:
        pieces.append(Piece("".join(open_lines), False))
    return pieces


def token_stream(pieces: Sequence[Piece], tokenizer: Tokenizer) -> Tensor:
    """All pieces one after another, int64 [tokens], with `eos` where a document ends."""
    ends = torch.tensor([tokenizer.eos_id])
    parts: list[Tensor] = []
    for piece in pieces:
        parts.append(torch.from_numpy(tokenizer.encode(piece.text)))
        if piece.ends:
            parts.append(ends)
    return torch.cat(parts) if parts else torch.empty(0, dtype=torch.int64)


@dataclass(frozen=True)
class Corpus:
    """Token streams of the training text and of the text held out.

    Attributes
    ----------
    training, held_out : int64 [tokens]
    patch_size : int
        K, tokens in a block.
    pad_id : int
    """

    training: Tensor
    held_out: Tensor
    patch_size: int
    pad_id: int

    def __post_init__(self) -> None:
        least = self.patch_size * (1 + blocks_ahead(self.patch_size))  # a block, and what is scored after it
        for name, stream in (("training", self.training), ("held-out", self.held_out)):
            if len(stream) < least:
                raise ValueError(
                    f"the text is too short: its {name} part has {len(stream)} tokens, at least {least} are needed "
                    "(a line of both parts is taken out of the training part)"
                )

    def training_blocks(self, count: int, generator: torch.Generator) -> Tensor:
        """Blocks from anywhere in the training text, int64 [count, K]."""
        return self._windows(count, 1, generator)[:, 0]

    def training_windows(self, count: int, blocks: int, generator: torch.Generator) -> Tensor:
        """Windows of consecutive blocks from anywhere in the training text, int64 [count, blocks, K].

        A fifth of them have 1 to K - 1 tokens of padding at their start, in place of what came before.
        """
        windows = self._windows(count, self.fitting(blocks), generator)
        if self.patch_size > 1:
            padded = torch.rand(count, generator=generator) < LEFT_PADDED_SHARE
            length = torch.randint(1, self.patch_size, (count,), generator=generator) * padded
            windows[:, 0][torch.arange(self.patch_size) < length[:, None]] = self.pad_id
        return windows

    def fitting(self, blocks: int) -> int:
        """As many blocks a window as the shorter stream has, at most `blocks`."""
        return min(blocks, min(len(self.training), len(self.held_out)) // self.patch_size)

    def held_out_blocks(self) -> Tensor:
        """The blocks of the held-out text, one after another, int64 [blocks, K]."""
        blocks = len(self.held_out) // self.patch_size
        return self.held_out[: blocks * self.patch_size].view(blocks, self.patch_size)

    def held_out_windows(self, blocks: int) -> Tensor:
        """Windows of the held-out text, int64 [windows, blocks, K]; each begins with the last block of the one before."""
        fitting = self.fitting(blocks)
        return self.held_out_blocks().unfold(0, fitting, fitting - 1).transpose(1, 2)

    def _windows(self, count: int, blocks: int, generator: torch.Generator) -> Tensor:
        length = blocks * self.patch_size
        starts = torch.randint(len(self.training) - length + 1, (count,), generator=generator)
        return self.training[starts[:, None] + torch.arange(length)].view(count, blocks, self.patch_size)


def make_corpus(documents: Sequence[str], tokenizer: Tokenizer, patch_size: int) -> Corpus:
    """Split documents, and read both sides as tokens.

    Raises
    ------
    ValueError
        For a text too short to leave a block and four tokens after it on either side.
    """
    training, held_out = split_documents(documents)
    return Corpus(token_stream(training, tokenizer), token_stream(held_out, tokenizer), patch_size, tokenizer.pad_id)
