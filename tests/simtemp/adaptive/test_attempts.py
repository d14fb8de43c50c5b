"""Attempts: what is recorded of sampled temperatures, and how a loss reads it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from simtemp.adaptive.attempts import attempt, checked_reward, choices
from simtemp.adaptive.head import seeded_head


def attempts_of(task, model, level="token", responses=4, seed=0):
    head = seeded_head(model.hidden_size, task.temperatures, level, seed=1)
    prompts = task.prompts("learn", 3, np.random.default_rng(0))
    seeds = np.random.SeedSequence(seed)
    return head, attempt(model, head, prompts, task.rewards, responses=responses, max_tokens=4, seed=seeds)


def test_picks_are_the_temperatures_of_the_response(scripted_task, scripted_text) -> None:
    _, found = attempts_of(scripted_task, scripted_text())
    assert found.rewards.shape == (3, 4)
    for several in found.by_prompt:
        for own in several:
            assert [scripted_task.temperatures[i] for i in own.picked] == own.response.temperatures.tolist()
            assert own.states.shape == (4, 3)
            assert own.text_log_probs.shape == (4, 3)
    assert len({tuple(own.picked) for own in found.by_prompt[0]}) > 1


def test_rewards_are_those_of_the_responses(scripted_task, scripted_text) -> None:
    _, found = attempts_of(scripted_task, scripted_text())
    wanted = [[own.response.text.count("aca"[i]) / 4 for own in found.by_prompt[i]] for i in range(3)]
    assert found.rewards.tolist() == wanted


def test_at_sequence_level_there_is_one_choice_with_the_score_of_the_whole_text(scripted_task, scripted_text) -> None:
    _, found = attempts_of(scripted_task, scripted_text(), "sequence")
    own = found.by_prompt[0][0]
    assert own.states.shape == (1, 3)
    assert own.picked.shape == (1,)
    assert len(set(own.response.temperatures)) == 1
    assert own.text_log_probs.max() == pytest.approx(4 * math.log(0.8), rel=1e-6)


def test_without_logits_there_are_no_scores(scripted_task, scripted_text) -> None:
    head, found = attempts_of(scripted_task, scripted_text(has_logits=False))
    assert choices(head, found.by_prompt[0]).text_log_probs is None


def test_the_same_seed_gives_the_same_attempts(scripted_task, scripted_text) -> None:
    first, second, other = (attempts_of(scripted_task, scripted_text(), seed=seed)[1] for seed in (5, 5, 6))
    assert np.array_equal(first.rewards, second.rewards)
    assert not np.array_equal(first.rewards, other.rewards)


def test_choices_are_padded_and_masked(scripted_task, scripted_text) -> None:
    head, short = attempts_of(scripted_task, scripted_text(steps=2))
    long = attempts_of(scripted_task, scripted_text(steps=4))[1]
    batch = choices(head, [short.by_prompt[0][0], long.by_prompt[0][0]])
    assert batch.present.tolist() == [[True, True, False, False], [True] * 4]
    assert batch.log_probs.shape == (2, 4, 3)
    own = torch.from_numpy(long.by_prompt[0][0].states)
    assert torch.allclose(batch.log_probs[1], head(own))
    assert batch.log_probs.requires_grad


@pytest.mark.parametrize("value", [math.nan, math.inf, "much", None])
def test_a_reward_must_be_a_finite_number(value) -> None:
    with pytest.raises(ValueError, match="a reward must be a finite number, got"):
        checked_reward(value)
