"""The block autoencoder: K tokens to one latent vector and back.

Parameter names are those of the published model, so that its checkpoints load as they are. Shapes in comments: K tokens in a block,
h `hidden_size`, z `latent_size`, V `vocab_size`; `...` any leading axes.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from simtemp.arguments import whole_number
from simtemp.calm.config import AutoencoderConfig

_LOGITS_AT_ONCE = 2**24
"""How many logits `decode` holds at a time: 64 MiB in float32."""


class SwiGLU(nn.Module):
    """down(SiLU(gate(x)) * up(x)), without bias."""

    def __init__(self, hidden_size: int, intermediate_size: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(hidden_size, intermediate_size, bias=False)
        self.up_proj = nn.Linear(hidden_size, intermediate_size, bias=False)
        self.down_proj = nn.Linear(intermediate_size, hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """float[..., h] to float[..., h]."""
        out: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class ResidualLayer(nn.Module):
    """x + MLP(RMSNorm(x))."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.layernorm = nn.RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.mlp = SwiGLU(config.hidden_size, config.intermediate_size)

    def forward(self, x: Tensor) -> Tensor:
        """float[..., h] to float[..., h]."""
        out: Tensor = x + self.mlp(self.layernorm(x))
        return out


class Encoder(nn.Module):
    """K tokens to mean and log standard deviation of their latent."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        h, layers = config.hidden_size, config.num_encoder_layers
        self.embed_tokens = nn.Embedding(config.vocab_size, h)
        self.encoder_layers = nn.ModuleList(ResidualLayer(config) for _ in range(layers))
        self.squeeze_layer = nn.Linear(config.patch_size * h, h)
        self.norm = nn.RMSNorm(h, eps=config.rms_norm_eps)
        self.hidden_to_latent = nn.Linear(h, 2 * config.latent_size)

    def forward(self, tokens: Tensor, kept: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """int64[..., K] to mean and log_sigma, float[..., z]; tokens where `kept` (bool[..., K]) is False are hidden."""
        x = self.embed_tokens(tokens)  # [..., K] -> [..., K, h]
        if kept is not None:
            x = x * kept[..., None]
        half = len(self.encoder_layers) // 2
        for layer in self.encoder_layers[:half]:
            x = layer(x)
        x = self.squeeze_layer(x.flatten(-2))  # [..., K, h] -> [..., K*h] -> [..., h]
        for layer in self.encoder_layers[half:]:
            x = layer(x)
        mean, log_sigma = self.hidden_to_latent(self.norm(x)).chunk(2, dim=-1)  # [..., 2z] -> 2 of [..., z]
        return mean, log_sigma


class Decoder(nn.Module):
    """One latent to the logits of K tokens; the output embedding is the encoder's own matrix."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        h, layers = config.hidden_size, config.num_decoder_layers
        self.patch_size = config.patch_size
        self.latent_to_hidden = nn.Linear(config.latent_size, h)
        self.decoder_layers = nn.ModuleList(ResidualLayer(config) for _ in range(layers))
        self.expand_layer = nn.Linear(h, config.patch_size * h)
        self.norm = nn.RMSNorm(h, eps=config.rms_norm_eps)

    def forward(self, latents: Tensor, embedding: Tensor) -> Tensor:
        """float[..., z] and the embedding matrix float[V, h] to logits float[..., K, V]."""
        x = self.latent_to_hidden(latents)  # [..., z] -> [..., h]
        half = len(self.decoder_layers) // 2
        for layer in self.decoder_layers[:half]:
            x = layer(x)
        x = self.expand_layer(x).unflatten(-1, (self.patch_size, -1))  # [..., h] -> [..., K*h] -> [..., K, h]
        for layer in self.decoder_layers[half:]:
            x = layer(x)
        return F.linear(self.norm(x), embedding)  # [..., K, h] -> [..., K, V]


