"""Weights read from a file into a network: all of them, of the right shapes, and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from simtemp.arguments import shown
from simtemp.calm.errors import CheckpointError


def load_weights(module: nn.Module, tensors: Mapping[str, Tensor], source: Path) -> None:
    """Copy tensors into a module.

    Raises
    ------
    CheckpointError
        Naming the first that is missing, unexpected, misshapen or not finite.
    """
    for name, tensor in tensors.items():
        if not tensor.is_floating_point() or not bool(torch.isfinite(tensor).all()):
            raise CheckpointError(f"{source}: {name} must hold finite floating-point numbers")
    try:
        module.load_state_dict(dict(tensors))
    except RuntimeError as error:
        problem = str(error).partition("\n")[2].strip().partition("\n")[0]  # the first line names the class only
        raise CheckpointError(f"{source} does not fit its configuration: {shown(problem)[1:-1]}") from None
