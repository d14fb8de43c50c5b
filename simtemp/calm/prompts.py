"""Prompts of any length as one batch of blocks: padding on the left, as in training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simtemp.arguments import Integers


def as_blocks(
    prompts: Sequence[Integers], patch_size: int, pad_token: int, vocab_size: int
) -> tuple[Integers, npt.NDArray[np.bool_]]:
    """Prompts as one batch of blocks.

    A prompt whose length is no multiple of K has padding tokens at the start of its first block; before that, whole blocks of padding make
    all prompts equally long. The end of a prompt is always the end of its last block, where the model goes on.

    Parameters
    ----------
    prompts : sequence of int64[tokens]
        At least one, none of them empty.
    patch_size : int
        K, tokens in a block.
    pad_token, vocab_size : int
        Of the model.

    Returns
    -------
    blocks : int64[B, L, K]
    present : bool[B, L]
        False where a whole block is padding.

    Raises
    ------
    ValueError
        For no prompts, an empty one, or a token outside of the vocabulary.

    Examples
    --------
    >>> blocks, present = as_blocks([np.array([5, 6, 7]), np.array([8])], patch_size=2, pad_token=0, vocab_size=10)
    >>> blocks.tolist(), present.tolist()
    ([[[0, 5], [6, 7]], [[0, 0], [0, 8]]], [[True, True], [False, True]])
    """
    if not prompts:
        raise ValueError("prompts must have at least one prompt, got none")
    for index, tokens in enumerate(prompts):
        if len(tokens) == 0:
            raise ValueError(f"prompt {index} is empty: the model continues a text, give it at least one character")
        outside = tokens[(tokens < 0) | (tokens >= vocab_size)]
        if outside.size:
            raise ValueError(
                f"prompt {index} has token {outside[0]}, the vocabulary of the model ends at {vocab_size - 1}: is the tokenizer its own?"
            )
    lengths = [-(-len(tokens) // patch_size) for tokens in prompts]
    blocks = np.full((len(prompts), max(lengths), patch_size), pad_token, np.int64)
    present = np.zeros(blocks.shape[:2], np.bool_)
    for row, there, length, tokens in zip(blocks, present, lengths, prompts, strict=True):
        row.reshape(-1)[-len(tokens) :] = tokens
        there[-length:] = True
    return blocks, present
