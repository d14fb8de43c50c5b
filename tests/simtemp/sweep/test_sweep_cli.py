"""The command `simtemp sweep`."""

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from simtemp import cli
from simtemp.sweep import make_cell, run_sweep
from simtemp.sweep.blas import ONE_THREAD
from simtemp.sweep.store import stored_rows
from simtemp.sweep.tables import check_export, export_store

GRID = '[[cells]]\nkind = "law"\nbase = "two:0.8"\ntemperature = [0.5, 0.25]\nbatch_size = [5, 10]\n'

Run = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in an empty folder with a grid; exit code, stdout, stderr."""
    for name, value in ONE_THREAD.items():
        monkeypatch.setenv(name, value)  # the command sets them, too
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(GRID)

    def once(line: str) -> tuple[int, str, str]:
        code = cli.run(line.split())
        return code, *capsys.readouterr()

    return once


def test_sweep_resume_extend_and_export(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("sweep grid.toml --store r.sqlite --threads 1 --json")
    assert code == 0
    record = json.loads(out)
    assert {key: record[key] for key in ("cells", "computed", "present", "failed")} == {
        "cells": 4,
        "computed": 4,
        "present": 0,
        "failed": 0,
    }
    (tmp_path / "grid.toml").write_text(GRID.replace("[5, 10]", "[5, 10, 20]"))
    code, out, _ = run("sweep grid.toml --store r.sqlite --threads 1 --json --export r.csv")
    assert code == 0
    assert (json.loads(out)["computed"], json.loads(out)["present"]) == (2, 4)
    table = pd.read_csv(tmp_path / "r.csv")
    assert table["batch_size"].tolist() == [5, 10, 20] * 2 or sorted(table["batch_size"]) == [5, 5, 10, 10, 20, 20]
    assert table["tv"].notna().all()
    code, out, _ = run("sweep --store r.sqlite --export again.csv --json")
    assert (code, json.loads(out)["rows"]) == (0, 6)
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "r.csv").read_bytes()
    code, out, _ = run("sweep grid.toml --store r.sqlite --threads 1 --fresh")
    assert code == 0
    assert "computed" in out


def test_dry_run_counts_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("sweep grid.toml --dry-run --json")
    assert (code, json.loads(out)["cells"]) == (0, 4)
    assert [file.name for file in tmp_path.iterdir()] == ["grid.toml"]


def test_failed_cells_are_exit_code_1(run: Run, tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_text(
        '[[cells]]\nkind = "sample"\nbase = "two"\ntemperature = 0.1\nmax_draws = 50\nsize = 10'
    )
    code, out, _ = run("sweep grid.toml --store r.sqlite --threads 1 --json --export r.csv")
    assert (code, json.loads(out)["failed"]) == (1, 1)
    assert "max_draws = 50" in pd.read_csv(tmp_path / "r.csv")["error"][0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sweep", "GRID.toml is missing"),
        ("sweep grid.toml", "--store is missing"),
        ("sweep --export x.csv", "--store is missing"),
        ("sweep none.toml --store r.sqlite", "none.toml: No such file or directory"),
        ("sweep grid.toml --store none/r.sqlite", "a folder that exists"),
        ("sweep grid.toml --store grid.toml", "no store of a sweep"),
        ("sweep grid.toml --store r.sqlite --threads 0", "threads must be an integer from 1 to 1024, got 0"),
        ("sweep grid.toml --store r.sqlite --threads 1 --processes 1", "not two of them"),
        ("sweep grid.toml --store r.sqlite --export x.txt", "export must end in .csv or .parquet, got 'x.txt'"),
        ("sweep grid.toml --store r.sqlite --export none/x.csv", "a folder that exists"),
        ("sweep --store r.sqlite --export x.csv", "no such store"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(line: str, said: str, run: Run, tmp_path: Path) -> None:
    code, out, err = run(line)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert (tmp_path / "grid.toml").read_text() == GRID


def test_parquet_needs_pyarrow_and_then_keeps_types(
    kinds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "s.sqlite"
    run_sweep([make_cell("draw", "sweep_test_kinds:draw", 1, {"number": n}) for n in range(3)], store, threads=1)
    if find_spec("pyarrow") is not None:
        export_store(store, tmp_path / "s.parquet")
        assert pd.read_parquet(tmp_path / "s.parquet")["number"].tolist() == [0, 1, 2]
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ValueError, match=r'needs pyarrow, which is not installed: pip install "simtemp\[parquet\]"'):
        check_export(tmp_path / "s.parquet")


def test_an_export_that_fails_leaves_the_old_one(kinds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "s.sqlite"
    run_sweep([make_cell("draw", "sweep_test_kinds:draw", 1, {"number": 1})], store, threads=1)
    (tmp_path / "s.csv").write_text("old")

    def fail(self: pd.DataFrame, path: Path, **options: object) -> None:
        Path(path).write_text("half")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(OSError, match="No space"):
        export_store(store, tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_text() == "old"
    assert [path.name for path in tmp_path.glob("*s.csv*")] == ["s.csv"]  # nothing unfinished is left


@pytest.mark.slow
def test_processes_by_default(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("sweep grid.toml --store r.sqlite --json")
    assert (code, json.loads(out)["computed"]) == (0, 4)
    run("sweep grid.toml --store t.sqlite --threads 2 --json")
    rows = [[(row.key, row.parameters, row.result) for row in stored_rows(name)] for name in ("r.sqlite", "t.sqlite")]
    assert rows[0] == rows[1]
