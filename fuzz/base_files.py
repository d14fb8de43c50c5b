"""Base distributions in files: what is accepted is a distribution, and the one that another reading of the same file gives."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from fuzz.mutation import mutated_json_bytes, mutated_npy
from fuzz.target import Target, folder, must, one_line
from simtemp.base import parse_base
from simtemp.errors import SpecificationError

ENDINGS = (".csv", ".tsv", ".json", ".npy", ".txt")
_COUNTS, _PROBABILITIES = ("count", "counts", "n"), ("probability", "probabilities", "prob", "probs", "p")


def seeds() -> list[bytes]:
    """Valid files of every form."""
    arrays = [
        np.array([3, 1, 4]),
        np.array([0.5, 0.25, 0.25]),
        np.array([1, 2, 3], ">i4"),
        np.array([0.5, 0.5], np.float16),
    ]
    texts = {
        0: [
            "a,3\nb,1\n", "label,count\na,3\nb,1\n", 'count,label,p\r\n3,"a,1",0.5\r\n1,"b""",0.5\r\n', "x,0.5\n\ny,0.5\n",
            "p,label\n0.5,a\n0.5,b\n",
        ],
        1: ["a\t3\nb\t1\n", "label\tprobability\na\t0.75\nb\t0.25\n"],
        2: [
            '{"a": 3, "b": 1}', "[0.5, 0.25, 0.25]", '[["a", 3], [2, 1]]', '[{"label": "a", "count": 3}, {"label": 1.5, "count": 1}]',
            '[{"label": "a", "probability": 0.5}, {"label": "b", "probability": 0.5, "count": 7}]', '{"a": 1e999, "a": -0.0}',
        ],
        4: ["to be or not to be, that is the question", "äöü\r\n\ufeffab" * 5],
    }  # fmt: skip
    found = [bytes([kind]) + text.encode() for kind, several in texts.items() for text in several]
    return found + [b"\x03" + _npy(array) for array in arrays] + [b"\x00\xef\xbb\xbfa,1\n"]


def damage(data: bytes, rng: random.Random) -> bytes | None:
    """By the kind of file."""
    kind = data[0] % len(ENDINGS) if data else 0
    if kind not in (2, 3):
        return None
    changed = (mutated_json_bytes if kind == 2 else mutated_npy)(data[1:], rng)
    return None if changed is None else data[:1] + changed


def check(data: bytes) -> None:
    """Read a file in two ways."""
    if not data:
        return
    kind = data[0] % len(ENDINGS)
    length = 1 + data[0] // len(ENDINGS) % 5
    with folder() as place:
        path = place / f"base{ENDINGS[kind]}"
        path.write_bytes(data[1:])
        spec = f"text:{path},{length}" if ENDINGS[kind] == ".txt" else f"file:{path}"
        try:
            base = parse_base(spec)
        except SpecificationError as error:
            one_line(error)
            return
        must(base.name == spec, "the name is the specification")
        must(base.probs.dtype == np.float64 and base.probs.ndim == 1, "an array of float64")
        must(bool(np.isfinite(base.probs).all() and (base.probs >= 0).all()), "finite and >= 0")
        must(abs(float(base.probs.sum()) - 1) <= 1e-12, f"sums to {base.probs.sum()!r}")
        labels = list(base.labels)
        must(len(labels) == base.size == len(set(labels)), "as many distinct labels as probabilities")
        wanted_labels, wanted = _read_otherwise(path, ENDINGS[kind], length)
        must(
            sorted(map(repr, labels)) == sorted(map(repr, wanted_labels)),
            f"labels {labels[:9]} are {wanted_labels[:9]}",
        )
        where = {repr(label): i for i, label in enumerate(labels)}
        order = [where[repr(label)] for label in wanted_labels]
        must(
            bool(np.allclose(base.probs[order], wanted, rtol=1e-9, atol=0)), f"{base.probs[order][:9]} are {wanted[:9]}"
        )
        _check_rewritten(place, labels, base.probs)


