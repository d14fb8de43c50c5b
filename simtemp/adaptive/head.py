"""The head that picks a temperature: a small network on the last hidden state of a frozen model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from simtemp.arguments import real, shown, whole_number

Level = Literal["token", "sequence"]
"""Whether the head is asked at every step, or once, at the last place of the prompt."""

_FIRST_WEIGHTS = 1e-3
"""Of the last layer: so small that the head begins within a percent of uniform."""


class TemperatureHead(nn.Module):
    """From the last hidden state to the probabilities of a list of temperatures.

    Three linear layers with SiLU between them and a softmax. It begins near uniform, so that the first responses explore the whole list.

    Parameters
    ----------
    hidden_size : int
        Of the model, >= 1.
    temperatures : sequence of M float
        Finite, >= 0 (0 is greedy), all different, at least one.
    level : str
        ``"token"`` or ``"sequence"``.
    width : int
        Of its inner layers, >= 1.

    Attributes
    ----------
    temperatures : tuple of M float
        In ascending order.
    hidden_size, width : int
    level : str

    Raises
    ------
    ValueError
        For an empty list, a bad temperature, size or level.

    Examples
    --------
    >>> import torch
    >>> from simtemp.adaptive import TemperatureHead
    >>> head = TemperatureHead(hidden_size=8, temperatures=[0.0, 0.5, 1.0])
    >>> head(torch.zeros(2, 8)).exp().shape
    torch.Size([2, 3])

    References
    ----------
    .. [1] Dhuliawala et al. (2024), Adaptive Decoding via Latent Preference Optimization, arXiv:2411.09661, section 3.1.
    """

    def __init__(
        self, hidden_size: int, temperatures: Sequence[float], level: Level = "token", width: int = 64
    ) -> None:
        super().__init__()
        self.hidden_size = whole_number(hidden_size, "hidden_size", 1)
        self.temperatures = checked_temperatures(temperatures)
        if level not in get_args(Level):
            raise ValueError(f"level must be one of {', '.join(get_args(Level))}, got {shown(level)}")
        self.level: Level = level
        self.width = whole_number(width, "width", 1)
        first, inner = nn.Linear(self.hidden_size, self.width), nn.Linear(self.width, self.width)
        last = nn.Linear(self.width, len(self.temperatures))
        nn.init.normal_(last.weight, std=_FIRST_WEIGHTS)
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(first, nn.SiLU(), inner, nn.SiLU(), last)

    def forward(self, states: Tensor) -> Tensor:
        """Log-probabilities of the temperatures, float[..., M], from states float[..., h].

        Raises
        ------
        ValueError
            When the states are of another size than the head is made for.
        """
        if states.shape[-1] != self.hidden_size:
            raise ValueError(
                f"the head is made for states of size {self.hidden_size}, the model gives states of size {states.shape[-1]}"
            )
        logits: Tensor = self.layers(states.to(next(self.parameters()).dtype))  # [..., h] -> [..., M]
        return logits.log_softmax(-1)


def checked_temperatures(temperatures: Sequence[float]) -> tuple[float, ...]:
    """A list of temperatures in ascending order.

    Raises
    ------
    ValueError
        When it is empty, or one is NaN, negative, infinite or there twice.
    """
    values = sorted(real(value, "a temperature") for value in temperatures)
    if not values:
        raise ValueError("temperatures must be a list of at least one temperature, got an empty one")
    for value in values:
        if not 0.0 <= value < math.inf:
            raise ValueError(f"a temperature must be in [0, inf), got {shown(value)}")
    if len(set(values)) < len(values):
        raise ValueError(f"the temperatures must be different, got {shown(values)}")
    return tuple(values)


def seeded_head(
    hidden_size: int, temperatures: Sequence[float], level: Level = "token", *, width: int = 64, seed: int = 0
) -> TemperatureHead:
    """A head whose first weights are those of a seed; torch's global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(whole_number(seed, "seed"))
        return TemperatureHead(hidden_size, temperatures, level, width)
