"""Arithmetic in several steps, answered by a vote: variety of ways helps the vote, an error in a step spoils it."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from simtemp.adaptive.tasks.splits import different_prompts, split_of
from simtemp.adaptive.tasks.task import Example, Prompt, Split, Task
from simtemp.adaptive.tasks.votes import vote_credit, worth_to_votes
from simtemp.arguments import whole_number
from simtemp.calm.recipe import Recipe

_ANSWER = re.compile(r"[^#]*#(0|[1-9][0-9]{0,8})")


def read_answer(text: str) -> int | None:
    """The number after the only "#" of a response, at its end; None where there is no such number."""
    match = _ANSWER.fullmatch(text)
    return int(match[1]) if match else None


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
    makes as many errors. A hash of its text decides whether an expression is for training, learning or evaluation: none is in two parts.

    The reward of one response is 1 if its answer is right and 0 otherwise, without credit for right steps; the score of a prompt is the
    credit of its vote, and heads learn from what each of several responses is worth to a vote (`worth_to_votes`).

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
        prompts = map(_prompt, random_expressions(self.operations, rng))
        training = (prompt for prompt in prompts if split_of(prompt.text) == "train")
        return [
            Example(prompt.text, solution(prompt.facts["expression"], rng, self.error_rate))
            for prompt in islice(training, whole_number(count, "count"))
        ]

    def prompts(self, split: Split, count: int, rng: np.random.Generator) -> list[Prompt]:
        """Different expressions of a split; `facts` has their "expression" and their "answer"."""
        expressions = random_expressions(self.operations, rng)
        return different_prompts(lambda: _prompt(next(expressions)), split, whole_number(count, "count"))

    def reward(self, prompt: Prompt, response: Response) -> float:
        """1 if the answer is right."""
        return float(read_answer(response.text) == prompt.facts["answer"])

    def rewards(self, prompt: Prompt, responses: Sequence[Response]) -> list[float]:
        """What each response is worth to the votes that it is part of: a head is trained for the vote, not for single responses."""
        answers = [read_answer(response.text) for response in responses]
        return worth_to_votes(answers, prompt.facts["answer"], self.samples)

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


def _prompt(expression: str) -> Prompt:
    return Prompt(f"{expression}=", "arithmetic", {"expression": expression, "answer": value(expression)})


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
