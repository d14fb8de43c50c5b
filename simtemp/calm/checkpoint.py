"""Checkpoints of the language model and of its autoencoder, in the layout of the published ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from simtemp.arguments import shown
from simtemp.calm.autoencoder import Autoencoder
from simtemp.calm.config import AutoencoderConfig, CalmConfig
from simtemp.calm.errors import CheckpointError
from simtemp.calm.model import CalmModel
from simtemp.calm.published import autoencoder_config_of, first_names, published_autoencoder_config, published_config
from simtemp.calm.tensor_files import CONFIG_FILE, read_json_object, read_tensors, write_checkpoint

_MODEL_TYPE = "simtemp-calm"
_AUTOENCODER_TYPE = "simtemp-calm-autoencoder"
"""They mark a configuration of our own, which is read strictly; a published one has many entries that say nothing of the model."""

_AE_PREFIX = "ae_model."


def save_checkpoint(model: CalmModel, directory: str | Path) -> None:
    """Write `model.safetensors` and `config.json`; each appears whole or not at all.

    Parameters
    ----------
    model : CalmModel
        The model, its autoencoder included.
    directory : path
        Made where it is missing.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    write_checkpoint(Path(directory), {"model_type": _MODEL_TYPE} | model.config.to_dict(), model.state_dict())


def save_autoencoder(autoencoder: Autoencoder, directory: str | Path) -> None:
    """The same for an autoencoder alone."""
    config = {"model_type": _AUTOENCODER_TYPE} | autoencoder.config.to_dict()
    write_checkpoint(Path(directory), config, autoencoder.state_dict())


def from_pretrained(directory: str | Path, autoencoder: str | Path | None = None) -> CalmModel:
    """The model of a checkpoint directory, ours or a published one, on the CPU in float32 and in evaluation mode.

    Parameters
    ----------
    directory : path
        With `config.json` and weights: `model.safetensors` or `pytorch_model.bin`, whole or in shards with an index. Parameters
        `transformer.*`, `embed_proj.*`, `mlp_generator.*` (or its second name `generative_head.*`, or both) and `ae_model.*`.
    autoencoder : path, optional
        Directory of the autoencoder, in place of the checkpoint's own `ae_model.*`. Without it and without those, the directory that
        `ae_path` in `config.json` names is read (a relative path starts at `directory`).

    Returns
    -------
    CalmModel

    Raises
    ------
    CheckpointError
        Naming the first tensor that is missing, unexpected or misshapen, or the file or entry that is wrong. Names and shapes are
        checked before a weight is copied.

    Notes
    -----
    Only tensors are read from `.bin` files (``weights_only``): a file from a stranger runs no code.

    Examples
    --------
    >>> import tempfile
    >>> from simtemp.calm import CalmModel, from_pretrained, save_checkpoint, tiny_config
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     save_checkpoint(CalmModel(tiny_config(vocab_size=50)), directory)
    ...     model = from_pretrained(directory)
    >>> model.config.vocab_size
    50
    """
    directory = _existing(directory)
    values = read_json_object(directory / CONFIG_FILE)
    tensors = first_names(read_tensors(directory))
    own = _under(tensors, _AE_PREFIX)
    if autoencoder is None and own:
        autoencoder_config = None
    else:
        autoencoder_config, separate = _read_autoencoder(_autoencoder_directory(directory, values, autoencoder))
        tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith(_AE_PREFIX)}
        tensors |= {f"{_AE_PREFIX}{name}": tensor for name, tensor in separate.items()}
    try:
        if values.get("model_type") == _MODEL_TYPE:
            config = CalmConfig.from_dict(_replaced(values, autoencoder_config))
        else:
            config = published_config(values, autoencoder_config or autoencoder_config_of(own))
    except CheckpointError:
        raise
    except ValueError as error:
        raise CheckpointError(f"{directory / CONFIG_FILE}: {error}") from None
    coder = config.autoencoder
    depth = config.num_hidden_layers + config.num_mlp_layers + coder.num_encoder_layers + coder.num_decoder_layers
    _check(tensors, lambda: CalmModel(config), depth, directory)
    model = CalmModel(config)
    model.load_state_dict(tensors)
    return model.eval()


