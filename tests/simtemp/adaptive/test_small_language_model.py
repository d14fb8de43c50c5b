"""A small language model: its rows and batches, training by seed, files, and that it learns."""

import json
from itertools import product

import numpy as np
import pytest
import torch

from simtemp.adaptive.causal_text import CausalText
from simtemp.adaptive.policies import FixedTemperature
from simtemp.adaptive.small_language_model import (
    load_language_model,
    save_language_model,
    train_small_language_model,
)
from simtemp.adaptive.tasks.task import Example
from simtemp.adaptive.training_rows import NOT_PREDICTED, TrainingRows
from simtemp.calm.errors import CheckpointError
from simtemp.calm.recipe import Recipe
from simtemp.calm.tokenizer import byte_tokenizer, character_tokenizer
from simtemp.calm.training_run import TrainingInterrupted

TOKENIZER = character_tokenizer("0123456789+=")
SUMS = [Example(f"{a}+{b}=", str(a + b)) for a, b in product(range(10), range(10))]
RECIPE = Recipe(steps=3, batch_size=6, learning_rate=1e-3, window=5)


@pytest.fixture(scope="module")
def model():
    return train_small_language_model(SUMS, TOKENIZER, RECIPE, seed=1)


def _rows_of(pieces) -> list[tuple[str, str]]:
    """Each row of a batch as its inputs and its targets, what is not predicted as a point."""
    names = {TOKENIZER.pad_id: "_", TOKENIZER.bos_id: "<", TOKENIZER.eos_id: ">", NOT_PREDICTED: "."}

    def shown(tokens) -> str:
        return "".join(names.get(token) or TOKENIZER.decode(np.array([token])) for token in tokens)

    return [
        (shown(given), shown(wanted))
        for inputs, targets in pieces
        for given, wanted in zip(inputs.tolist(), targets.tolist(), strict=True)
    ]


def test_the_response_is_predicted_and_the_prompt_is_not() -> None:
    rows = TrainingRows([Example("1+2=", "3"), Example("19+2=", "21")], TOKENIZER, 5)
    seen = set(_rows_of(rows.batch(40, torch.Generator().manual_seed(0))))
    assert seen == {("<1+2=3__", "....3>.."), ("<19+2=21", ".....21>")}
    assert rows.longest == 9


def test_running_text_is_cut_into_windows_that_begin_anywhere() -> None:
    text = "0123456789"
    rows = TrainingRows([Example("", text)], TOKENIZER, 4)
    seen = set(_rows_of(rows.batch(400, torch.Generator().manual_seed(0))))
    whole = f"{text}>"
    assert seen == {(f"<{whole[start : start + 3]}", whole[start : start + 4]) for start in range(8)}
    assert rows.longest == 5


def test_a_text_of_many_windows_comes_as_often_as_it_has_windows() -> None:
    rows = TrainingRows([Example("", "1" * 39), Example("", "2"), Example("3", "4")], TOKENIZER, 4)
    seen = [given[1] for given, _ in _rows_of(rows.batch(1200, torch.Generator().manual_seed(0)))]
    assert seen.count("2") + seen.count("3") == pytest.approx(200, abs=80)


def test_a_long_batch_is_computed_in_pieces_of_similar_lengths() -> None:
    rows = TrainingRows([Example("", "1" * size) for size in range(1, 95)], TOKENIZER, 96)
    pieces = rows.batch(64, torch.Generator().manual_seed(0))
    lengths = [inputs.shape[1] for inputs, _ in pieces]
    assert sum(len(inputs) for inputs, _ in pieces) == 64
    assert lengths == sorted(set(lengths))
    assert len(rows.batch(6, torch.Generator().manual_seed(0))) == 1


def test_the_same_seed_gives_the_same_model(model) -> None:
    same, other = (train_small_language_model(SUMS, TOKENIZER, RECIPE, seed=seed) for seed in (1, 2))
    weights, again, others = (one.model.norm.weight for one in (model, same, other))
    assert torch.equal(weights, again)
    assert not torch.equal(weights, others)
    assert 3e5 < sum(parameter.numel() for parameter in model.parameters()) < 5e5


def test_it_is_saved_and_loaded(model, tmp_path) -> None:
    from transformers import LlamaForCausalLM

    save_language_model(tmp_path / "model", model, TOKENIZER)
    text = load_language_model(tmp_path / "model")
    tokens = torch.tensor([[1, 5, 6, 7]])
    with torch.no_grad():
        expected = model(tokens).logits
        assert torch.equal(text.model(tokens).logits, expected)
        assert torch.equal(LlamaForCausalLM.from_pretrained(tmp_path / "model")(tokens).logits, expected)
    assert text.tokenizer.decode(text.tokenizer.encode("1+2=")) == "1+2="
    assert text.respond(["1+2="], FixedTemperature(1.0), max_tokens=3)[0].draws <= 3


def _edit(path, change) -> None:
    values = json.loads(path.read_text(encoding="utf-8"))
    change(values)
    path.write_text(json.dumps(values), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda d: (d / "config.json").unlink(), "cannot be read"),
        (lambda d: (d / "config.json").write_text("{"), "is not JSON"),
        (lambda d: _edit(d / "config.json", lambda v: v.update(model_type="gpt2")), "not of a small language model"),
        (lambda d: _edit(d / "config.json", lambda v: v.update(hidden_size="wide")), "config.json: "),
        (lambda d: _edit(d / "config.json", lambda v: v.update(intermediate_size=100)), "does not fit"),
        (lambda d: (d / "model.safetensors").unlink(), "has no weights"),
        (lambda d: (d / "model.safetensors").write_bytes(b"half"), "damaged"),
        (lambda d: (d / "tokenizer.json").unlink(), "no tokenizer"),
        (lambda d: (d / "tokenizer.json").write_text("{}"), "no tokenizer"),
        (lambda d: byte_tokenizer().save(d), "the tokenizer has 259 tokens, the model 16"),
    ],
)
def test_a_damaged_directory_is_named(model, tmp_path, damage, message: str) -> None:
    save_language_model(tmp_path, model, TOKENIZER)
    damage(tmp_path)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_language_model(tmp_path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_no_directory_no_examples_and_examples_too_long_are_named(tmp_path) -> None:
    with pytest.raises(CheckpointError, match="is none"):
        load_language_model(tmp_path / "nothing")
    with pytest.raises(ValueError, match="at least one example"):
        train_small_language_model([], TOKENIZER, RECIPE)
    with pytest.raises(ValueError, match=r"1,203 tokens, the model is made for 1,024"):
        train_small_language_model([Example("1" * 1200, "2")], TOKENIZER, RECIPE)


def test_it_stops_when_asked_to() -> None:
    ticks = []
    with pytest.raises(TrainingInterrupted, match="stopped at step 2 of 3 "):
        train_small_language_model(
            SUMS, TOKENIZER, RECIPE, progress=lambda *tick: ticks.append(tick), should_stop=lambda: len(ticks) == 2
        )
    assert ticks == [(1, 3), (2, 3)]


@pytest.mark.slow
def test_it_learns_sums() -> None:
    recipe = Recipe(steps=150, batch_size=50, learning_rate=5e-3, warmup=20, average=0.95)
    model = train_small_language_model(SUMS, TOKENIZER, recipe, seed=0)
    responses = CausalText(model, TOKENIZER).respond([one.prompt for one in SUMS], FixedTemperature(0.0), max_tokens=4)
    right = [response.text == example.response for response, example in zip(responses, SUMS, strict=True)]
    assert np.mean(right) > 0.8
    assert all(response.ended for response in responses)
