"""Damage that keeps the structure of a file: a JSON value, a header or a row is changed, and the rest still parses."""

from __future__ import annotations

import json
import random
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 255, 2**31, 2**53 + 1, 2**63, 2**64, 10**12, 10**400, -(10**400), 0.5, -0.0, 1e-320,
    1e-9, 1e16, 1e308, -1e308, float("nan"), float("inf"), "", " ", "a", "0", "-1", "1e3", "1_000", "nan", "inf", "true", "\0",
    "\ud800", "é\u202e", "[/x]", "[bold]", "$\\x$", "../..", "/", "x" * 300, [], {}, [[]], [None], [0.0], {"": 0}, {"a": {}},
)  # fmt: skip
"""Values that a reader has to refuse, or to read as what they are."""

LONGEST = 1 << 16
"""Bytes; a mutated file is not made longer."""


def mutated_json(document: Any, rng: random.Random) -> Any:
    """A document with one to three of its values replaced, removed, repeated or moved (in place)."""
    holder = [document]
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        slots = list(_slots(holder))
        if not slots:
            break
        container, key = rng.choice(slots)
        _change(container, key, slots, rng)
        if not holder:
            holder.append(rng.choice(HOSTILE))
    return holder[0]


def _slots(container: Any) -> Iterator[tuple[Any, Any]]:
    keys = container if isinstance(container, dict) else range(len(container))
    for key in list(keys):
        yield container, key
        if isinstance(container[key], dict | list):
            yield from _slots(container[key])


def _change(container: Any, key: Any, slots: list[tuple[Any, Any]], rng: random.Random) -> None:
    what = rng.choice(("hostile", "hostile", "remove", "move", "near", "near", "repeat"))
    value = container[key]
    if what == "remove":
        del container[key]
    elif what == "move":
        other, place = rng.choice(slots)
        with suppress(KeyError, IndexError):
            container[key] = json.loads(json.dumps(other[place]))
    elif what == "near" and isinstance(value, int | float):
        container[key] = rng.choice((value + 1, value - 1, -value, 2 * value, float(value), str(value), [value]))
    elif what == "near" and isinstance(value, str):
        container[key] = rng.choice((value + value, value[:-1], value.upper(), f" {value}", [value], {value: value}))
    elif what == "repeat" and isinstance(container, list):
        container.insert(key, value)
    elif what == "repeat" and isinstance(container, dict):
        container[str(rng.choice(HOSTILE))] = value
    else:
        container[key] = rng.choice(HOSTILE)


def json_bytes(document: Any) -> bytes:
    """A document as a file; surrogates stay as their escapes."""
    return json.dumps(document).encode()


def mutated_json_bytes(data: bytes, rng: random.Random) -> bytes | None:
    """The same for the bytes of a JSON file; None where they are none."""
    try:
        return json_bytes(mutated_json(json.loads(data), rng))
    except (ValueError, RecursionError, OverflowError):
        return None


def mutated_safetensors(data: bytes, rng: random.Random) -> bytes | None:
    """A safetensors file with a changed header of the right length."""
    if len(data) < 8:
        return None
    size = struct.unpack("<Q", data[:8])[0]
    header = mutated_json_bytes(data[8 : 8 + size], rng)
    return None if header is None else struct.pack("<Q", len(header)) + header + data[8 + size :]


_DTYPES = (
    "<i8",
    ">i8",
    "<f8",
    ">f8",
    "<f2",
    "<f16",
    "|b1",
    "|i1",
    "<u8",
    "<U3",
    ">U1",
    "|S2",
    "|O",
    "<M8[s]",
    "<c16",
    "|V4",
    "<f3",
    "",
)
_SHAPES = (
    "(4,)",
    "(0,)",
    "()",
    "(2, 2)",
    "(1, 4)",
    "(-1,)",
    "(3,)",
    "(5,)",
    "(True,)",
    "(4.0,)",
    "(4611686018427387904,)",
    "(99999999999999999999,)",
    "4",
)


def mutated_npy(data: bytes, rng: random.Random) -> bytes | None:
    """A .npy file with another type, shape or order in its header."""
    if not data.startswith(b"\x93NUMPY"):
        return None
    size = struct.unpack("<H", data[8:10])[0]
    body = data[10 + size :]
    kind, order, shape = rng.choice(_DTYPES), rng.choice((True, False, 0)), rng.choice(_SHAPES)
    header = f"{{'descr': {kind!r}, 'fortran_order': {order!r}, 'shape': {shape}, }}\n".encode()
    version = bytes((rng.choice((1, 1, 1, 2, 3)), 0))
    length = struct.pack("<H" if version[0] == 1 else "<I", len(header))
    return b"\x93NUMPY" + version + length + header + body + rng.randbytes(rng.choice((0, 0, 1, 16)))


_SQL = (
    "DELETE FROM cells", "DROP TABLE cells", "ALTER TABLE cells ADD COLUMN more", "ALTER TABLE cells DROP COLUMN seconds",
    "ALTER TABLE cells RENAME TO others", "CREATE TABLE more (key)", "PRAGMA user_version = 2", "PRAGMA application_id = 5",
    "CREATE VIEW again AS SELECT * FROM cells",
)  # fmt: skip


def mutated_sqlite(data: bytes, rng: random.Random) -> bytes | None:
    """An SQLite file with a changed field of a row, or a changed table."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.deserialize(data)
            connection.execute("PRAGMA ignore_check_constraints = ON")
            if rng.random() < 0.1:
                connection.execute(rng.choice(_SQL))
            else:
                _change_a_row(connection, rng)
            connection.commit()
            return connection.serialize()
        except (sqlite3.Error, OverflowError, UnicodeError, IndexError, MemoryError):
            return None


def _change_a_row(connection: sqlite3.Connection, rng: random.Random) -> None:
    key = rng.choice(connection.execute("SELECT key FROM cells").fetchall())[0]
    column = rng.choice([row[1] for row in connection.execute("PRAGMA table_info(cells)")])
    old = connection.execute(f"SELECT {column} FROM cells WHERE key = ?", (key,)).fetchone()[0]
    value: Any = rng.choice((*HOSTILE, b"\xff", b"{}"))
    if isinstance(old, str) and rng.random() < 0.7:
        changed = mutated_json_bytes(old.encode(), rng)
        value = old[: rng.randrange(len(old) + 1)] if changed is None else changed.decode()
    if isinstance(value, dict | list):
        value = json.dumps(value)
    connection.execute(f"UPDATE OR REPLACE cells SET {column} = ? WHERE key = ?", (value, key))


def mutator(
    structured: Callable[[bytes, random.Random], bytes | None],
    bytewise: Callable[[bytes, int], bytes],
    share: float = 0.6,
) -> Callable[[bytes, int, int], bytes]:
    """For libFuzzer: mostly structured damage, else its own."""

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < share:
            changed = structured(data, rng)
            if changed is not None and len(changed) <= min(max_size, LONGEST):
                return changed
        return bytewise(data, max_size)

    return mutate