def load_autoencoder(directory: str | Path) -> Autoencoder:
    """The autoencoder of a checkpoint directory of its own, ours or a published one: parameters `encoder.*` and `decoder.*`.

    Raises
    ------
    CheckpointError
        As `from_pretrained`.
    """
    directory = _existing(directory)
    config, tensors = _read_autoencoder(directory)
    _check(tensors, lambda: Autoencoder(config), config.num_encoder_layers + config.num_decoder_layers, directory)
    model = Autoencoder(config)
    model.load_state_dict(tensors)
    return model.eval()


def _read_autoencoder(directory: Path) -> tuple[AutoencoderConfig, dict[str, Tensor]]:
    values = read_json_object(directory / CONFIG_FILE)
    try:
        if values.get("model_type") == _AUTOENCODER_TYPE:
            config = AutoencoderConfig.from_dict({name: values[name] for name in values if name != "model_type"})
        else:
            config = published_autoencoder_config(values)
    except ValueError as error:
        raise CheckpointError(f"{directory / CONFIG_FILE}: {error}") from None
    return config, first_names(read_tensors(directory))


def _autoencoder_directory(directory: Path, values: Mapping[str, Any], given: str | Path | None) -> Path:
    if given is not None:
        return _existing(given)
    ae_path = values.get("ae_path")
    if not isinstance(ae_path, str):
        raise CheckpointError(
            f"{directory} has no tensors {_AE_PREFIX}*, and its config.json no 'ae_path': name the directory of the autoencoder"
        )
    path = directory / ae_path
    if not path.is_dir():
        raise CheckpointError(
            f"{directory} has no tensors {_AE_PREFIX}*, and the 'ae_path' of its config.json, {shown(ae_path)}, is no directory"
        )
    return path


def _existing(directory: str | Path) -> Path:
    path = Path(directory)
    if not path.is_dir():
        raise CheckpointError(f"a checkpoint is a directory with {CONFIG_FILE} and weights, {path} is none")
    return path


def _replaced(values: Mapping[str, Any], autoencoder: AutoencoderConfig | None) -> dict[str, Any]:
    entries = {name: value for name, value in values.items() if name != "model_type"}
    return entries if autoencoder is None else entries | {"autoencoder": autoencoder}


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _check(tensors: Mapping[str, Tensor], build: Callable[[], nn.Module], depth: int, directory: Path) -> None:
    """Refuse a checkpoint whose tensors are not exactly the parameters of the model that `build` makes, which has `depth` layers."""
    if depth > len(tensors):  # before so many are made
        raise CheckpointError(
            f"{directory / CONFIG_FILE} asks for {depth:,} layers, there are {len(tensors):,} tensors"
        )
    try:
        with torch.device("meta"):  # shapes only: a wrong configuration allocates nothing
            expected = build().state_dict()
    except (RuntimeError, TypeError, OverflowError) as error:  # how torch says that a number of bytes is beyond 64 bits
        raise CheckpointError(f"{directory / CONFIG_FILE}: {str(error).splitlines()[0]}") from None
    for name, parameter in expected.items():
        if name not in tensors:
            raise CheckpointError(f"{directory} lacks the tensor {name} of shape {tuple(parameter.shape)}")
        if tensors[name].shape != parameter.shape:
            raise CheckpointError(
                f"{directory}: {name} must have shape {tuple(parameter.shape)}, got {tuple(tensors[name].shape)}"
            )
        if not tensors[name].is_floating_point():
            raise CheckpointError(f"{directory}: {name} must hold floating-point numbers, got {tensors[name].dtype}")
    for name in tensors:
        if name not in expected:
            raise CheckpointError(f"{directory} has an unexpected tensor {name}")
