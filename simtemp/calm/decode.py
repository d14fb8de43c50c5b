"""Text from a prompt at a temperature, all at once or as it comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simtemp.arguments import Integers
from simtemp.calm.continuation import continuations
from simtemp.calm.next_block import DEFAULT_BUDGET, Seconds, StepInfo
from simtemp.console import Progress

if TYPE_CHECKING:
    from simtemp.calm.model import CalmModel
    from simtemp.calm.tokenizer import Tokenizer

DEFAULT_BLOCKS = 64

_INCOMPLETE = "\ufffd"
"""What a tokenizer of bytes makes of a character that has not come to its end yet."""


@dataclass(frozen=True)
class Decoded:
    """What was decoded after one prompt.

    Attributes
    ----------
    prompt : str
    text : str
        What follows the prompt.
    tokens : int64[tokens]
        Its tokens, without padding; up to, and without, the end token.
    steps : tuple of StepInfo
        One a block.
    ended : bool
        Whether an end token ended it; otherwise the number of blocks did.
    """

    prompt: str
    text: str
    tokens: Integers
    steps: tuple[StepInfo, ...]
    ended: bool


class Piece(NamedTuple):
    """What one step adds to one prompt.

    Attributes
    ----------
    prompt : int
        Index of the prompt.
    text : str
        New text; empty where a character is not complete yet.
    step : StepInfo
    tokens : int64[tokens]
        New tokens, without padding, up to an end token.
    ended : bool
        Whether the block has an end token.
    """

    prompt: int
    text: str
    step: StepInfo
    tokens: Integers
    ended: bool


def decode(
    model: CalmModel,
    tokenizer: Tokenizer,
    prompts: Sequence[str] | str,
    temperature: Any,
    *,
    method: str = "duel",
    budget: int | None = DEFAULT_BUDGET,
    max_blocks: int = DEFAULT_BLOCKS,
    rng: Any = 0,
    seconds: Seconds | None = None,
    progress: Progress = lambda done, total: None,
    **options: Any,
) -> list[Decoded]:
    """Continue prompts at a temperature.

    Parameters
    ----------
    model : CalmModel
        In evaluation mode, on any device and of any floating-point type.
    tokenizer : Tokenizer
        The one it was trained with.
    prompts : str or sequence of str
        Not empty. A prompt whose length is no multiple of the block size is padded on the left, as in training.
    temperature : float, sequence of one float a prompt, or callable
        The next block x is sampled with probability proportional to ``P(x | text so far) ** (1/T)``. 1: a single draw a block. 0: the most
        frequent block among `budget` draws. A callable is a policy: it is given
        a `simtemp.decoding_step.DecodingStep` (the states of the sequences that have not ended, which they are, and the number of blocks
        decoded so far) and returns their temperatures.
    method : str
        ``"duel"``, ``"accepted"`` or ``"collision"`` (temperature up to 1), ``"batch"`` (any), ``"chain"`` (above 1).
    budget : int or None
        Draws a block, with the duel (at most; None: as many as exactness takes), with the batch rules and at T = 0; the other methods pay
        no heed to it.
    max_blocks : int
        Blocks a prompt, at most; an end token ends a text earlier.
    rng : int, SeedSequence, Generator or None
        Child i is of prompt i. Same seed, same text, whatever the other prompts are, but for rounding: matrix products of another batch
        size may differ in their last digit, and a draw on the border of two blocks then falls to the other side.
    seconds : Seconds, optional
        Added to: where the time went.
    progress : callable, optional
        Called with (blocks decoded, blocks there may be).
    **options
        Further options of the method, and `max_draws`, the draws that a block may cost.

    Returns
    -------
    list of Decoded
        One a prompt.

    Raises
    ------
    ValueError
        For an empty prompt, one longer than the model is made for, a tokenizer that is not the model's, or a bad option.
    ModelOutputError
        When the head gives NaN or infinity.
    DrawBudgetExceeded
        When a block needs more than `max_draws`.

    Notes
    -----
    P is the law of the block that the autoencoder decodes (argmax) from a latent of the head. With T <= 1 and no budget a block is exactly
    tempered; in a budget its total variation from that is at most the probability that the budget ends first. That some of the blocks say
    `exact` does not make these alone a sample of the target: the others are those that were hard. Keys and values of the backbone are
    cached, and the head makes one pass a round for all prompts that have not ended.

    Examples
    --------
    >>> from simtemp.calm import CalmModel, tiny_config
    >>> from simtemp.calm.tokenizer import character_tokenizer
    >>> tokenizer = character_tokenizer("to be or not to be")
    >>> model = CalmModel(tiny_config(tokenizer.vocab_size)).eval()
    >>> decoded = decode(model, tokenizer, ["to be", "or"], 0.5, budget=64, max_blocks=3)
    >>> [len(one.steps) <= 3 for one in decoded]
    [True, True]
    """
    texts = [prompts] if isinstance(prompts, str) else list(prompts)
    parts: list[list[Piece]] = [[] for _ in texts]
    pieces = decode_stream(
        model,
        tokenizer,
        texts,
        temperature,
        method=method,
        budget=budget,
        max_blocks=max_blocks,
        rng=rng,
        seconds=seconds,
        **options,
    )
    for done, piece in enumerate(pieces):
        parts[piece.prompt].append(piece)
        progress(done + 1, len(texts) * int(max_blocks))
    return [
        Decoded(
            prompt=text,
            text="".join(piece.text for piece in own),
            tokens=np.concatenate([piece.tokens for piece in own]),
            steps=tuple(piece.step for piece in own),
            ended=own[-1].ended,
        )
        for text, own in zip(texts, parts, strict=True)
    ]


def decode_stream(
    model: CalmModel,
    tokenizer: Tokenizer,
    prompts: Sequence[str] | str,
    temperature: Any,
    *,
    method: str = "duel",
    budget: int | None = DEFAULT_BUDGET,
    max_blocks: int = DEFAULT_BLOCKS,
    rng: Any = 0,
    seconds: Seconds | None = None,
    **options: Any,
) -> Iterator[Piece]:
    """Continue prompts at a temperature, and give every block as it comes.

    Parameters and exceptions are those of `decode`; arguments are checked at the call.

    Yields
    ------
    Piece
        (prompt, text, step, tokens, ended), step by step, those of a step in the order of the prompts.
    """
    texts = [prompts] if isinstance(prompts, str) else list(prompts)
    encoded = [tokenizer.encode(text) for text in texts]
    config = model.config
    pad = tokenizer.pad_id if config.pad_token_id is None else config.pad_token_id
    end = tokenizer.eos_id if config.eos_token_id is None else config.eos_token_id
    blocks = continuations(
        model,
        encoded,
        temperature,
        max_blocks=max_blocks,
        pad_token=pad,
        end_token=end,
        method=method,
        budget=budget,
        rng=rng,
        seconds=seconds,
        **options,
    )
    growing = [_GrowingText(tokenizer, tokens) for tokens in encoded]
    return (
        _piece(block.sequence, block.tokens, block.info, block.last, growing[block.sequence], pad, end)
        for block in blocks
    )


def _piece(prompt: int, block: Integers, step: StepInfo, last: bool, text: _GrowingText, pad: int, end: int) -> Piece:
    ends = np.flatnonzero(block == end)
    kept = block[: ends[0]] if ends.size else block
    kept = kept[kept != pad]
    return Piece(prompt, text.add(kept, last), step, kept, bool(ends.size))


class _GrowingText:
    """The text of more and more tokens.

    The prompt is read along: what becomes of a character that it ends within, or whether a word has a space before it, depends on both.
    """

    def __init__(self, tokenizer: Tokenizer, prompt: Integers) -> None:
        self._tokenizer = tokenizer
        self._tokens = prompt
        self._told = len(tokenizer.decode(prompt))

    def add(self, tokens: Integers, last: bool) -> str:
        """What the tokens add; a character that is not complete is kept back until it is, or nothing more comes."""
        self._tokens = np.concatenate([self._tokens, tokens])
        text = self._tokenizer.decode(self._tokens)
        until = len(text) if last else len(text.rstrip(_INCOMPLETE))
        new = text[self._told : until]
        self._told = max(self._told, until)
        return new
