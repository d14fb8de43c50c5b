"""Sizes of a model, checked once: an object that exists describes a model that can be built."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Self

from simtemp.arguments import real, shown, whole_number

HEADS = ("energy", "flow", "diffusion")
"""The generative heads: `energy` is the published one."""

MOST_LAYERS = 10_000
"""Of each kind: a number that is a mistake is said, not built for hours."""


class _FromMapping:
    """Reading a configuration from a mapping (a JSON object), strictly."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The configuration that `to_dict` wrote.

        Raises
        ------
        ValueError
            Naming an unknown or missing entry, or a bad value with its allowed range.
        """
        known = {field.name: field for field in fields(cls)}  # type: ignore[arg-type]  # every subclass is a dataclass
        for name in values:
            if name not in known:
                raise ValueError(f"{cls.__name__} has no entry {name!r}, its entries are {', '.join(known)}")
        for name, field in known.items():
            if field.default is MISSING and name not in values:
                raise ValueError(f"{cls.__name__} needs the entry {name!r}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """All entries as JSON can hold them."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]  # every subclass is a dataclass


@dataclass(frozen=True)
class AutoencoderConfig(_FromMapping):
    """Sizes of the block autoencoder: K tokens to one latent and back.

    Parameters
    ----------
    vocab_size : int
        Number of tokens.
    patch_size : int
        K, tokens in a block.
    hidden_size, intermediate_size : int
        Width of the layers and of the inside of their MLPs.
    num_encoder_layers, num_decoder_layers : int
        Even: one half works on a token, the other on the whole block.
    latent_size : int
        Dimensions of the latent.
    rms_norm_eps : float
        In every RMSNorm.
    token_dropout, latent_dropout : float
        In [0, 1): shares of tokens and of latent dimensions hidden from the network in training.
    kl_floor : float
        Nats a dimension: a divergence below it is not reduced further, so that no dimension goes dead.
    kl_weight : float
        Weight of the divergence beside the cross-entropy of a block.

    Examples
    --------
    >>> from simtemp.calm import AutoencoderConfig
    >>> AutoencoderConfig(vocab_size=100, latent_size=16).patch_size
    4
    """

    vocab_size: int
    patch_size: int = 4
    hidden_size: int = 512
    intermediate_size: int = 1280
    num_encoder_layers: int = 2
    num_decoder_layers: int = 2
    latent_size: int = 128
    rms_norm_eps: float = 1e-6
    token_dropout: float = 0.15
    latent_dropout: float = 0.15
    kl_floor: float = 0.5
    kl_weight: float = 1e-3

    def __post_init__(self) -> None:
        _whole(self, "vocab_size", "patch_size", "hidden_size", "intermediate_size", "latent_size")
        _whole(self, "num_encoder_layers", "num_decoder_layers", minimum=2)
        _not_absurd(self, "num_encoder_layers", "num_decoder_layers")
        for name in ("num_encoder_layers", "num_decoder_layers"):
            if getattr(self, name) % 2:
                raise ValueError(f"{name} must be even, got {getattr(self, name)}")
        _number(self, "rms_norm_eps", above=0.0)
        _number(self, "token_dropout", "latent_dropout", least=0.0, below=1.0)
        _number(self, "kl_floor", "kl_weight", least=0.0)


