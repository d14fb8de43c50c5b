"""Arithmetic in several steps, answered by a vote: variety of ways helps the vote, an error in a step spoils it."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal

import numpy as np

from simtemp.adaptive.response import Response
from simtemp.adaptive.tasks.reductions import (
    Reduction,
    checked_error_rate,
    random_expressions,
    reductions,
    solution,
    value,
)
from simtemp.adaptive.tasks.task import Example, Prompt, Split, Task
from simtemp.arguments import whole_number
from simtemp.calm.recipe import Recipe

_ANSWER = re.compile(r"[^#]*#(0|[1-9][0-9]{0,8})")
_SHARES = 10
"""Of all expressions a tenth is evaluated on, a tenth learned from, and the base model is trained on the others."""


def read_answer(text: str) -> int | None:
    """The number after the only "#" of a response, at its end; None where there is no such number."""
    match = _ANSWER.fullmatch(text)
    return int(match[1]) if match else None


def vote_credit(answers: Sequence[int | None], right: int) -> float:
    """What a vote earns: 1 when the answer with the most votes is the right one; answers that tie for it share.

    Parameters
    ----------
    answers : sequence of int or None
        None is no vote.
    right : int
        The right answer.

    Examples
    --------
    >>> vote_credit([6, 6, 7, None], right=6), vote_credit([6, 6, 7, 7, 8], right=6), vote_credit([None], right=6)
    (1.0, 0.5, 0.0)
    """
    votes = Counter(answer for answer in answers if answer is not None)
    most = max(votes.values(), default=0)
    winners = [answer for answer, count in votes.items() if count == most]
    return 1.0 / len(winners) if right in winners else 0.0


def sound_steps(expression: str, text: str) -> float:
    """Share of the steps of a response that follow from the step before, right or wrong, in [0, 1]."""
    steps = re.split("[=#]", text)
    ways = [{way.of(before) for way in reductions(before)} for before in (expression, *steps)]
    return float(np.mean([step in possible for step, possible in zip(steps, ways, strict=False)]))


class VotingTask(Task):
    """Several steps of arithmetic, written out in any order that is allowed; 8 responses vote on the answer [1]_.

    A prompt is an expression of digits with products before sums ("3+4*2-5="), a response what is left after each operation and, after "#",
    the answer ("3+8-5=3+3#6"). The ways to work out an expression part at places ("route"), where a varied choice makes the errors of 8
    responses different; at others ("result", "copy") there is one right character.

    Training responses pick their way at random, and a share of their steps is wrong on purpose (`error_rate`): sampled at T = 1, the model
    makes as many errors. Which expressions are for training, learning and evaluation depends on a checksum of their text, so that no two of
    them share one.

    The reward of one response is 1 if its answer is right and 0 otherwise, without credit for right steps; the score of a prompt is the
    credit of its vote.

    Parameters
    ----------
    operations : int
        Of an expression, 3 to 5.
    error_rate : float
        Of the steps of training responses, in [0, 1).

    Raises
    ------
    ValueError
        For a bad number of operations or rate.

    References
    ----------
    .. [1] Wang et al. (2023), Self-Consistency Improves Chain of Thought Reasoning in Language Models, arXiv:2203.11171.
    """

    name = "voting"
    level: Literal["token", "sequence"] = "token"
    temperatures = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    max_tokens = 48
    samples = 8
    kinds = ("arithmetic",)
    recipe = Recipe(steps=900, batch_size=96, learning_rate=3e-3, warmup=50, weight_decay=0.01, average=0.99)
    """Learning rate and batch were chosen on prompts of the learning split: a rate of 4e-3 learns much less in as many steps."""

    def __init__(self, operations: int = 4, error_rate: float = 0.1) -> None:
        self.operations = whole_number(operations, "operations", 3, 5)
        self.error_rate = checked_error_rate(error_rate)

    def examples(self, count: int, rng: np.random.Generator) -> list[Example]:
        """Expressions of the training part, each with a way to its answer; an expression may come again."""
        expressions = islice(self._expressions("train", rng), whole_number(count, "count"))
        return [Example(f"{one}=", solution(one, rng, self.error_rate)) for one in expressions]

    def prompts(self, split: Split, count: int, rng: np.random.Generator) -> list[Prompt]:
        """Different expressions of a split; `facts` has their "expression" and their "answer"."""
        number = whole_number(count, "count")
        different: dict[str, None] = {}
        for one in self._expressions(split, rng):
            if len(different) == number:
                break
            different[one] = None
        return [Prompt(f"{one}=", "arithmetic", {"expression": one, "answer": value(one)}) for one in different]

    def _expressions(self, part: str, rng: np.random.Generator) -> Iterator[str]:
        return (one for one in random_expressions(self.operations, rng) if _part(one) == part)

    def reward(self, prompt: Prompt, response: Response) -> float:
        """1 if the answer is right."""
        return float(read_answer(response.text) == prompt.facts["answer"])

    def score(self, prompt: Prompt, responses: Sequence[Response]) -> float:
        """Credit of the vote of all responses."""
        return vote_credit([read_answer(response.text) for response in responses], prompt.facts["answer"])

    def measures(self, prompt: Prompt, response: Response) -> dict[str, float]:
        """Of one response: "right", "answered" (it has a number to vote with) and "sound_steps"."""
        return {
            "right": self.reward(prompt, response),
            "answered": float(read_answer(response.text) is not None),
            "sound_steps": sound_steps(prompt.facts["expression"], response.text),
        }

    def labels(self, prompt: Prompt, response: Response) -> list[str] | None:
        """What each character was to be, given those before it: see `step_labels`."""
        return step_labels(prompt.facts["expression"], response.text)


def _part(expression: str) -> str:
    remainder = zlib.crc32(expression.encode()) % _SHARES
    return {0: "evaluate", 1: "learn"}.get(remainder, "train")


def step_labels(expression: str, text: str) -> list[str]:
    """What each character of a response was to be, given the characters before it.

    Returns
    -------
    list of str
        "route" where the ways to go on part, "result" inside the result of an operation, "copy" where the rest of the expression or the
        mark after it is due, "astray" where the step so far is none that follows from the step before.
    """
    labels: list[str] = []
    before = expression
    for step in re.findall(r"[^=#]*[=#]|[^=#]+$", text):
        ways = [(way, way.of(before)) for way in reductions(before)]
        labels += [_label(ways, step[:place]) for place in range(len(step))]
        before = step.rstrip("=#")
    return labels


def _label(ways: Sequence[tuple[Reduction, str]], begun: str) -> str:
    place = len(begun)
    alive = [(way, step) for way, step in ways if step.startswith(begun)]
    if not alive:
        return "astray"
    if len({step[place : place + 1] for _, step in alive}) > 1:
        return "route"
    inside = any(way.start <= place < way.start + len(str(way.result)) for way, _ in alive)
    return "result" if inside else "copy"
