"""Examples as rows of tokens with the ones to predict, and batches of them in pieces of similar lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from simtemp.adaptive.tasks.task import Example
from simtemp.arguments import Integers
from simtemp.calm.tokenizer import Tokenizer

NOT_PREDICTED = -100
"""The target that torch's cross-entropy leaves out."""

_PIECES = 4
_PIECE_TOKENS = 1000
"""A batch is computed in at most so many pieces of about so many tokens or more: rows in order of their length, each piece padded to its
own longest. Smaller pieces cost more than they save in padding."""


@dataclass(frozen=True)
class TrainingRow:
    """One example.

    Attributes
    ----------
    tokens : int64[n]
        ``<bos> prompt response <eos>``.
    first : int
        Place of the first token that is predicted: of the response, or of the text where the prompt is empty.
    """

    tokens: Integers
    first: int


class TrainingRows:
    """All examples, and random batches of them.

    An example with a prompt is one row. Running text (an empty prompt) longer than a window is as many rows as it has windows, each a
    window after ``<bos>`` that begins anywhere in it.

    Parameters
    ----------
    examples : sequence of Example
        At least one; with at least one token to predict each.
    tokenizer : Tokenizer
    window : int
        Tokens of running text in a row, >= 1.

    Attributes
    ----------
    longest : int
        Tokens of the longest row.

    Raises
    ------
    ValueError
        For no examples.
    """

    def __init__(self, examples: Sequence[Example], tokenizer: Tokenizer, window: int) -> None:
        if not examples:
            raise ValueError("examples must have at least one example, got none")
        self._window, self._pad = window, tokenizer.pad_id
        begin, end = np.array([tokenizer.bos_id]), np.array([tokenizer.eos_id])
        self._rows: list[TrainingRow] = []
        for example in examples:
            prompt = tokenizer.encode(example.prompt)
            tokens = np.concatenate([begin, prompt, tokenizer.encode(example.response), end])
            row = TrainingRow(tokens, 1 + len(prompt))
            windows = 1 if len(prompt) else max(1, round((len(tokens) - 1) / window))
            self._rows += [row] * windows
        self.longest = max(len(row.tokens) if row.first > 1 else min(len(row.tokens), 1 + window) for row in self._rows)

    def batch(self, count: int, generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
        """Pieces of a batch of `count` random rows: inputs int64[b, L] and, at each place, the token to predict next or `NOT_PREDICTED`."""
        picked = torch.randint(len(self._rows), (count,), generator=generator).tolist()
        places = torch.rand(count, generator=generator, dtype=torch.float64).tolist()
        rows = [self._cut(self._rows[index], place) for index, place in zip(picked, places, strict=True)]
        rows.sort(key=lambda row: len(row.tokens))
        tokens = sum(len(row.tokens) for row in rows)
        pieces = np.array_split(np.arange(count), min(count, _PIECES, max(1, tokens // _PIECE_TOKENS)))
        return [self._padded([rows[i] for i in piece.tolist()]) for piece in pieces]

    def _cut(self, row: TrainingRow, place: float) -> TrainingRow:
        """A window of running text that begins at a place in [0, 1) of all the ones that it can begin at; other rows as they are."""
        spare = len(row.tokens) - 1 - self._window
        if row.first > 1 or spare <= 0:
            return row
        start = 1 + int(place * (spare + 1))
        return TrainingRow(np.concatenate([row.tokens[:1], row.tokens[start : start + self._window]]), 1)

    def _padded(self, rows: Sequence[TrainingRow]) -> tuple[Tensor, Tensor]:
        longest = len(rows[-1].tokens) - 1
        inputs = np.full((len(rows), longest), self._pad, np.int64)
        targets = np.full((len(rows), longest), NOT_PREDICTED, np.int64)
        for row, given, wanted in zip(rows, inputs, targets, strict=True):
            last = len(row.tokens) - 1
            given[:last] = row.tokens[:-1]
            wanted[row.first - 1 : last] = row.tokens[row.first :]
        return torch.from_numpy(inputs), torch.from_numpy(targets)
