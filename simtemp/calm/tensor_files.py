"""Reading and writing the files of a checkpoint: safetensors or `torch.save`, whole or in shards, and its configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from simtemp.arguments import shown
from simtemp.calm.errors import CheckpointError
from simtemp.utf8_file import read_utf8
from simtemp.whole_file import replace_whole

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
_WEIGHTS_FILES = (WEIGHTS_FILE, "pytorch_model.bin")
_INDEX_FILES = tuple(f"{name}.index.json" for name in _WEIGHTS_FILES)


def read_json_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises
    ------
    CheckpointError
        When the file cannot be read or holds anything else.
    """
    try:
        document = json.loads(read_utf8(path))
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise CheckpointError(f"{path} must hold an object, got {shown(document)}")
    return document


def read_tensors(directory: Path) -> dict[str, Tensor]:
    """Every tensor of a checkpoint under its stored name, on the CPU; files are mapped, not copied, where they can be.

    Raises
    ------
    CheckpointError
        When there are no weights, a file is damaged, or an index names what is not there.
    """
    for index in _INDEX_FILES:
        if (directory / index).is_file():
            return _read_shards(directory / index)
    for name in _WEIGHTS_FILES:
        if (directory / name).is_file():
            return _read_file(directory / name)
    raise CheckpointError(f"{directory} has no weights, one of {', '.join(_WEIGHTS_FILES + _INDEX_FILES)} is needed")


def write_checkpoint(directory: Path, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Write configuration and weights; each file appears whole or not at all, also when the process is killed.

    Raises
    ------
    OSError
        When the directory cannot be made or written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    save_tensors(directory / WEIGHTS_FILE, tensors, {"format": "pt"})
    text = json.dumps(config, indent=2) + "\n"
    replace_whole(directory / CONFIG_FILE, lambda path: path.write_text(text, encoding="utf-8"))


def save_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str]) -> None:
    """Replace a .safetensors file, whole or not at all; no two tensors may share memory.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    contiguous = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}

    def write(unfinished: Path) -> None:
        try:
            save_file(contiguous, unfinished, metadata=metadata)
        except SafetensorError as error:  # how the library reports a full disk or a forbidden directory
            raise OSError(f"{path} cannot be written: {_first_line(error)}") from None

    replace_whole(path, write)


def _read_file(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        stored = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or _first_line(error)}") from None
    except Exception as error:  # a broken archive ends in errors of many kinds
        raise CheckpointError(f"{path} is damaged or of another format: {_first_line(error)}") from None
    if not isinstance(stored, Mapping):
        raise CheckpointError(f"{path} must hold named tensors, got {type(stored).__name__}")
    for name, tensor in stored.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise CheckpointError(f"{path} must hold named tensors only, got {type(tensor).__name__} at {shown(name)}")
    return dict(stored)


def _read_shards(index: Path) -> dict[str, Tensor]:
    weight_map = read_json_object(index).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise CheckpointError(f"{index} must map tensors to files under 'weight_map', got {shown(weight_map)}")
    shards: dict[str, dict[str, Tensor]] = {}
    tensors: dict[str, Tensor] = {}
    for name, file in weight_map.items():
        if not isinstance(file, str) or not file or Path(file).name != file:
            raise CheckpointError(f"{index} must name files beside it, got {shown(file)} for {name}")
        if file not in shards:
            shards[file] = _read_file(index.with_name(file))
        if name not in shards[file]:
            raise CheckpointError(f"{index.with_name(file)} lacks the tensor {name} that the index places there")
        tensors[name] = shards[file][name]
    return tensors


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
