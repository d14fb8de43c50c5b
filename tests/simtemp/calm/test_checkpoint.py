"""Checkpoints: our own, and directories in the published layout written here, sound ones and every way of being wrong."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from simtemp.calm import (
    Autoencoder,
    AutoencoderConfig,
    CalmConfig,
    CalmModel,
    CheckpointError,
    from_pretrained,
    load_autoencoder,
    save_autoencoder,
    save_checkpoint,
)
from simtemp.errors import SimtempError

AE = AutoencoderConfig(vocab_size=9, patch_size=3, hidden_size=16, intermediate_size=20, latent_size=4)
CONFIG = CalmConfig(
    vocab_size=9,
    patch_size=3,
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    latent_size=4,
    noise_size=3,
    num_mlp_layers=2,
    autoencoder=AE,
    rope_theta=5e5,
    eos_token_id=1,
)
TRANSFORMERS_SAYS = {
    "architectures": ["EnergyTransformer"],
    "torch_dtype": "float32",
    "transformers_version": "4.43.0",
    "hidden_act": "silu",
    "initializer_range": 0.02,
    "attention_bias": False,
    "mlp_bias": False,
    "use_cache": True,
    "tie_word_embeddings": False,
}
PUBLISHED: dict[str, Any] = TRANSFORMERS_SAYS | {
    "model_type": "energy",
    "ae_path": "/path/of/the/machine/it/was/trained/on",
    "patch_size": 3,
    "latent_size": 4,
    "noise_size": 3,
    "num_mlp_layers": 2,
    "num_samples": 8,
    "beta": 1.0,
    "vocab_size": 9,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "rms_norm_eps": 1e-6,
    "rope_theta": 5e5,
    "rope_scaling": None,
    "bos_token_id": None,
    "eos_token_id": 1,
}
PUBLISHED_AE: dict[str, Any] = TRANSFORMERS_SAYS | {
    "model_type": "autoencoder",
    "vocab_size": 9,
    "patch_size": 3,
    "hidden_size": 16,
    "intermediate_size": 20,
    "num_encoder_layers": 2,
    "num_decoder_layers": 2,
    "latent_size": 4,
    "rms_norm_eps": 1e-6,
    "ae_dropout": 0.1,
    "kl_clamp": 0.25,
    "kl_weight": 0.01,
}


def build(config: CalmConfig = CONFIG) -> CalmModel:
    torch.manual_seed(0)
    model = CalmModel(config).eval()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn(parameter.shape)
    return model


@cache
def _tensors() -> dict[str, Tensor]:
    return published_tensors(build())


def some_tensors() -> dict[str, Tensor]:
    """Those of `build()`, for tests that never look at the model; free to be changed."""
    return {name: tensor.clone() for name, tensor in _tensors().items()}


def published_tensors(model: CalmModel) -> dict[str, Tensor]:
    """All the names that a published checkpoint has: the head twice."""
    tensors = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    head = {name: tensor for name, tensor in tensors.items() if name.startswith("mlp_generator.")}
    return tensors | {
        name.replace("mlp_generator.", "generative_head."): tensor.clone() for name, tensor in head.items()
    }


Writer = Callable[[Path, dict[str, Tensor]], None]


def as_safetensors(path: Path, tensors: dict[str, Tensor]) -> None:
    save_file(tensors, path / "model.safetensors")


def as_bin(path: Path, tensors: dict[str, Tensor]) -> None:
    torch.save(tensors, path / "pytorch_model.bin")


def shards(
    path: Path, tensors: dict[str, Tensor], stem: str, suffix: str, save: Callable[[dict[str, Tensor], Path], None]
) -> None:
    names = sorted(tensors)
    parts = {f"{stem}-0000{i}-of-00003.{suffix}": names[i::3] for i in range(3)}
    for file, part in parts.items():
        save({name: tensors[name] for name in part}, path / file)
    index = {"metadata": {"total_size": 1}, "weight_map": {name: file for file, part in parts.items() for name in part}}
    (path / f"{stem}.{suffix}.index.json").write_text(json.dumps(index))


def as_safetensors_shards(path: Path, tensors: dict[str, Tensor]) -> None:
    shards(path, tensors, "model", "safetensors", save_file)


def as_bin_shards(path: Path, tensors: dict[str, Tensor]) -> None:
    shards(path, tensors, "pytorch_model", "bin", torch.save)


WRITERS: list[Writer] = [as_safetensors, as_bin, as_safetensors_shards, as_bin_shards]


def write(path: Path, config: dict[str, Any], tensors: dict[str, Tensor], writer: Writer = as_safetensors) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(config))
    writer(path, tensors)
    return path


@torch.no_grad()
def outputs(model: CalmModel) -> tuple[Tensor, Tensor, Tensor]:
    blocks = torch.randint(9, (2, 5, 3), generator=torch.Generator().manual_seed(1))
    states, _ = model.hidden(blocks)
    latents = model.draw_latents(states[:, -1], 4, torch.Generator().manual_seed(2))
    return states, latents, model.ae_model.encode(blocks)[0]


def assert_same(model: CalmModel, other: CalmModel) -> None:
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name
    for ours, theirs in zip(outputs(model), outputs(other), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("head", ["energy", "flow", "diffusion"])
def test_our_own_round_trip(tmp_path: Path, head: str) -> None:
    model = build(replace(CONFIG, head=head, codebook_size=16, codebook_seed=3, autoencoder=replace(AE, kl_floor=0.1)))
    save_checkpoint(model, tmp_path / "new" / "model")
    loaded = from_pretrained(tmp_path / "new" / "model")
    assert loaded.config == model.config and not loaded.training
    assert_same(model, loaded)
    assert sorted(path.name for path in (tmp_path / "new" / "model").iterdir()) == ["config.json", "model.safetensors"]


def test_saving_again_replaces_and_a_failed_save_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = build()
    save_checkpoint(model, tmp_path)
    model.embed_proj[0].weight.data += 1
    save_checkpoint(model, tmp_path)
    assert_same(model, from_pretrained(tmp_path))

    def killed(*_: object, **__: object) -> None:
        (tmp_path / ".unfinished-model.safetensors").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("simtemp.calm.tensor_files.save_file", killed)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(build(), tmp_path)
    assert_same(model, from_pretrained(tmp_path))


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
def test_published_layout_in_every_format(tmp_path: Path, writer: Writer) -> None:
    model = build()
    loaded = from_pretrained(write(tmp_path, PUBLISHED, published_tensors(model), writer))
    assert loaded.config == CONFIG
    assert_same(model, loaded)


@pytest.mark.parametrize("kept", ["mlp_generator.", "generative_head."])
def test_the_head_under_either_name(tmp_path: Path, kept: str) -> None:
    model = build()
    dropped = ({"mlp_generator.", "generative_head."} - {kept}).pop()
    tensors = {name: tensor for name, tensor in published_tensors(model).items() if not name.startswith(dropped)}
    assert_same(model, from_pretrained(write(tmp_path, PUBLISHED, tensors)))


def test_tensors_of_another_precision_and_stored_frequencies(tmp_path: Path) -> None:
    model = build().bfloat16().float()
    tensors = {name: tensor.bfloat16() for name, tensor in published_tensors(model).items()}
    tensors["transformer.rotary_emb.inv_freq"] = torch.ones(2)
    tensors["ae_model.decoder.lm_head_weight"] = tensors["ae_model.encoder.embed_tokens.weight"].clone()
    assert_same(model, from_pretrained(write(tmp_path, PUBLISHED, tensors)))


@pytest.mark.parametrize(
    "rope",
    [{"rope_theta": 5e5}, {"rope_parameters": {"rope_type": "default", "rope_theta": 5e5}}],
    ids=lambda rope: next(iter(rope)),
)
def test_entries_that_may_be_left_out(tmp_path: Path, rope: dict[str, Any]) -> None:
    model = build(replace(CONFIG, num_key_value_heads=4, max_position_embeddings=2048))
    absent = {
        "rope_theta",
        "rope_scaling",
        "num_key_value_heads",
        "max_position_embeddings",
        "rms_norm_eps",
        "model_type",
    }
    values = {name: value for name, value in PUBLISHED.items() if name not in absent} | rope
    loaded = from_pretrained(write(tmp_path, values, published_tensors(model)))
    assert loaded.config == model.config
    assert_same(model, loaded)


@pytest.mark.parametrize(
    "output_embedding", [None, "decoder.lm_head_weight", "decoder.lm_head.weight", "lm_head.weight"]
)
@pytest.mark.parametrize("writer", [as_safetensors, as_bin])
def test_a_published_autoencoder_alone(tmp_path: Path, writer: Writer, output_embedding: str | None) -> None:
    model = build().ae_model
    tensors = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    if output_embedding is not None:
        tensors[output_embedding] = tensors["encoder.embed_tokens.weight"].clone()
    loaded = load_autoencoder(write(tmp_path, PUBLISHED_AE, tensors, writer))
    assert loaded.config == replace(AE, token_dropout=0.1, latent_dropout=0.1, kl_floor=0.25, kl_weight=0.01)
    tokens = torch.randint(9, (5, 3))
    assert torch.equal(loaded.encode(tokens)[0], model.encode(tokens)[0])
    assert torch.equal(loaded.decode_logits(torch.ones(2, 4)), model.decode_logits(torch.ones(2, 4)))


def test_our_own_autoencoder_round_trip(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Autoencoder(replace(AE, kl_weight=0.3))
    save_autoencoder(model, tmp_path)
    loaded = load_autoencoder(tmp_path)
    assert loaded.config == model.config and not loaded.training
    assert all(torch.equal(tensor, loaded.state_dict()[name]) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize("ours", [True, False])
def test_the_autoencoder_in_a_directory_of_its_own(tmp_path: Path, ours: bool) -> None:
    model = build()
    if ours:
        save_autoencoder(model.ae_model, tmp_path / "ae")
    else:
        write(tmp_path / "ae", PUBLISHED_AE, model.ae_model.state_dict())
    tensors = {name: tensor for name, tensor in published_tensors(model).items() if not name.startswith("ae_model.")}
    inside = write(tmp_path / "relative", PUBLISHED | {"ae_path": "../ae"}, tensors)
    assert_same(model, from_pretrained(inside))
    nowhere = write(tmp_path / "nowhere", PUBLISHED, tensors)
    assert_same(model, from_pretrained(nowhere, autoencoder=tmp_path / "ae"))
    message = (
        r"nowhere has no tensors ae_model\.\*, and the 'ae_path' of its config\.json, '/path/of.*', is no directory"
    )
    with pytest.raises(CheckpointError, match=message):
        from_pretrained(nowhere)
    silent = write(tmp_path / "silent", {name: PUBLISHED[name] for name in PUBLISHED if name != "ae_path"}, tensors)
    with pytest.raises(CheckpointError, match=r"no 'ae_path': name the directory of the autoencoder"):
        from_pretrained(silent)


def test_an_autoencoder_that_is_given_replaces_the_one_inside(tmp_path: Path) -> None:
    model = build()
    save_checkpoint(model, tmp_path / "lm")
    torch.manual_seed(7)
    other = Autoencoder(replace(AE, num_decoder_layers=4))
    save_autoencoder(other, tmp_path / "ae")
    loaded = from_pretrained(tmp_path / "lm", autoencoder=tmp_path / "ae")
    assert loaded.config.autoencoder == other.config
    assert torch.equal(loaded.ae_model.encoder.squeeze_layer.weight, other.encoder.squeeze_layer.weight)


Tensors = dict[str, Tensor]
Q = "transformer.layers.1.self_attn.q_proj.weight"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.pop(Q), rf"lacks the tensor {Q} of shape \(16, 16\)"),
        (lambda t: t.update({Q: torch.zeros(16, 8)}), rf"{Q} must have shape \(16, 16\), got \(16, 8\)"),
        (
            lambda t: t.update({Q: torch.zeros(16, 16, dtype=torch.int64)}),
            rf"{Q} must hold floating-point numbers, got torch\.int64",
        ),
        (lambda t: t.update({"transformer.bias": torch.zeros(1)}), r"has an unexpected tensor transformer\.bias"),
        (
            lambda t: t["generative_head.noise_embd.bias"].add_(1),
            r"generative_head\.noise_embd\.bias and mlp_generator\.noise_embd\.bias are one tensor under two names, but they differ",
        ),
        (
            lambda t: t.update({"ae_model.decoder.lm_head.weight": torch.zeros(9, 16)}),
            r"ae_model\.(decoder\.lm_head|encoder\.embed_tokens)\.weight and .* are one tensor under two names, but they differ",
        ),
        (
            lambda t: t.pop("ae_model.encoder.squeeze_layer.weight"),
            r"lacks the tensor ae_model\.encoder\.squeeze_layer\.weight",
        ),
        (
            lambda t: t.update({"ae_model.encoder.embed_tokens.weight": torch.zeros(9)}),
            r"ae_model\.encoder\.embed_tokens\.weight must have two axes, got shape \(9,\)",
        ),
        (
            lambda t: t.update({"ae_model.encoder.embed_tokens.weight": torch.zeros(8, 16)}),
            r"config\.json: vocab_size must be that of the autoencoder, 8, got 9",
        ),
        (
            lambda t: t.pop("ae_model.decoder.norm.weight"),
            r"lacks the tensor ae_model\.decoder\.norm\.weight of shape \(16,\)",
        ),
    ],
)
@pytest.mark.parametrize("writer", [as_safetensors, as_bin])
def test_tensors_that_do_not_fit(
    tmp_path: Path, spoil: Callable[[Tensors], object], message: str, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensors = some_tensors()
    spoil(tensors)
    write(tmp_path, PUBLISHED, tensors, writer)
    monkeypatch.setattr(CalmModel, "load_state_dict", lambda *_: pytest.fail("a weight was copied before the check"))
    fails(lambda: from_pretrained(tmp_path), message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_act": "gelu"}, r"config\.json: hidden_act must be 'silu' as in the published model, got 'gelu'"),
        ({"attention_bias": True}, r"config\.json: attention_bias must be False as in the published model, got True"),
        (
            {"rope_scaling": {"type": "linear", "factor": 2}},
            r"config\.json: rope_scaling must be of the type 'default', got 'linear'",
        ),
        ({"patch_size": 4}, r"config\.json: patch_size must be that of the autoencoder, 3, got 4"),
        ({"hidden_size": 32}, r"transformer\.embed_tokens\.weight must have shape \(9, 32\), got \(9, 16\)"),
        ({"num_mlp_layers": 3}, r"lacks the tensor mlp_generator\.mlp_blocks\.2\.in_ln\.weight of shape \(16,\)"),
        ({"num_hidden_layers": 1}, r"has an unexpected tensor transformer\.layers\.1\."),
        ({"eos_token_id": [1, 2]}, r"config\.json: eos_token_id must be an integer from 0 to 8, got \[1, 2\]"),
    ],
)
def test_configurations_that_do_not_fit(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    write(tmp_path, PUBLISHED | changes, some_tensors())
    fails(lambda: from_pretrained(tmp_path), message)


def test_a_missing_entry_is_named(tmp_path: Path) -> None:
    write(tmp_path, {name: PUBLISHED[name] for name in PUBLISHED if name != "noise_size"}, some_tensors())
    fails(lambda: from_pretrained(tmp_path), r"config\.json: CalmConfig needs the entry 'noise_size'")


def test_our_own_configuration_is_read_strictly(tmp_path: Path) -> None:
    save_checkpoint(build(), tmp_path)
    values = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(values | {"hiden_size": 3}))
    fails(lambda: from_pretrained(tmp_path), r"config\.json: CalmConfig has no entry 'hiden_size'")


@pytest.mark.parametrize("text", ["", "{", '{"a": 1', "\udcff", "[1]", "[" * 100_000])
def test_damaged_configurations(tmp_path: Path, text: str) -> None:
    write(tmp_path, PUBLISHED, some_tensors())
    (tmp_path / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    fails(lambda: from_pretrained(tmp_path), r"config\.json (is not JSON: |must hold an object, got \[1\])")


@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin"])
@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04" + bytes(50), b"\x80\x02garbage", bytes(64)])
def test_damaged_weights(tmp_path: Path, file: str, content: bytes) -> None:
    (tmp_path / "config.json").write_text(json.dumps(PUBLISHED))
    (tmp_path / file).write_bytes(content)
    fails(lambda: from_pretrained(tmp_path), rf"{file} is damaged or of another format: ")


@pytest.mark.parametrize("writer", [as_safetensors, as_bin])
def test_weights_cut_off_in_the_middle(tmp_path: Path, writer: Writer) -> None:
    write(tmp_path, PUBLISHED, some_tensors(), writer)
    path = next(path for path in tmp_path.iterdir() if path.name != "config.json")
    path.write_bytes(path.read_bytes()[:-1000])
    fails(lambda: from_pretrained(tmp_path), r"is damaged or of another format: ")


class Code:
    """What a hostile file may hold: unpickling it would call a function."""

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("ran"),))


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ({"a": Code()}, r"is damaged or of another format: Weights only load failed"),
        ([torch.zeros(1)], r"must hold named tensors, got list"),
        ({"a": 3}, r"must hold named tensors only, got int at 'a'"),
        ({1: torch.zeros(1)}, r"must hold named tensors only, got Tensor at 1"),
    ],
)
def test_a_file_that_holds_more_than_tensors(
    tmp_path: Path, stored: object, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(PUBLISHED))
    torch.save(stored, tmp_path / "pytorch_model.bin")
    fails(lambda: from_pretrained(tmp_path), message)
    assert not (tmp_path / "ran").exists()


def test_what_is_not_there(tmp_path: Path) -> None:
    fails(
        lambda: from_pretrained(tmp_path / "none"),
        r"a checkpoint is a directory with config\.json and weights, .*none is none",
    )
    fails(
        lambda: load_autoencoder(tmp_path / "none"),
        r"a checkpoint is a directory with config\.json and weights, .*none is none",
    )
    fails(lambda: from_pretrained(tmp_path), r"config\.json cannot be read: No such file or directory")
    (tmp_path / "config.json").write_text("{}")
    fails(
        lambda: from_pretrained(tmp_path),
        r"has no weights, one of model\.safetensors, pytorch_model\.bin, .* is needed",
    )


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ({}, r"must map tensors to files under 'weight_map', got None"),
        (
            {"weight_map": {"a": "../other.safetensors"}},
            r"must name files beside it, got '\.\./other\.safetensors' for a",
        ),
        ({"weight_map": {"a": 3}}, r"must name files beside it, got 3 for a"),
        (
            {"weight_map": {"a": "missing.safetensors"}},
            r"missing\.safetensors cannot be read: No such file or directory",
        ),
        (
            {"weight_map": {"a": "part.safetensors"}},
            r"part\.safetensors lacks the tensor a that the index places there",
        ),
    ],
)
def test_damaged_indices(tmp_path: Path, index: dict[str, Any], message: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps(PUBLISHED))
    save_file({"b": torch.zeros(1)}, tmp_path / "part.safetensors")
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    fails(lambda: from_pretrained(tmp_path), message)


def fails(load: Callable[[], object], message: str) -> None:
    """One line, of the exception that callers can act on."""
    with pytest.raises(CheckpointError, match=message) as caught:
        load()
    assert isinstance(caught.value, SimtempError) and isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)
