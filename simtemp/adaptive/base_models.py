"""The small frozen models that heads are trained on: one with logits and one of blocks, from the training text of a task."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from simtemp.adaptive.response import TextModel
from simtemp.adaptive.roles import role_seed
from simtemp.adaptive.settings import Settings
from simtemp.adaptive.small_calm import (
    AUTOENCODER_RECIPE,
    MODEL_RECIPE,
    load_small_calm,
    save_small_calm,
    train_small_calm,
)
from simtemp.adaptive.small_language_model import (
    LANGUAGE_RECIPE,
    load_language_model,
    save_language_model,
    train_small_language_model,
)
from simtemp.adaptive.tasks.task import Task
from simtemp.calm.recipe import Recipe
from simtemp.console import Progress

Kind = Literal["logits", "blocks"]
"""A language model with logits, or one that decodes blocks and has none (CALM)."""


def train_base_model(
    directory: Path,
    task: Task,
    kind: Kind,
    settings: Settings,
    seed: int,
    progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """Train the base model of a task and save it.

    Parameters
    ----------
    directory : path
        Of the model.
    task : Task
        Its training text and tokens.
    kind : str
        "logits" or "blocks".
    settings : Settings
        Its examples and steps.
    seed : int
        Of the examples and of the training.
    progress : callable, optional
        Called with (done, total).

    Returns
    -------
    dict
        "parameters", and "seconds" of training.
    """
    began = time.perf_counter()
    of_examples = np.random.default_rng(role_seed(seed, "examples"))
    examples, tokenizer = task.examples(settings.examples, of_examples), task.tokenizer()
    model: Any
    if kind == "logits":
        recipe = _with_steps(task.recipe or LANGUAGE_RECIPE, settings.base_steps)
        model = train_small_language_model(examples, tokenizer, recipe, seed, progress=progress)
        save_language_model(directory, model, tokenizer)
    else:
        model = train_small_calm(
            examples,
            tokenizer,
            autoencoder=_with_steps(AUTOENCODER_RECIPE, -(-settings.base_steps // 2)),
            model=_with_steps(MODEL_RECIPE, settings.base_steps),
            seed=seed,
            progress=progress,
        )
        save_small_calm(directory, model, tokenizer)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return {"parameters": parameters, "seconds": time.perf_counter() - began}


def load_base_model(directory: Path, kind: Kind) -> TextModel:
    """The base model of an experiment, in evaluation mode.

    Raises
    ------
    CheckpointError
        When it is not there or damaged.
    """
    return load_language_model(directory) if kind == "logits" else load_small_calm(directory)


def _with_steps(recipe: Recipe, steps: int) -> Recipe:
    return replace(recipe, steps=steps, warmup=min(recipe.warmup, steps // 5))
