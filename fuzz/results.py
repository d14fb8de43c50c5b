"""Results of adaptive decoding: pictures and tables of damaged ones are drawn from what is there, or one line says what is wrong."""

from __future__ import annotations

import importlib.util
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

from figures.adaptive_results import read_results
from figures.gallery import GALLERY
from figures.picture import render
from figures.report.adaptive import adaptive_section
from fuzz.mutation import mutated_json_bytes
from fuzz.target import Target, folder, one_line

FOLDERS = ("mixed", "constrained", "mixed-blocks", "world")
_DRAWN = 16
"""One input in so many is drawn as well, which takes longer than all the rest."""


@cache
def _made_up() -> Any:
    place = Path(__file__).parents[1] / "tests" / "figures" / "conftest.py"
    spec = importlib.util.spec_from_file_location("made_up_results", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def documents() -> tuple[bytes, ...]:
    """The numbers of the tests' made-up experiments, one for each of `FOLDERS`."""
    task, world = _made_up().made_up_task, _made_up().made_up_world
    kinds = {"arithmetic": [0.9, 0.1, 0.0], "creative": [0.0, 0.25, 0.75]}
    found = (
        task("sequence", kinds, [0.0, 0.5, 1.0]),
        task("token", {"acrostic": [0.5, 0.2, 0.3]}, [0.0, 0.5, 1.5]),
        task("token", {"creative": [0.2, 0.8]}, [0.2, 1.0], model="blocks"),
        world(),
    )
    return tuple(json.dumps(document).encode() for document in found)


def seeds() -> list[bytes]:
    """Results as they should be."""
    return [bytes([i]) + document for i, document in enumerate(documents())]


def damage(data: bytes, rng: random.Random) -> bytes | None:
    """Of a value; the first byte also says whether it is drawn."""
    start = rng.randrange(256)
    content = data[1:]
    if rng.random() < 0.4 or not data:
        content = documents()[start % len(FOLDERS)]
    else:
        start = data[0] if rng.random() < 0.9 else data[0] % len(FOLDERS)
    changed = mutated_json_bytes(content, rng)
    return None if changed is None else bytes([start]) + changed


def check(data: bytes) -> None:
    """Read, count, tabulate, and now and then draw."""
    if not data:
        return
    with folder() as place:
        own = place / FOLDERS[data[0] % len(FOLDERS)]
        own.mkdir()
        (own / "results.json").write_bytes(data[1:])
        try:
            found = read_results(place)
        except (ValueError, OSError) as error:
            one_line(error)
            return
        drawn = []
        for entry in GALLERY.values():
            if entry.of_results:
                try:
                    numbers = entry.data(place)
                    if data[0] // len(FOLDERS) % _DRAWN == 0:
                        render(entry.draw(numbers), "svg")
                except ValueError as error:
                    one_line(error)
                    continue
                drawn.append({"name": entry.name})
        adaptive_section(found, drawn)


TARGET = Target(seeds, check, damage)
