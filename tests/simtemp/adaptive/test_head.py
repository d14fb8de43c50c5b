"""The head: near uniform at first, sizes and lists that it refuses."""

from __future__ import annotations

import math

import pytest
import torch

from simtemp.adaptive.head import TemperatureHead, seeded_head


def test_it_begins_near_uniform() -> None:
    head = seeded_head(16, [0.0, 0.5, 1.0, 1.5], seed=3)
    states = torch.randn(100, 16, generator=torch.Generator().manual_seed(0)) * 5
    shares = head(states).exp()
    assert torch.allclose(shares.sum(-1), torch.ones(100))
    assert (shares - 0.25).abs().max() < 0.01


def test_three_layers_with_silu() -> None:
    kinds = [type(layer).__name__ for layer in TemperatureHead(4, [0.5]).layers]
    assert kinds == ["Linear", "SiLU", "Linear", "SiLU", "Linear"]


def test_temperatures_are_sorted() -> None:
    assert TemperatureHead(4, [1.0, 0.0, 0.3]).temperatures == (0.0, 0.3, 1.0)


def test_weights_are_those_of_the_seed_and_torch_is_left_alone() -> None:
    before = torch.random.get_rng_state()
    first, second, other = (seeded_head(4, [0.1, 1.0], seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(first.layers[0].weight, second.layers[0].weight)
    assert not torch.equal(first.layers[0].weight, other.layers[0].weight)


@pytest.mark.parametrize(
    ("temperatures", "message"),
    [
        ([], "at least one temperature, got an empty one"),
        ([0.5, 0.5], "must be different"),
        ([-0.1], r"must be in \[0, inf\), got -0.1"),
        ([math.nan], "nan"),
        ([math.inf], r"must be in \[0, inf\)"),
        (["warm"], "a temperature"),
    ],
)
def test_bad_lists_get_one_line(temperatures, message) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        TemperatureHead(4, temperatures)
    assert "\n" not in str(caught.value)


def test_bad_sizes_get_one_line() -> None:
    with pytest.raises(ValueError, match="hidden_size"):
        TemperatureHead(0, [0.5])
    with pytest.raises(ValueError, match="level must be one of token, sequence"):
        TemperatureHead(4, [0.5], "word")
    with pytest.raises(ValueError, match="made for states of size 4, the model gives states of size 5"):
        TemperatureHead(4, [0.5])(torch.zeros(1, 5))
