"""The voting task: malformed answers, ties, splits, labels, and that a vote beats its voters."""

from __future__ import annotations

import numpy as np
import pytest

from simtemp.adaptive.response import Response
from simtemp.adaptive.tasks.reductions import solution
from simtemp.adaptive.tasks.task import Prompt
from simtemp.adaptive.tasks.votes import vote_credit
from simtemp.adaptive.tasks.voting import VotingTask, read_answer, sound_steps, step_labels

_TASK = VotingTask()
_PROMPT = Prompt("3+4*2-5=", "arithmetic", {"expression": "3+4*2-5", "answer": 6})


def _response(text: str) -> Response:
    return Response(text, np.zeros(len(text), np.int64), True, np.zeros(len(text) + 1), -1.0, None, len(text) + 1)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("3+8-5=11-5#6", 6),
        ("#0", 0),
        ("#12", 12),
        ("", None),
        ("#", None),
        ("6", None),
        ("3+8-5=11-5#", None),
        ("3+8#6#6", None),
        ("#6=", None),
        ("#06", None),
        ("#-6", None),
        ("#3+3", None),
        ("#٦", None),
        ("#6\n", None),
    ],
)
def test_an_answer_is_a_number_after_the_only_mark(text: str, answer: int | None) -> None:
    assert read_answer(text) == answer
    assert _TASK.reward(_PROMPT, _response(text)) == (1.0 if answer == 6 else 0.0)


@pytest.mark.parametrize(
    ("answers", "credit"),
    [
        ([], 0.0),
        ([None, None], 0.0),
        ([6], 1.0),
        ([6, 6, 7], 1.0),
        ([6, 7, 7], 0.0),
        ([6, 6, 7, 7, 8], 0.5),
        ([6, 7, 8], 1 / 3),
        ([7, 7, 8, 8, 6], 0.0),
        ([6, None, None, None], 1.0),  # no answer is no vote
    ],
)
def test_credit_of_a_vote(answers: list[int | None], credit: float) -> None:
    assert vote_credit(answers, 6) == pytest.approx(credit)


def test_the_score_is_the_vote_and_the_reward_one_response() -> None:
    responses = [_response(text) for text in ("3+8-5=11-5#6", "3+8-5=3+3#6", "3+8-5=11-5#7", "nonsense")]
    assert [_TASK.reward(_PROMPT, response) for response in responses] == [1.0, 1.0, 0.0, 0.0]
    assert _TASK.score(_PROMPT, responses) == 1.0
    assert _TASK.score(_PROMPT, responses[2:]) == 0.0


def test_measures_tell_a_wrong_step_from_a_missing_answer() -> None:
    assert _TASK.measures(_PROMPT, _response("3+8-5=11-5#7")) == {
        "right": 0.0,
        "answered": 1.0,
        "sound_steps": pytest.approx(2 / 3),
    }
    assert _TASK.measures(_PROMPT, _response("")) == {"right": 0.0, "answered": 0.0, "sound_steps": 0.0}
    assert sound_steps("3+4*2-5", "3+9-5=12-5#7") == pytest.approx(2 / 3)  # later steps follow from the error


def test_splits_have_no_prompt_in_common_and_enough_of_them() -> None:
    rng = np.random.default_rng(0)
    learn = {prompt.text for prompt in _TASK.prompts("learn", 150, rng)}
    evaluate = {prompt.text for prompt in _TASK.prompts("evaluate", 150, rng)}
    trained = {example.prompt for example in _TASK.examples(300, rng)}
    assert len(learn) == len(evaluate) == 150
    assert not learn & evaluate and not learn & trained and not evaluate & trained


@pytest.mark.slow
def test_there_are_2000_different_prompts() -> None:
    assert len({prompt.text for prompt in _TASK.prompts("evaluate", 2000, np.random.default_rng(0))}) == 2000


def test_examples_and_prompts_fit_and_are_those_of_their_seed() -> None:
    examples = _TASK.examples(200, np.random.default_rng(3))
    assert examples == _TASK.examples(200, np.random.default_rng(3))
    assert max(len(example.response) for example in examples) < _TASK.max_tokens
    assert all(read_answer(example.response) is not None for example in examples)
    for prompt in _TASK.prompts("learn", 50, np.random.default_rng(3)):
        assert prompt.text == prompt.facts["expression"] + "="
        assert prompt.facts["answer"] == eval(prompt.facts["expression"])


def test_labels_say_what_each_character_was_to_be() -> None:
    text = "6+4*5-6=6+20-6=26-6#20"
    kinds = "?.........rr...?r...rr"  # "6+4..." or "2*3+20...", then "6+20-6", then "26-6" or "6+14"
    expected = {"?": "route", "r": "result", ".": "copy"}
    labels = step_labels("2*3+4*5-6", text)
    assert labels == [expected[kind] for kind in kinds]


@pytest.mark.parametrize("text", ["", "=", "#", "===", "##6", "6+", "x=y#z", "3+8-5=11-5#6#6", "3+8-5==", "\n"])
def test_labels_of_malformed_text_are_one_a_character(text: str) -> None:
    labels = _TASK.labels(_PROMPT, _response(text))
    assert labels is not None
    assert len(labels) == len(text)
    assert set(labels) <= {"route", "result", "copy", "astray"}


def test_a_wrong_digit_is_a_result_and_what_follows_it_is_astray() -> None:
    assert step_labels("3+4*2-5", "3+9-5=") == ["copy", "copy", "result", "astray", "astray", "astray"]


def test_a_vote_of_a_noisy_solver_beats_one_of_its_answers() -> None:
    """The errors of a solver without a network are independent, so that a vote of 8 is right far more often than one response.

    Paired over 100 prompts; 4.9 standard errors are alpha = 1e-6. The planted fault, a score that reads the first response only, gains
    nothing.
    """
    rng = np.random.default_rng(4)
    gains, planted = [], []
    for prompt in _TASK.prompts("learn", 100, rng):
        responses = [_response(solution(prompt.facts["expression"], rng, 0.15)) for _ in range(_TASK.samples)]
        rewards = [_TASK.reward(prompt, response) for response in responses]
        gains.append(_TASK.score(prompt, responses) - np.mean(rewards))
        planted.append(_TASK.score(prompt, responses[:1]) - np.mean(rewards))
    for found, gained in ((gains, True), (planted, False)):
        assert (np.mean(found) > 4.9 * np.std(found) / np.sqrt(len(found))) == gained


@pytest.mark.parametrize(("operations", "named"), [(2, "operations"), (6, "operations"), (2.5, "operations")])
def test_a_bad_number_of_operations_is_refused(operations: int, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        VotingTask(operations)


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_a_bad_error_rate_is_refused_before_any_example(rate: float) -> None:
    with pytest.raises(ValueError, match="error_rate"):
        VotingTask(error_rate=rate)
