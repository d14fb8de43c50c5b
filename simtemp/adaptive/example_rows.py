"""Training text of a model of blocks: prompts and responses laid out as decoding meets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from simtemp.adaptive.tasks.task import Example
from simtemp.calm.prompts import as_blocks
from simtemp.calm.tokenizer import Tokenizer

_PIECES = 3
"""Of a batch: rows of similar lengths together need less padding."""


@dataclass(frozen=True)
class ExampleRows:
    """One example a row: the prompt padded on the left to whole blocks, the response with its end token padded on the right.

    A prompt ends with a block and the response begins with the next one, as in decoding. Whole blocks of padding, which make all rows
    equally long, come last, where no block before them sees them.

    Attributes
    ----------
    blocks : int64[R, L, K]
    response : bool[R, L]
        True at the blocks of the response.
    lengths : int64[R]
        Blocks of a row, without those of mere padding.
    """

    blocks: Tensor
    response: Tensor
    lengths: Tensor

    def batch(self, count: int, generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
        """Rows from anywhere, by length in a few pieces, each as long as its longest row.

        Returns
        -------
        list of (int64[b, l, K], bool[b, l - 1])
            Blocks, and which of them, without the first, belong to a response.
        """
        picked = torch.randint(len(self.blocks), (count,), generator=generator)
        pieces = picked[self.lengths[picked].argsort(stable=True)].chunk(_PIECES)
        ends = [int(self.lengths[piece].max()) for piece in pieces]
        return [
            (self.blocks[piece, :end], self.response[piece, 1:end]) for piece, end in zip(pieces, ends, strict=True)
        ]

    def all_blocks(self) -> Tensor:
        """Every block that is not mere padding, int64[M, K]."""
        return self.blocks[torch.arange(self.blocks.shape[1]) < self.lengths[:, None]]


def example_rows(examples: Sequence[Example], tokenizer: Tokenizer, patch_size: int) -> ExampleRows:
    """Lay out examples.

    Raises
    ------
    ValueError
        For no examples, or one without a prompt: a model of blocks continues a text.

    Examples
    --------
    >>> from simtemp.adaptive.tasks.task import Example
    >>> from simtemp.calm.tokenizer import character_tokenizer
    >>> rows = example_rows([Example("1+2=", "3"), Example("12+3=", "15")], character_tokenizer("0123456789+="), 4)
    >>> rows.lengths.tolist(), rows.response.tolist()
    ([2, 3], [[False, True, False], [False, False, True]])
    """
    prompts, present = as_blocks(
        [tokenizer.encode(one.prompt) for one in examples], patch_size, tokenizer.pad_id, tokenizer.vocab_size
    )
    parts = [
        (torch.from_numpy(blocks[there]), _response_blocks(tokenizer, one.response, patch_size))
        for blocks, there, one in zip(prompts, present, examples, strict=True)
    ]
    before = torch.tensor([len(prompt) for prompt, _ in parts])
    lengths = before + torch.tensor([len(response) for _, response in parts])
    blocks = pad_sequence([torch.cat(both) for both in parts], batch_first=True, padding_value=tokenizer.pad_id)
    places = torch.arange(blocks.shape[1])
    return ExampleRows(blocks, (places >= before[:, None]) & (places < lengths[:, None]), lengths)


def _response_blocks(tokenizer: Tokenizer, response: str, patch_size: int) -> Tensor:
    tokens = np.append(tokenizer.encode(response), tokenizer.eos_id)
    padding = np.full(-len(tokens) % patch_size, tokenizer.pad_id)
    return torch.from_numpy(np.concatenate([tokens, padding])).view(-1, patch_size)
