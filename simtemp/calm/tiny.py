"""The default model and its training: small enough for two cores in minutes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simtemp.calm.config import AutoencoderConfig, CalmConfig
from simtemp.calm.recipe import Recipe

AUTOENCODER_RECIPE = Recipe(steps=1200, batch_size=256, learning_rate=3e-3, warmup=50)
MODEL_RECIPE = Recipe(
    steps=1600,
    batch_size=16,
    window=32,
    learning_rate=3e-3,
    warmup=100,
    weight_decay=0.01,
    average=0.995,
    guide=2.0,
    model_samples=4,
    posterior_samples=16,
)


def tiny_config(vocab_size: int, *, patch_size: int = 4, **changes: Any) -> CalmConfig:
    """The default tiny configuration: an autoencoder of width 128 with 32 latents, an energy model of about 2 million parameters.

    Parameters
    ----------
    vocab_size : int
        Number of tokens, >= 1.
    patch_size : int
        K, tokens in a block.
    **changes
        Any entry of `CalmConfig`, to replace the default one; `autoencoder` may be a mapping of the entries to replace.

    Raises
    ------
    ValueError
        For an unknown entry or a bad value.

    Examples
    --------
    >>> from simtemp.calm import tiny_config
    >>> tiny_config(vocab_size=100, head="flow").head
    'flow'
    """
    autoencoder: dict[str, Any] = {
        "vocab_size": vocab_size,
        "patch_size": patch_size,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_encoder_layers": 2,
        "num_decoder_layers": 2,
        "latent_size": changes.get("latent_size", 32),
    }
    given = changes.get("autoencoder", {})
    entries: dict[str, Any] = {
        "vocab_size": vocab_size,
        "patch_size": patch_size,
        "hidden_size": 192,
        "intermediate_size": 512,
        "num_hidden_layers": 3,
        "num_attention_heads": 6,
        "num_key_value_heads": 6,
        "max_position_embeddings": 256,
        "latent_size": autoencoder["latent_size"],
        "noise_size": 32,
        "num_mlp_layers": 2,
    }
    whole = AutoencoderConfig.from_dict({**autoencoder, **given}) if isinstance(given, Mapping) else given
    return CalmConfig.from_dict(entries | changes | {"autoencoder": whole})
