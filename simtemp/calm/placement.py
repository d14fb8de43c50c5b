"""Where a model computes, and in which floating-point type."""

from __future__ import annotations

import torch

from simtemp.arguments import shown
from simtemp.calm.model import CalmModel

_TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def place(model: CalmModel, device: str = "cpu", dtype: str = "float32") -> CalmModel:
    """Move a model to a device and a type, in evaluation mode.

    Parameters
    ----------
    model : CalmModel
        It is moved in place.
    device : str
        ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ...
    dtype : {"float32", "bfloat16"}
        Of its parameters.

    Raises
    ------
    ValueError
        For a device that is not there, or another type.
    """
    if dtype not in _TYPES:
        raise ValueError(f"dtype must be one of {', '.join(_TYPES)}, got {shown(dtype)}")
    try:
        return model.to(device=torch.device(device), dtype=_TYPES[dtype]).eval()
    except (RuntimeError, AssertionError) as error:  # torch raises either for a device that it was not built for
        raise ValueError(f"device {shown(device)} cannot be used: {str(error).splitlines()[0]}") from None
