"""What a task is: prompts, training text for a small model, and a reward that is a plain function."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from simtemp.adaptive.claims import ClaimOf, at_least_equal
from simtemp.adaptive.response import Response

if TYPE_CHECKING:
    from simtemp.calm.recipe import Recipe
    from simtemp.calm.tokenizer import Tokenizer

_FOR_CHARACTERS = 2000
"""Training texts whose characters make the alphabet."""

Split = Literal["learn", "evaluate"]
"""Prompts that a head learns from, and prompts that it is judged on: no prompt is in both."""


class Example(NamedTuple):
    """Training text of a base model: a response after a prompt (empty: running text)."""

    prompt: str
    response: str


@dataclass(frozen=True)
class Prompt:
    """A prompt, its kind and what the reward must know of it.

    Attributes
    ----------
    text : str
    kind : str
        For pictures and for tasks that mix several.
    facts : mapping
        E.g. the right answer, the letters demanded.
    """

    text: str
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Task(ABC):
    """A task for a temperature policy.

    Attributes
    ----------
    name : str
    level : str
        "token" or "sequence": where its head is asked.
    temperatures : tuple of float
        The list its head picks from, and the fixed temperatures it is compared with.
    block_temperatures : tuple of float
        The same for a model that decodes blocks without logits (at most 1, as its exact sampler); empty: not run on such a model.
    max_tokens : int
        Of a response.
    samples : int
        Responses a prompt that are scored together when a policy is evaluated.
    kinds : tuple of str
        Of its prompts.
    claims : tuple of callable
        What is to hold of heads on it.
    recipe : Recipe or None
        Of its language model, where the usual one does not suit its text; steps come from the settings.
    """

    name: str
    level: Literal["token", "sequence"]
    temperatures: tuple[float, ...]
    block_temperatures: tuple[float, ...] = ()
    max_tokens: int
    samples: int = 1
    kinds: tuple[str, ...]
    claims: tuple[ClaimOf, ...] = (at_least_equal,)
    recipe: Recipe | None = None

    @abstractmethod
    def examples(self, count: int, rng: np.random.Generator) -> list[Example]:
        """Training text of the base model (a task whose text is given pays no heed to `count`)."""

    def tokenizer(self) -> Tokenizer:
        """The tokens of its models; the characters of its training text unless the task says otherwise."""
        from simtemp.calm.tokenizer import character_tokenizer

        return character_tokenizer("".join(map("".join, self.examples(_FOR_CHARACTERS, np.random.default_rng(0)))))

    @abstractmethod
    def prompts(self, split: Split, count: int, rng: np.random.Generator) -> list[Prompt]:
        """`count` different prompts; kinds in equal numbers, in turns."""

    @abstractmethod
    def reward(self, prompt: Prompt, response: Response) -> float:
        """Of one response, in [0, 1]."""

    def rewards(self, prompt: Prompt, responses: Sequence[Response]) -> list[float]:
        """Of N responses to a prompt: what a head is trained on; each by itself unless the task says otherwise."""
        return [self.reward(prompt, response) for response in responses]

    def score(self, prompt: Prompt, responses: Sequence[Response]) -> float:
        """Of all `samples` responses to a prompt: what policies are compared by; the mean reward unless the task says otherwise."""
        return float(np.mean([self.reward(prompt, response) for response in responses]))

    def measures(self, prompt: Prompt, response: Response) -> dict[str, float]:
        """Parts of the reward and other figures to report beside it."""
        return {}

    def labels(self, prompt: Prompt, response: Response) -> list[str] | None:
        """What each token of a response is (e.g. "constrained" or "free"), for pictures of temperature by place."""
        return None
