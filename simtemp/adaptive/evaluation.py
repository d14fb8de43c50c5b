"""One policy on one set of prompts: scores, and everything reported beside them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from simtemp.adaptive.attempts import checked_reward
from simtemp.adaptive.response import Response, TextModel
from simtemp.adaptive.tasks.task import Prompt, Task
from simtemp.console import Progress
from simtemp.decoding_step import Policy

_SHOWN = 6
"""Responses kept as examples."""


def evaluate_policy(
    model: TextModel,
    policy: Policy,
    task: Task,
    prompts: Sequence[Prompt],
    *,
    seed: np.random.SeedSequence,
    progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """Respond to every prompt `task.samples` times and score what comes.

    Returns
    -------
    dict
        "scores" and "mean_temperatures" float[prompts]; "measures": {name: float[prompts]}; "log_prob" and "tokens" float[prompts]
        (summed over the responses of a prompt; a log-probability is NaN without logits), "draws"; "picks": {kind: {temperature: steps}};
        "places": {label: (sums, counts) of temperatures by step}; "examples": some responses with the temperature of each piece.
    """
    repeated = [prompt for prompt in prompts for _ in range(task.samples)]
    answers = model.respond(
        [prompt.text for prompt in repeated], policy, max_tokens=task.max_tokens, rng=seed, progress=progress
    )
    groups = [answers[start : start + task.samples] for start in range(0, len(answers), task.samples)]
    measures: dict[str, list[float]] = defaultdict(list)
    for prompt, group in zip(prompts, groups, strict=True):
        parts = [task.measures(prompt, response) for response in group]
        for name in parts[0]:
            measures[name].append(float(np.mean([part[name] for part in parts])))
    return {
        "scores": [checked_reward(task.score(p, group)) for p, group in zip(prompts, groups, strict=True)],
        "measures": dict(measures),
        "mean_temperatures": [float(np.mean(np.concatenate([r.temperatures for r in group]))) for group in groups],
        "log_prob": [math.fsum(r.log_prob for r in group) for group in groups],
        "tokens": [sum(len(r.tokens) + r.ended for r in group) for group in groups],
        "draws": [sum(r.draws for r in group) for group in groups],
        "picks": _picks(repeated, answers),
        "places": _by_place(task, repeated, answers, model.tokens_per_step),
        "examples": [
            _example(task, repeated[i], answers[i], model)
            for i in range(0, min(len(answers), _SHOWN * task.samples), task.samples)
        ],
    }


def step_labels(task: Task, prompt: Prompt, response: Response, tokens_per_step: int) -> list[str] | None:
    """What each step of a response is: the label of its token, or the label that is rarest in the response among those of a block."""
    labels = task.labels(prompt, response)
    if labels is None or tokens_per_step == 1:
        return labels
    rarest = sorted(set(labels), key=labels.count)
    blocks = [labels[start : start + tokens_per_step] for start in range(0, len(labels), tokens_per_step)]
    return [min(block, key=rarest.index) for block in blocks]


def _by_place(
    task: Task, prompts: Sequence[Prompt], answers: Sequence[Response], tokens_per_step: int
) -> dict[str, tuple[list[float], list[int]]]:
    steps = -(-task.max_tokens // tokens_per_step)
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0] * steps)
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * steps)
    for prompt, response in zip(prompts, answers, strict=True):
        labels = step_labels(task, prompt, response, tokens_per_step) or ["all"] * len(response.temperatures)
        for place, (label, temperature) in enumerate(zip(labels, response.temperatures.tolist(), strict=False)):
            sums[label][place] += temperature
            counts[label][place] += 1
    return {label: (sums[label], counts[label]) for label in sums}


def _picks(prompts: Sequence[Prompt], answers: Sequence[Response]) -> dict[str, dict[float, int]]:
    counts: dict[str, Counter[float]] = defaultdict(Counter)
    for prompt, response in zip(prompts, answers, strict=True):
        counts[prompt.kind].update(response.temperatures.tolist())
    return {kind: dict(counter) for kind, counter in counts.items()}


def _example(task: Task, prompt: Prompt, response: Response, model: TextModel) -> dict[str, Any]:
    size = model.tokens_per_step
    pieces = [
        model.tokenizer.decode(response.tokens[start : start + size]) for start in range(0, len(response.tokens), size)
    ]
    labels = step_labels(task, prompt, response, size)
    return {
        "prompt": prompt.text,
        "kind": prompt.kind,
        "pieces": pieces,
        "temperatures": response.temperatures[: len(pieces)].tolist(),  # the end token has one as well, and no text
        "labels": labels if labels and len(labels) == len(pieces) else None,  # a token may have no text
    }
