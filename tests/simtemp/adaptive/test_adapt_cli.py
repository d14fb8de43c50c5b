"""``simtemp adapt``: bad input in one line, and a small run of every task from nothing to results, twice the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simtemp.adaptive.experiment_files import ExperimentFiles
from simtemp.adaptive.names import TASK_NAMES
from simtemp.adaptive.tasks import TASKS
from simtemp.cli import run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "world"], "simtemp adapt evaluate world"),
        (["train", "poetry"], "poetry"),
        (["train", "voting", "--model", "blocks"], "voting is not run on a model of blocks"),
        (["evaluate", "mixed", "--workers", "0"], "workers must be"),
        (["evaluate", "mixed", "--seed", "-1"], "seed must be"),
        (["evaluate", "mixed", "--quick", "--loss", "dpo"], "loss must be one of"),
        (["evaluate", "mixed", "--quick", "--model", "blocks", "--loss", "latent"], "needs probabilities"),
    ],
)
def test_bad_input_is_one_line(arguments, message, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["adapt", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1
    assert not list(tmp_path.rglob("model.json"))  # refused before anything was trained


def results(folder: Path) -> dict[str, object]:
    return {path.parent.name: json.loads(path.read_text()) for path in folder.glob("*/results.json")}


@pytest.mark.slow
def test_every_task_from_nothing(tmp_path, capsys) -> None:
    """In two processes; the tables are for people, the files for pictures."""
    assert run(["adapt", "evaluate", "all", "--quick", "-o", str(tmp_path), "--workers", "2"]) == 0
    shown = capsys.readouterr().out
    found = results(tmp_path)
    assert set(found) == {*TASK_NAMES, "mixed-blocks", "constrained-blocks", "world"}
    for name, record in found.items():
        assert record["command"].endswith("--quick")
        if name != "world":
            assert record["policies"][0]["kind"] == "adaptive"
            assert len(record["differences"]) == len(record["policies"]) - 1
            assert record["claims"][0]["claim"] in shown


def test_the_command_line_knows_every_task() -> None:
    assert tuple(TASKS) == TASK_NAMES


@pytest.mark.slow
def test_the_same_run_twice_and_a_run_that_was_stopped(tmp_path, capsys, monkeypatch) -> None:
    """One process or two, in one go or from the first round on: the same file."""
    once, twice, stopped = tmp_path / "once", tmp_path / "twice", tmp_path / "stopped"
    base = ["adapt", "evaluate", "repeats", "--quick", "--json"]
    assert run([*base, "-o", str(once), "--workers", "1"]) == 0
    assert run([*base, "-o", str(twice), "--workers", "2"]) == 0
    (record,) = results(once).values()
    assert [row["pairs"] > 0 for row in record["learning"]] == [True, True]  # its heads have learnt, twice
    assert results(once) == results(twice)

    save_round = ExperimentFiles.save_round

    def save_and_stop(*arguments, **named) -> None:
        save_round(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ExperimentFiles, "save_round", save_and_stop)
        assert run([*base, "-o", str(stopped), "--workers", "1"]) == 2
    capsys.readouterr()
    assert not results(stopped)
    assert run([*base, "-o", str(stopped), "--workers", "1"]) == 0
    assert results(stopped) == results(once)
    capsys.readouterr()
