"""A task whose training text is written by known laws, so that the best any model can learn from it is known too."""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import partial
from typing import ClassVar

import numpy as np

from simtemp.adaptive.response import Response
from simtemp.adaptive.tasks.splits import different_prompts, split_of
from simtemp.adaptive.tasks.task import Example, Prompt, Split, Task
from simtemp.adaptive.tasks.writer import Laws, write
from simtemp.arguments import whole_number


class WrittenTask(Task):
    """Prompts drawn at random, training text by the laws of a noisy writer, a reward that is the product of its measures.

    Attributes
    ----------
    most_prompts : int
        Of each kind and split that can be asked for.
    """

    most_prompts: ClassVar[int] = 1000

    @abstractmethod
    def random_prompt(self, kind: str, rng: np.random.Generator) -> Prompt:
        """A prompt of a kind, of any split."""

    @abstractmethod
    def laws(self, prompt: Prompt) -> Laws:
        """The law of each word of a response, after the words before it, in the training text (noise included)."""

    def examples(self, count: int, rng: np.random.Generator) -> list[Example]:
        """Prompts of no split, kinds in turns, and what the noisy writer writes after them.

        Raises
        ------
        ValueError
            For a bad count.
        """
        number = whole_number(count, "count", 1)
        found: list[Example] = []
        while len(found) < number:
            prompt = self.random_prompt(self.kinds[len(found) % len(self.kinds)], rng)
            if split_of(prompt.text) == "train":
                found.append(Example(prompt.text, write(self.laws(prompt), rng)))
        return found

    def prompts(self, split: Split, count: int, rng: np.random.Generator) -> list[Prompt]:
        """`count` different prompts of a split, kinds in turns.

        Raises
        ------
        ValueError
            For more prompts than there are, or an unknown split.
        """
        number = whole_number(count, "count", 1, self.most_prompts * len(self.kinds))
        each = -(-number // len(self.kinds))
        of_kind = [different_prompts(partial(self.random_prompt, kind, rng), split, each) for kind in self.kinds]
        return [prompt for turn in zip(*of_kind, strict=True) for prompt in turn][:number]

    def reward(self, prompt: Prompt, response: Response) -> float:
        """The product of the measures of a response, in [0, 1]."""
        return math.prod(self.measures(prompt, response).values())
