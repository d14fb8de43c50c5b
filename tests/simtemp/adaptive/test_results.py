"""Results from figures made by hand: differences, claims and their intervals."""

from __future__ import annotations

import json

import numpy as np
import pytest

from simtemp.adaptive.claims import Comparison
from simtemp.adaptive.comparison import Interval
from simtemp.adaptive.policy_name import PolicyName
from simtemp.adaptive.results import summarize
from simtemp.adaptive.tasks import TASKS
from simtemp.console import plain

PROMPTS = 40


def figures(scores, temperature, *, a=0.5):
    rng = np.random.default_rng(0)
    values = np.clip(scores + 0.05 * rng.standard_normal(PROMPTS), 0, 1)
    return {
        "scores": values.tolist(),
        "measures": {"a": [a] * PROMPTS},
        "mean_temperatures": [temperature] * PROMPTS,
        "log_prob": [-10.0] * PROMPTS,
        "tokens": [5] * PROMPTS,
        "draws": [4] * PROMPTS,
        "picks": {"x": {str(temperature): 60, "0.0": 20}, "y": {str(temperature): 80}},
        "places": {"constrained": ([0.0, 2.0], [4, 4]), "free": ([temperature * 4, 0.0], [4, 0])},
        "examples": [],
    }


@pytest.fixture
def record(scripted_task):
    prompts = scripted_task.prompts("evaluate", PROMPTS, np.random.default_rng(0))
    named = {
        PolicyName("adaptive"): [figures(0.8, 1.0), figures(0.7, 1.0)],
        PolicyName("entropy"): [figures(0.4, 0.5), figures(0.4, 0.5)],
        PolicyName("fixed", 0.0): [figures(0.5, 0.0), figures(0.5, 0.0)],
        PolicyName("fixed", 0.5): [figures(0.6, 0.5), figures(0.6, 0.5)],
    }
    return json.loads(json.dumps(plain(summarize(scripted_task, prompts, named, (0.0, 0.5, 1.0), 7))))


def test_differences_are_paired(record) -> None:
    found = {row["against"]: row for row in record["differences"]}
    assert set(found) == {"entropy rule", "T = 0", "T = 0.5"}
    assert found["T = 0.5"]["difference"] == pytest.approx(0.15, abs=0.01)
    assert found["T = 0.5"]["high"] - found["T = 0.5"]["low"] < 0.02  # the same noise on both sides
    assert record["best_fixed"] == 0.5


def test_policies_have_scores_and_what_is_beside_them(record) -> None:
    adaptive, entropy, *fixed = record["policies"]
    assert [row["name"] for row in fixed] == ["T = 0", "T = 0.5"]
    assert adaptive["low"] < adaptive["score"] < adaptive["high"]
    assert set(adaptive["by_kind"]) == {"x", "y"}
    assert adaptive["log_prob_per_token"] == -2.0
    assert entropy["mean_temperature"] == 0.5
    assert [row["seed"] for row in record["by_seed"]] == [7, 8]
    assert record["by_seed"][0]["difference_to_best_fixed"] == pytest.approx(0.2, abs=0.01)


def test_temperatures_by_kind_and_place(record) -> None:
    assert record["temperature_by_kind"] == {"x": [0.25, 0.0, 0.75], "y": [0.0, 0.0, 1.0]}
    rows = {row["label"]: row for row in record["temperature_by_place"]["rows"]}
    assert rows["constrained"]["mean"] == [0.0, 0.5]
    assert rows["free"]["mean"] == [1.0, None]


def test_names_for_people() -> None:
    assert [PolicyName("fixed", 0.4).label, PolicyName("entropy").label, PolicyName("adaptive").label] == [
        "T = 0.4",
        "entropy rule",
        "adaptive",
    ]


def claims(task, interval, *, reduction=None, places=None):
    other = Interval(0.9, 0.8, 1.0)
    comparison = Comparison(
        differences={0.0: other, 0.5: interval},
        best=0.5,
        measure_reduction=lambda measure: reduction or other,
        temperature_of=(places or {}).get,
    )
    return [claim(comparison).holds for claim in TASKS[task].claims]


def test_claims_hold_and_fail_where_they_should() -> None:
    better, tie, worse = Interval(0.1, 0.05, 0.15), Interval(0.0, -0.05, 0.05), Interval(-0.1, -0.2, -0.05)
    assert [claims("mixed", found) for found in (better, tie, worse)] == [[True], [False], [False]]
    assert [claims("voting", found) for found in (better, tie, worse)] == [[True], [True], [False]]
    cold = {"constrained": 0.1, "free": 0.9}
    assert claims("constrained", better, places=cold) == [True, True]
    assert claims("constrained", tie, places={"constrained": 0.9, "free": 0.1}) == [False, False]
    assert claims("constrained", better, places={}) == [False, True]
    few, narrow, wide = Interval(0.41, 0.3, 0.5), Interval(0.45, 0.26, 0.5), Interval(0.6, 0.2, 0.9)
    assert [claims("repeats", better, reduction=one)[0] for one in (few, narrow, wide)] == [False, True, False]
