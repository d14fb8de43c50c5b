"""The store: what is in it stays in it, and what is no store is left alone."""

import sqlite3
import threading
from pathlib import Path

import pytest

from simtemp.sweep import Outcome, Store, StoreError, make_cell, read_store
from simtemp.sweep.outcome import failure
from simtemp.sweep.store import stored_rows


def done(number: int, result: str = '{"x":1}', version: int = 1) -> Outcome:
    return Outcome(make_cell("kind", "module:kind", version, {"number": number}), "done", result, 0.25)


def test_what_was_added_is_there_for_others_at_once(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.add([done(1), failure(done(2).cell, "because")])
        rows = stored_rows(store.path)
        assert [(row.kind, row.parameters, row.status, row.result, row.seconds) for row in rows] == [
            ("kind", '{"number":1}', "done", '{"x":1}', 0.25),
            ("kind", '{"number":2}', "failed", '{"error":"because"}', 0.0),
        ]
        assert store.statuses() == {rows[0].key: "done", rows[1].key: "failed"}
    assert stored_rows(tmp_path / "s.sqlite") == rows


def test_a_row_that_is_done_stays_unless_it_is_replaced(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.add([failure(done(1).cell, "memory")])
        store.add([done(1, '{"x":1}')])
        store.add([done(1, '{"x":2}'), failure(done(1).cell, "late")])
        assert [(row.status, row.result) for row in stored_rows(store.path)] == [("done", '{"x":1}')]
        store.add([done(1, '{"x":2}')], replace=True)
        assert [row.result for row in stored_rows(store.path)] == ['{"x":2}']


def test_a_transaction_is_whole_or_not_there(tmp_path: Path) -> None:
    bad = Outcome(done(2).cell, "lost", "{}", 0.0)  # type: ignore[arg-type]
    with Store(tmp_path / "s.sqlite") as store:
        with pytest.raises(StoreError, match="CHECK constraint"):
            store.add([done(1), bad])
        assert store.statuses() == {}
        store.add([done(1)])
        assert len(store.statuses()) == 1


def test_a_full_disk_loses_nothing_and_says_so(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.add([done(number) for number in range(100)])
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")  # the same error as a full disk
        with pytest.raises(StoreError, match=r"s\.sqlite: the disk is full; stored cells are safe") as error:
            store.add([done(number) for number in range(100, 10_000)])
        assert "\n" not in str(error.value)
        store._connection.execute("PRAGMA max_page_count = 1000000")
        assert len(store.statuses()) == 100
        store.add([done(100)])
    assert len(stored_rows(tmp_path / "s.sqlite")) == 101


def test_many_may_open_and_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    errors: list[BaseException] = []

    def write(first: int) -> None:
        try:
            with Store(path) as store:
                for number in range(first, first + 20):
                    store.add([done(number)])
        except BaseException as error:
            errors.append(error)

    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 10, 20, 30)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not errors
    assert len(stored_rows(path)) == 50


def test_the_latest_version_of_a_cell_is_read(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.add([done(1, '{"x":10}', version=10), done(1, '{"x":9}', version=9), done(2, '{"y":1.5}')])
    table = read_store(tmp_path / "s.sqlite")
    assert list(table.columns) == [
        *("key", "kind", "version", "status", "number", "x", "y", "error", "seconds", "simtemp_version"),
    ]
    assert table["version"].tolist() == [10, 1]
    assert table["x"].tolist()[0] == 10
    assert table["y"].tolist()[1] == 1.5


def _text(path: Path) -> None:
    path.write_text("key,kind\n" * 100)


def _other_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()


def _future_format(path: Path) -> None:
    Store(path).__exit__(None, None, None)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()


def _damaged(path: Path) -> None:
    with Store(path) as store:
        store.add([done(number) for number in range(2000)])
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 20] = b"\xff" * 4096 * 18
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_text, "no store of a sweep"),
        (_other_database, "an SQLite file, but no store of a sweep"),
        (_future_format, "a store of format 2"),
        (_damaged, "the store is damaged"),
        (Path.mkdir, "s.sqlite: "),
    ],
)
def test_what_is_no_store_is_one_line_and_stays_as_it_is(make: object, said: str, tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    make(path)  # type: ignore[operator]
    before = None if path.is_dir() else path.read_bytes()

    def statuses() -> dict[str, str]:
        with Store(path) as store:
            return store.statuses()

    for use in (statuses, lambda: stored_rows(path)):
        with pytest.raises(StoreError, match=said) as error:
            use()
        assert str(error.value).startswith(str(path))
        assert "\n" not in str(error.value)
    assert before is None or path.read_bytes() == before


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such store"):
        read_store(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()
    with pytest.raises(StoreError, match="a folder that exists"):
        Store(tmp_path / "none" / "s.sqlite")
    (tmp_path / "empty.sqlite").touch()
    assert len(read_store(tmp_path / "empty.sqlite")) == 0
