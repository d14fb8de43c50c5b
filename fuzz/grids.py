"""Grid files: the cells are those of an independent enumeration, or there is one line that says why not."""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
import tomllib
from itertools import product
from typing import Any

from fuzz.target import Target, folder, must, one_line
from simtemp.sweep.errors import GridError
from simtemp.sweep.grid import read_grid

_MOST = 3000
"""Cells; a larger grid is valid and takes its time."""

_SEEDS = (
    'kind = "law"\nbase = "two"\ntemperature = [0.5, 0.25]\nbatch_size = [10, 20]\n',
    'kind = "sample"\nbase = ["two:0.3", "uniform:4", "zipf:5,1.1"]\ntemperature = [0.5, 1]\nseed = { from = 0, to = 4, step = 2 }\n',
    'kind = "verify"\nbase = "peaked9"\ntemperature = 0.5\nmethod = ["duel", "collision"]\nepsilon = 0.1\n'
    '\n[[cells]]\nkind = "law"\nbase = "near"\ntemperature = 0.1\n',
    'kind = "sample"\nbase = "two"\ntemperature = 2\nmethod = "chain"\nsteps = {from = 1, to = 3}\nsize = 100\n',
    'kind = "sample"\nbase = "geometric:3,0.5"\ntemperature = 1e-1\nmethod = "batch"\nrule = ["plug-in", "falling"]\nbatch_size = 0x10\n',
    'kind = "sample"\nbase = """two"""\ntemperature = 0.7\nbudget = [1, 2_0]\nsplit = 1\nfraction = "last"\ncoupling = "past"\n',
)
_TOKENS = (
    "0", "1", "-1", "0.5", "1.0", "-0.0", "nan", "inf", "-inf", "1e400", "1e-400", "1e-320", "1e308", "9" * 30, "9" * 5000,
    "0x10", "1_0", "true", "false", '""', '"two"', "'file:/'", '"text:/dev/null,4"', '"\\u0000"', '"probs:0.5,0.5"', '"[/x]"',
    "[]", "[[]]", "[1, 1.0]", "{}", "{from = 0, to = 3}", "{from = 3, to = 0}", "{from = 0, to = 10, step = 3}",
    "{from = 0, to = 1e3}", "{from = -9223372036854775808, to = 9223372036854775807}", "1979-05-27", "07:32:00", '"duel"',
    '"chain"', '"corrected"', '"published"', "kind", "base", "temperature", "[[cells]]", "[cells]", "[" * 50, "#", "\n", "=",
    ",", '"dirichlet:3,1,0"', '"softmax:3,1e308,0"', '"law"', '"sample"', '"verify"', "seed", "size", "max_draws", "epsilon",
    "alpha", "early_exit",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Valid grids."""
    return [f"[[cells]]\n{text}".encode() for text in _SEEDS] + [
        b'cells = [{kind = "law", base = "two", temperature = 0.5}]\n'
    ]


def damage(data: bytes, rng: random.Random) -> bytes | None:
    """A word, a value or a line of TOML in place of another."""
    text = data.decode("utf-8", "surrogateescape")
    for _ in range(rng.choice((1, 1, 2, 3))):
        spans = [
            match.span() for match in re.finditer(r"[\w.:+-]+|\"[^\"\n]*\"|\[[^\]\n]*\]|\{[^}\n]*\}|[^\s\w]", text)
        ]
        if not spans:
            return None
        start, end = rng.choice(spans)
        if rng.random() < 0.2:
            lines = text.split("\n")
            lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
            text = "\n".join(lines)
        else:
            text = text[:start] + rng.choice(_TOKENS) + text[end:]
    return text.encode("utf-8", "surrogateescape")


def check(data: bytes) -> None:
    """Read a grid, and count its cells otherwise."""
    with folder() as place:
        path = place / "grid.toml"
        path.write_bytes(data)
        tables = _tables(data)
        if tables is not None and sum(map(_size, tables)) > _MOST:
            return
        try:
            cells = read_grid(path)
        except GridError as error:
            one_line(error)
            return
    assert tables is not None, "TOML that tomllib refuses was read"
    wanted = {}
    for table in tables:
        kind = table.pop("kind")
        for values in product(*map(_values, table.values())):
            wanted[
                kind,
                json.dumps({name: _plain(value) for name, value in zip(table, values, strict=True)}, sort_keys=True),
            ] = kind
    must(0 < len(cells) <= len(wanted), f"{len(cells)} cells of {len(wanted)} combinations")
    must(len({cell.key for cell in cells}) == len(cells), "keys are different")
    given = {(kind, text): json.loads(text) for kind, text in wanted}
    for cell in cells:
        identity = {"kind": cell.kind, "version": cell.version, "parameters": dict(cell.parameters)}
        text = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        must(hashlib.sha256(text.encode()).hexdigest() == cell.key, "the key is the hash of what the cell is")
        must(
            any(
                kind == cell.kind and all(_same(cell.parameters.get(name), value) for name, value in own.items())
                for (kind, _), own in given.items()
            ),
            f"a cell that no table asks for: {cell}",
        )
    for (kind, _), own in given.items():
        must(
            any(
                kind == cell.kind and all(_same(cell.parameters.get(name), value) for name, value in own.items())
                for cell in cells
            ),
            f"no cell for {own} of {kind}",
        )


def _tables(data: bytes) -> list[dict[str, Any]] | None:
    try:
        found = tomllib.loads(data.removeprefix(b"\xef\xbb\xbf").decode()).get("cells")
    except (ValueError, RecursionError):
        return None
    return (
        [dict(table) for table in found]
        if isinstance(found, list) and all(isinstance(table, dict) for table in found)
        else None
    )


def _values(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(range(int(value["from"]), int(value["to"]) + 1, int(value.get("step", 1))))
    return value if isinstance(value, list) else [value]


def _size(table: dict[str, Any]) -> int:
    try:
        return math.prod(
            len(range(int(value["from"]), int(value["to"]) + 1, int(value.get("step", 1))))
            if isinstance(value, dict)
            else len(_values(value))
            for value in table.values()
        )
    except (KeyError, ValueError, TypeError, OverflowError):
        return 0


def _plain(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _same(found: Any, given: Any) -> bool:
    given = float(given) if isinstance(found, float) and type(given) is int and abs(given) < 10**300 else given
    return found == given and isinstance(found, bool) == isinstance(given, bool)


TARGET = Target(seeds, check, damage)
