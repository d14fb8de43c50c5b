"""Computing a sweep: what is new, once, the same on threads and processes, through errors and interruptions."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from simtemp.sweep import Cell, StoreError, SweepInterrupted, WorkersUnavailable, make_cell, run_sweep
from simtemp.sweep.store import stored_rows

ROOT = Path(__file__).parents[3]


def cells(kind: str, numbers: range | list[int]) -> list[Cell]:
    return [make_cell(kind, f"sweep_test_kinds:{kind}", 1, {"number": number}) for number in numbers]


def compared(store: Path) -> list[tuple[str, ...]]:
    return [(row.key, row.kind, row.parameters, row.status, row.result) for row in stored_rows(store)]


def test_only_what_is_new_is_computed(kinds: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    told: list[tuple[int, int]] = []
    first = run_sweep(
        cells("draw", range(10)), store, threads=1, progress=lambda done, total: told.append((done, total))
    )
    assert (first.cells, first.computed, first.present, first.failed) == (10, 10, 0, 0)
    assert told[0] == (0, 10)
    assert told[-1] == (10, 10)
    before = compared(store)
    second = run_sweep([*cells("draw", range(5, 15)), *cells("draw", [14])], store, threads=1)
    assert (second.cells, second.computed, second.present) == (10, 5, 5)
    assert set(before) < set(compared(store))
    anew = run_sweep(cells("draw", range(10)), store, threads=1, fresh=True)
    assert (anew.computed, anew.present) == (10, 0)
    assert set(before) < set(compared(store))


def test_results_do_not_depend_on_order_grid_or_threads(kinds: Path, tmp_path: Path) -> None:
    run_sweep(cells("draw", range(20)), tmp_path / "a.sqlite", threads=1)
    run_sweep(cells("draw", range(19, 9, -1)), tmp_path / "b.sqlite", threads=3)
    run_sweep(cells("draw", range(20)), tmp_path / "b.sqlite", threads=2)
    assert compared(tmp_path / "a.sqlite") == compared(tmp_path / "b.sqlite")
    assert len({row[-1] for row in compared(tmp_path / "a.sqlite")}) == 20


def test_a_failing_cell_is_its_own_row(kinds: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    summary = run_sweep(cells("broken", range(4)), store, threads=2)
    assert (summary.computed, summary.failed) == (4, 2)
    assert [row.result for row in stored_rows(store)] == [
        '{"error":"ZeroDivisionError: division by zero"}',
        '{"inverse":1.0}',
        '{"inverse":0.5}',
        '{"error":"SystemExit: three"}',
    ]
    again = run_sweep(cells("broken", range(4)), store, threads=1)
    assert (again.computed, again.present, again.failed) == (0, 4, 2)
    retried = run_sweep(cells("broken", range(4)), store, threads=1, retry=True)
    assert (retried.computed, retried.present, retried.failed) == (2, 2, 2)


def test_a_result_that_is_not_flat_is_a_failure(kinds: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    run_sweep(
        [*cells("bad_result", range(5)), make_cell("draw", "sweep_test_kinds:draw", 2, {"number": 1})], store, threads=1
    )
    said = [row.result for row in stored_rows(store)]
    for message, part in zip(
        said,
        ["flat dict, got draws of type list", "not name a result number", "not name a result status", "return a dict"],
        strict=False,
    ):
        assert part in message
    assert said[4] == '{"inf":null,"one":1}'
    assert "version 2 of draw was asked for, version 1 is here" in said[5]


class Lost(Exception):
    pass


class Unreliable(ThreadPoolExecutor):
    """Loses the first two calls of every cell."""

    calls: dict[str, int]

    def submit(self, function, cell):  # type: ignore[no-untyped-def,override]
        def lose() -> None:
            raise Lost

        self.calls = {**getattr(self, "calls", {})}
        self.calls[cell.key] = self.calls.get(cell.key, 0) + 1
        return super().submit(lose) if self.calls[cell.key] < 3 else super().submit(function, cell)


def test_any_executor_will_do_and_lost_cells_are_computed_again(kinds: Path, tmp_path: Path) -> None:
    with Unreliable(2) as executor:
        summary = run_sweep(
            cells("draw", range(8)), tmp_path / "a.sqlite", executor=executor, in_flight=5, lost=(Lost,)
        )
        assert set(executor.calls.values()) == {3}
    assert (summary.computed, summary.failed) == (8, 0)
    with Unreliable(2) as executor, pytest.raises(Lost):  # an error that is no loss ends the sweep
        run_sweep(cells("draw", range(8)), tmp_path / "b.sqlite", executor=executor)


def test_bad_arguments(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not two of them"):
        run_sweep([], tmp_path / "s.sqlite", threads=1, processes=1)
    with pytest.raises(ValueError, match="threads must be an integer from 1 to 1024, got 0"):
        run_sweep([], tmp_path / "s.sqlite", threads=0)
    assert run_sweep([], tmp_path / "s.sqlite", threads=1).cells == 0


def test_a_store_that_fails_ends_the_sweep(kinds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from simtemp.sweep.store import Store

    add = Store.add

    def full(self: Store, outcomes: object, *, replace: bool = False) -> None:
        if len(self.statuses()) >= 3:
            raise StoreError("the disk is full")
        add(self, outcomes, replace=replace)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "add", full)
    with pytest.raises(StoreError, match="full"):
        run_sweep(cells("draw", range(50)), tmp_path / "s.sqlite", threads=1)
    monkeypatch.undo()
    kept = len(stored_rows(tmp_path / "s.sqlite"))
    assert kept >= 3
    monkeypatch.setattr(sys, "path", [str(kinds), *sys.path])
    assert run_sweep(cells("draw", range(50)), tmp_path / "s.sqlite", threads=1).present == kept


def test_ctrl_c_keeps_what_is_finished(kinds: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    pressed: list[int] = []

    def press(done: int, total: int) -> None:
        if done >= 3 and not pressed:
            pressed.append(done)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(
        SweepInterrupted, match=r"interrupted with \d+ of 50 cells in .*; the same command goes on"
    ) as error:
        run_sweep(cells("nap", range(50)), store, threads=1, progress=press)
    kept = len(stored_rows(store))
    assert pressed[0] <= kept < 50
    assert f"with {kept} of" in str(error.value)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.slow
def test_processes_give_the_same_and_survive_what_kills_them(kinds: Path, tmp_path: Path) -> None:
    both = [*cells("draw", range(30)), *cells("broken", range(4))]
    run_sweep(both, tmp_path / "threads.sqlite", threads=2)
    run_sweep(both, tmp_path / "processes.sqlite", processes=2)
    assert compared(tmp_path / "threads.sqlite") == compared(tmp_path / "processes.sqlite")

    summary = run_sweep(cells("deadly", range(8)), tmp_path / "deadly.sqlite", processes=2)
    assert (summary.computed, summary.failed) == (8, 1)  # the cell that kills its worker, and no other
    (failed,) = [row for row in stored_rows(tmp_path / "deadly.sqlite") if row.status == "failed"]
    assert failed.parameters == '{"number":3}'
    assert "3 workers died of it; the last: its worker process ended with signal 9" in failed.result


@pytest.mark.slow
def test_ctrl_c_stops_processes_at_once_and_none_is_left(kinds: Path, tmp_path: Path) -> None:
    long = cells("nap", [1, 2, 3, 60_000, 60_001])
    pressed = 0.0

    def press(done: int, total: int) -> None:
        nonlocal pressed
        if done == 3:
            pressed = time.monotonic()
            os.kill(os.getpid(), signal.SIGINT)

    threads = threading.active_count()
    with pytest.raises(SweepInterrupted, match="3 of 5 cells"):
        run_sweep(long, tmp_path / "s.sqlite", processes=2, progress=press)
    assert time.monotonic() - pressed < 5
    assert threading.active_count() == threads


@pytest.mark.slow
def test_workers_that_cannot_start_end_the_sweep(kinds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(WorkersUnavailable, match="5 in a row ended before they were ready, the last with exit code 1"):
        run_sweep(cells("draw", range(3)), tmp_path / "s.sqlite", processes=1)


@pytest.mark.slow
def test_kills_at_random_moments() -> None:
    """`benchmarks/sweep_kills.py` does 200 of them."""
    command = [sys.executable, "benchmarks/sweep_kills.py", "--kills", "12", "--cells", "300"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("12 kills")
    assert "Traceback" not in done.stderr
