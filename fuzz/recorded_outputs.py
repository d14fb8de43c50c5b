"""Recorded outputs in files: whatever the format, the categories are those of an independent look-up."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import numpy as np

from fuzz.mutation import mutated_json_bytes, mutated_npy
from fuzz.target import Target, folder, must, one_line
from simtemp.categorical import Categorical
from simtemp.errors import SimtempError
from verify.errors import OutputsEnded
from verify.outputs import ask
from verify.recorded_file import load_outputs

ENDINGS = (".npy", ".csv", ".tsv", ".txt", ".json", ".jsonl")
LABELS: tuple[Any, ...] = (
    range(4),
    ("a", "b", " c", "é"),
    ("0", "10", "2.5", "-1"),
    (10, 20, 30, 2**60 + 1),
    (0.5, 1.5, 2.5, -0.5),
    ("a", "1", "2", "x"),
    (True, False, "yes", "no"),
    ("true", "false", "b", "c"),
)
_MOST = 1 << 14


def seeds() -> list[bytes]:
    """Valid files of every form, each for bases with labels of several kinds."""
    found = []
    for number, labels in enumerate(LABELS):
        outputs = [labels[i] for i in (0, 1, 1, 3, 2, 0)]
        texts = [str(output) for output in outputs]
        arrays = [
            np.array([0, 1, 1, 3]),
            np.array([0, 1, 2], ">i8"),
            np.array([0.0, 1.0, 2.0], np.float16),
            np.array(texts),
        ]
        head = [bytes([kind + len(ENDINGS) * number]) for kind in range(len(ENDINGS))]
        for array in arrays:
            stream = io.BytesIO()
            np.save(stream, array)
            found.append(head[0] + stream.getvalue())
        found += [
            head[1] + "\n".join(texts).encode(),
            head[1] + ("n,label\n" + "\n".join(f'{i},"{text}"' for i, text in enumerate(texts))).encode(),
            head[2] + ("output\tx\n" + "\n".join(f"{text}\t1" for text in texts)).encode(),
            head[3] + ("\n".join(texts) + "\n").encode(),
            head[4] + json.dumps(outputs).encode(),
            head[4] + json.dumps([{"output": output} for output in outputs]).encode(),
            head[5] + "\n".join(map(json.dumps, outputs)).encode(),
            head[5] + "\n".join(json.dumps({"label": output, "n": 1}) for output in outputs).encode(),
        ]
    return found


def damage(data: bytes, rng: random.Random) -> bytes | None:
    """By the kind of file."""
    kind = data[0] % len(ENDINGS) if data else 1
    if kind == 5:
        lines = data[1:].split(b"\n")
        place = rng.randrange(len(lines))
        changed = mutated_json_bytes(lines[place], rng)
        return None if changed is None else data[:1] + b"\n".join([*lines[:place], changed, *lines[place + 1 :]])
    if kind not in (0, 4):
        return None
    changed = (mutated_json_bytes if kind == 4 else mutated_npy)(data[1:], rng)
    return None if changed is None else data[:1] + changed


def check(data: bytes) -> None:
    """Read a file to its end, look its outputs up in another way, and write them in every format again."""
    if not data:
        return
    ending = ENDINGS[data[0] % len(ENDINGS)]
    labels = LABELS[data[0] // len(ENDINGS) % len(LABELS)]
    base = Categorical(np.full(len(labels), 1 / len(labels)), labels)
    with folder() as place:
        path = place / f"outputs{ending}"
        path.write_bytes(data[1:])
        try:
            values = _all(path, base)
        except (SimtempError, ValueError) as error:
            must(isinstance(error, SimtempError), f"{type(error).__name__}: {error}")
            one_line(error)
            return
        must(values.dtype == np.int64 and values.size > 0, "indices, and at least one")
        must(bool((values >= 0).all() and (values < len(labels)).all()), "indices of categories")
        wanted = [_category(output, labels) for output in _read_otherwise(path, ending)][:_MOST]
        if None not in wanted:  # where some labels are numbers the rule is longer than a line
            must(values.tolist() == wanted, f"{values.tolist()[:9]} are {wanted[:9]}")
        _check_rewritten(place, values[:200], labels, base)


def _all(path: Path, base: Categorical) -> np.ndarray:
    """Every output, in two calls, as a judge takes them."""
    sampler = load_outputs(f"file:{path}", base)
    rng = np.random.default_rng(0)
    parts = []
    for size in (3, _MOST):
        try:
            parts.append(ask(sampler, size, rng, base.size)[0])
        except OutputsEnded as end:
            parts.append(np.asarray(end.values, np.int64))
            break
    return np.concatenate(parts)


def _read_otherwise(path: Path, ending: str) -> list[Any]:
    if ending == ".npy":
        return list(np.load(path).tolist())
    text = path.read_bytes().decode("utf-8-sig")
    if ending == ".txt":
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return lines[:-1] if lines[-1] == "" else lines
    if ending == ".json":
        return [_named(entry) for entry in json.loads(text)]
    if ending == ".jsonl":
        return [
            _named(json.loads(line))
            for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            if line.strip()
        ]
    rows = [
        row for row in csv.reader(io.StringIO(text, newline=""), delimiter="," if ending == ".csv" else "\t") if row
    ]
    names = [name.strip().lower() for name in rows[0]]
    for name in ("output", "label"):
        if name in names:
            return [row[names.index(name)] for row in rows[1:]]
    return [row[0] for row in rows]


def _named(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return entry["output"] if "output" in entry else entry["label"]


def _category(output: Any, labels: Any) -> int | None:
    """Plain statement of the rule; None where labels are of several kinds."""
    numbers = [_number(label) for label in labels]
    if all(number is not None for number in numbers):
        number = _number(output)
        return -1 if number is None or number not in numbers else numbers.index(number)
    if (
        any(number is not None for number in numbers)
        or isinstance(output, bool)
        or any(isinstance(label, bool) for label in labels)
    ):
        return None
    if isinstance(output, int):
        return output if 0 <= output < len(labels) else -1
    return list(labels).index(output) if output in labels else -1


def _number(label: Any) -> int | float | None:
    if isinstance(label, bool) or not isinstance(label, int | float | str):
        return None
    try:
        return int(label) if isinstance(label, str) else label
    except ValueError:
        pass
    try:
        return float(label)
    except ValueError:
        return None


def _check_rewritten(place: Path, values: np.ndarray, labels: Any, base: Categorical) -> None:
    """The same outputs in other formats are the same categories."""
    outputs = [labels[i] for i in values.tolist()]
    written = {"json": json.dumps(outputs), "jsonl": "\n".join(json.dumps({"output": output}) for output in outputs)}
    texts = [str(output) for output in outputs]
    if not any(isinstance(output, bool) for output in outputs):
        written |= {
            "txt": "\n".join(texts) + "\n",
            "csv": "output\n" + "\n".join(texts),
            "tsv": "n\tlabel\n" + "\n".join(f"1\t{text}" for text in texts),
        }
    for ending, text in written.items():
        path = place / f"again.{ending}"
        path.write_text(text, encoding="utf-8")
        must(_all(path, base).tolist() == values.tolist(), f"other categories as .{ending}")
    if len({type(output) for output in outputs}) == 1 and not isinstance(outputs[0], bool):
        np.save(place / "again.npy", np.array(outputs))
        must(_all(place / "again.npy", base).tolist() == values.tolist(), "other categories as .npy")


TARGET = Target(seeds, check, damage)
