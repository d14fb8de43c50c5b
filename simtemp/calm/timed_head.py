"""Heads that carry normal noise to a latent along a time, one step of the residual network after another."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from simtemp.calm.config import CalmConfig
from simtemp.calm.head import GenerativeHead, draw_posterior

_DRAWS_A_STATE = 4
"""Pairs of target and noise in the loss for each state: the backbone is paid once for all of them."""

_FASTEST = 1000.0
"""Highest frequency of the time features, in radians a unit of time."""


class TimedHead(GenerativeHead):
    """The residual network with a time beside the state; its noise is normal and has the shape of a latent.

    Parameters
    ----------
    config : CalmConfig
        `hidden_size`, `num_mlp_layers`, `latent_size`, `sampling_steps` and the codebook.
    """

    frequencies: Tensor

    def __init__(self, config: CalmConfig) -> None:
        super().__init__(config)
        h = config.hidden_size
        self.norm_noise = (
            nn.Identity()
        )  # the length of a noisy latent says how noisy it is: a LayerNorm would take it away
        self.time_embd = nn.Sequential(nn.Linear(h, h), nn.SiLU(), nn.Linear(h, h))
        frequencies = torch.exp(torch.linspace(0.0, math.log(_FASTEST), h // 2))
        self.register_buffer("frequencies", frequencies, persistent=False)

    @property
    def noise_dimensions(self) -> int:
        """`latent_size`: what is carried is a latent all along."""
        return self.config.latent_size

    def draw_noise(self, shape: tuple[int, ...], generator: torch.Generator | None, like: Tensor) -> Tensor:
        """Standard normal."""
        return torch.randn(shape, generator=generator, device=like.device).to(like.dtype)

    def fixed_noise(self, shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        """Standard normal."""
        return torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))

    def field(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor:
        """What the network says of x at a time in [0, 1]: float[R, z], float32[R or 1], float[R, h] to float[R, z]."""
        angles = time[:, None] * self.frequencies  # [R] -> [R, h/2]
        features = torch.cat([angles.cos(), angles.sin()], -1).to(x.dtype)  # [R, h]
        return self.network(x, condition + self.time_embd(features))

    def training_draws(
        self, state: Tensor, mean: Tensor, log_sigma: Tensor, generator: torch.Generator | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Condition, target latent, noise and a uniform time for several draws a state, R = 4 M rows."""
        condition = self.condition(state).repeat_interleave(_DRAWS_A_STATE, 0)  # [M, h] -> [R, h]
        target = draw_posterior(mean, log_sigma, _DRAWS_A_STATE, generator).flatten(0, 1)  # [M, 4, z] -> [R, z]
        noise = self.draw_noise(tuple(target.shape), generator, target)
        time = torch.rand(len(target), generator=generator, device=state.device)  # [R], float32
        return condition, target, noise, time
