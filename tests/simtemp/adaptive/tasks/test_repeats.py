"""The repeats task: prompts of 50 tokens, kept apart by split, and a reward that counts 3-grams."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simtemp.adaptive.response import Response
from simtemp.adaptive.tasks.repeats import PREFIX, RepeatsTask, likelihood
from simtemp.adaptive.tasks.task import Prompt, Split

_WORDS = np.array(["ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine"])
_RNG = np.random.default_rng(0)
_DOCUMENTS = [
    "".join(" ".join(_RNG.choice(_WORDS, 12)) + f" {line}.\n" for line in range(100 * part, 100 * part + 100))
    for part in range(10)
]
_TASK = RepeatsTask(_DOCUMENTS, vocabulary=300)
_PROMPT = Prompt("x", "text", {"text_repeats": 0.25})


def _response(tokens: list[int], *, log_prob: float = -1.0, ended: bool = False) -> Response:
    return Response("", np.array(tokens, np.int64), ended, np.zeros(len(tokens)), log_prob, None, len(tokens))


@pytest.mark.parametrize("split", ["learn", "evaluate"])
def test_prompts_are_different_texts_of_50_tokens(split: Split) -> None:
    prompts = _TASK.prompts(split, 10, np.random.default_rng(1))
    assert len({prompt.text for prompt in prompts}) == 10
    assert all(len(_TASK.tokenizer().encode(prompt.text)) == PREFIX for prompt in prompts)
    assert prompts == _TASK.prompts(split, 10, np.random.default_rng(1))
    assert prompts != _TASK.prompts(split, 10, np.random.default_rng(2))


def test_what_is_evaluated_is_neither_learned_from_nor_trained_on() -> None:
    training = "".join(example.response for example in _TASK.examples(1, np.random.default_rng(0)))
    for prompt in _TASK.prompts("learn", 40, np.random.default_rng(0)):
        assert prompt.text in training
    for prompt in _TASK.prompts("evaluate", 10, np.random.default_rng(0)):
        assert prompt.text not in training
        assert all(line in "".join(_DOCUMENTS) for line in prompt.text.splitlines())


def test_a_prompt_knows_the_repeats_of_the_text_after_it() -> None:
    text = "".join(f"{line % 10} and " for line in range(2000))
    task = RepeatsTask([text], vocabulary=300)
    for prompt in task.prompts("evaluate", 2, np.random.default_rng(3)):
        assert prompt.facts["text_repeats"] > 0.5
    for prompt in _TASK.prompts("evaluate", 10, np.random.default_rng(3)):
        assert prompt.facts["text_repeats"] < 0.2


def test_more_prompts_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match=r"count must be an integer from 0 to \d+, got 100000"):
        _TASK.prompts("evaluate", 100_000, np.random.default_rng(0))


def test_the_published_reward_counts_repeats_and_nothing_else() -> None:
    response = _response([1, 2, 3, 1, 2, 3], log_prob=math.nan)
    assert _TASK.reward(_PROMPT, response) == 0.75
    assert _TASK.score(_PROMPT, [response, _response([5])]) == 0.875
    assert _TASK.measures(_PROMPT, response) == {
        "repeated_3grams": 0.25,
        "repeated_3grams_of_the_text": 0.25,
        "tokens": 6.0,
    }
    assert _TASK.labels(_PROMPT, response) is None


@pytest.mark.parametrize("tokens", [[], [4], [4, 4]])
def test_a_response_too_short_for_a_3gram_repeats_nothing(tokens: list[int]) -> None:
    assert _TASK.reward(_PROMPT, _response(tokens, log_prob=0.0)) == 1.0


def test_likelihood_is_the_geometric_mean_of_token_probabilities() -> None:
    assert likelihood(_response([1, 2, 3], log_prob=3 * math.log(0.2))) == pytest.approx(0.2)
    assert likelihood(_response([1, 2, 3], log_prob=4 * math.log(0.2), ended=True)) == pytest.approx(0.2)
    assert likelihood(_response([], log_prob=math.log(0.5), ended=True)) == pytest.approx(0.5)
    assert likelihood(_response([], log_prob=0.0)) == 0.0
    assert likelihood(_response([1], log_prob=-math.inf)) == 0.0


def test_a_weight_trades_repeats_against_likelihood() -> None:
    task = RepeatsTask(_DOCUMENTS, vocabulary=300, likelihood_weight=0.4)
    response = _response([1, 2, 3, 1, 2, 3], log_prob=6 * math.log(0.5))
    assert task.reward(_PROMPT, response) == pytest.approx(0.6 * 0.75 + 0.4 * 0.5)
    with pytest.raises(ValueError, match="no logits"):
        task.reward(_PROMPT, _response([1, 2, 3], log_prob=math.nan))


@pytest.mark.parametrize("weight", [-0.1, 1.5, math.nan])
def test_a_weight_out_of_range_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="likelihood_weight must be"):
        RepeatsTask(likelihood_weight=weight)


@pytest.mark.slow
def test_the_manual_has_prompts_enough_and_repeats_little() -> None:
    task = RepeatsTask()
    prompts = task.prompts("evaluate", 300, np.random.default_rng(0))
    assert 0.02 < np.mean([prompt.facts["text_repeats"] for prompt in prompts]) < 0.15
    learn = task.prompts("learn", 2000, np.random.default_rng(0))
    assert not {prompt.text for prompt in learn} & {prompt.text for prompt in prompts}
