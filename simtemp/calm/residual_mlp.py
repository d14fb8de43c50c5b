"""The residual network inside of every head: layers under the names of the published `mlp_generator`.

Shapes in comments: R rows, h `hidden_size`, z `latent_size`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LAYER_NORM_EPS = 1e-6


class MlpBlock(nn.Module):
    """e + down(SiLU(g) * v), (g, v) the halves of an MLP of (LayerNorm(e), c)."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        h = hidden_size
        self.in_ln = nn.LayerNorm(h, eps=LAYER_NORM_EPS)
        self.linears = nn.Sequential(nn.Linear(2 * h, h), nn.SiLU(), nn.Linear(h, h), nn.SiLU(), nn.Linear(h, 2 * h))
        self.down_proj = nn.Linear(h, h)

    def forward(self, e: Tensor, c: Tensor) -> Tensor:
        """Noise so far and condition, float[R, h] both, to float[R, h]."""
        gate, value = self.linears(torch.cat([self.in_ln(e), c], -1)).chunk(2, dim=-1)  # [R, 2h] -> 2 of [R, h]
        out: Tensor = e + self.down_proj(F.silu(gate) * value)
        return out


class FinalLayer(nn.Module):
    """LayerNorm, then an MLP to the latent."""

    def __init__(self, hidden_size: int, latent_size: int) -> None:
        super().__init__()
        h = hidden_size
        self.in_ln = nn.LayerNorm(h, eps=LAYER_NORM_EPS)
        self.linears = nn.Sequential(nn.Linear(h, h), nn.SiLU(), nn.Linear(h, latent_size))

    def forward(self, e: Tensor) -> Tensor:
        """float[R, h] to float[R, z]."""
        out: Tensor = self.linears(self.in_ln(e))  # [R, h] -> [R, z]
        return out
