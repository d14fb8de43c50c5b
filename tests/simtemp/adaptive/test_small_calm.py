"""Small models of blocks: examples laid out as decoding meets them, a loss on responses alone, and a training by seed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from simtemp.adaptive.block_text import BlockText
from simtemp.adaptive.example_rows import example_rows
from simtemp.adaptive.policies import FixedTemperature
from simtemp.adaptive.small_calm import (
    AUTOENCODER_RECIPE,
    MODEL_RECIPE,
    load_small_calm,
    save_small_calm,
    small_calm_config,
    train_small_calm,
)
from simtemp.adaptive.tasks.task import Example
from simtemp.calm.backbone import states_after
from simtemp.calm.random_model import random_model
from simtemp.calm.recipe import Recipe
from simtemp.calm.tokenizer import character_tokenizer
from simtemp.calm.training import GuidedModel, reconstruction
from simtemp.calm.training_run import TrainingInterrupted

TOKENIZER = character_tokenizer("abcdefgh:")
PAD, EOS = TOKENIZER.pad_id, TOKENIZER.eos_id
EXAMPLES = [Example("ab:", "c"), Example("a:", "cdefg"), Example("abcd:", ""), Example("a", "gh")]
AUTOENCODER = replace(AUTOENCODER_RECIPE, steps=3, batch_size=8)
MODEL = replace(MODEL_RECIPE, steps=3, batch_size=4)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def micro(tokenizer=TOKENIZER):
    whole = small_calm_config(tokenizer)
    sizes = {"hidden_size": 16, "intermediate_size": 24}
    return replace(
        whole,
        **sizes,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        num_mlp_layers=1,
        autoencoder=replace(whole.autoencoder, **sizes),
    )


def train(**options):
    return train_small_calm(
        EXAMPLES, TOKENIZER, **({"config": micro(), "autoencoder": AUTOENCODER, "model": MODEL} | options)
    )


def same(left, right) -> bool:
    return all(torch.equal(left.state_dict()[name], tensor) for name, tensor in right.state_dict().items())


@pytest.fixture(scope="module")
def guided():
    torch.manual_seed(0)
    return GuidedModel(micro(), MODEL).eval()


@pytest.fixture(scope="module")
def trained():
    return train()


class TestRows:
    def test_the_prompt_ends_with_a_block_and_the_response_with_an_end_token(self) -> None:
        rows = example_rows(EXAMPLES, TOKENIZER, 4)
        a, b, c, d, colon = TOKENIZER.encode("abcd:").tolist()
        assert rows.blocks[0].tolist() == [[PAD, a, b, colon], [c, EOS, PAD, PAD], [PAD] * 4]
        assert rows.blocks[2].tolist() == [[PAD, PAD, PAD, a], [b, c, d, colon], [EOS, PAD, PAD, PAD]]
        assert rows.lengths.tolist() == [2, 3, 3, 2]
        assert rows.response.tolist() == [
            [False, True, False],
            [False, True, True],
            [False, False, True],
            [False, True, False],
        ]
        assert len(rows.all_blocks()) == 10

    def test_a_prompt_is_read_as_in_decoding(self) -> None:
        """The states that training puts before the first response block are those that decoding samples it from."""
        model, rows = random_model(TOKENIZER.vocab_size), example_rows(EXAMPLES, TOKENIZER, 2)
        with torch.no_grad():
            states, _ = model.hidden(rows.blocks, use_cache=False)
        last = rows.response.int().argmax(1) - 1
        found = states[torch.arange(len(last)), last]
        expected = states_after(model, [TOKENIZER.encode(one.prompt) for one in EXAMPLES], PAD)
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)

    def test_batches_are_rows_cut_to_their_length(self) -> None:
        rows = example_rows(EXAMPLES, TOKENIZER, 4)
        pieces = rows.batch(20, generator())
        assert sum(len(blocks) for blocks, _ in pieces) == 20
        assert [blocks.shape[1] for blocks, _ in pieces] == sorted(blocks.shape[1] for blocks, _ in pieces)
        known = {tuple(row.flatten().tolist()) for row in rows.blocks}
        for blocks, counted in pieces:
            assert counted.shape == (len(blocks), blocks.shape[1] - 1)
            assert counted.any(1).all()
            for row in torch.nn.functional.pad(blocks, (0, 0, 0, 3 - blocks.shape[1]), value=PAD):
                assert tuple(row.flatten().tolist()) in known

    def test_an_example_without_prompt_is_named(self) -> None:
        with pytest.raises(ValueError, match="prompt 1 is empty"):
            example_rows([EXAMPLES[0], Example("", "abc")], TOKENIZER, 4)
        with pytest.raises(ValueError, match="at least one prompt"):
            example_rows([], TOKENIZER, 4)


class TestLoss:
    def test_all_counted_is_the_default(self, guided) -> None:
        windows = torch.randint(TOKENIZER.vocab_size, (3, 5, 4), generator=generator())
        whole = guided.loss(windows, generator())
        assert torch.equal(whole, guided.loss(windows, generator(), torch.ones(3, 4, dtype=torch.bool)))

    def test_only_what_counts_is_predicted_and_what_stands_after_it_is_not_seen(self, guided) -> None:
        windows = torch.randint(TOKENIZER.vocab_size, (1, 5, 4), generator=generator())
        counted = torch.tensor([[False, True, True, False]])
        loss = guided.loss(windows, generator(), counted)
        others = {place: windows.clone() for place in range(5)}
        for place, changed in others.items():
            changed[0, place] = (changed[0, place] + 1) % TOKENIZER.vocab_size
        differs = [not torch.equal(loss, guided.loss(others[place], generator(), counted)) for place in range(5)]
        assert differs == [True, True, True, True, False]  # the first two are read, the next two predicted


class TestTraining:
    def test_the_seed_decides_every_weight(self, trained) -> None:
        torch.manual_seed(99)  # the global generator has no part in it
        assert same(trained, train())
        assert not same(trained, train(seed=1))
        assert not trained.training

    def test_progress_and_being_stopped(self) -> None:
        told: list[tuple[int, int]] = []
        with pytest.raises(TrainingInterrupted, match="stopped at step 2 of 3 of the model"):
            train(progress=lambda done, total: told.append((done, total)), should_stop=lambda: len(told) == 5)
        assert told == [(done, 6) for done in range(1, 6)]

    def test_what_is_saved_responds_as_what_was_trained(self, trained, tmp_path) -> None:
        save_small_calm(tmp_path / "model", trained, TOKENIZER)
        text = load_small_calm(tmp_path / "model", budget=8)
        assert same(text.model, trained)
        assert (text.budget, text.tokens_per_step, text.hidden_size) == (8, 4, 16)
        assert text.tokenizer.encode("abc:").tolist() == TOKENIZER.encode("abc:").tolist()
        assert len(text.respond(["ab:"], FixedTemperature(0.5), max_tokens=4)[0].tokens) <= 4


@pytest.mark.slow
def test_a_lower_temperature_is_right_more_often_and_says_less() -> None:
    """After each letter comes its own word with probability 0.55, and one of three others.

    The shares of right words at two temperatures are compared by a z-test on 400 responses each, alpha = 1e-6: equal shares differ by more
    than 4.75 * sqrt(2 * 0.25 / 400) = 0.168 with probability below alpha. The planted fault, a temperature that is not heeded, is T = 1
    against T = 1: its difference stays below that.
    """
    words = {"a": "cdef", "b": "dcfe", "c": "gghh", "d": "hgde"}
    rng = np.random.default_rng(0)
    letters, strays = rng.choice(list(words), (2, 1000))
    said = np.where(rng.random(1000) < 0.4, letters, strays)
    examples = [Example(f"{letter}:", words[other]) for letter, other in zip(letters, said, strict=True)]
    model = train_small_calm(
        examples,
        TOKENIZER,
        config=replace(micro(), hidden_size=32, intermediate_size=48),
        autoencoder=Recipe(steps=150, batch_size=32, learning_rate=1e-2, warmup=10),
        model=replace(MODEL_RECIPE, steps=200, batch_size=32, learning_rate=5e-3, average=0.97),
    )
    assert reconstruction(model.ae_model, example_rows(examples, TOKENIZER, 4).all_blocks()) > 0.999
    text, prompts = BlockText(model, TOKENIZER), list(words) * 100

    def responses(temperature: float, seed: int) -> list[str]:
        given = text.respond([f"{p}:" for p in prompts], FixedTemperature(temperature), max_tokens=8, rng=seed)
        return [response.text for response in given]

    plain, again, low = responses(1.0, 0), responses(1.0, 1), responses(0.25, 0)
    right, still, sure = (
        np.mean([words[p] == one for p, one in zip(prompts, o, strict=True)]) for o in (plain, again, low)
    )
    assert abs(right - still) < 0.168 < sure - right
    assert len(set(zip(prompts, low, strict=True))) < len(set(zip(prompts, plain, strict=True)))
