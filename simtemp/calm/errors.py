"""Exceptions of the language model: what a caller can act on."""

from __future__ import annotations

from simtemp.errors import SimtempError


class TorchRequired(SimtempError, ImportError):
    """The extra `calm` (torch, transformers, safetensors) is not installed."""


class CheckpointError(SimtempError, ValueError):
    """A checkpoint does not fit its configuration; the message names the first tensor or file that is wrong."""


class ModelOutputError(SimtempError):
    """A network gave numbers that are no numbers (NaN or infinite), so that no block can be decoded from them."""
