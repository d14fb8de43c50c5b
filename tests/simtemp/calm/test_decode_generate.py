"""`generate`, as users of transformers call it."""

import pytest
import torch

from simtemp.calm.generate import generate
from simtemp.calm.random_model import random_model


@pytest.fixture(scope="module")
def model():
    return random_model()


def test_prompt_first_then_new_tokens(model) -> None:
    ids = torch.tensor([[1, 2, 3], [4, 5, 6]])
    out = generate(model, ids, max_new_tokens=7, temperature=0.5, budget=32)
    assert out.shape == (2, 10)
    assert torch.equal(out[:, :3], ids)
    assert torch.equal(out, generate(model, ids, max_new_tokens=7, temperature=0.5, budget=32))
    assert not torch.equal(out, generate(model, ids, max_new_tokens=7, temperature=0.5, budget=32, seed=1))


def test_padding_on_either_side_is_not_read(model) -> None:
    alone = generate(model, torch.tensor([[1, 2, 3]]), max_new_tokens=8, budget=32, temperature=0.5)
    for ids, mask in (([0, 0, 1, 2, 3], [0, 0, 1, 1, 1]), ([1, 2, 3, 0, 0], [1, 1, 1, 0, 0])):
        rows = torch.tensor([ids, [5, 6, 7, 8, 9]])
        out = generate(model, rows, torch.tensor([mask, [1] * 5]), max_new_tokens=8, budget=32, temperature=0.5)
        assert torch.equal(out[0, 5:], alone[0, 3:])


def test_a_row_that_ended_is_padded_behind_its_end(model) -> None:
    ids = torch.tensor([[1, 2], [3, 4]])
    endless = generate(model, ids, max_new_tokens=30, temperature=1.0)[:, 2:].tolist()
    end = endless[0][12]
    assert end != 0
    ended = generate(model, ids, max_new_tokens=30, temperature=1.0, eos_token_id=end, pad_token_id=0)[:, 2:].tolist()
    for row, whole in zip(ended, endless, strict=True):
        until = whole.index(end) + 1 if end in whole else len(whole)
        assert row == (whole[:until] + [0] * 30)[: len(row)]
    assert 0 in ended[0] or len(ended[0]) < 30


def test_without_sampling_the_likeliest_blocks(model) -> None:
    ids = torch.tensor([[1, 2]])
    first, second = (generate(model, ids, max_new_tokens=2, do_sample=False, budget=4096, seed=seed) for seed in (0, 1))
    assert torch.equal(first, second)


@pytest.mark.parametrize(
    ("ids", "mask", "options", "message"),
    [
        ([1, 2], None, {}, "two axes"),
        ([[1, 2]], [[1]], {}, "shape of input_ids"),
        ([[1, 2]], [[0, 0]], {}, "prompt 0 is empty"),
        ([[1, 2]], None, {"max_new_tokens": 0}, "max_new_tokens"),
        ([[1, 2]], None, {"eos_token_id": 12}, "eos_token_id"),
        ([[1, 12]], None, {}, "token 12"),
    ],
)
def test_bad_calls_are_named(model, ids, mask, options, message) -> None:
    with pytest.raises(ValueError, match=message):
        generate(model, torch.tensor(ids), None if mask is None else torch.tensor(mask), **options)
