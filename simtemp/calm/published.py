"""The layout of the published checkpoints: names that have a second name, and what their configuration files say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor

from simtemp.arguments import shown
from simtemp.calm.config import AutoencoderConfig, CalmConfig
from simtemp.calm.errors import CheckpointError

_SECOND_PREFIX = ("generative_head.", "mlp_generator.")
_SECOND_NAMES = {
    f"{prefix}{name}": f"{prefix}encoder.embed_tokens.weight"
    for prefix in ("", "ae_model.")
    for name in ("decoder.lm_head_weight", "decoder.lm_head.weight", "lm_head.weight")
}
"""The output embedding of the autoencoder is its input embedding, whatever it is stored as."""

_COMPUTED = "rotary_emb.inv_freq"
"""Older writers store it; it follows from the configuration."""

_LM_DEFAULTS = {"max_position_embeddings": 2048, "rope_theta": 10000.0, "rms_norm_eps": 1e-6}
_AE_NAMES = {"token_dropout": "ae_dropout", "latent_dropout": "ae_dropout", "kl_floor": "kl_clamp"}
_FIXED = {"hidden_act": "silu", "attention_bias": False, "mlp_bias": False}


def first_names(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under their first names, each once.

    Raises
    ------
    CheckpointError
        When a tensor is stored under two names with two contents.
    """
    tensors: dict[str, Tensor] = {}
    origin: dict[str, str] = {}
    for name in sorted(stored):  # every writer has an order of its own: a message must not depend on it
        if name.endswith(_COMPUTED):
            continue
        tensor, first = stored[name], _first_name(name)
        if first in tensors and not _same(tensors[first], tensor):
            raise CheckpointError(f"{origin[first]} and {name} are one tensor under two names, but they differ")
        tensors[first] = tensor
        origin[first] = name
    return tensors


def published_config(values: Mapping[str, Any], autoencoder: AutoencoderConfig) -> CalmConfig:
    """The configuration that a published `config.json` describes, beside that of its autoencoder.

    Raises
    ------
    ValueError
        Naming the entry that is missing, bad, or asks for a layer that is not the published one.
    """
    _check_fixed(values)
    entries = _LM_DEFAULTS | {field.name: values[field.name] for field in fields(CalmConfig) if field.name in values}
    entries |= {"autoencoder": autoencoder, "rope_theta": _rope_theta(values)}
    if entries.get("num_key_value_heads") is None and "num_attention_heads" in entries:
        entries["num_key_value_heads"] = entries["num_attention_heads"]
    return CalmConfig.from_dict(entries)


def published_autoencoder_config(values: Mapping[str, Any]) -> AutoencoderConfig:
    """The configuration that the `config.json` of a published autoencoder describes.

    Raises
    ------
    ValueError
        Naming the entry that is missing, bad, or asks for a layer that is not the published one.
    """
    _check_fixed(values)
    entries = {}
    for field in fields(AutoencoderConfig):
        for name in (field.name, _AE_NAMES.get(field.name, field.name)):
            if name in values:
                entries[field.name] = values[name]
                break
    return AutoencoderConfig.from_dict(entries)


def autoencoder_config_of(tensors: Mapping[str, Tensor]) -> AutoencoderConfig:
    """The sizes of an autoencoder from the shapes of its parameters: a published language model brings one without its configuration.

    Raises
    ------
    CheckpointError
        When a tensor that tells a size is missing, empty or has another number of axes.
    """

    def shape(name: str) -> torch.Size:
        if name not in tensors:
            raise CheckpointError(f"the checkpoint lacks the tensor ae_model.{name}")
        if tensors[name].ndim != 2 or not tensors[name].numel():
            raise CheckpointError(f"ae_model.{name} must have two axes, got shape {tuple(tensors[name].shape)}")
        return tensors[name].shape

    def layers(side: str) -> int:
        prefix = f"{side}.{side}_layers."
        return len({name[len(prefix) :].partition(".")[0] for name in tensors if name.startswith(prefix)})

    vocab_size, hidden_size = shape("encoder.embed_tokens.weight")
    return AutoencoderConfig(
        vocab_size=vocab_size,
        hidden_size=hidden_size,
        patch_size=shape("encoder.squeeze_layer.weight")[1] // hidden_size,
        intermediate_size=shape("encoder.encoder_layers.0.mlp.gate_proj.weight")[0],
        num_encoder_layers=layers("encoder"),
        num_decoder_layers=layers("decoder"),
        latent_size=shape("encoder.hidden_to_latent.weight")[0] // 2,
    )


def _first_name(name: str) -> str:
    second, first = _SECOND_PREFIX
    if name.startswith(second):
        return first + name[len(second) :]
    return _SECOND_NAMES.get(name, name)


def _same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.equal(a, b)


def _check_fixed(values: Mapping[str, Any]) -> None:
    for name, needed in _FIXED.items():
        if values.get(name, needed) != needed:
            raise ValueError(f"{name} must be {needed!r} as in the published model, got {shown(values[name])}")


def _rope_theta(values: Mapping[str, Any]) -> Any:
    """The base of the rotary positions, at the top level or under one of the names that transformers has used."""
    theta = values.get("rope_theta", _LM_DEFAULTS["rope_theta"])
    for name in ("rope_scaling", "rope_parameters"):
        rope = values.get(name)
        if not isinstance(rope, Mapping):
            continue
        kind = rope.get("rope_type", rope.get("type", "default"))
        if kind != "default":
            raise ValueError(f"{name} must be of the type 'default', got {shown(kind)}")
        theta = rope.get("rope_theta", theta)
    return theta
