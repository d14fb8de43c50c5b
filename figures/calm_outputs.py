"""Decoded blocks of a language model in contexts of a text: pairs of outputs, at every temperature and by every way, of the same draws."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from figures.seeds import child_seed
from simtemp.arguments import Integers, whole_number

if TYPE_CHECKING:
    from torch import Tensor

    from simtemp.calm.model import CalmModel

WINDOW = 32
"""Blocks a context has at most, as in training."""


@dataclass(frozen=True)
class Contexts:
    """Places of a text, and what comes next there.

    Attributes
    ----------
    states : float[n, h]
        States of the backbone.
    truth : int64[n, K]
        The next block of the text.
    """

    states: Tensor
    truth: Integers


def held_out_windows(model: CalmModel, directory: str | Path, text: str | Path | None) -> Tensor:
    """Windows of the held-out part of a text (default: the one that models are trained on), int64[windows, L, K].

    Raises
    ------
    ValueError
        For a text too short, or a tokenizer that is not the model's.
    OSError
        For a file that cannot be read.
    """
    from simtemp.calm.corpus import make_corpus, read_documents
    from simtemp.calm.tokenizer import load_tokenizer

    tokenizer = load_tokenizer(Path(directory))
    if tokenizer.vocab_size > model.config.vocab_size:
        raise ValueError(
            f"the tokenizer has {tokenizer.vocab_size:,} tokens and the model {model.config.vocab_size:,}: they do not belong together"
        )
    corpus = make_corpus(read_documents(None if text is None else Path(text)), tokenizer, model.config.patch_size)
    return corpus.held_out_windows(1 + min(WINDOW, model.config.max_position_embeddings))


def contexts_of(model: CalmModel, windows: Tensor, size: int, seed: int) -> Contexts:
    """States at `size` places of windows (all places, if there are fewer), drawn without replacement, in the order of the text.

    Parameters
    ----------
    model : CalmModel
        In evaluation mode.
    windows : int64[windows, L, K]
        L >= 2.
    size : int
        >= 1.
    seed : int
        Decides which places.
    """
    import torch

    places = len(windows) * (windows.shape[1] - 1)
    rng = np.random.default_rng(child_seed(seed, "calm", "contexts"))
    chosen = np.sort(rng.choice(places, min(whole_number(size, "size", 1), places), replace=False))
    window, block = np.divmod(chosen, windows.shape[1] - 1)
    read, row = np.unique(window, return_inverse=True)
    device = next(model.parameters()).device
    with torch.inference_mode():
        states = torch.cat(
            [model.hidden(part[:, :-1].to(device), use_cache=False)[0] for part in torch.split(windows[read], 64)]
        )
    return Contexts(states[row, block], windows[window, block + 1].numpy(force=True))


class RepeatedDraws:
    """Draws of the next block in several states, each of which can be had again from the first on.

    What `simtemp.sample_many` draws from; so every way at every temperature sees the same draws, and the network evaluates them once.

    Parameters
    ----------
    model : CalmModel
        In evaluation mode.
    states : float[B, h]
    noise : sequence of B numpy Generators
        The noise of each state.
    """

    def __init__(self, model: CalmModel, states: Tensor, noise: Sequence[np.random.Generator]) -> None:
        from simtemp.calm.block_draws import BlockDraws

        self._draws = BlockDraws(model, states, noise)
        self._kept: list[Integers] = [np.empty((0, model.config.patch_size), np.int64) for _ in noise]
        self._given = np.zeros(len(self._kept), np.int64)

    def __call__(self, which: Integers, k: int) -> Integers:
        """The next k draws of each of the states `which`, int64[m, k, K]."""
        lacking = self._given[which] + k - np.array([len(self._kept[i]) for i in which])
        if lacking.max() > 0:
            few = which[lacking > 0]
            for i, fresh in zip(few, self._draws(few, int(lacking.max())), strict=True):
                self._kept[i] = np.concatenate((self._kept[i], fresh))
        given = np.stack([self._kept[i][self._given[i] :][:k] for i in which])
        self._given[which] += k
        return given

    def rewind(self) -> None:
        """Begin again with the first draw of each state."""
        self._given[:] = 0

    @property
    def seconds_a_draw(self) -> float:
        """What the network took, on average."""
        return self._draws.seconds / max(1, sum(map(len, self._kept)))

    @property
    def seconds(self) -> float:
        """What the network took so far."""
        return self._draws.seconds


@dataclass(frozen=True)
class Outputs:
    """Two outputs in each of n contexts.

    Attributes
    ----------
    blocks : int64[n, 2, K]
    draws : int64[n, 2]
        What each cost by the algorithm.
    requested : int64[n, 2]
        Draws that the head was asked for.
    exact : bool[n, 2]
        Whether the exact sampler ended.
    seconds : float
        Of the network for the draws requested, at its mean pace, and of the sampler.
    """

    blocks: Integers
    draws: Integers
    requested: Integers
    exact: npt.NDArray[np.bool_]
    seconds: float


def outputs_of(
    draws: RepeatedDraws,
    contexts: int,
    temperature: float,
    method: str,
    *,
    coins: int,
    max_draws: int,
    **options: Any,
) -> Outputs:
    """Two outputs in each context; states 2i and 2i + 1 of `draws` are those of context i.

    Raises
    ------
    DrawBudgetExceeded
        When an output needs more than `max_draws`.
    """
    from simtemp.blackbox import sample_many

    draws.rewind()
    began, before = time.perf_counter(), draws.seconds
    chosen = sample_many(draws, 2 * contexts, temperature, method, rng=coins, max_draws=max_draws, **options)
    sampling = time.perf_counter() - began - (draws.seconds - before)
    infos = [info for _, info in chosen]
    requested = np.array([info.requested for info in infos])
    return Outputs(
        np.array([block for block, _ in chosen], np.int64).reshape(contexts, 2, -1),
        np.array([info.draws for info in infos]).reshape(contexts, 2),
        requested.reshape(contexts, 2),
        np.array([info.exact for info in infos]).reshape(contexts, 2),
        sampling + draws.seconds_a_draw * int(requested.sum()),
    )


def joined(parts: Sequence[Outputs]) -> Outputs:
    """The outputs of all contexts."""
    return Outputs(
        np.concatenate([part.blocks for part in parts]),
        np.concatenate([part.draws for part in parts]),
        np.concatenate([part.requested for part in parts]),
        np.concatenate([part.exact for part in parts]),
        sum(part.seconds for part in parts),
    )


def distinct_share(texts: Sequence[Integers], n: int) -> float:
    """Different n-grams of tokens among all n-grams of several texts; NaN where there is none.

    Examples
    --------
    >>> distinct_share([np.array([1, 2, 1, 2, 1])], 2)
    0.5
    """
    grams = [tuple(window) for text in texts for window in zip(*(text[i:].tolist() for i in range(n)), strict=False)]
    return len(set(grams)) / len(grams) if grams else float("nan")
