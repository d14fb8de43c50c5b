"""The two trainings of a model, one after the other: the block autoencoder, then, with it frozen, the backbone and the head."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from simtemp.calm.autoencoder import Autoencoder
from simtemp.calm.config import CalmConfig
from simtemp.calm.corpus import Corpus
from simtemp.calm.energy_head import EnergyHead, energy_score
from simtemp.calm.head import draw_posterior
from simtemp.calm.learner import Learner, torch_generator
from simtemp.calm.model import CalmModel
from simtemp.calm.recipe import Recipe

_Module = TypeVar("_Module", bound=nn.Module)

_HELD_OUT_BLOCKS = 4096
"""Of the held-out loss in the curve of the autoencoder."""

_HELD_OUT_WINDOWS = 16
"""Of that in the curve of the language model."""


@dataclass(frozen=True)
class Seeds:
    """One stream of randomness for each role, all from the seed of the run."""

    autoencoder_weights: np.random.SeedSequence
    autoencoder_steps: np.random.SeedSequence
    model_weights: np.random.SeedSequence
    model_steps: np.random.SeedSequence
    held_out: np.random.SeedSequence
    score: np.random.SeedSequence

    @classmethod
    def of(cls, seed: int) -> Seeds:
        """The streams of a seed."""
        return cls(*np.random.SeedSequence(seed).spawn(6))


@dataclass(frozen=True)
class Phase:
    """One of the two trainings.

    Attributes
    ----------
    name : str
    learner : Learner
    loss : callable
        The loss of a fresh batch of training text, drawn from a generator.
    held_out_loss : callable
        The loss on a fixed stretch of held-out text; touches nothing else.
    """

    name: str
    learner: Learner
    loss: Callable[[torch.Generator], Tensor]
    held_out_loss: Callable[[], float]


def autoencoder_phase(config: CalmConfig, recipe: Recipe, corpus: Corpus, seeds: Seeds) -> Phase:
    """The training of the autoencoder on blocks from anywhere in the text."""
    module = built(lambda: Autoencoder(config.autoencoder), seeds.autoencoder_weights).train()
    held_out = corpus.held_out_blocks()[:_HELD_OUT_BLOCKS]
    return Phase(
        "autoencoder",
        Learner(module, recipe, seeds.autoencoder_steps),
        lambda generator: module.loss(corpus.training_blocks(recipe.batch_size, generator), generator),
        lambda: _evaluated(module, lambda generator: module.loss(held_out, generator), seeds.held_out),
    )


class GuidedModel(nn.Module):
    """A language model in training, with the classifier that guides its backbone.

    Parameters
    ----------
    config : CalmConfig
        Sizes of the model.
    recipe : Recipe
        Its weight of the guide and its numbers of samples.

    Attributes
    ----------
    model : CalmModel
    guide : torch.nn.Linear
        From a state to the logits of the K tokens of the next block, each by itself.
    """

    def __init__(self, config: CalmConfig, recipe: Recipe) -> None:
        super().__init__()
        self._recipe = recipe
        self.model = CalmModel(config)
        self.guide = nn.Linear(config.hidden_size, config.patch_size * config.vocab_size)

    def loss(self, windows: Tensor, generator: torch.Generator, counted: Tensor | None = None) -> Tensor:
        """The loss of the head, and that of the guide by its weight, at every position of windows: each block but the first is predicted.

        Parameters
        ----------
        windows : int64[B, L + 1, K]
            Text.
        generator : torch.Generator
            Where the noise of the head comes from.
        counted : bool[B, L], optional
            Which of the predicted blocks count, at least one; by default all. What stands after the last that counts is never seen.
        """
        states, _ = self.model.hidden(windows[:, :-1], use_cache=False)  # [B, L, K] -> [B, L, h]
        rows, truth = states.flatten(0, 1), windows[:, 1:].flatten(0, 1)  # [B*L, h], [B*L, K]
        if counted is not None:
            rows, truth = rows[counted.flatten()], truth[counted.flatten()]
        with torch.no_grad():
            mean, log_sigma = self.model.ae_model.encode(truth)  # [B*L, K] -> 2 of [B*L, z]
        logits = self.guide(rows).view(truth.numel(), -1)  # [B*L, K*V] -> [B*L*K, V]
        return self._head_loss(rows, mean, log_sigma, generator) + self._recipe.guide * F.cross_entropy(
            logits, truth.flatten()
        )

    def _head_loss(self, rows: Tensor, mean: Tensor, log_sigma: Tensor, generator: torch.Generator) -> Tensor:
        head, recipe = self.model.mlp_generator, self._recipe
        if not isinstance(head, EnergyHead):
            return head.loss(rows, mean, log_sigma, generator)
        samples = head.sample(rows, recipe.model_samples, generator)
        return energy_score(samples, draw_posterior(mean, log_sigma, recipe.posterior_samples, generator)).mean()


def model_phase(
    config: CalmConfig, recipe: Recipe, corpus: Corpus, autoencoder: Mapping[str, Tensor] | None, seeds: Seeds
) -> Phase:
    """The training of backbone and head on windows from anywhere in the text, every position of a window at once.

    `autoencoder` are its weights; None leaves them as built, for a learner whose state is loaded next.
    """
    module = built(lambda: GuidedModel(config, recipe), seeds.model_weights)
    if autoencoder is not None:
        module.model.ae_model.load_state_dict(dict(autoencoder))
    module.train()
    held_out = corpus.held_out_windows(recipe.window + 1)[:_HELD_OUT_WINDOWS]

    def loss(generator: torch.Generator) -> Tensor:
        return module.loss(corpus.training_windows(recipe.batch_size, recipe.window + 1, generator), generator)

    return Phase(
        "model",
        Learner(module, recipe, seeds.model_steps),
        loss,
        lambda: _evaluated(module, lambda generator: module.loss(held_out, generator), seeds.held_out),
    )


def trained_model(config: CalmConfig, weights: Mapping[str, Tensor]) -> CalmModel:
    """The model of a `GuidedModel`'s weights, in evaluation mode; the guide is left behind."""
    model = CalmModel(config)
    prefix = "model."
    model.load_state_dict({name[len(prefix) :]: weights[name] for name in weights if name.startswith(prefix)})
    return model.eval()


@torch.no_grad()
def reconstruction(autoencoder: Autoencoder, blocks: Tensor) -> float:
    """Share of the tokens of blocks int64[M, K] that come back from the mean of their latent."""
    mean, _ = autoencoder.encode(blocks)
    return float((autoencoder.decode(mean) == blocks).double().mean())


def built(build: Callable[[], _Module], seed: np.random.SeedSequence) -> _Module:
    """A module with initial weights of a seed; torch takes them from its global generator, which is left as it was.

    Raises
    ------
    MemoryError
        For sizes that no memory holds.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(torch_generator(seed).initial_seed())
        try:
            return build()
        except RuntimeError as error:  # how torch says it
            raise MemoryError(str(error).splitlines()[0]) from None


@torch.no_grad()
def _evaluated(module: nn.Module, loss: Callable[[torch.Generator], Tensor], seed: np.random.SeedSequence) -> float:
    module.eval()
    value = float(loss(torch_generator(seed)))
    module.train()
    return value
