"""Text that does not repeat itself: continue a prefix of the Python manual with few repeated 3-grams of tokens."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from simtemp.adaptive.claims import fewer_repeats
from simtemp.adaptive.response import Response
from simtemp.adaptive.tasks.ngrams import repeated_share
from simtemp.adaptive.tasks.subwords import learn_subwords
from simtemp.adaptive.tasks.task import Example, Prompt, Split, Task
from simtemp.arguments import real, shown, whole_number
from simtemp.calm.recipe import Recipe
from simtemp.calm.tokenizer import Tokenizer

if TYPE_CHECKING:
    from simtemp.calm.corpus import Piece

PREFIX = 50
"""Tokens of a prompt, as published."""


def likelihood(response: Response) -> float:
    """Geometric mean of the probabilities of the tokens of a response under the base model at T = 1, in [0, 1]; 0 for no token.

    Raises
    ------
    ValueError
        For a response of a model without logits.
    """
    if math.isnan(response.log_prob):
        raise ValueError("the reward has a weight on likelihood, but the model has no logits to compute it from")
    tokens = len(response.tokens) + response.ended
    return math.exp(response.log_prob / tokens) if tokens else 0.0


class RepeatsTask(Task):
    """Continue 50 tokens of text; reward is 1 minus the share of 3-grams of tokens that the response has said before [1]_.

    The text is cut into a part for training (the base model, and the prompts that a head learns from) and a part held out (the prompts it
    is judged on; no line of 30 characters or more of it is in the other part). Prompts of a split never overlap. Each has the repeats of
    the text's own continuation beside it (`facts["text_repeats"]`): fewer than that is no improvement of the text.

    As published, the reward asks for nothing but few repeats, and the highest temperature has the fewest: what it costs is the likelihood
    of the response under the base model, to be reported beside it. With a `likelihood_weight` w the reward is the trade between the two,
    (1 - w)(1 - repeats) + w likelihood, likelihood being the geometric mean of the probabilities of the tokens.

    Parameters
    ----------
    documents : sequence of str, optional
        The topics of the Python manual (`pydoc_data.topics`) without it.
    vocabulary : int
        Byte-pair tokens, >= 259, learnt from the training part; with 900 the manual of Python 3.11 has 310 prompts held out, with more
        fewer.
    likelihood_weight : float
        In [0, 1]; 0 is the published reward.

    Raises
    ------
    ValueError
        For a bad vocabulary or weight.

    References
    ----------
    .. [1] Dhuliawala et al. (2024), Adaptive Decoding via Latent Preference Optimization, arXiv:2411.09661.
    """

    name = "repeats"
    level: Literal["token", "sequence"] = "token"
    temperatures = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    max_tokens = 100
    kinds = ("text",)
    claims = (fewer_repeats,)
    recipe = Recipe(
        steps=600, batch_size=16, window=160, learning_rate=4e-3, warmup=50, weight_decay=0.01, average=0.99
    )
    """Windows as long as a prompt with its response."""

    def __init__(
        self, documents: Sequence[str] | None = None, *, vocabulary: int = 900, likelihood_weight: float = 0.0
    ) -> None:
        self.likelihood_weight = real(likelihood_weight, "likelihood_weight")
        if not 0.0 <= self.likelihood_weight <= 1.0:
            raise ValueError(f"likelihood_weight must be in [0, 1], got {shown(likelihood_weight)}")
        self._documents = None if documents is None else tuple(documents)
        self._vocabulary = whole_number(vocabulary, "vocabulary", 259)

    def tokenizer(self) -> Tokenizer:
        """The byte-pair tokens of the training part."""
        return _subwords(self._documents, self._vocabulary)

    def examples(self, count: int, rng: np.random.Generator) -> list[Example]:
        """The pieces of the training part as running text, whatever `count` and `rng`."""
        return [Example("", piece.text) for piece in _pieces(self._documents, "learn")]

    def prompts(self, split: Split, count: int, rng: np.random.Generator) -> list[Prompt]:
        """Different prefixes of the part of a split, in any order.

        Raises
        ------
        ValueError
            For more than there are.
        """
        known = _prefixes(self._documents, self._vocabulary, split, self.max_tokens)
        number = whole_number(count, "count", 0, len(known))
        return [known[i] for i in rng.permutation(len(known))[:number]]

    def reward(self, prompt: Prompt, response: Response) -> float:
        """1 - share of repeated 3-grams, traded against likelihood when that has a weight."""
        few = 1.0 - repeated_share(response.tokens)
        if self.likelihood_weight == 0.0:
            return few
        return (1.0 - self.likelihood_weight) * few + self.likelihood_weight * likelihood(response)

    def measures(self, prompt: Prompt, response: Response) -> dict[str, float]:
        """Repeated 3-grams of the response and of the text's own continuation, and the length of the response in tokens."""
        return {
            "repeated_3grams": repeated_share(response.tokens),
            "repeated_3grams_of_the_text": prompt.facts["text_repeats"],
            "tokens": float(len(response.tokens)),
        }


@cache
def _pieces(documents: tuple[str, ...] | None, split: Split) -> list[Piece]:
    from simtemp.calm.corpus import read_documents, split_documents  # brings torch

    training, held_out = split_documents(read_documents(None) if documents is None else documents)
    return training if split == "learn" else held_out


@cache
def _subwords(documents: tuple[str, ...] | None, vocabulary: int) -> Tokenizer:
    return learn_subwords((piece.text for piece in _pieces(documents, "learn")), vocabulary)


@cache
def _prefixes(documents: tuple[str, ...] | None, vocabulary: int, split: Split, after: int) -> list[Prompt]:
    """Prefixes side by side, with `after` tokens of text behind them, that are the same tokens when read again; each text once."""
    tokenizer = _subwords(documents, vocabulary)
    prompts = {}
    for piece in _pieces(documents, split):
        tokens = tokenizer.encode(piece.text)
        for start in range(0, len(tokens) - PREFIX - after + 1, PREFIX):
            prefix, own = tokens[start : start + PREFIX], tokens[start + PREFIX : start + PREFIX + after]
            text = tokenizer.decode(prefix)
            if np.array_equal(tokenizer.encode(text), prefix):
                prompts[text] = Prompt(text, "text", {"text_repeats": repeated_share(own)})
    return list(prompts.values())
