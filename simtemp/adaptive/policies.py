"""Temperature policies: one temperature for all, by the entropy of the next token, and by a trained head."""

from __future__ import annotations

import math

import numpy as np
import torch

from simtemp.adaptive.head_policy import HeadPolicy as HeadPolicy
from simtemp.adaptive.head_policy import Mixture as Mixture
from simtemp.adaptive.token_law import tempered_log_probs
from simtemp.arguments import Floats, real, shown
from simtemp.decoding_step import DecodingStep


class FixedTemperature:
    """The same temperature everywhere.

    Parameters
    ----------
    temperature : float
        In [0, inf).
    """

    def __init__(self, temperature: float) -> None:
        self.temperature = _finite(temperature, "temperature")

    def __call__(self, step: DecodingStep) -> Floats:
        """float64[b]."""
        return np.full(len(step.sequences), self.temperature)


class EntropyTemperature:
    """Entropy-based dynamic temperature: T = T0 * base^(theta / H), with H the entropy of the next token at T = 1 in nats.

    Where the model is sure T is near 0, where it is not T rises towards T0; where H = 0, T = 0.

    Parameters
    ----------
    highest : float
        T0, in [0, inf).
    theta : float
        > 0: the larger, the surer of greedy decoding where H is small.
    base : float
        In (0, 1).

    Raises
    ------
    ValueError
        For a bad argument; when called, for a model without logits.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from simtemp.decoding_step import DecodingStep
    >>> even = torch.zeros(1, 8)  # 8 tokens, equally likely
    >>> EntropyTemperature(1.0, theta=0.5)(DecodingStep(torch.zeros(1, 4), 0, np.array([0]), even)).round(4)
    array([0.9478])

    References
    ----------
    .. [1] Zhang et al. (2024), EDT: Improving Large Language Models' Generation by Entropy-based Dynamic Temperature Sampling,
       arXiv:2403.14541, equation 5.
    """

    def __init__(self, highest: float, theta: float = 0.1, base: float = 0.8) -> None:
        self.highest = _finite(highest, "highest")
        self.theta = _finite(theta, "theta")
        self.base = real(base, "base")
        if self.theta == 0.0:
            raise ValueError("theta must be in (0, inf), got 0.0")
        if not 0.0 < self.base < 1.0:
            raise ValueError(f"base must be in (0, 1), got {shown(base)}")

    def __call__(self, step: DecodingStep) -> Floats:
        """float64[b]."""
        if step.logits is None:
            raise ValueError("the entropy rule needs logits, and this model has none")
        law = tempered_log_probs(step.logits, 1.0).exp()  # [b, V]
        entropy = torch.special.entr(law).sum(-1).abs().cpu().numpy()  # that of a certain token is -0.0
        with np.errstate(divide="ignore", over="ignore", under="ignore"):
            degrees: Floats = self.highest * self.base ** (self.theta / entropy)
        return degrees


def _finite(value: float, name: str) -> float:
    number = real(value, name)
    if not 0.0 <= number < math.inf:
        raise ValueError(f"{name} must be in [0, inf), got {shown(value)}")
    return number
