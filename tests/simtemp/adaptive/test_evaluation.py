"""What is told of a policy on a scripted model, against what must come out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simtemp.adaptive.evaluation import evaluate_policy, step_labels
from simtemp.adaptive.policies import FixedTemperature
from simtemp.adaptive.response import Response


def evaluated(task, model, temperature, count=4):
    prompts = task.prompts("evaluate", count, np.random.default_rng(0))
    return evaluate_policy(model, FixedTemperature(temperature), task, prompts, seed=np.random.SeedSequence(0))


def test_figures_of_a_fixed_temperature(scripted_task, scripted_text) -> None:
    found = evaluated(scripted_task, scripted_text(), 1.0)
    assert found["scores"] == [0.0, 1.0, 0.0, 1.0]
    assert found["measures"] == {"a": [0.0] * 4}
    assert found["mean_temperatures"] == [1.0] * 4
    assert found["log_prob"] == [-4.0] * 4
    assert found["tokens"] == [5] * 4  # with the end token
    assert found["draws"] == [4] * 4
    assert found["picks"] == {"x": {1.0: 8}, "y": {1.0: 8}}
    assert found["places"] == {"free": ([4.0] * 4, [4] * 4)}
    assert found["examples"][0] == {
        "prompt": "xevaluate0",
        "kind": "x",
        "pieces": ["c"] * 4,
        "temperatures": [1.0] * 4,
        "labels": ["free"] * 4,
    }


def test_several_samples_are_scored_together(scripted_task, scripted_text) -> None:
    scripted_task.samples = 3
    scripted_task.score = lambda prompt, responses: len(responses) / 10
    found = evaluated(scripted_task, scripted_text(), 0.0)
    assert found["scores"] == [0.3] * 4
    assert found["draws"] == [12] * 4
    assert found["picks"]["x"] == {0.0: 24}


def test_without_logits_the_log_probability_is_nan(scripted_task, scripted_text) -> None:
    assert math.isnan(evaluated(scripted_task, scripted_text(has_logits=False), 0.5)["log_prob"][0])


def test_a_score_must_be_finite(scripted_task, scripted_text) -> None:
    scripted_task.score = lambda prompt, responses: math.nan
    with pytest.raises(ValueError, match="finite"):
        evaluated(scripted_task, scripted_text(), 0.5)


def test_a_block_has_the_label_that_is_rarer(scripted_task) -> None:
    response = Response("caccccca", np.arange(8), True, np.zeros(3), 0.0, None, 8)
    prompt = scripted_task.prompts("learn", 1, np.random.default_rng(0))[0]
    assert step_labels(scripted_task, prompt, response, 1)[:3] == ["free", "constrained", "free"]
    assert step_labels(scripted_task, prompt, response, 3) == ["constrained", "free", "constrained"]
