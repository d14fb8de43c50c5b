"""Configurations: a JSON round trip, and one line for what cannot be built."""

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from simtemp.calm import AutoencoderConfig, CalmConfig, tiny_config

TINY = tiny_config(vocab_size=100)


@pytest.mark.parametrize("changes", [{}, {"head": "flow", "codebook_size": 4096}, {"eos_token_id": 3, "patch_size": 2}])
def test_json_round_trip(changes: dict[str, Any]) -> None:
    config = tiny_config(vocab_size=100, **changes)
    assert CalmConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_autoencoder_round_trip() -> None:
    assert AutoencoderConfig.from_dict(json.loads(json.dumps(TINY.autoencoder.to_dict()))) == TINY.autoencoder


def test_a_configuration_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        TINY.vocab_size = 5  # type: ignore[misc]


def test_unknown_and_missing_entries_are_named() -> None:
    entries = TINY.to_dict()
    with pytest.raises(ValueError, match=r"CalmConfig has no entry 'hiden_size', its entries are vocab_size, "):
        CalmConfig.from_dict(entries | {"hiden_size": 3})
    with pytest.raises(ValueError, match=r"CalmConfig needs the entry 'noise_size'"):
        CalmConfig.from_dict({name: value for name, value in entries.items() if name != "noise_size"})
    with pytest.raises(ValueError, match=r"AutoencoderConfig has no entry 'z'"):
        CalmConfig.from_dict(entries | {"autoencoder": entries["autoencoder"] | {"z": 1}})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_size": 0}, r"hidden_size must be an integer >= 1, got 0"),
        ({"hidden_size": 2.5}, r"hidden_size must be an integer >= 1, got 2\.5"),
        ({"hidden_size": 100}, r"hidden_size must be a multiple of num_attention_heads, got 100 and 6"),
        ({"hidden_size": 18}, r"hidden_size / num_attention_heads must be even \(.*\), got 18 / 6"),
        ({"num_key_value_heads": 4}, r"num_attention_heads must be a multiple of num_key_value_heads, got 6 and 4"),
        ({"head": "gan"}, r"head must be one of energy, flow, diffusion, got 'gan'"),
        ({"codebook_size": 0}, r"codebook_size must be an integer >= 1, got 0"),
        ({"codebook_seed": -1}, r"codebook_seed must be an integer >= 0, got -1"),
        ({"sampling_steps": 0}, r"sampling_steps must be an integer >= 1, got 0"),
        ({"eos_token_id": 100}, r"eos_token_id must be an integer from 0 to 99, got 100"),
        ({"rope_theta": 0}, r"rope_theta must be in \(0, inf\), got 0"),
        ({"rms_norm_eps": "x"}, r"rms_norm_eps must be a real number, got 'x'"),
        ({"vocab_size": 99}, r"vocab_size must be that of the autoencoder, 100, got 99"),
        ({"latent_size": 31}, r"latent_size must be that of the autoencoder, \d+, got 31"),
        ({"autoencoder": 3}, r"autoencoder must be an AutoencoderConfig, got 3"),
    ],
)
def test_bad_values_of_the_model(changes: dict[str, Any], message: str) -> None:
    base = replace(TINY, num_attention_heads=6, num_key_value_heads=6, hidden_size=192)
    with pytest.raises(ValueError, match=message):
        replace(base, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_encoder_layers": 3}, r"num_encoder_layers must be even, got 3"),
        ({"num_decoder_layers": 0}, r"num_decoder_layers must be an integer >= 2, got 0"),
        ({"token_dropout": 1.0}, r"token_dropout must be in \[0, 1\), got 1\.0"),
        ({"latent_dropout": -0.1}, r"latent_dropout must be in \[0, 1\), got -0\.1"),
        ({"kl_floor": float("inf")}, r"kl_floor must be in \[0, inf\), got inf"),
        ({"kl_weight": float("nan")}, r"kl_weight must be a real number, got nan"),
        ({"patch_size": True}, r"patch_size must be an integer >= 1, got True"),
    ],
)
def test_bad_values_of_the_autoencoder(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(TINY.autoencoder, **changes)
