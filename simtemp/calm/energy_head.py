"""The published head: one pass from uniform noise to a latent, trained by the energy score."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from simtemp.calm.head import GenerativeHead, draw_posterior

MODEL_SAMPLES = 8
POSTERIOR_SAMPLES = 100


class EnergyHead(GenerativeHead):
    """Uniform noise in [-1/2, 1/2]^u to a latent, one pass of the residual network a sample.

    Parameters
    ----------
    config : CalmConfig
        `hidden_size`, `noise_size`, `num_mlp_layers`, `latent_size` and the codebook.

    Examples
    --------
    >>> import torch
    >>> from simtemp.calm import tiny_config
    >>> from simtemp.calm.energy_head import EnergyHead
    >>> head = EnergyHead(tiny_config(vocab_size=50))
    >>> head.sample(torch.zeros(2, head.config.hidden_size), k=5).shape[:2]
    torch.Size([2, 5])
    """

    @property
    def noise_dimensions(self) -> int:
        """`noise_size`."""
        return self.config.noise_size

    def draw_noise(self, shape: tuple[int, ...], generator: torch.Generator | None, like: Tensor) -> Tensor:
        """Uniform in [-1/2, 1/2]."""
        return (torch.rand(shape, generator=generator, device=like.device) - 0.5).to(like.dtype)

    def fixed_noise(self, shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        """Uniform in [-1/2, 1/2]."""
        return torch.from_numpy(rng.random(shape, dtype=np.float32)) - 0.5

    def push(self, condition: Tensor, noise: Tensor) -> Tensor:
        """The latents of noise vectors, in one pass."""
        return self.network(noise, condition)

    def loss(
        self,
        state: Tensor,
        target_mean: Tensor,
        target_log_sigma: Tensor,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """The mean energy score of 8 samples of the head against 100 of the posterior, exponent 1."""
        samples = self.sample(state, MODEL_SAMPLES, generator)
        targets = draw_posterior(target_mean, target_log_sigma, POSTERIOR_SAMPLES, generator)
        return energy_score(samples, targets).mean()


def energy_score(samples: Tensor, targets: Tensor) -> Tensor:
    """2 E|x - y| - E|x - x'| over samples x != x' and targets y: smallest, in the mean, where both have one law.

    Parameters
    ----------
    samples : float[M, n, z]
        Samples of the model, n >= 2.
    targets : float[M, m, z]
        Samples of the target.

    Returns
    -------
    float[M]

    References
    ----------
    .. [1] Gneiting & Raftery (2007), Strictly Proper Scoring Rules, Prediction, and Estimation, section 4.3.
    """
    n = samples.shape[1]
    samples, targets = samples.float(), targets.float()
    to_targets = torch.cdist(samples, targets).mean((1, 2))  # [M, n, m] -> [M]
    to_each_other = torch.cdist(samples, samples).sum((1, 2)) / (n * (n - 1))  # [M, n, n], a diagonal of zeros -> [M]
    return 2 * to_targets - to_each_other
