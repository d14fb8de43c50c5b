"""The directory of one experiment: what it is, its model, its heads round by round, its policies' scores, its results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simtemp.adaptive.head import TemperatureHead
from simtemp.adaptive.head_file import load_head, save_head
from simtemp.arguments import shown
from simtemp.console import plain
from simtemp.whole_file import replace_whole

RESULTS = "results.json"
_PLAN = "plan.json"


class ExperimentFiles:
    """Files of an experiment; each appears whole or not at all, so that one killed at any moment goes on from what is there.

    Parameters
    ----------
    folder : path
        Made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def model(self) -> Path:
        """Where the base model is, once it is trained."""
        return self.folder / "model"

    def begin(self, plan: Mapping[str, Any]) -> None:
        """Record what the experiment is, or check that it is the one begun here.

        Raises
        ------
        ValueError
            When another one was begun here, naming the first entry that differs.
        """
        begun = self.read(_PLAN)
        if begun is None:
            self.write(_PLAN, plan)
            return
        for name, value in plain(plan).items():
            if begun.get(name) != value:
                raise ValueError(
                    f"{self.folder} holds an experiment with another {name} ({shown(begun.get(name))}, not {shown(value)}): "
                    "--fresh starts over, -o names another directory"
                )

    def clear(self) -> None:
        """Forget what is here, files of experiments only."""
        for pattern in (_PLAN, RESULTS, "head-*.json", "head-*.safetensors", "policy-*.json", "model.json"):
            for path in self.folder.glob(pattern):
                path.unlink()

    def write(self, name: str, record: Mapping[str, Any]) -> None:
        """Replace a file by a JSON object."""
        text = json.dumps(plain(record), ensure_ascii=False) + "\n"
        replace_whole(self.folder / name, lambda path: path.write_text(text, encoding="utf-8"))

    def read(self, name: str) -> dict[str, Any] | None:
        """The JSON object of a file, or None where there is none.

        Raises
        ------
        ValueError
            When it is damaged.
        """
        path = self.folder / name
        if not path.exists():
            return None
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, RecursionError):
            raise ValueError(f"{path} is damaged: --fresh starts over") from None

    def save_round(self, seed: int, head: TemperatureHead, rows: list[dict[str, Any]]) -> None:
        """Keep a head after a round, with the rows of its learning curve so far."""
        name = f"head-{seed}-{len(rows)}.safetensors"
        save_head(self.folder / name, head)
        self.write(f"head-{seed}.json", {"weights": name, "rows": rows})
        for old in self.folder.glob(f"head-{seed}-*.safetensors"):
            if old.name != name:
                old.unlink()

    def load_round(self, seed: int) -> tuple[TemperatureHead, list[dict[str, Any]]] | None:
        """The head of a seed after its last round, and the rows of its learning curve; None before the first."""
        record = self.read(f"head-{seed}.json")
        if record is None:
            return None
        if not isinstance(record.get("weights"), str) or not _are_rows(record.get("rows")):
            raise ValueError(f"{self.folder / f'head-{seed}.json'} is damaged: --fresh starts over")
        return load_head(self.folder / record["weights"]), record["rows"]


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)