def _read_otherwise(path: Path, ending: str, length: int) -> tuple[list[Any], list[float]]:
    if ending == ".txt":
        text = path.read_bytes().decode("utf-8-sig")
        tally = Counter(text[i : i + length] for i in range(0, len(text) - length + 1, length))
        return list(tally), [count / tally.total() for count in tally.values()]
    if ending == ".npy":
        numbers = np.load(path).tolist()
        return list(range(len(numbers))), _shares(numbers)
    if ending == ".json":
        return _of_json(json.loads(path.read_bytes().decode("utf-8-sig"), object_pairs_hook=lambda pairs: pairs))
    text = path.read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="," if ending == ".csv" else "\t"))
    return _of_rows([row for row in rows if any(field.strip() for field in row) or len(row) > 1])


def _of_json(document: list[Any]) -> tuple[list[Any], list[float]]:
    if all(isinstance(entry, int | float) for entry in document):
        return list(range(len(document))), _shares(document)
    if all(
        isinstance(entry, list | tuple) and len(entry) == 2 and not isinstance(entry[0], list | tuple)
        for entry in document
    ):
        return [entry[0] for entry in document], _shares([entry[1] for entry in document])
    counted = any(key == "count" for key, _ in document[0])
    kind = "count" if counted else "probability"
    for record in document:
        for key in ("label", kind):
            must(sum(name == key for name, _ in record) == 1, f"{key} given once in {record}")
    return [dict(record)["label"] for record in document], _shares([dict(record)[kind] for record in document], kind)


def _of_rows(rows: list[list[str]]) -> tuple[list[Any], list[float]]:
    names = [name.strip().lower() for name in rows[0]]
    try:
        float(rows[0][1])
        header = len(rows[0]) > 2
    except ValueError:
        header = True
    if not header:
        return [row[0] for row in rows], _shares([float(row[1]) for row in rows])
    kinds = [("count" if name in _COUNTS else "probability" if name in _PROBABILITIES else "") for name in names]
    if len(names) == 2:
        number = 0 if kinds[0] and not kinds[1] else 1
        label = 1 - number
    else:
        label, number = names.index("label"), kinds.index("count" if "count" in kinds else "probability")
    return [row[label] for row in rows[1:]], _shares([float(row[number]) for row in rows[1:]], kinds[number])


def _shares(numbers: list[float], kind: str = "") -> list[float]:
    exact = [Fraction(number) for number in numbers]
    must(all(number >= 0 for number in exact), "no negative number")
    whole = all(number.denominator == 1 for number in exact)
    must(kind != "count" or whole, "whole counts")
    total = sum(exact)
    if kind == "probability" or not whole:
        must(abs(total - 1) <= Fraction(1.001e-6), f"probabilities sum to {float(total)}")
    return [float(number / total) for number in exact]


def _check_rewritten(place: Path, labels: list[Any], probs: np.ndarray) -> None:
    """The same distribution in every other format gives the same probabilities, bit for bit where nothing is lost."""
    texts = [str(label) for label in labels]
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:  # a lone surrogate is no UTF-8
        return
    numbers = probs.tolist()
    (place / "again.json").write_text(
        json.dumps([{"label": label, "probability": p} for label, p in zip(labels, numbers, strict=True)])
    )
    np.save(place / "again.npy", probs)
    files = ["again.json", "again.npy"]
    if len(set(texts)) == len(texts) and all(texts):
        for name, delimiter in (("again.csv", ","), ("again.tsv", "\t")):
            with (place / name).open("w", newline="", encoding="utf-8") as stream:
                writer = csv.writer(stream, delimiter=delimiter)
                writer.writerow(["label", "probability"])
                writer.writerows(zip(texts, map(repr, numbers), strict=True))
            files.append(name)
    for name in files:
        if name == "again.npy" and not (probs % 1).any():
            continue  # whole numbers: they would be read as counts
        again = parse_base(f"file:{place / name}")
        must(np.array_equal(again.probs, probs), f"{name} gives {again.probs[:5]}, it was {probs[:5]}")


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


TARGET = Target(seeds, check, damage)
