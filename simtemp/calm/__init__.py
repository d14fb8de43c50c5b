"""A continuous autoregressive language model: its layers, training, decoding and checkpoints.

Torch is an extra. Names are loaded on first use, so that ``import simtemp.calm`` is quick and works without it; a name that needs it then
says in one line how to install it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtemp.calm.torch_required import torch_required
from simtemp.lazy_names import lazy_names

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

__getattr__, __dir__, __all__ = lazy_names(__name__, _HOME, torch_required)