@dataclass(frozen=True)
class CalmConfig(_FromMapping):
    """Sizes of the language model, under the names of the published configuration where it has them.

    Parameters
    ----------
    vocab_size, patch_size, latent_size : int
        Tokens, tokens in a block (K), dimensions of a latent; equal to those of `autoencoder`.
    hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads : int
        The Llama backbone.
    max_position_embeddings : int
        Longest context the model is made for, in blocks.
    noise_size : int
        Dimensions of the noise of the energy head (the other heads start from noise of `latent_size`).
    num_mlp_layers : int
        Residual blocks of the head.
    autoencoder : AutoencoderConfig
        Or a mapping of its entries.
    rope_theta, rms_norm_eps : float
        Of the backbone.
    head : {"energy", "flow", "diffusion"}
        The generative head.
    codebook_size : int or None
        Where given, the noise of the head is one of so many fixed vectors, so that the law of the next block is finite and can be
        enumerated exactly; None is continuous noise.
    codebook_seed : int
        Fixes those vectors.
    sampling_steps : int
        Steps of the solver of the flow and diffusion heads.
    pad_token_id, bos_token_id, eos_token_id : int or None
        Tokens with a meaning of their own.

    Examples
    --------
    >>> from simtemp.calm import CalmConfig, tiny_config
    >>> config = tiny_config(vocab_size=100)
    >>> CalmConfig.from_dict(config.to_dict()) == config
    True
    """

    vocab_size: int
    patch_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    max_position_embeddings: int
    latent_size: int
    noise_size: int
    num_mlp_layers: int
    autoencoder: AutoencoderConfig
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-6
    head: str = "energy"
    codebook_size: int | None = None
    codebook_seed: int = 0
    sampling_steps: int = 16
    pad_token_id: int | None = None
    bos_token_id: int | None = None
    eos_token_id: int | None = None

    def __post_init__(self) -> None:
        _whole(self, "vocab_size", "patch_size", "hidden_size", "intermediate_size", "latent_size", "noise_size")
        _whole(self, "num_attention_heads", "num_key_value_heads", "max_position_embeddings", "sampling_steps")
        _whole(self, "num_hidden_layers", "num_mlp_layers")
        _not_absurd(self, "num_hidden_layers", "num_mlp_layers")
        _whole(self, "codebook_seed", minimum=0)
        if self.codebook_size is not None:
            _whole(self, "codebook_size")
        for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
            if getattr(self, name) is not None:
                _whole(self, name, minimum=0, maximum=self.vocab_size - 1)
        _number(self, "rope_theta", "rms_norm_eps", above=0.0)
        if self.head not in HEADS:
            raise ValueError(f"head must be one of {', '.join(HEADS)}, got {shown(self.head)}")
        _multiple(self, "hidden_size", "num_attention_heads")
        _multiple(self, "num_attention_heads", "num_key_value_heads")
        if self.hidden_size // self.num_attention_heads % 2:
            raise ValueError(
                f"hidden_size / num_attention_heads must be even (rotary positions turn pairs), "
                f"got {self.hidden_size} / {self.num_attention_heads}"
            )
        if isinstance(self.autoencoder, Mapping):
            object.__setattr__(self, "autoencoder", AutoencoderConfig.from_dict(self.autoencoder))
        if not isinstance(self.autoencoder, AutoencoderConfig):
            raise ValueError(f"autoencoder must be an AutoencoderConfig, got {shown(self.autoencoder)}")
        for name in ("vocab_size", "patch_size", "latent_size"):
            theirs = getattr(self.autoencoder, name)
            if getattr(self, name) != theirs:
                raise ValueError(f"{name} must be that of the autoencoder, {theirs}, got {getattr(self, name)}")


def _whole(config: object, *names: str, minimum: int = 1, maximum: int | None = None) -> None:
    for name in names:
        object.__setattr__(config, name, whole_number(getattr(config, name), name, minimum, maximum))


def _not_absurd(config: object, *names: str) -> None:
    for name in names:
        if getattr(config, name) > MOST_LAYERS:
            raise ValueError(f"{name} must be at most {MOST_LAYERS:,}, got {shown(getattr(config, name))}")


def _number(
    config: object, *names: str, least: float | None = None, above: float = -1.0, below: float = math.inf
) -> None:
    """Real entries: in [least, below), or in (above, below) without `least`."""
    for name in names:
        value = real(getattr(config, name), name)
        allowed = f"({above:g}, {below:g})" if least is None else f"[{least:g}, {below:g})"
        if not (above < value < below) or (least is not None and value < least):
            raise ValueError(f"{name} must be in {allowed}, got {shown(value)}")
        object.__setattr__(config, name, value)


def _multiple(config: object, name: str, of: str) -> None:
    if getattr(config, name) % getattr(config, of):
        raise ValueError(f"{name} must be a multiple of {of}, got {getattr(config, name)} and {getattr(config, of)}")
