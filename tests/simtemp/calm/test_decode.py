"""Text at a temperature: same seed same text, ends and padding, streams, temperatures of all kinds, and honest accounts."""

import numpy as np
import pytest
import torch

from simtemp.calm.decode import decode, decode_stream
from simtemp.calm.next_block import Seconds, next_blocks
from simtemp.calm.random_model import random_model
from simtemp.calm.tokenizer import byte_tokenizer, character_tokenizer
from simtemp.errors import DrawBudgetExceeded, SimtempError

TOKENIZER = character_tokenizer("abcdefghijklmnop")
PAD, EOS = TOKENIZER.pad_id, TOKENIZER.eos_id


@pytest.fixture(scope="module")
def model():
    return without_early_ends(random_model(TOKENIZER.vocab_size, seed=3))


def without_early_ends(model):
    """The end token is the likeliest now and then only: a shorter embedding has smaller logits."""
    model.ae_model.encoder.embed_tokens.weight.data[EOS] *= 0.6
    return model


def run(model, prompts="abc", temperature=0.5, **options):
    return decode(model, TOKENIZER, prompts, temperature, **{"budget": 64, "max_blocks": 5, **options})


def test_the_same_seed_gives_the_same_text_and_another_seed_another(model) -> None:
    assert run(model, rng=1)[0].text == run(model, rng=1)[0].text
    assert len({run(model, rng=seed)[0].text for seed in range(8)}) > 4


def test_a_prompt_does_not_depend_on_the_others(model) -> None:
    """Also where others end earlier, and the batch is smaller then: within 40 blocks some of these do."""
    alone = run(model, "abc", rng=5, max_blocks=40)[0]
    for others in (["d"], ["defghi", "ab"], ["p", "o", "n", "m", "l"]):
        both = run(model, ["abc", *others], rng=5, max_blocks=40)
        assert both[0].text == alone.text
        assert [step.draws for step in both[0].steps] == [step.draws for step in alone.steps]
    assert len({len(one.steps) for one in both}) > 1
    same = run(model, ["abc"] * 4, rng=5)
    assert len({one.text for one in same}) == 4  # prompts never share draws


def test_end_tokens_end_a_text_and_padding_is_not_in_it(model) -> None:
    decoded = run(model, ["abc", "def", "ghi", "jkl"] * 4, temperature=1.0, max_blocks=40)
    ended = [one for one in decoded if one.ended]
    assert ended
    for one in decoded:
        assert EOS not in one.tokens
        assert PAD not in one.tokens
        assert one.text == TOKENIZER.decode(one.tokens)
        assert one.ended or len(one.steps) == 40


def test_the_stream_is_the_text(model) -> None:
    whole = run(model, ["abc", "defg"], rng=2)
    pieces = list(decode_stream(model, TOKENIZER, ["abc", "defg"], 0.5, budget=64, max_blocks=5, rng=2))
    for index, one in enumerate(whole):
        own = [piece for piece in pieces if piece.prompt == index]
        assert "".join(piece.text for piece in own) == one.text
        assert tuple(piece.step for piece in own) == one.steps
        assert [piece.ended for piece in own[:-1]] == [False] * (len(own) - 1)
    prompt, text, step, *_ = pieces[0]
    assert (prompt, text, step) == (0, pieces[0].text, pieces[0].step)


def test_characters_are_given_when_they_are_complete() -> None:
    """Blocks of 2 bytes cut characters of 3 bytes; a model of bytes is random, so its stream is compared with the whole decoding."""
    tokenizer = byte_tokenizer()
    model = random_model(tokenizer.vocab_size, seed=1)
    prompt = "\u20ac"
    pieces = list(decode_stream(model, tokenizer, prompt, 1.0, max_blocks=20))
    tokens = np.concatenate([tokenizer.encode(prompt), *(piece.tokens for piece in pieces)])
    assert prompt + "".join(piece.text for piece in pieces) == tokenizer.decode(tokens)


def test_temperature_1_is_one_draw_and_a_budget_is_kept(model) -> None:
    assert {step.draws for step in run(model, temperature=1.0)[0].steps} == {1}
    steps = run(model, temperature=0.1, budget=256)[0].steps
    assert all(step.draws <= 256 and step.requested == 256 and 1 <= step.distinct <= 256 for step in steps)
    exact = run(model, temperature=0.5, budget=None)[0].steps
    assert all(step.exact and step.draws <= step.requested for step in exact)


