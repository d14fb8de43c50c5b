"""A small Llama on the tokens of a task: built, trained, saved and loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from simtemp.adaptive.causal_text import CausalText
from simtemp.adaptive.fitting_weights import load_weights
from simtemp.adaptive.tasks.task import Example
from simtemp.adaptive.training_rows import NOT_PREDICTED, TrainingRows
from simtemp.arguments import shown, whole_number
from simtemp.calm.errors import CheckpointError
from simtemp.calm.learner import Learner
from simtemp.calm.recipe import Recipe
from simtemp.calm.tensor_files import CONFIG_FILE, read_json_object, read_tensors, write_checkpoint
from simtemp.calm.tokenizer import Tokenizer, load_tokenizer
from simtemp.calm.training import built
from simtemp.calm.training_run import TrainingInterrupted
from simtemp.console import Progress

LANGUAGE_RECIPE = Recipe(
    steps=1000, batch_size=64, window=96, learning_rate=4e-3, warmup=50, weight_decay=0.01, average=0.99
)
"""For examples of 10 to 100 characters."""

_TIED = "lm_head.weight"
"""The same tensor as the embedding: a file holds it once."""


def small_config(vocab_size: int) -> LlamaConfig:
    """3 layers of width 96: a third of a million parameters."""
    return LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=96,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        pad_token_id=None,  # with one, its embedding would be held at zero
        bos_token_id=None,
        eos_token_id=None,
    )


def train_small_language_model(
    examples: Sequence[Example],
    tokenizer: Tokenizer,
    recipe: Recipe = LANGUAGE_RECIPE,
    seed: int = 0,
    *,
    progress: Progress = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Any:
    """Train a new model to continue prompts.

    The loss is the cross-entropy of the tokens of the response with its end; of all tokens where the prompt is empty.

    Parameters
    ----------
    examples : sequence of Example
        At least one.
    tokenizer : Tokenizer
        Its vocabulary is the model's.
    recipe : Recipe
        `batch_size` in rows; `window` in tokens, of running text only: a longer one is cut at random places.
    seed : int
        Of weights and batches: the same seed gives the same model, on one machine with one number of threads.
    progress : callable, optional
        Called with (done, total) in steps.
    should_stop : callable, optional
        Asked after every step.

    Returns
    -------
    transformers.LlamaForCausalLM
        With the averaged weights, in evaluation mode.

    Raises
    ------
    ValueError
        For no examples, or one longer than the model is made for.
    TrainingInterrupted
        When asked to stop.
    TrainingDiverged
        When the loss is not finite.

    Examples
    --------
    >>> from simtemp.adaptive.tasks.task import Example
    >>> from simtemp.calm.recipe import Recipe
    >>> from simtemp.calm.tokenizer import character_tokenizer
    >>> recipe = Recipe(steps=2, batch_size=4, learning_rate=1e-3)
    >>> model = train_small_language_model([Example("1+1=", "2")], character_tokenizer("012+="), recipe)
    >>> model.config.hidden_size
    96
    """
    rows = TrainingRows(examples, tokenizer, recipe.window)
    config = small_config(tokenizer.vocab_size)
    if rows.longest > config.max_position_embeddings:
        raise ValueError(
            f"the longest example has {rows.longest:,} tokens, the model is made for {config.max_position_embeddings:,}"
        )
    of_weights, of_steps = np.random.SeedSequence(whole_number(seed, "seed")).spawn(2)
    model = built(lambda: LlamaForCausalLM(config), of_weights).train()
    learner = Learner(model, recipe, of_steps)
    while learner.step < recipe.steps:
        learner.advance(lambda generator: _loss(model, rows.batch(recipe.batch_size, generator)))
        progress(learner.step, recipe.steps)
        if should_stop():
            raise TrainingInterrupted(f"stopped at step {learner.step} of {recipe.steps} of the language model")
    model.load_state_dict(learner.averaged_weights())
    return model.eval()


def save_language_model(directory: str | Path, model: Any, tokenizer: Tokenizer) -> None:
    """Write `config.json`, `model.safetensors` and `tokenizer.json`; `transformers` can read the first two as well.

    Parameters
    ----------
    directory : path
        Made where it is missing.
    model : transformers.LlamaForCausalLM
        As trained here.
    tokenizer : Tokenizer
        The one it was trained with.

    Raises
    ------
    OSError
        When a file cannot be written.
    """
    directory = Path(directory)
    tensors = {name: tensor for name, tensor in model.state_dict().items() if name != _TIED}
    directory.mkdir(parents=True, exist_ok=True)
    tokenizer.save(directory)
    write_checkpoint(directory, model.config.to_dict() | {"architectures": ["LlamaForCausalLM"]}, tensors)


def load_language_model(directory: str | Path) -> CausalText:
    """The model that `save_language_model` wrote, on the CPU, ready to respond.

    Raises
    ------
    CheckpointError
        For a directory that is missing, incomplete or damaged, naming the first thing that is wrong.
    """
    directory = Path(directory)
    if not directory.is_dir():
        raise CheckpointError(f"a language model is a directory with {CONFIG_FILE} and weights, {directory} is none")
    values = read_json_object(directory / CONFIG_FILE)
    if values.get("model_type") != "llama" or values.get("tie_word_embeddings") is not True:
        raise CheckpointError(f"{directory / CONFIG_FILE} is not of a small language model of this package")
    tensors = read_tensors(directory)
    layers = values.get("num_hidden_layers")
    if not isinstance(layers, int) or layers > len(tensors):  # before so many are made
        raise CheckpointError(
            f"{directory / CONFIG_FILE} asks for {shown(layers)} layers, there are {len(tensors):,} tensors"
        )
    try:
        config = LlamaConfig.from_dict(values)
        with torch.device("meta"):  # shapes only: a wrong configuration allocates nothing
            LlamaForCausalLM(config)
    except Exception as error:  # the library raises exceptions of many kinds for a bad entry
        raise CheckpointError(f"{directory / CONFIG_FILE}: {shown(str(error))[1:-1]}") from None
    embedding = tensors.get("model.embed_tokens.weight")
    if embedding is not None:
        tensors[_TIED] = embedding
    model = built(lambda: LlamaForCausalLM(config), np.random.SeedSequence(0))
    load_weights(model, tensors, directory)
    try:
        tokenizer = load_tokenizer(directory)
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{directory} has no tokenizer that can be read: {error}") from None
    if tokenizer.vocab_size != config.vocab_size:
        raise CheckpointError(
            f"{directory}: the tokenizer has {tokenizer.vocab_size:,} tokens, the model {config.vocab_size:,}"
        )
    return CausalText(model, tokenizer)


def _loss(model: Any, pieces: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Mean cross-entropy over the predicted tokens of a batch; rows padded on the right need no mask under causal attention."""
    count = sum(int((targets != NOT_PREDICTED).sum()) for _, targets in pieces)
    sums = [
        F.cross_entropy(
            model(inputs, use_cache=False).logits.flatten(0, 1),  # [b, L] -> [b*L, V]
            targets.flatten(),
            ignore_index=NOT_PREDICTED,
            reduction="sum",
        )
        for inputs, targets in pieces
    ]
    return torch.stack(sums).sum() / count