class Autoencoder(nn.Module):
    """K tokens to one latent and back, variational.

    Parameters
    ----------
    config : AutoencoderConfig
        Its sizes.

    Examples
    --------
    >>> import torch
    >>> from simtemp.calm import Autoencoder, AutoencoderConfig
    >>> model = Autoencoder(AutoencoderConfig(vocab_size=50, hidden_size=16, intermediate_size=32, latent_size=8))
    >>> mean, log_sigma = model.encode(torch.zeros(3, 4, dtype=torch.int64))
    >>> model.decode(mean).shape
    torch.Size([3, 4])
    """

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        nn.init.normal_(
            self.encoder.embed_tokens.weight, std=0.02
        )  # it is the output matrix too: small logits at first

    def encode(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log standard deviation of the latent of each block.

        Parameters
        ----------
        tokens : int64[..., K]
            Blocks of K = `patch_size` tokens.

        Returns
        -------
        mean, log_sigma : float[..., latent_size]

        Raises
        ------
        ValueError
            When the last axis is not K, or a token is outside of the vocabulary.
        """
        self._check(tokens)
        mean, log_sigma = self.encoder(tokens)
        return mean, log_sigma

    def decode_logits(self, latents: Tensor) -> Tensor:
        """Logits of the K tokens of each latent: float[..., latent_size] to float[..., K, vocab_size]."""
        logits: Tensor = self.decoder(latents, self.encoder.embed_tokens.weight)
        return logits

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Tensor:
        """The likeliest block of each latent, in pieces, so that no more than 64 MiB of logits are held at once.

        Parameters
        ----------
        latents : float[..., latent_size]
            Latents.

        Returns
        -------
        int64[..., K]
        """
        rows = latents.reshape(-1, latents.shape[-1])  # [..., z] -> [R, z]
        at_once = max(1, _LOGITS_AT_ONCE // (self.config.patch_size * self.config.vocab_size))
        pieces = [self.decode_logits(piece).argmax(-1) for piece in torch.split(rows, at_once)]  # [r, K, V] -> [r, K]
        return torch.cat(pieces).reshape(*latents.shape[:-1], -1)  # [R, K] -> [..., K]

    def loss(self, tokens: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """The variational loss of blocks, a scalar in nats a block, to be minimised.

        Cross-entropy of the K tokens from a latent drawn of the posterior, plus `kl_weight` times the divergence of the posterior from
        the standard normal law, where each dimension counts at least `kl_floor`. While the module is in training mode, `token_dropout`
        of the tokens and `latent_dropout` of the latent's dimensions are hidden, which makes the latent redundant: a head that misses it
        by a little still decodes to the right block.

        Parameters
        ----------
        tokens : int64[M, K]
            Blocks.
        generator : torch.Generator, optional
            Where its randomness comes from.
        """
        self._check(tokens)
        mean, log_sigma = self.encoder(tokens, self._kept(tokens, self.config.token_dropout, generator))
        latents = mean + log_sigma.exp() * torch.randn(
            mean.shape, generator=generator, device=mean.device, dtype=mean.dtype
        )
        kept = self._kept(latents, self.config.latent_dropout, generator)
        if kept is not None:
            latents = latents * kept / (1.0 - self.config.latent_dropout)
        logits = self.decode_logits(latents).float()
        cross_entropy = F.cross_entropy(logits.flatten(0, -2), tokens.flatten(), reduction="sum") / len(tokens)
        divergence = 0.5 * (mean.square() + (2 * log_sigma).exp() - 1 - 2 * log_sigma).float()  # [M, z]
        floored: Tensor = divergence.clamp(min=self.config.kl_floor).sum(-1).mean()
        return cross_entropy + self.config.kl_weight * floored

    def _kept(self, like: Tensor, dropout: float, generator: torch.Generator | None) -> Tensor | None:
        if not self.training or dropout == 0.0:
            return None
        return torch.rand(like.shape, generator=generator, device=like.device) >= dropout

    def _check(self, tokens: Tensor) -> None:
        check_blocks(tokens, self.config.patch_size, self.config.vocab_size)


def check_blocks(tokens: Tensor, patch_size: int, vocab_size: int) -> None:
    """Refuse anything but blocks of tokens of the vocabulary.

    Raises
    ------
    ValueError
        Naming the shape, the type or the first token that is wrong.
    """
    if tokens.is_floating_point() or tokens.dtype == torch.bool:
        raise ValueError(f"tokens must be integers, got {tokens.dtype}")
    if tokens.ndim == 0 or tokens.shape[-1] != patch_size:
        raise ValueError(f"tokens must have a last axis of {patch_size} (a block), got shape {tuple(tokens.shape)}")
    if tokens.numel() == 0:
        raise ValueError(f"tokens must have at least one block, got shape {tuple(tokens.shape)}")
    if tokens.device.type == "cpu":  # elsewhere the look would wait for the device at every step
        whole_number(int(tokens.min()), "a token", 0, vocab_size - 1)
        whole_number(int(tokens.max()), "a token", 0, vocab_size - 1)
