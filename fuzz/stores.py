"""Stores of sweeps: from a damaged file come rows that are whole, or one line that says what is wrong."""

from __future__ import annotations

import hashlib
import json
import random
from functools import cache

from fuzz.mutation import mutated_sqlite
from fuzz.target import Target, folder, must, one_line
from simtemp.errors import SimtempError
from simtemp.sweep.cell import make_cell
from simtemp.sweep.outcome import Outcome, failure
from simtemp.sweep.store import Row, Store, stored_rows
from simtemp.sweep.tables import export_store, read_store


@cache
def whole() -> bytes:
    """A store of nine cells."""
    with folder() as place:
        with Store(place / "store.sqlite") as store:
            rows = []
            for i, temperature in enumerate((0.5, 0.25, 0.125)):
                law = {"base": "two", "temperature": temperature, "batch_size": 10 * (i + 1), "rule": "published"}
                sample = {"base": "near", "temperature": temperature, "method": "duel", "seed": 2**60 + i, "size": 10}
                rows.append(
                    Outcome(
                        make_cell("law", "a:b", 1, law),
                        "done",
                        json.dumps({"tv": 0.1 * i, "kl": None, "effective_temperature": 0.2}),
                        0.5,
                    )
                )
                rows.append(
                    Outcome(
                        make_cell("sample", "a:b", 1, sample),
                        "done",
                        json.dumps({"mean_draws": 2.5, "run_seed": 2**52}),
                        0.5,
                    )
                )
                rows.append(failure(make_cell("verify", "a:b", 2, sample), "ValueError: é no", 0.25))
            store.add(rows)
        return (place / "store.sqlite").read_bytes()


def seeds() -> list[bytes]:
    """The store, and an empty file."""
    return [whole(), b""]


def damage(data: bytes, rng: random.Random) -> bytes | None:
    """Of a row or a table; else a few bytes of the whole store, which libFuzzer alone would hardly keep readable."""
    if rng.random() < 0.6:
        return mutated_sqlite(data, rng)
    broken = bytearray(data if rng.random() < 0.5 else whole())
    for _ in range(rng.choice((1, 1, 2, 8))):
        if broken:
            broken[rng.randrange(len(broken))] = rng.choice((0, 255, rng.randrange(256)))
    return bytes(broken[: rng.randrange(len(broken) + 1)]) if rng.random() < 0.1 else bytes(broken)


def check(data: bytes) -> None:
    """Read a store in every way, then write to it."""
    from figures.store_sweep import sweep_data

    with folder() as place:
        path = place / "store.sqlite"
        path.write_bytes(data)
        rows: list[Row] = []
        try:
            rows = stored_rows(path)
            table = read_store(path)
            must(len(table) <= len(rows), "no more rows than are stored")
            must(export_store(path, place / "table.csv") == len(table), "every row exported")
        except SimtempError as error:
            one_line(error)
        for row in rows:
            identity = f'{{"kind":{json.dumps(row.kind, ensure_ascii=False)},"parameters":{row.parameters},"version":{row.version}}}'
            must(hashlib.sha256(identity.encode()).hexdigest() == row.key, f"a row that was not stored: {row}")
        try:
            sweep_data(str(path))
        except (ValueError, SimtempError) as error:
            one_line(error)
        path.write_bytes(data)
        try:
            with Store(path) as store:
                store.statuses()
                store.add([failure(make_cell("die", "a:b", 1, {"sides": 6}), "no")], replace=True)
        except SimtempError as error:
            one_line(error)


TARGET = Target(seeds, check, damage)
