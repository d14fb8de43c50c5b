"""A continuous autoregressive language model: its layers, training, decoding and checkpoints.

Torch is an extra. Names are loaded on first use, so that ``import simtemp.calm`` is quick and works without it; a name that needs it then
says in one line how to install it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from simtemp.calm.torch_required import torch_required

if TYPE_CHECKING:
    from simtemp.calm.autoencoder import Autoencoder as Autoencoder
    from simtemp.calm.checkpoint import from_pretrained as from_pretrained
    from simtemp.calm.checkpoint import load_autoencoder as load_autoencoder
    from simtemp.calm.checkpoint import save_autoencoder as save_autoencoder
    from simtemp.calm.checkpoint import save_checkpoint as save_checkpoint
    from simtemp.calm.config import AutoencoderConfig as AutoencoderConfig
    from simtemp.calm.config import CalmConfig as CalmConfig
    from simtemp.calm.errors import CheckpointError as CheckpointError
    from simtemp.calm.errors import ModelOutputError as ModelOutputError
    from simtemp.calm.errors import TorchRequired as TorchRequired
    from simtemp.calm.model import CalmModel as CalmModel
    from simtemp.calm.next_block import StepInfo as StepInfo
    from simtemp.calm.tiny import tiny_config as tiny_config

_HOME = {
    "simtemp.calm.autoencoder": ["Autoencoder"],
    "simtemp.calm.checkpoint": ["from_pretrained", "load_autoencoder", "save_autoencoder", "save_checkpoint"],
    "simtemp.calm.config": ["AutoencoderConfig", "CalmConfig"],
    "simtemp.calm.errors": ["CheckpointError", "ModelOutputError", "TorchRequired"],
    "simtemp.calm.model": ["CalmModel"],
    "simtemp.calm.next_block": ["StepInfo"],
    "simtemp.calm.tiny": ["tiny_config"],
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE)


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module 'simtemp.calm' has no attribute {name!r}")
    with torch_required():
        value = getattr(import_module(_MODULE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE})
