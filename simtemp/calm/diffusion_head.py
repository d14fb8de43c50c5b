"""Diffusion: the noise in a noisy latent is predicted, and removed step by step."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from simtemp.calm.timed_head import TimedHead

_END = 0.97
"""Time at which sampling starts from pure noise. At time 1 nothing of the latent is left, and a prediction of the noise says nothing
of it; here 4.7 % of its amplitude is."""


class DiffusionHead(TimedHead):
    """x_t = cos(pi t / 2) latent + sin(pi t / 2) noise; the network predicts the noise [1]_.

    Sampling is the deterministic DDIM [2]_ in `sampling_steps` passes, so that one noise vector is all of its randomness.

    References
    ----------
    .. [1] Ho, Jain & Abbeel (2020), Denoising Diffusion Probabilistic Models, arXiv:2006.11239; the cosine schedule: arXiv:2102.09672.
    .. [2] Song, Meng & Ermon (2020), Denoising Diffusion Implicit Models, arXiv:2010.02502.

    Examples
    --------
    >>> import torch
    >>> from simtemp.calm import tiny_config
    >>> from simtemp.calm.diffusion_head import DiffusionHead
    >>> head = DiffusionHead(tiny_config(vocab_size=50, head="diffusion"))
    >>> head.sample(torch.zeros(2, head.config.hidden_size), k=5).shape[:2]
    torch.Size([2, 5])
    """

    def push(self, condition: Tensor, noise: Tensor) -> Tensor:
        """The latent that DDIM finds from the noise."""
        steps = self.config.sampling_steps
        x = noise
        for index in range(steps, 0, -1):
            time = _END * index / steps
            predicted = self.field(x, x.new_full((1,), time, dtype=torch.float32), condition)
            latent = (x - _sine(time) * predicted) / _cosine(time)
            earlier = _END * (index - 1) / steps
            x = _cosine(earlier) * latent + _sine(earlier) * predicted
        return x

    def loss(
        self,
        state: Tensor,
        target_mean: Tensor,
        target_log_sigma: Tensor,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Mean squared error of the predicted noise at uniform times."""
        condition, target, noise, time = self.training_draws(state, target_mean, target_log_sigma, generator)
        time = _END * time
        angle = 0.5 * math.pi * time[:, None]  # [R] -> [R, 1]
        noisy = (angle.cos() * target + angle.sin() * noise).to(target.dtype)  # [R, z]
        return F.mse_loss(self.field(noisy, time, condition), noise)


def _cosine(time: float) -> float:
    return math.cos(0.5 * math.pi * time)


def _sine(time: float) -> float:
    return math.sin(0.5 * math.pi * time)
