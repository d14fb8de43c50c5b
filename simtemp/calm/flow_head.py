"""Flow matching: a velocity that carries normal noise to the latent in one unit of time."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from simtemp.calm.timed_head import TimedHead


class FlowHead(TimedHead):
    """Noise at time 0, the latent at time 1, on straight lines between them in the mean.

    The velocity is learned by regression on target - noise [1]_; `sampling_steps` midpoint steps follow it, two passes of the network each.

    References
    ----------
    .. [1] Lipman et al. (2022), Flow Matching for Generative Modeling, arXiv:2210.02747.

    Examples
    --------
    >>> import torch
    >>> from simtemp.calm import tiny_config
    >>> from simtemp.calm.flow_head import FlowHead
    >>> head = FlowHead(tiny_config(vocab_size=50, head="flow"))
    >>> head.sample(torch.zeros(2, head.config.hidden_size), k=5).shape[:2]
    torch.Size([2, 5])
    """

    def push(self, condition: Tensor, noise: Tensor) -> Tensor:
        """The end of the flow that starts at the noise, by the midpoint rule."""
        x, step = noise, 1.0 / self.config.sampling_steps
        for index in range(self.config.sampling_steps):
            time = x.new_full((1,), index * step, dtype=torch.float32)
            middle = x + 0.5 * step * self.field(x, time, condition)
            x = x + step * self.field(middle, time + 0.5 * step, condition)
        return x

    def loss(
        self,
        state: Tensor,
        target_mean: Tensor,
        target_log_sigma: Tensor,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Mean squared error of the velocity at uniform times."""
        condition, target, noise, time = self.training_draws(state, target_mean, target_log_sigma, generator)
        between = torch.lerp(noise, target, time[:, None].to(noise.dtype))  # [R, z]
        return F.mse_loss(self.field(between, time, condition), target - noise)