def test_a_fallback_is_not_called_exact(model) -> None:
    """Planted: a budget of 4 cannot finish a duel at T = 0.1 unless all four draws agree."""
    steps = [step for one in run(model, ["abc"] * 8, temperature=0.1, budget=4) for step in one.steps]
    assert any(not step.exact for step in steps)
    assert all(step.distinct == 1 for step in steps if step.exact)
    assert not any(step.exact for step in run(model, temperature=0.5, method="batch")[0].steps)
    assert not any(step.exact for step in run(model, temperature=2.0, method="chain", budget=None, steps=3)[0].steps)


def test_temperature_0_is_the_most_frequent_block(model) -> None:
    first, second = (run(model, temperature=0.0, budget=4096, rng=seed, max_blocks=2)[0] for seed in (1, 2))
    assert first.text == second.text
    assert not first.steps[0].exact
    assert first.steps[0].draws == 4096


def test_a_temperature_for_each_prompt_and_from_a_policy(model) -> None:
    one = run(model, ["abc", "def"], temperature=[1.0, 0.25])
    assert [{step.temperature for step in own.steps} for own in one] == [{1.0}, {0.25}]
    seen = []

    def policy(step):
        seen.append((tuple(step.states.shape), step.number, step.sequences.tolist(), step.logits))
        return torch.full((len(step.states),), 0.5 if step.number % 2 else 1.0)

    own = run(model, ["abc", "def"], temperature=policy, max_blocks=3)
    assert [step.temperature for step in own[0].steps] == [1.0, 0.5, 1.0][: len(own[0].steps)]
    assert seen[:2] == [((2, 16), 0, [0, 1], None), ((2, 16), 1, [0, 1], None)]


def test_time_and_progress_are_told(model) -> None:
    seconds, ticks = Seconds(), []
    run(model, seconds=seconds, progress=lambda done, total: ticks.append((done, total)))
    assert min(seconds.backbone, seconds.head, seconds.sampler) > 0
    assert ticks[-1][0] <= ticks[-1][1] == 5


def test_bfloat16(model) -> None:
    half = without_early_ends(random_model(TOKENIZER.vocab_size, seed=3)).to(torch.bfloat16)
    assert len(run(half)[0].steps) >= 1


def test_lower_temperature_is_less_diverse(model) -> None:
    """The temperature arrives at the law of the block, not at anything else: the exact law check is in tests/verify/test_calm.py."""
    texts = {
        t: {one.text for one in run(model, ["abc"] * 40, temperature=t, budget=None, max_blocks=1)} for t in (1.0, 0.2)
    }
    assert len(texts[0.2]) < len(texts[1.0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prompts": ""}, "prompt 0 is empty"),
        ({"prompts": []}, "at least one prompt"),
        ({"temperature": 1.5}, "at most 1 with method 'duel'"),
        ({"temperature": [0.5, 0.5]}, "one for each of the 1 prompts"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": lambda step: [0.5, 0.5]}, "must return 1 temperatures"),
        ({"method": "greedy"}, "method must be one of"),
        ({"budget": 0}, "budget must be an integer >= 1"),
        ({"max_blocks": 0}, "max_blocks must be an integer >= 1"),
        ({"max_blocks": 100}, "more than the 64"),
        ({"rng": "seed"}, "rng must be"),
        ({"splitt": 3}, "splitt is no option"),
    ],
)
def test_bad_calls_are_one_line(model, changes, message) -> None:
    with pytest.raises(ValueError, match=message) as error:
        run(model, **changes)
    assert "\n" not in str(error.value)


def test_a_tokenizer_of_another_model_is_named(model) -> None:
    with pytest.raises(ValueError, match="is the tokenizer its own"):
        decode(model, character_tokenizer("".join(map(chr, range(97, 150)))), "\x80", 0.5)


def test_draws_that_run_out_and_nan_are_exceptions_of_the_package(model) -> None:
    with pytest.raises(DrawBudgetExceeded, match="max_draws = 20"):
        run(model, temperature=0.05, budget=None, max_draws=20)
    broken = random_model(TOKENIZER.vocab_size)
    broken.mlp_generator.final_layer.linears[-1].bias.data[0] = np.nan
    with pytest.raises(SimtempError, match="not finite"):
        run(broken)


def test_one_step_by_itself(model) -> None:
    states = torch.zeros(3, 16)
    coins, noise = np.random.default_rng(0).spawn(3), np.random.default_rng(1).spawn(3)
    blocks = next_blocks(model, states, 0.5, coins=coins, noise=noise)
    assert [block.shape for block, _ in blocks] == [(2,)] * 3
