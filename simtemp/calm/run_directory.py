"""The files of a training run, each replaced as a whole, so that a run killed at any moment goes on from its last checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from simtemp.arguments import shown
from simtemp.calm.tensor_files import save_tensors
from simtemp.console import plain
from simtemp.whole_file import replace_whole

STATE, PLAN, CURVE, PICTURE, RECORD = "state.safetensors", "plan.json", "curve.jsonl", "curve.png", "record.json"
_FOLDER = "training"


class RunDirectory:
    """Where a run keeps its plan, its last checkpoint and its curve: the folder `training` beside the finished model.

    Parameters
    ----------
    directory : path
        Made where it is missing.
    """

    def __init__(self, directory: Path) -> None:
        self.model = directory
        self.folder = directory / _FOLDER
        self.folder.mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Forget an earlier run; the finished model stays until it is replaced."""
        for name in (STATE, PLAN, CURVE, PICTURE, RECORD):
            (self.folder / name).unlink(missing_ok=True)

    def begin(self, plan: Mapping[str, Any]) -> dict[str, Any]:
        """Record the plan of a new run, or check that it is the one begun here; gives the plan as it was begun.

        Raises
        ------
        ValueError
            When another plan was begun here, naming the first entry that differs.
        """
        path = self.folder / PLAN
        if not path.exists():
            begun = plain(plan)
            self._write(PLAN, json.dumps(begun, indent=2) + "\n")
            return dict(begun)
        begun = self._read_object(PLAN)
        for name, value in plain(plan).items():
            if begun.get(name) != value:
                raise ValueError(
                    f"{self.model} holds a run with another {name} ({shown(begun.get(name))}, not {shown(value)}): "
                    "--fresh starts over, -o names another directory"
                )
        return begun

    def begun(self) -> dict[str, Any] | None:
        """The plan that was begun here, if any."""
        return self._read_object(PLAN) if (self.folder / PLAN).exists() else None

    def save(self, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> None:
        """Replace the checkpoint: tensors and a JSON object in one file."""
        separate = {name: tensor.detach().clone() for name, tensor in tensors.items()}
        save_tensors(self.folder / STATE, separate, {"notes": json.dumps(plain(notes))})

    def load(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The last checkpoint, if there is one.

        Raises
        ------
        ValueError
            For a damaged file.
        """
        path = self.folder / STATE
        if not path.exists():
            return None
        try:
            with safe_open(path, "pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                notes = dict(json.loads((file.metadata() or {})["notes"]))
        except (SafetensorError, KeyError, ValueError, TypeError, RecursionError) as error:
            raise ValueError(f"{path} is damaged ({error}): --fresh starts over") from None
        return tensors, notes

    def write_curve(self, rows: list[dict[str, Any]]) -> None:
        """Replace the curve: one JSON object a line."""
        self._write(CURVE, "".join(json.dumps(plain(row)) + "\n" for row in rows))

    def write_record(self, record: Mapping[str, Any]) -> None:
        """Replace the final record."""
        self._write(RECORD, json.dumps(plain(record), indent=2) + "\n")

    def replace_picture(self, draw: Callable[[Path], object]) -> None:
        """Replace the picture of the curve by what `draw` writes to a path."""
        replace_whole(self.folder / PICTURE, draw)

    def _read_object(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, RecursionError):
            raise ValueError(f"{path} is damaged: --fresh starts over") from None

    def _write(self, name: str, text: str) -> None:
        replace_whole(self.folder / name, lambda path: path.write_text(text, encoding="utf-8"))
