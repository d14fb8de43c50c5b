"""How large an experiment is: everything here, with the task and the seeds, decides its figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

from simtemp.arguments import real, shown, whole_number

_OWN: dict[tuple[str, str], dict[str, Any]] = {
    ("repeats", "logits"): {"base_steps": 600, "rounds": 3, "prompts": 64, "evaluated": 200},
    ("voting", "logits"): {"prompts": 256, "responses": 16, "head_steps": 40},
    ("mixed", "blocks"): {"rounds": 4, "prompts": 96, "responses": 6, "evaluated": 210},
    ("constrained", "blocks"): {"rounds": 4, "prompts": 96, "responses": 6, "evaluated": 210},
}
"""Where a task differs."""


@dataclass(frozen=True)
class Settings:
    """Sizes of the parts of an experiment.

    Parameters
    ----------
    examples : int
        Training texts of the base model, >= 1.
    base_steps : int
        Steps of its optimiser, >= 1; of a model of blocks: of its language model, its autoencoder takes half as many.
    rounds : int
        Rounds of preference optimization, >= 1: sample responses with the head as it is, then learn from them.
    prompts, responses : int
        Prompts a round, and responses a prompt (>= 2) of which the best and the worst make a pair.
    head_steps, batch_size : int
        Steps of the head's optimiser a round, and pairs a step.
    learning_rate, beta : float
        > 0; of the head in the first round, falling linearly over the rounds; and of its loss.
    evaluated : int
        Prompts that policies are judged on, >= 2.
    seeds : int
        Heads trained and judged, each with a seed of its own, >= 1.

    Examples
    --------
    >>> Settings.quick().seeds
    1
    """

    examples: int = 20_000
    base_steps: int = 900
    rounds: int = 6
    prompts: int = 128
    responses: int = 8
    head_steps: int = 60
    batch_size: int = 64
    learning_rate: float = 2e-3
    beta: float = 1.0
    evaluated: int = 300
    seeds: int = 3

    def __post_init__(self) -> None:
        for name, least in (
            ("examples", 1),
            ("base_steps", 1),
            ("rounds", 1),
            ("prompts", 1),
            ("responses", 2),
            ("head_steps", 1),
            ("batch_size", 1),
            ("evaluated", 2),
            ("seeds", 1),
        ):
            object.__setattr__(self, name, whole_number(getattr(self, name), name, least))
        for name in ("learning_rate", "beta"):
            value = real(getattr(self, name), name)
            if not 0.0 < value < float("inf"):
                raise ValueError(f"{name} must be in (0, inf), got {shown(value)}")
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, task: str, kind: str, *, quick: bool = False) -> Self:
        """The settings of a task on a kind of model ("logits" or "blocks")."""
        if quick:
            return cls.quick()
        return cls(**_OWN.get((task, kind), {}))

    @classmethod
    def quick(cls) -> Self:
        """So small that every part runs in seconds; its figures say nothing."""
        return cls(examples=600, base_steps=20, rounds=2, prompts=12, responses=4, head_steps=5, evaluated=12, seeds=1)

    def to_dict(self) -> dict[str, Any]:
        """All entries as JSON can hold them."""
        return asdict(self)
