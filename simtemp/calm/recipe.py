"""How one network is trained: steps, batch, learning rate. Everything here, with data and seed, decides the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from simtemp.arguments import real, shown, whole_number


@dataclass(frozen=True)
class Recipe:
    """The training of one network by AdamW.

    Parameters
    ----------
    steps : int
        Steps of the optimiser, >= 1.
    batch_size : int
        Blocks (autoencoder) or windows (language model) a step, >= 1.
    window : int
        Blocks of context in a window, >= 1.
    learning_rate : float
        Highest one: it rises linearly over `warmup` steps and falls as a cosine to 1/50 of it.
    warmup : int
        Steps, >= 0.
    weight_decay : float
        >= 0; of matrices.
    clip : float
        Longest gradient, > 0.
    average : float
        In [0, 1): the result is the exponential average of the weights over about 1 / (1 - average) steps; 0 is the last weights.
    guide : float
        >= 0; of the language model: weight of the cross-entropy of a linear classifier of the next block's tokens on the backbone's
        state, which is thrown away after the training. It teaches the backbone from the first step on, long before the head is good
        enough to do so; 0 trains by the head's loss alone, as published.
    model_samples, posterior_samples : int
        Of the energy score, >= 2 and >= 1; published are 8 and 100.

    Examples
    --------
    >>> Recipe(steps=100, batch_size=8, learning_rate=1e-3, warmup=10).rate(10)
    0.001
    """

    steps: int
    batch_size: int
    learning_rate: float
    window: int = 1
    warmup: int = 50
    weight_decay: float = 0.0
    clip: float = 1.0
    average: float = 0.99
    guide: float = 0.0
    model_samples: int = 8
    posterior_samples: int = 100

    def __post_init__(self) -> None:
        for name, least in (
            ("steps", 1),
            ("batch_size", 1),
            ("window", 1),
            ("warmup", 0),
            ("model_samples", 2),
            ("posterior_samples", 1),
        ):
            object.__setattr__(self, name, whole_number(getattr(self, name), name, least))
        for name in ("learning_rate", "clip", "weight_decay", "average", "guide"):
            value = real(getattr(self, name), name)
            positive = name in ("learning_rate", "clip")
            if value < 0 or math.isinf(value) or (positive and value == 0) or (name == "average" and value >= 1):
                allowed = "[0, 1)" if name == "average" else f"{'(' if positive else '['}0, inf)"
                raise ValueError(f"{name} must be in {allowed}, got {shown(value)}")
            object.__setattr__(self, name, value)

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / (self.warmup + 1)
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.learning_rate * (0.02 + 0.98 * 0.5 * (1.0 + math.cos(math.pi * done)))

    def to_dict(self) -> dict[str, Any]:
        """All entries as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The recipe that `to_dict` wrote.

        Raises
        ------
        ValueError
            For an unknown entry or a bad value.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ValueError(f"a recipe has no entry {unknown[0]!r}, its entries are {', '.join(sorted(known))}")
        return cls(**values)
