"""A tiny untrained model whose next block is far from certain, to try things on."""

from __future__ import annotations

from typing import Any

import torch

from simtemp.arguments import whole_number
from simtemp.calm.config import AutoencoderConfig, CalmConfig
from simtemp.calm.model import CalmModel


def random_model(vocab_size: int = 12, *, seed: int = 0, codebook_size: int | None = None) -> CalmModel:
    """A model of hidden size 16 and blocks of 2 tokens with random weights: state and noise decide between dozens of blocks.

    Parameters
    ----------
    vocab_size : int
        Number of tokens, >= 1.
    seed : int
        Of the weights.
    codebook_size : int, optional
        As in `CalmConfig`.

    Returns
    -------
    CalmModel
        In evaluation mode.

    Examples
    --------
    >>> random_model(codebook_size=64).config.patch_size
    2
    """
    sizes: dict[str, Any] = {
        "vocab_size": vocab_size,
        "patch_size": 2,
        "latent_size": 4,
        "hidden_size": 16,
        "intermediate_size": 32,
    }
    config = CalmConfig(
        **sizes,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=64,
        noise_size=4,
        num_mlp_layers=1,
        autoencoder=AutoencoderConfig(**sizes),
        codebook_size=codebook_size,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(whole_number(seed, "seed"))
        model = CalmModel(config)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.ndim == 2:
                    parameter.normal_(std=1.5 / parameter.shape[1] ** 0.5)
            model.ae_model.encoder.embed_tokens.weight.normal_()
    return model.eval()
