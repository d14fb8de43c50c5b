"""simtemp's own cells: what they give is what the commands give, and their numbers are frozen by their version."""

import json
from pathlib import Path

import pytest

import simtemp
from simtemp.sweep import Parameter, cell_kind, read_grid, run_cell
from simtemp.sweep.outcome import Outcome


def outcomes(tmp_path: Path, text: str) -> list[Outcome]:
    (tmp_path / "grid.toml").write_text(text)
    return [run_cell(cell) for cell in read_grid(tmp_path / "grid.toml")]


def test_a_sample_is_what_simulate_gives_for_its_run_seed(tmp_path: Path) -> None:
    (outcome,) = outcomes(
        tmp_path, '[[cells]]\nkind = "sample"\nbase = "near"\ntemperature = 0.25\nbudget = 16\nsize = 500'
    )
    assert outcome.status == "done"
    result = json.loads(outcome.result)
    run = simtemp.simulate("duel", "near", 0.25, 500, seed=result["run_seed"], budget=16)
    assert (result["mean_draws"], result["unfinished"]) == (run.mean_draws, run.unfinished)
    target = simtemp.temper(run.base.probs, 0.25)
    assert result["tv_empirical"] == simtemp.total_variation(run.counts / 500, target)
    assert result["run_seed"] < 2**53


def test_a_law_is_what_the_command_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from simtemp.cli import run

    (outcome,) = outcomes(tmp_path, '[[cells]]\nkind = "law"\nbase = "near"\ntemperature = 0.3\nbatch_size = 20')
    assert run("law --base near -T 0.3 --batch-size 20 --json".split()) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["rule"] == outcome.cell.parameters["rule"]
    result = json.loads(outcome.result)
    assert result == {"categories": 4} | {name: printed[name] for name in ("tv", "kl", "effective_temperature")}


def test_numbers_are_frozen_by_the_version(tmp_path: Path) -> None:
    """If this fails because an algorithm draws otherwise now, raise the version of the cell: stores hold the old numbers."""
    sample, law = outcomes(
        tmp_path,
        '[[cells]]\nkind = "sample"\nbase = "peaked9"\ntemperature = 0.3\nsize = 1000\n'
        '[[cells]]\nkind = "law"\nbase = "peaked9"\ntemperature = 0.1\n',
    )
    assert (sample.cell.version, json.loads(sample.result)["mean_draws"]) == (1, 79.256)
    assert law.cell.version == 1
    assert json.loads(law.result)["tv"] == pytest.approx(0.04442270573444048, rel=1e-9)


def test_a_file_that_changed_after_the_cell_was_made_is_not_computed(tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    file.write_text("a,1\nb,3\n")
    (tmp_path / "grid.toml").write_text(f'[[cells]]\nkind = "law"\nbase = "file:{file}"\ntemperature = 0.5')
    (cell,) = read_grid(tmp_path / "grid.toml")
    file.write_text("a,1\nb,4\n")
    outcome = run_cell(cell)
    assert outcome.status == "failed"
    assert "has changed since the sweep began" in outcome.result


def test_the_manual_is_content_too(tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_text('[[cells]]\nkind = "law"\nbase = "text"\ntemperature = 0.5')
    (cell,) = read_grid(tmp_path / "grid.toml")
    assert len(cell.parameters["base_sha256"]) == 64


def test_a_cell_that_needs_too_many_draws_fails(tmp_path: Path) -> None:
    (outcome,) = outcomes(
        tmp_path,
        '[[cells]]\nkind = "sample"\nbase = "peaked9"\ntemperature = 0.1\nmethod = "collision"\nmax_draws = 1000',
    )
    assert outcome.status == "failed"
    assert "max_draws = 1,000 base draws ended" in json.loads(outcome.result)["error"]


def test_a_parameter_cannot_take_the_name_of_a_column() -> None:
    with pytest.raises(ValueError, match="must not be named status"):
        cell_kind(version=1, parameters={"status": Parameter(str)})
