"""The tokens of a batch of sequences as they are decoded, with their temperatures and probabilities, and the responses they make."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from simtemp.adaptive.response import Response
from simtemp.adaptive.token_law import tempered_log_probs
from simtemp.arguments import Floats, Integers
from simtemp.calm.tokenizer import Tokenizer


class DecodedTokens:
    """What was decoded for b sequences, at most so many steps each.

    Parameters
    ----------
    count : int
        b.
    steps : int
    scored_at : sequence of M float or None
        Temperatures at which each token is scored.
    """

    def __init__(self, count: int, steps: int, scored_at: Sequence[float] | None) -> None:
        self.steps = steps
        self._scored_at = scored_at
        self._lengths = np.zeros(count, np.int64)
        self._tokens = np.zeros((count, steps), np.int64)
        self._temperatures = np.zeros((count, steps))
        self._log_probs = np.zeros(count)
        self._scores = None if scored_at is None else np.zeros((count, steps, len(scored_at)), np.float32)

    def add(self, rows: Integers, number: int, tokens: Tensor, temperatures: Floats, logits: Tensor) -> None:
        """One token int64[b] of some rows, drawn at temperatures float64[b] by a model of logits float[b, V]."""
        self._lengths[rows] = number + 1
        self._tokens[rows, number] = tokens.cpu().numpy()
        self._temperatures[rows, number] = temperatures
        self._log_probs[rows] += _scores(tokens, logits, 1.0)
        if self._scores is not None:
            for place, temperature in enumerate(self._scored_at or ()):
                self._scores[rows, number, place] = _scores(tokens, logits, temperature)

    def responses(self, tokenizer: Tokenizer) -> list[Response]:
        """One response a sequence; an end token ends it and is no part of its text."""
        return [self._response(row, tokenizer) for row in range(len(self._tokens))]

    def _response(self, row: int, tokenizer: Tokenizer) -> Response:
        length = int(self._lengths[row])
        ended = bool(self._tokens[row, length - 1] == tokenizer.eos_id)
        tokens = self._tokens[row, : length - ended].copy()
        return Response(
            text=tokenizer.decode(tokens),
            tokens=tokens,
            ended=ended,
            temperatures=self._temperatures[row, :length].copy(),
            log_prob=float(self._log_probs[row]),
            text_log_probs=None if self._scores is None else self._scores[row, :length].copy(),
            draws=length,
        )


def _scores(tokens: Tensor, logits: Tensor, temperature: float) -> Floats:
    """Of each row log P(token | temperature), float64[b]."""
    scores: Floats = tempered_log_probs(logits, temperature).gather(-1, tokens[:, None])[:, 0].cpu().numpy()
    return scores
