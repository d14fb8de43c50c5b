"""``simtemp adapt``: bad input in one line, and a small run of every task from nothing to results, twice the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simtemp.adaptive.names import TASK_NAMES
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


@pytest.mark.slow
def test_the_same_run_twice_and_a_run_that_was_stopped(tmp_path, capsys) -> None:
    """One process or two, in one go or from the first round on: the same file."""
    once, again = tmp_path / "once", tmp_path / "again"
    base = ["adapt", "evaluate", "constrained", "--model", "logits", "--quick", "--json"]
    assert run([*base, "-o", str(once), "--workers", "1"]) == 0
    assert run([*base, "-o", str(again), "--workers", "2"]) == 0
    assert results(once) == results(again)

    folder = again / "constrained"
    for path in [*folder.glob("policy-*"), *folder.glob("head-*"), folder / "results.json"]:
        path.unlink()
    assert run([*base, "-o", str(again), "--workers", "1"]) == 0
    assert results(once) == results(again)
    capsys.readouterr()
