"""The store of a sweep: an SQLite file with one row a cell, which outlives whatever kills the sweep."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import simtemp
from simtemp.sweep.cell import canonical_json, cell_key
from simtemp.sweep.errors import StoreError
from simtemp.sweep.outcome import Outcome

APPLICATION_ID: Final = int.from_bytes(b"smtp", "big")
"""In the header of every store, so that no other SQLite file is taken for one."""

FORMAT: Final = 1
"""Of the table below."""

BUSY_SECONDS: Final = 60.0
"""How long to wait for another process that writes to the same store."""

FORCE_SECONDS: Final = 1.0
"""How often what was written is forced to the disk."""

_TABLE = """
CREATE TABLE cells (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('done', 'failed')),
    result TEXT NOT NULL,
    seconds REAL NOT NULL,
    simtemp_version TEXT NOT NULL
) WITHOUT ROWID"""

_ADD = "INSERT INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO "
_KEEP_DONE = """UPDATE SET status = excluded.status, result = excluded.result, seconds = excluded.seconds,
    simtemp_version = excluded.simtemp_version WHERE cells.status = 'failed'"""
_REPLACE = _KEEP_DONE.removesuffix(" WHERE cells.status = 'failed'")


class Row(NamedTuple):
    """One row of a store; `parameters` and `result` are JSON objects."""

    key: str
    kind: str
    version: int
    parameters: str
    status: str
    result: str
    seconds: float
    simtemp_version: str


class Store:
    """A store, open for writing; it is created where there is none.

    Parameters
    ----------
    path : path
        The file. Beside it SQLite keeps ``-wal`` and ``-shm`` files while a sweep runs.

    Raises
    ------
    StoreError
        In every method: of one line, for a file that is no store, is damaged or cannot be written, or a full disk.

    Notes
    -----
    What `add` has returned from survives the end of the process, however it ends. It is forced to the disk once a second, so a
    power cut can cost the last second of work; it never damages the store. Several processes may write to one store.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        self._forced = time.monotonic()
        with _explained(self.path):
            self._connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            with _explained(self.path):
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def _prepare(self) -> None:
        if not _is_empty(self._connection):
            _check_format(self._connection, self.path)  # before anything of another's file is changed
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")  # forced to the disk by checkpoints, not by each commit
        with self._transaction():  # two sweeps may start at once: one of them makes the table
            if _is_empty(self._connection):
                self._connection.execute(_TABLE)
                self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._connection.execute(f"PRAGMA user_version = {FORMAT}")
            _check_format(self._connection, self.path)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have rolled back already
                self._connection.execute("ROLLBACK")
            raise

    def statuses(self) -> dict[str, str]:
        """The status of every cell by its key."""
        with _explained(self.path):
            return dict(self._connection.execute("SELECT key, status FROM cells"))

    def add(self, outcomes: Iterable[Outcome], *, replace: bool = False) -> None:
        """Write outcomes in one transaction; a row that is done is kept as it is unless `replace`."""
        rows = [
            (
                outcome.cell.key,
                outcome.cell.kind,
                outcome.cell.version,
                canonical_json(outcome.cell.parameters),
                outcome.status,
                outcome.result,
                outcome.seconds,
                simtemp.__version__,
            )
            for outcome in outcomes
        ]
        with _explained(self.path), self._transaction():
            self._connection.executemany(_ADD + (_REPLACE if replace else _KEEP_DONE), rows)
        if time.monotonic() - self._forced >= FORCE_SECONDS:
            with _explained(self.path):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._forced = time.monotonic()


def stored_rows(path: str | PathLike[str]) -> list[Row]:
    """Every row of a store, by kind, parameters and version; nothing is written, and a sweep may be running.

    Raises
    ------
    StoreError
        As `Store`, and for a file that is not there.
    """
    file = Path(path)
    if not file.is_file():
        raise StoreError(f"{file}: no such store")
    with (
        _explained(file),
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", timeout=BUSY_SECONDS, uri=True)) as connection,
    ):
        if _is_empty(connection):
            return []
        _check_format(connection, file)
        columns = ", ".join(Row._fields)
        rows = connection.execute(f"SELECT {columns} FROM cells ORDER BY kind, parameters, version")
        return [_whole(Row(*row), file) for row in rows]


def _whole(row: Row, path: Path) -> Row:
    """A row, once it is known that it is the cell its key says, and has a result: SQLite itself does not see a changed byte."""
    try:
        whole = (
            cell_key(row.kind, row.version, row.parameters) == row.key
            and isinstance(json.loads(row.result), dict)
            and row.status in ("done", "failed")
            and isinstance(row.seconds, float)
        )
    except (ValueError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise StoreError(f"{path}: {_ADVICE[sqlite3.SQLITE_CORRUPT]}")
    return row


def _is_empty(connection: sqlite3.Connection) -> bool:
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _check_format(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreError(f"{path}: an SQLite file, but no store of a sweep; give another name to --store")
    found = _pragma(connection, "user_version")
    if found != FORMAT:
        raise StoreError(f"{path}: a store of format {found}, and this version of simtemp reads format {FORMAT}")


def _pragma(connection: sqlite3.Connection, name: str) -> Any:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """SQLite's errors as one line that says what to do."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise StoreError(f"{path}: {_ADVICE.get(code) or ' '.join(str(error).split())}") from error


_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full; stored cells are safe: make room, and the same command goes on",
    sqlite3.SQLITE_NOTADB: "no store of a sweep (not an SQLite file); give another name to --store",
    sqlite3.SQLITE_CORRUPT: "the store is damaged; move it away, or save what can be read with: sqlite3 FILE .recover",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; it must be a file in a folder that exists and can be written to",
    sqlite3.SQLITE_READONLY: "cannot be written to",
    sqlite3.SQLITE_BUSY: "another process has kept the store locked for a minute",
    sqlite3.SQLITE_IOERR: "cannot be read or written (an error of the disk); stored cells are safe",
}
