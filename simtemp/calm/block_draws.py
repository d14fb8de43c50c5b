"""Draws of the next block as black boxes: one for each sequence of a batch, with noise of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from simtemp.arguments import Integers
from simtemp.calm.errors import ModelOutputError

if TYPE_CHECKING:
    from simtemp.calm.model import CalmModel

_ROWS_AT_ONCE = 2**15
"""How many draws are pushed through the head at a time, all sequences together: bounds the memory of thousands of draws a sequence."""


class BlockDraws:
    """What `simtemp.sample_many` draws from: ``draws(which, k)`` gives k next blocks in each of the states `which`.

    Parameters
    ----------
    model : CalmModel
        In evaluation mode.
    states : float[B, h]
        States of the backbone, as `CalmModel.hidden` gives them.
    noise : sequence of B numpy Generators
        The noise of state i is taken from ``noise[i]``, one vector after another: so the draws of a state depend neither on how they are
        batched nor, but for the rounding of batched matrix products, on the other states.

    Attributes
    ----------
    seconds : float
        Time spent in drawing: the head, the decoder of the autoencoder and the way to the host.

    Notes
    -----
    The part of the head that depends on the state alone is computed once. One transfer to the device and one from it for each 32,768 draws.

    Examples
    --------
    >>> import torch
    >>> from simtemp.calm import CalmModel, tiny_config
    >>> model = CalmModel(tiny_config(vocab_size=50)).eval()
    >>> draws = BlockDraws(model, torch.zeros(2, model.config.hidden_size), np.random.default_rng(0).spawn(2))
    >>> draws(np.array([0, 1]), 5).shape
    (2, 5, 4)
    """

    def __init__(self, model: CalmModel, states: Tensor, noise: Sequence[np.random.Generator]) -> None:
        self.seconds = 0.0
        self._model = model
        self._noise = noise
        self._seen: list[set[bytes]] = [set() for _ in noise]
        with torch.inference_mode():
            self._condition = model.mlp_generator.condition(states)  # [B, h]

    def __call__(self, which: Integers, k: int) -> Integers:
        """Draw k blocks in each of the states `which` (int64[m]): int64[m, k, K].

        Raises
        ------
        ModelOutputError
            When the head gives NaN or infinity.
        """
        began = time.perf_counter()
        blocks = np.empty((which.size, k, self._model.config.patch_size), np.int64)
        at_once = max(1, _ROWS_AT_ONCE // max(1, which.size))
        for start in range(0, k, at_once):
            part = blocks[:, start : start + at_once]
            part[...] = self._pushed(which, part.shape[1]).cpu().numpy()
        keys = blocks.view(f"V{blocks.strides[1]}")[..., 0].tolist()  # [m, k, K] -> m lists of k keys
        for i, row in zip(which.tolist(), keys, strict=True):
            self._seen[i].update(row)
        self.seconds += time.perf_counter() - began
        return blocks

    def distinct(self, i: int) -> int:
        """How many different blocks were drawn in state i."""
        return len(self._seen[i])

    def _pushed(self, which: Integers, k: int) -> Tensor:
        with torch.inference_mode():
            condition = self._condition[torch.from_numpy(which).to(self._condition.device)]  # [m, h]
            noise = self._noise_of(which, k).to(condition)  # [m, k, u]
            rows = condition[:, None].expand(-1, k, -1).flatten(0, 1)  # [m, h] -> [m*k, h]
            latents = self._model.mlp_generator.push(rows, noise.flatten(0, 1))  # [m*k, z]
            if not bool(torch.isfinite(latents).all()):
                row = int((~torch.isfinite(latents)).any(-1).nonzero()[0])
                raise ModelOutputError(
                    f"the generative head gave a latent that is not finite (sequence {int(which[row // k])} of the batch)"
                )
            return self._model.ae_model.decode(latents).reshape(which.size, k, -1)  # [m*k, K] -> [m, k, K]

    def _noise_of(self, which: Integers, k: int) -> Tensor:
        head, rngs = self._model.mlp_generator, [self._noise[i] for i in which.tolist()]
        if head.codebook is None:
            return torch.stack([head.fixed_noise((k, head.noise_dimensions), rng) for rng in rngs])  # [m, k, u]
        chosen = torch.from_numpy(np.stack([rng.integers(len(head.codebook), size=k) for rng in rngs]))  # [m, k]
        return head.codebook[chosen.to(head.codebook.device)]  # [D, u] -> [m, k, u]
