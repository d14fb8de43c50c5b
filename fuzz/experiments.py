"""Directories of `simtemp adapt`: an experiment with a damaged file goes on, comes to its results, or says in one line that it cannot."""

from __future__ import annotations

import json
import random
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import torch

from fuzz.mutation import mutated_json_bytes
from fuzz.target import Target, folder, must, one_line
from simtemp.adaptive import experiment
from simtemp.adaptive.head import seeded_head
from simtemp.adaptive.settings import Settings
from simtemp.errors import SimtempError

FILES = (
    "plan.json",
    "model.json",
    "head-0.json",
    "policy-adaptive-0.json",
    "policy-entropy.json",
    "policy-entropy-0.json",
    "policy-fixed-0-0.json",
)
_ROUNDS = Settings.quick().rounds


def _experiment(place: Path) -> experiment.Experiment:
    return experiment.Experiment.of(place, "repeats", "logits", Settings.quick(), 0)


def _figures(own: experiment.Experiment) -> dict[str, Any]:
    """What an evaluated policy leaves, with made-up numbers."""
    prompts = experiment.evaluation_prompts(own)
    some = [0.25 + 0.01 * i for i in range(len(prompts))]
    return {
        "scores": some,
        "measures": {"repeated_3grams": some},
        "mean_temperatures": some,
        "log_prob": [None, *some[1:]],
        "tokens": [5] * len(some),
        "draws": [5] * len(some),
        "picks": {prompts[0].kind: {"0.0": 3, "1.0": 4}},
        "places": {"all": [[0.5, 0.0], [2, 0]]},
        "examples": [{"prompt": "a", "kind": "b", "pieces": ["c"], "temperatures": [0.5], "labels": None}],
    }


@cache
def whole() -> dict[str, bytes]:
    """Every file of an experiment that is finished but for its results."""
    torch.set_num_threads(1)
    with folder() as place:
        own = _experiment(place)
        own.files.begin(own.plan())
        own.files.write("model.json", {"parameters": 5, "seconds": 1.0})
        for number in range(_ROUNDS):
            rows = [
                {"seed": 0, "round": i, "loss": 0.5, "reward": 0.5, "mean_temperature": 0.5, "pairs": 3}
                for i in range(number + 1)
            ]
            own.files.save_round(0, seeded_head(4, own.temperatures()), rows)
        figures = _figures(own)
        for name in experiment.policy_names(own):
            own.files.write(name.file(0), figures)
        own.files.write("policy-entropy.json", {"best": {"highest": 1.0, "theta": 0.5, "score": 0.5}, "tried": []})
        return {path.name: path.read_bytes() for path in own.folder.iterdir()}


def seeds() -> list[bytes]:
    """Every kind of file as it should be."""
    return [bytes([i]) + whole()[name] for i, name in enumerate(FILES)]


def damage(data: bytes, rng: random.Random) -> bytes | None:
    """Of a value of one of the files."""
    kind = data[0] % len(FILES) if data and rng.random() < 0.7 else rng.randrange(len(FILES))
    content = data[1:] if data and kind == data[0] % len(FILES) else whole()[FILES[kind]]
    changed = mutated_json_bytes(content, rng)
    return None if changed is None else bytes([kind]) + changed


def check(data: bytes) -> None:
    """Go on with an experiment in which one file is the input."""
    if not data:
        return
    with folder() as place:
        own = _experiment(place)
        for name, content in whole().items():
            (own.files.folder / name).write_bytes(content)
        (own.folder / FILES[data[0] % len(FILES)]).write_bytes(data[1:])
        try:
            experiment.train([own], workers=1, bar=lambda name: nullcontext(lambda done, total: None))
            (found,) = experiment.evaluate([own], workers=1, bar=lambda name: nullcontext(lambda done, total: None))
        except (SimtempError, ValueError, OSError) as error:
            one_line(error)
            return
        must(
            json.loads((own.folder / "results.json").read_bytes())["prompts"] == found["prompts"],
            "results are what is written",
        )


TARGET = Target(seeds, check, damage)
