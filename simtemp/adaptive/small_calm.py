"""A model of blocks for a task, small enough to be trained in two minutes: the autoencoder, then backbone and energy head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from simtemp.adaptive.block_text import DEFAULT_BUDGET, BlockText
from simtemp.adaptive.example_rows import ExampleRows, example_rows
from simtemp.adaptive.tasks.task import Example
from simtemp.calm.autoencoder import Autoencoder
from simtemp.calm.checkpoint import from_pretrained, save_checkpoint
from simtemp.calm.config import CalmConfig
from simtemp.calm.learner import Learner
from simtemp.calm.model import CalmModel
from simtemp.calm.recipe import Recipe
from simtemp.calm.tiny import tiny_config
from simtemp.calm.tokenizer import Tokenizer, load_tokenizer
from simtemp.calm.training import GuidedModel, Seeds, built, trained_model
from simtemp.calm.training_run import TrainingInterrupted
from simtemp.console import Progress

AUTOENCODER_RECIPE = Recipe(steps=450, batch_size=256, learning_rate=5e-3, warmup=40)
MODEL_RECIPE = Recipe(
    steps=900,
    batch_size=64,
    learning_rate=3e-3,
    warmup=60,
    weight_decay=0.01,
    average=0.995,
    guide=2.0,
    model_samples=4,
    posterior_samples=16,
)


def small_calm_config(tokenizer: Tokenizer) -> CalmConfig:
    """Blocks of 4 tokens, 16 latents, a backbone of width 96 and 2 layers: about 0.55 million parameters."""
    return tiny_config(
        tokenizer.vocab_size,
        hidden_size=96,
        intermediate_size=192,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        latent_size=16,
        noise_size=16,
        # Nothing is hidden: a missing digit cannot be guessed from the others.
        autoencoder={"hidden_size": 64, "intermediate_size": 128, "token_dropout": 0.0, "latent_dropout": 0.1},
        pad_token_id=tokenizer.pad_id,
        bos_token_id=tokenizer.bos_id,
        eos_token_id=tokenizer.eos_id,
    )


def train_small_calm(
    examples: Sequence[Example],
    tokenizer: Tokenizer,
    *,
    config: CalmConfig | None = None,
    autoencoder: Recipe = AUTOENCODER_RECIPE,
    model: Recipe = MODEL_RECIPE,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> CalmModel:
    """Train a model of blocks to respond to prompts as examples do.

    The autoencoder learns the blocks of prompts and responses, then backbone and head learn to predict those of the responses. In a
    batch every third of the examples, by length, counts the same, so that short responses are not drowned by long ones.

    Parameters
    ----------
    examples : sequence of Example
        Each with a prompt.
    tokenizer : Tokenizer
        It must know the characters of the examples.
    config : CalmConfig, optional
        By default `small_calm_config`.
    autoencoder, model : Recipe
        Of the two trainings; a batch is so many blocks, and so many examples.
    seed : int
        Decides, with all the above and the number of threads, every weight.
    progress : callable, optional
        Called with (done, total) steps of both trainings.
    should_stop : callable, optional
        Asked after every step.

    Returns
    -------
    CalmModel
        In evaluation mode.

    Raises
    ------
    ValueError
        For no examples, or one without a prompt.
    TrainingInterrupted
        When asked to stop.
    TrainingDiverged
        When a loss is not finite.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from simtemp.adaptive.tasks.task import Example
    >>> from simtemp.calm.tokenizer import character_tokenizer
    >>> examples = [Example("1+1=", "2"), Example("2+2=", "4")]
    >>> brief = {"autoencoder": replace(AUTOENCODER_RECIPE, steps=1), "model": replace(MODEL_RECIPE, steps=1)}
    >>> train_small_calm(examples, character_tokenizer("0123456789+="), **brief).config.patch_size
    4
    """
    sizes = small_calm_config(tokenizer) if config is None else config
    rows, seeds = example_rows(examples, tokenizer, sizes.patch_size), Seeds.of(seed)
    total = autoencoder.steps + model.steps

    coder = built(lambda: Autoencoder(sizes.autoencoder), seeds.autoencoder_weights).train()
    learner = Learner(coder, autoencoder, seeds.autoencoder_steps)
    blocks = rows.all_blocks()
    _finish(
        learner,
        lambda generator: coder.loss(_some(blocks, autoencoder.batch_size, generator), generator),
        "autoencoder",
        lambda step: progress(step, total),
        should_stop,
    )

    guided = built(lambda: GuidedModel(sizes, model), seeds.model_weights)
    guided.model.ae_model.load_state_dict(learner.averaged_weights())
    learner = Learner(guided.train(), model, seeds.model_steps)
    _finish(
        learner,
        lambda generator: _response_loss(guided, rows, model.batch_size, generator),
        "model",
        lambda step: progress(autoencoder.steps + step, total),
        should_stop,
    )
    return trained_model(sizes, learner.averaged_weights())


def save_small_calm(directory: Path, model: CalmModel, tokenizer: Tokenizer) -> None:
    """Write the model and its tokenizer into a directory, made where it is missing.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    save_checkpoint(model, directory)
    tokenizer.save(directory)


def load_small_calm(directory: Path, budget: int | None = DEFAULT_BUDGET) -> BlockText:
    """What `save_small_calm`, or a training by `simtemp calm train`, wrote.

    Raises
    ------
    CheckpointError, OSError, ValueError
        For a directory that has no such model, or no tokenizer.
    """
    return BlockText(from_pretrained(directory), load_tokenizer(directory), budget)


def _finish(
    learner: Learner,
    loss: Callable[[torch.Generator], Tensor],
    name: str,
    tick: Callable[[int], None],
    should_stop: Callable[[], bool],
) -> None:
    """Train to the last step of the recipe."""
    steps = learner.recipe.steps
    while learner.step < steps:
        learner.advance(loss)
        tick(learner.step)
        if should_stop():
            raise TrainingInterrupted(f"stopped at step {learner.step} of {steps} of the {name}")


def _some(blocks: Tensor, count: int, generator: torch.Generator) -> Tensor:
    return blocks[torch.randint(len(blocks), (count,), generator=generator)]


def _response_loss(guided: GuidedModel, rows: ExampleRows, count: int, generator: torch.Generator) -> Tensor:
    losses = [
        len(windows) * guided.loss(windows, generator, counted) for windows, counted in rows.batch(count, generator)
    ]
    return torch.stack(losses).sum() / count
