"""A model of blocks as a text model: policies see its states block by block, responses depend on neither batching nor company."""

import math

import numpy as np
import pytest
import torch

from simtemp.adaptive.block_text import BlockText
from simtemp.adaptive.head import seeded_head
from simtemp.adaptive.policies import EntropyTemperature, FixedTemperature, HeadPolicy
from simtemp.calm.backbone import states_after
from simtemp.calm.decode import decode
from simtemp.calm.random_model import random_model
from simtemp.calm.tokenizer import character_tokenizer

TOKENIZER = character_tokenizer("abcdefghijklmnop")
PROMPTS = ["abc", "de", "fghij", "k", "lmn", "a"]


@pytest.fixture(scope="module")
def model():
    made = random_model(TOKENIZER.vocab_size, seed=3)
    made.ae_model.encoder.embed_tokens.weight.data[TOKENIZER.eos_id] *= 0.8  # the end token comes now and then
    return made


@pytest.fixture
def text(model):
    return BlockText(model, TOKENIZER, budget=16)


def texts(responses) -> list[str]:
    return [response.text for response in responses]


class Recorder:
    """A policy that keeps the steps it was asked at."""

    def __init__(self, temperature=0.5):
        self.temperature, self.steps = temperature, []

    def __call__(self, step):
        self.steps.append(step)
        return np.full(len(step.sequences), self.temperature)


def test_it_is_decode_at_the_temperatures_of_the_policy(model, text) -> None:
    """`decode` is tested on its own: what is added are the policy's step and the account of a response."""
    responses = text.respond(PROMPTS, FixedTemperature(0.5), max_tokens=20, rng=4)
    decoded = decode(model, TOKENIZER, PROMPTS, 0.5, budget=16, max_blocks=10, rng=4)
    assert any(one.ended for one in decoded)
    for response, one in zip(responses, decoded, strict=True):
        assert (response.text, response.ended) == (one.text, one.ended)
        assert np.array_equal(response.tokens, one.tokens)
        assert response.temperatures.tolist() == [0.5] * len(one.steps)
        assert response.draws == sum(step.draws for step in one.steps)
        assert math.isnan(response.log_prob)
        assert response.text_log_probs is None


def test_what_a_policy_sees(model, text) -> None:
    policy = Recorder()
    responses = text.respond(PROMPTS, policy, max_tokens=20, rng=4)
    assert (text.hidden_size, text.has_logits, text.tokens_per_step) == (16, False, 2)
    first = policy.steps[0]
    assert first.logits is None
    assert first.states.shape == (6, 16)
    expected = states_after(model, [TOKENIZER.encode(prompt) for prompt in PROMPTS], TOKENIZER.pad_id)
    torch.testing.assert_close(first.states, expected)
    assert [step.number for step in policy.steps] == list(range(len(policy.steps)))
    for i, response in enumerate(responses):
        assert len(response.temperatures) == sum(i in step.sequences for step in policy.steps)


@pytest.mark.parametrize("batch", [1, 4])
def test_batches_change_neither_responses_nor_what_a_policy_is_told(model, text, batch) -> None:
    whole, parts = (HeadPolicy(seeded_head(16, [0.0, 0.5, 1.0]), "sampled", rng=1, recording=True) for _ in range(2))
    expected = text.respond(PROMPTS, whole, max_tokens=12, rng=2)
    found = BlockText(model, TOKENIZER, 16, batch=batch).respond(PROMPTS, parts, max_tokens=12, rng=2)
    assert texts(found) == texts(expected)
    for i, response in enumerate(found):
        assert np.array_equal(parts.choices_of(i)[1], whole.choices_of(i)[1])
        assert response.temperatures.tolist() == [[0.0, 0.5, 1.0][pick] for pick in parts.choices_of(i)[1]]


def test_a_prompt_does_not_depend_on_the_others_and_equal_prompts_differ(text) -> None:
    alone = text.respond(PROMPTS[:1], FixedTemperature(0.7), max_tokens=12, rng=3)
    together = text.respond(PROMPTS, FixedTemperature(0.7), max_tokens=12, rng=3)
    assert together[0].text == alone[0].text
    assert len(set(texts(text.respond(["abc"] * 6, FixedTemperature(1.0), max_tokens=12)))) > 3
    assert texts(text.respond(PROMPTS, FixedTemperature(0.7), max_tokens=12, rng=3)) == texts(together)


def test_a_response_is_never_longer_than_asked(text) -> None:
    """Blocks of 2: an odd number of tokens cuts the last one."""
    longer = text.respond(PROMPTS, FixedTemperature(1.0), max_tokens=6, rng=5)
    for most in (1, 5):
        for cut, whole in zip(
            text.respond(PROMPTS, FixedTemperature(1.0), max_tokens=most, rng=5), longer, strict=True
        ):
            assert cut.tokens.tolist() == whole.tokens[:most].tolist()
            assert cut.text == TOKENIZER.decode(whole.tokens[:most])
            assert cut.ended == (whole.ended and len(whole.tokens) < most)


def test_what_temperatures_cost(text) -> None:
    plain = text.respond(PROMPTS, FixedTemperature(1.0), max_tokens=8)
    greedy = text.respond(PROMPTS, FixedTemperature(0.0), max_tokens=8)
    assert all(response.draws == len(response.temperatures) for response in plain)
    assert all(response.draws == 16 * len(response.temperatures) for response in greedy)


def test_progress_reaches_the_end_and_never_falls(text, model) -> None:
    told = []
    BlockText(model, TOKENIZER, 4, batch=4).respond(
        PROMPTS, FixedTemperature(1.0), max_tokens=20, progress=lambda done, total: told.append((done, total))
    )
    assert told[-1] == (60, 60)
    assert told == sorted(told)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"policy": FixedTemperature(1.5)}, "temperature must be at most 1 with method 'duel', got 1.5"),
        ({"policy": EntropyTemperature(1.0)}, "the entropy rule needs logits, and this model has none"),
        ({"policy": HeadPolicy(seeded_head(8, [0.5]))}, "made for states of size 8, the model gives states of size 16"),
        ({"scored_at": [0.5]}, "scored_at must be None for a model of blocks"),
        ({"max_tokens": 0}, "max_tokens must be an integer >= 1"),
        ({"prompts": ["abc", "", "a"]}, "prompt 1 is empty: the model continues a text"),
        ({"prompts": []}, "at least one prompt"),
    ],
)
def test_bad_input_is_one_clear_line(text, change, message) -> None:
    given = {"prompts": PROMPTS, "policy": FixedTemperature(0.5), "max_tokens": 4} | change
    with pytest.raises(ValueError, match=message):
        text.respond(given.pop("prompts"), given.pop("policy"), **given)


@pytest.mark.parametrize(("name", "value"), [("budget", 0), ("budget", 2.5), ("batch", 0)])
def test_bad_sizes(model, name, value) -> None:
    with pytest.raises(ValueError, match=f"{name} must be an integer >= 1"):
        BlockText(model, TOKENIZER, **{name: value})
