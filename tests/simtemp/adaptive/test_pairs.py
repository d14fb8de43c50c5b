import math

import numpy as np
import pytest

from simtemp.adaptive.pairs import NoPreference, Pair, best_and_worst


def test_best_against_worst_by_going_through_all():
    rewards = np.random.default_rng(0).integers(0, 3, (200, 3)) / 2
    expected = []
    for prompt, row in enumerate(rewards.tolist()):
        if len(set(row)) > 1:
            expected.append((prompt, row.index(max(row)), row.index(min(row))))
    assert len(expected) < 200
    assert best_and_worst(rewards) == expected


def test_a_pair_names_its_parts():
    assert best_and_worst([[0, 1], [2.0, -3.0]]) == [
        Pair(prompt=0, chosen=1, rejected=0),
        Pair(prompt=1, chosen=0, rejected=1),
    ]


@pytest.mark.parametrize(
    ("rewards", "message"),
    [
        ([[0.0, math.nan]], r"rewards must be finite, got rewards\[0, 1\] = nan"),
        ([[0.0, 1.0], [-math.inf, 0.0]], r"rewards must be finite, got rewards\[1, 0\] = -inf"),
        ([[1.0], [2.0]], "a pair needs at least 2 responses a prompt, got 1"),
        ([0.0, 1.0], r"rewards must have shape \(prompts >= 1, responses >= 2\), got \(2,\)"),
        (np.zeros((0, 4)), r"got \(0, 4\)"),
        ([["good", "bad"]], "rewards must be a table of numbers"),
        ([[0.0, 1.0], [0.0]], "rewards must be a table of numbers"),
    ],
)
def test_bad_rewards_are_one_clear_line(rewards, message):
    with pytest.raises(ValueError, match=message):
        best_and_worst(rewards)


def test_all_equal_is_a_clear_line_that_a_caller_can_act_on():
    with pytest.raises(
        NoPreference, match="all 3 responses have equal rewards for each of 2 prompts: no pair is left"
    ) as caught:
        best_and_worst([[0.5, 0.5, 0.5], [1.0, 1.0, 1.0]])
    assert isinstance(caught.value, ValueError)
