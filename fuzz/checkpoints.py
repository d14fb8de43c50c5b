"""Checkpoints, tokenizers and heads: a model has exactly the weights of its files, or there is one line that says what is wrong."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from fuzz.mutation import mutated_json_bytes, mutated_safetensors
from fuzz.target import Target, folder, must, one_line
from simtemp.adaptive.head import seeded_head
from simtemp.adaptive.head_file import load_head, save_head
from simtemp.adaptive.small_language_model import load_language_model, save_language_model, small_config
from simtemp.calm.checkpoint import from_pretrained, load_autoencoder, save_autoencoder, save_checkpoint
from simtemp.calm.random_model import random_model
from simtemp.calm.tokenizer import byte_tokenizer, character_tokenizer, load_tokenizer

_INDEX = "model.safetensors.index.json"
FILES = (
    ("model", "config.json"), ("model", "model.safetensors"), ("sharded", _INDEX), ("published", "config.json"),
    ("bin", "pytorch_model.bin"), ("coder", "config.json"), ("coder", "model.safetensors"), ("head", "head.safetensors"),
    ("tokens", "tokenizer.json"), ("words", "tokenizer.json"), ("language", "config.json"), ("language", "model.safetensors"),
    ("published", "model.safetensors"),
)  # fmt: skip
"""Which file of which directory an input replaces."""


@cache
def directories() -> dict[str, dict[str, bytes]]:
    """Files of whole directories, by name."""
    torch.set_num_threads(1)
    model = random_model(7, seed=1)
    with folder() as place:
        save_checkpoint(model, place / "model")
        save_autoencoder(model.ae_model, place / "coder")
        (place / "head").mkdir()
        save_head(place / "head" / "head.safetensors", seeded_head(4, [0.0, 1.0], seed=3))
        for name, tokenizer in (("tokens", character_tokenizer("abc")), ("words", byte_tokenizer())):
            (place / name).mkdir()
            tokenizer.save(place / name)
        from transformers import LlamaForCausalLM

        tokenizer = character_tokenizer("ab")
        config = small_config(tokenizer.vocab_size)
        config.num_hidden_layers, config.hidden_size, config.intermediate_size = 1, 8, 8
        config.num_attention_heads = config.num_key_value_heads = 2
        config.head_dim = 4
        save_language_model(place / "language", LlamaForCausalLM(config), tokenizer)
        files = {path.name: {file.name: file.read_bytes() for file in path.iterdir()} for path in place.iterdir()}
    weights = files["model"]["model.safetensors"]
    stream = io.BytesIO()
    torch.save(model.state_dict(), stream)
    files["bin"] = {"config.json": files["model"]["config.json"], "pytorch_model.bin": stream.getvalue()}
    values = {
        name: value
        for name, value in json.loads(files["model"]["config.json"]).items()
        if name not in ("model_type", "autoencoder")
    }
    files["published"] = {
        "config.json": json.dumps(values | {"rope_scaling": None, "hidden_act": "silu"}).encode(),
        "model.safetensors": weights,
    }
    index = {"metadata": {}, "weight_map": dict.fromkeys(model.state_dict(), "model-1.safetensors")}
    files["sharded"] = {
        "config.json": files["model"]["config.json"],
        _INDEX: json.dumps(index).encode(),
        "model-1.safetensors": weights,
    }
    return files


def seeds() -> list[bytes]:
    """Every file as it should be."""
    return [bytes([i]) + directories()[name][file] for i, (name, file) in enumerate(FILES)]


def damage(data: bytes, rng: random.Random) -> bytes | None:
    """Of JSON, or of the header of tensors; of an archive a few bytes."""
    kind, content = (data[0] % len(FILES), data[1:]) if data else (0, b"")
    if rng.random() < 0.3:
        kind = rng.randrange(len(FILES))
        content = directories()[FILES[kind][0]][FILES[kind][1]]
    ending = Path(FILES[kind][1]).suffix
    if ending == ".bin":
        broken = bytearray(content)
        start = content.find(b"data.pkl") if rng.random() < 0.7 else 0
        for _ in range(rng.choice((1, 2, 4))):
            broken[(start + rng.randrange(2000)) % len(broken)] = rng.randrange(256)
        return bytes([kind, *broken])
    changed = (mutated_json_bytes if ending == ".json" else mutated_safetensors)(content, rng)
    return None if changed is None else bytes([kind]) + changed


_READERS: dict[str, Callable[[Path], Any]] = {
    "coder": load_autoencoder,
    "head": lambda path: load_head(path / "head.safetensors"),
    "tokens": load_tokenizer,
    "words": load_tokenizer,
    "language": load_language_model,
}


def check(data: bytes) -> None:
    """Read a directory in which one file is the input."""
    if not data:
        return
    name, file = FILES[data[0] % len(FILES)]
    with folder() as place:
        for other, content in directories()[name].items():
            (place / other).write_bytes(content)
        (place / file).write_bytes(data[1:])
        try:
            found = _READERS.get(name, from_pretrained)(place)
        except (ValueError, OSError) as error:
            one_line(error)
            return
        except MemoryError:  # of a codebook that is too long, which is no fault of a file
            return
        if name in ("tokens", "words"):
            _check_tokenizer(found)
        elif name in ("model", "coder", "published"):
            stored = load_file(place / "model.safetensors")
            for key, tensor in found.state_dict().items():
                if key in stored:
                    must(
                        torch.equal(tensor, stored[key].to(tensor.dtype)) or bool(tensor.isnan().any()),
                        f"{key} is the tensor that is stored",
                    )


def _check_tokenizer(tokenizer: Any) -> None:
    must(max(tokenizer.pad_id, tokenizer.bos_id, tokenizer.eos_id) < tokenizer.vocab_size, "ids inside the vocabulary")
    try:
        tokens = tokenizer.encode("abc ünö <pad>")
    except ValueError as error:
        one_line(error)
        return
    must(bool((tokens >= 0).all() and (tokens < tokenizer.vocab_size).all()), "tokens inside the vocabulary")
    tokenizer.decode(tokens)


TARGET = Target(seeds, check, damage)
