"""What decoding conditions on: cached states are the uncached ones, padding and the company of other prompts change nothing."""

import numpy as np
import pytest
import torch

from simtemp.calm.backbone import Backbone, states_after
from simtemp.calm.block_draws import BlockDraws
from simtemp.calm.errors import ModelOutputError
from simtemp.calm.prompts import as_blocks
from simtemp.calm.random_model import random_model

VOCAB = 12


@pytest.fixture(scope="module")
def model():
    return random_model(VOCAB)


def tokens(*lengths):
    rng = np.random.default_rng(0)
    return [rng.integers(VOCAB, size=length) for length in lengths]


def test_prompts_end_with_the_last_block() -> None:
    prompts = tokens(1, 4, 7)
    blocks, present = as_blocks(prompts, 3, pad_token=11, vocab_size=VOCAB)
    assert blocks.shape == (3, 3, 3)
    assert present.tolist() == [[False, False, True], [False, True, True], [True, True, True]]
    for row, prompt in zip(blocks, prompts, strict=True):
        assert row.ravel()[-prompt.size :].tolist() == prompt.tolist()
        assert set(row.ravel()[: -prompt.size].tolist()) <= {11}


def uncached(model, prompt):
    blocks, _ = as_blocks([prompt], 2, 0, VOCAB)
    with torch.no_grad():
        return model.hidden(torch.from_numpy(blocks), use_cache=False)[0][0, -1]


def test_cached_padded_and_reduced_batches_have_the_states_of_each_prompt_by_itself(model) -> None:
    prompts = tokens(9, 2, 5, 1)
    backbone = Backbone(model, as_blocks(prompts, 2, 0, VOCAB)[1])
    states = backbone.states(as_blocks(prompts, 2, 0, VOCAB)[0])
    for prompt, state in zip(prompts, states, strict=True):
        torch.testing.assert_close(state, uncached(model, prompt), rtol=1e-5, atol=1e-5)
    padded = [np.concatenate([np.zeros(prompt.size % 2, np.int64), prompt]) for prompt in prompts]
    for step in range(3):
        new = np.random.default_rng(step).integers(VOCAB, size=(len(padded), 2))
        padded = [np.concatenate(pair) for pair in zip(padded, new, strict=True)]
        states = backbone.states(new[:, None])
        for prompt, state in zip(padded, states, strict=True):
            torch.testing.assert_close(state, uncached(model, prompt), rtol=1e-5, atol=1e-5)
        if step == 0:
            backbone.keep(np.array([0, 2, 3]))
            padded = [padded[0], padded[2], padded[3]]


def test_planted_fault_a_position_off_by_one_changes_the_states(model) -> None:
    """What the test above would see: the same blocks, their places counted from 1 within the cache."""
    blocks = torch.from_numpy(as_blocks(tokens(8), 2, 0, VOCAB)[0])
    with torch.no_grad():
        right = model.hidden(blocks)[0][0, -1]
        _, cache = model.hidden(blocks[:, :3])
        wrong = model.hidden(blocks[:, 3:], cache, positions=torch.tensor([[4]]))[0][0, -1]
    assert (right - wrong).abs().max() > 1e-3


def test_draws_of_a_state_depend_on_neither_batching_nor_company(model) -> None:
    states = states_after(model, tokens(3, 4, 5))

    def draws(which):
        return BlockDraws(model, states, [np.random.default_rng(i) for i in range(3)]), np.array(which)

    for codebook in (None, 100):
        model.use_codebook(codebook)
        together, which = draws([0, 1, 2])
        whole = together(which, 501)
        apart, alone = draws([1])
        pieces = np.concatenate([apart(alone, k) for k in (1, 7, 93, 400)], axis=1)
        assert np.array_equal(whole[1], pieces[0])
        assert together.distinct(1) == apart.distinct(1) == len(np.unique(whole[1], axis=0))
        assert apart.distinct(0) == 0
        # Planted fault: one noise for two boxes makes their draws equal where the states are.
        twins = BlockDraws(model, states[[0, 0]], [np.random.default_rng(0), np.random.default_rng(1)])(which[:2], 501)
        assert not np.array_equal(twins[0], twins[1])
    model.use_codebook(None)


def test_thousands_of_draws_come_in_pieces(model, monkeypatch) -> None:
    state = states_after(model, tokens(3))
    whole = BlockDraws(model, state, [np.random.default_rng(0)])(np.array([0]), 1000)
    monkeypatch.setattr("simtemp.calm.block_draws._ROWS_AT_ONCE", 64)
    assert np.array_equal(BlockDraws(model, state, [np.random.default_rng(0)])(np.array([0]), 1000), whole)


def test_nan_of_the_head_is_one_clear_line() -> None:
    model = random_model(VOCAB)
    states = states_after(model, tokens(3, 3)).clone()
    states[1, 0] = np.nan
    draws = BlockDraws(model, states, np.random.default_rng(0).spawn(2))
    assert draws(np.array([0]), 4).shape == (1, 4, 2)
    with pytest.raises(ModelOutputError, match=r"not finite \(sequence 1 of the batch\)"):
        draws(np.array([0, 1]), 4)


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ([], "at least one prompt"),
        ([np.array([], np.int64)], "prompt 0 is empty"),
        ([np.array([1]), np.array([12])], "prompt 1 has token 12"),
    ],
)
def test_bad_prompts_are_named(model, prompts, message) -> None:
    with pytest.raises(ValueError, match=message):
        states_after(model, prompts)
