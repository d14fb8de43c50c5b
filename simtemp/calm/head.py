"""What every generative head has in common: noise in, a latent out, given the state of the backbone.

A head is an implicit model: it can be sampled and has no likelihood. All of its randomness is one noise vector a sample, pushed through a
deterministic map; so a finite set of noise vectors (a codebook) gives a law that can be enumerated. Parameter names are those of the
published `mlp_generator`. Shapes in comments: B states, k samples, R = B k rows, D vectors of the codebook, h `hidden_size`,
z `latent_size`, u dimensions of the noise.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor, nn

from simtemp.arguments import whole_number
from simtemp.calm.config import CalmConfig
from simtemp.calm.residual_mlp import LAYER_NORM_EPS, FinalLayer, MlpBlock

_ROWS_AT_ONCE = 2**15
"""How many samples `push` sees at a time: bounds the memory of a codebook of thousands of vectors times many states."""


class GenerativeHead(nn.Module, ABC):
    """A map from (state, noise) to a latent, with its training loss.

    Parameters
    ----------
    config : CalmConfig
        Sizes; with `codebook_size`, the noise is one of so many fixed vectors.
    """

    codebook: Tensor | None

    def __init__(self, config: CalmConfig) -> None:
        super().__init__()
        self.config = config
        h = config.hidden_size
        self.noise_embd = nn.Linear(self.noise_dimensions, h)
        self.hidden_embd = nn.Linear(h, h)
        self.norm_noise: nn.Module = nn.LayerNorm(h, eps=LAYER_NORM_EPS)
        self.norm_hidden = nn.LayerNorm(h, eps=LAYER_NORM_EPS)
        self.mlp_blocks = nn.ModuleList(MlpBlock(h) for _ in range(config.num_mlp_layers))
        self.final_layer = FinalLayer(h, config.latent_size)
        self.register_buffer("codebook", None, persistent=False)
        self.use_codebook(config.codebook_size, config.codebook_seed)

    @property
    @abstractmethod
    def noise_dimensions(self) -> int:
        """Length of a noise vector."""

    @abstractmethod
    def draw_noise(self, shape: tuple[int, ...], generator: torch.Generator | None, like: Tensor) -> Tensor:
        """Continuous noise of that shape, on the device and of the type of `like`; drawn in float32 whatever that type."""

    @abstractmethod
    def fixed_noise(self, shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        """The same law from a numpy generator, so that a codebook is equal on every machine and device."""

    @abstractmethod
    def push(self, condition: Tensor, noise: Tensor) -> Tensor:
        """The latents of noise vectors: float[R, h] and float[R, u] to float[R, z], deterministic."""

    @abstractmethod
    def loss(
        self,
        state: Tensor,
        target_mean: Tensor,
        target_log_sigma: Tensor,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """The training loss, a scalar: how far the head's law is from the posterior of the true next block.

        Parameters
        ----------
        state : float[M, h]
            States of the backbone.
        target_mean, target_log_sigma : float[M, z]
            What the autoencoder's `encode` gives for the block that came next.
        generator : torch.Generator, optional
            Where its randomness comes from.
        """

    def condition(self, state: Tensor) -> Tensor:
        """What the network sees of a state: float[B, h] to float[B, h]."""
        condition: Tensor = self.norm_hidden(self.hidden_embd(state))
        return condition

    def network(self, noise: Tensor, condition: Tensor) -> Tensor:
        """The residual network: float[R, u] and float[R, h] to float[R, z]."""
        e = self.norm_noise(self.noise_embd(noise))  # [R, u] -> [R, h]
        for block in self.mlp_blocks:
            e = block(e, condition)
        out: Tensor = self.final_layer(e)  # [R, h] -> [R, z]
        return out

    def use_codebook(self, size: int | None, seed: int = 0) -> None:
        """Take the noise from `size` fixed vectors from now on; None is continuous noise.

        Raises
        ------
        ValueError
            For a size below 1.
        """
        if size is None:
            self.codebook = None
            return
        size = whole_number(size, "codebook_size", 1)
        rng = np.random.default_rng(np.random.SeedSequence([seed]))
        noise = self.fixed_noise((size, self.noise_dimensions), rng)
        self.codebook = noise.to(self.noise_embd.weight.device)  # [D, u], float32 whatever the type of the model

    def sample(self, state: Tensor, k: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw k latents for each state, independently.

        Parameters
        ----------
        state : float[B, h]
            States of the backbone.
        k : int
            Draws a state, >= 1.
        generator : torch.Generator, optional
            Where the noise comes from; on the device of `state`.

        Returns
        -------
        float[B, k, z]
        """
        k = whole_number(k, "k", 1)
        if self.codebook is None:
            noise = self.draw_noise((len(state), k, self.noise_dimensions), generator, state)
        else:
            chosen = torch.randint(len(self.codebook), (len(state), k), generator=generator, device=state.device)
            noise = self.codebook[chosen].to(state.dtype)  # [B, k] -> [B, k, u]
        return self._push_all(state, noise)

    def sample_codebook(self, state: Tensor) -> Tensor:
        """The latents of every vector of the codebook, each of weight 1 / D: float[B, h] to float[B, D, z].

        Raises
        ------
        ValueError
            Without a codebook: continuous noise cannot be enumerated.
        """
        if self.codebook is None:
            raise ValueError("the head has continuous noise: codebook_size must be an integer >= 1, got None")
        return self._push_all(state, self.codebook.to(state.dtype).expand(len(state), -1, -1))  # [D, u] -> [B, D, u]

    def _push_all(self, state: Tensor, noise: Tensor) -> Tensor:
        batch, k, _ = noise.shape
        rows = self.condition(state)[:, None].expand(-1, k, -1).reshape(batch * k, -1)  # [B, h] -> [B*k, h]
        noise = noise.reshape(batch * k, -1)  # [B, k, u] -> [B*k, u]
        pieces = zip(torch.split(rows, _ROWS_AT_ONCE), torch.split(noise, _ROWS_AT_ONCE), strict=True)
        return torch.cat([self.push(*piece) for piece in pieces]).reshape(batch, k, -1)  # [B*k, z] -> [B, k, z]


def draw_posterior(mean: Tensor, log_sigma: Tensor, k: int, generator: torch.Generator | None = None) -> Tensor:
    """Draw k latents of each normal posterior: float[M, z] twice to float[M, k, z]."""
    shape = (mean.shape[0], k, mean.shape[1])
    noise = torch.randn(shape, generator=generator, device=mean.device, dtype=mean.dtype)
    return mean[:, None] + log_sigma.exp()[:, None] * noise
