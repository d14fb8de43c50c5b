"""A temperature head as one file: its weights, and what it was made for."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

from simtemp.adaptive.fitting_weights import load_weights
from simtemp.adaptive.head import TemperatureHead
from simtemp.arguments import shown
from simtemp.calm.errors import CheckpointError
from simtemp.calm.tensor_files import save_tensors

_ENTRY = "simtemp-temperature-head"
"""Of the file's metadata: a JSON object of the arguments of the head."""

_ARGUMENTS = ("hidden_size", "temperatures", "level", "width")


def save_head(path: str | Path, head: TemperatureHead) -> None:
    """Write a head as a `.safetensors` file; it appears whole or not at all.

    Parameters
    ----------
    path : path
        In a directory that is there.
    head : TemperatureHead
        Its weights and arguments.

    Raises
    ------
    OSError
        When it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simtemp.adaptive import TemperatureHead, load_head, save_head
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     save_head(Path(directory) / "head.safetensors", TemperatureHead(8, [0.0, 1.0], level="sequence"))
    ...     head = load_head(Path(directory) / "head.safetensors")
    >>> head.level, head.temperatures
    ('sequence', (0.0, 1.0))
    """
    arguments = json.dumps({name: getattr(head, name) for name in _ARGUMENTS})
    save_tensors(Path(path), head.state_dict(), {_ENTRY: arguments})


def load_head(path: str | Path) -> TemperatureHead:
    """The head of a file that `save_head` wrote, on the CPU.

    Raises
    ------
    CheckpointError
        For a file that cannot be read, is damaged, or is no head.
    """
    path = Path(path)
    try:
        with safe_open(path, "pt") as file:
            entry = (file.metadata() or {}).get(_ENTRY)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from None
    except SafetensorError as error:
        raise CheckpointError(f"{path} is damaged or of another format: {error}") from None
    if entry is None:
        raise CheckpointError(f"{path} holds no temperature head")
    try:
        arguments = json.loads(entry)
        sizes = [arguments["width"], arguments["hidden_size"]]
        if "layers.0.weight" not in tensors or list(tensors["layers.0.weight"].shape) != sizes:
            raise ValueError(
                f"size mismatch: layers.0.weight must have shape {shown(sizes)}"
            )  # before so many are made
        head = TemperatureHead(**{name: arguments[name] for name in _ARGUMENTS})
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} holds no temperature head: {error}") from None
    load_weights(head, tensors, path)
    return head
