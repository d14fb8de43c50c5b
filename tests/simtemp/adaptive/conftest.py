"""A model and a task without a network, for the tests of adaptive decoding: what a response is worth depends on its temperatures in a
known way."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from simtemp.adaptive.response import Response
from simtemp.adaptive.tasks.task import Example, Prompt, Task
from simtemp.calm.tokenizer import character_tokenizer
from simtemp.decoding_step import DecodingStep

torch.set_num_threads(1)  # workers of pytest do not fight for cores

TEMPERATURES = (0.0, 0.5, 1.0)


class ScriptedText:
    """Writes one letter a step: "a" at T = 0, "b" at 0.5, "c" at 1. Its state is the prompt's first letter and the step's parity."""

    hidden_size = 3
    has_logits = True
    tokens_per_step = 1

    def __init__(self, steps: int = 4, has_logits: bool = True) -> None:
        self.tokenizer = character_tokenizer("abc")
        self.steps, self.has_logits = steps, has_logits

    def respond(self, prompts, policy, *, max_tokens, rng=0, scored_at=None, progress=lambda done, total: None):
        steps = min(self.steps, max_tokens)
        kinds = np.array([float(text.startswith("x")) for text in prompts])
        picked = []
        for number in range(steps):
            states = torch.tensor(np.stack([kinds, 1 - kinds, np.full(len(kinds), number % 2)], 1)).float()
            logits = torch.zeros(len(prompts), 3) if self.has_logits else None
            given = policy(DecodingStep(states, number, np.arange(len(prompts)), logits))
            picked.append(np.broadcast_to(np.asarray(given, np.float64), (len(prompts),)))
        progress(len(prompts), len(prompts))
        rows = np.stack(picked, 1)
        return [self._response(row, scored_at) for row in rows]

    def _response(self, temperatures, scored_at):
        text = "".join("abc"[TEMPERATURES.index(value)] for value in temperatures)
        scores = None
        if scored_at is not None:  # likelier at the temperature it was written with
            scores = np.log([[0.8 if value == other else 0.1 for other in scored_at] for value in temperatures])
        return Response(
            text,
            self.tokenizer.encode(text),
            True,
            temperatures,
            -float(len(text)) if self.has_logits else float("nan"),
            None if scores is None else scores.astype(np.float32),
            len(text),
        )


class ScriptedTask(Task):
    """Prompts "x..." want every letter to be "a", prompts "y..." every letter to be "c": reward is the share of letters right."""

    name = "scripted"
    level = "token"
    temperatures = TEMPERATURES
    max_tokens = 4
    samples = 1
    kinds = ("x", "y")

    def examples(self, count, rng):
        return [Example("x", "aaaa")] * count

    def prompts(self, split, count, rng):
        return [Prompt(f"{'xy'[i % 2]}{split}{i}", "xy"[i % 2], {"wanted": "ac"[i % 2]}) for i in range(count)]

    def reward(self, prompt, response):
        return response.text.count(prompt.facts["wanted"]) / max(1, len(response.text))

    def measures(self, prompt, response):
        return {"a": response.text.count("a") / 4}

    def labels(self, prompt, response):
        return ["constrained" if letter == "a" else "free" for letter in response.text]


@pytest.fixture
def scripted_task():
    return ScriptedTask()


@pytest.fixture
def scripted_text():
    """Makes models: ``scripted_text(steps=4, has_logits=True)``."""
    return ScriptedText
