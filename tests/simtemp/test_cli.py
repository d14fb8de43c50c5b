"""The command line as a person or a script meets it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import simtemp
from simtemp.cli import run

SAMPLE_KEYS = {
    "method",
    "base",
    "temperature",
    "size",
    "seed",
    "mean_draws",
    "draws_q50",
    "draws_q99",
    "draws_q999",
    "tv_empirical",
    "seconds",
}
LAW_KEYS = {"n", "batch_size", "tv", "kl", "effective_temperature"}


def test_sample_prints_the_promised_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("sample --base peaked9 -T 0.5 --method collision --size 2000 --seed 4 --json".split()) == 0
    record = json.loads(capsys.readouterr().out)
    assert record.keys() >= SAMPLE_KEYS
    again = simtemp.simulate("collision", "peaked9", 0.5, 2000, seed=4)
    assert record["mean_draws"] == again.mean_draws
    assert record["draws_q50"] == np.quantile(again.draws, 0.5, method="inverted_cdf")
    assert 0 < record["tv_empirical"] < 0.05


def test_law_prints_the_promised_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("law --base peaked9 -T 0.1 --batch-size 200 --json".split()) == 0
    record = json.loads(capsys.readouterr().out)
    assert record.keys() >= LAW_KEYS
    assert record["tv"] == pytest.approx(0.0444, abs=1e-4)  # published: 4.4 % off
    assert record["effective_temperature"] > 0.1


@pytest.mark.parametrize(
    "command", ["sample --base two:0.3 -T 0.5 --size 100", "law --base two:0.3 -T 0.5 --batch-size 10"]
)
def test_a_person_gets_a_table(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command.split()) == 0
    printed = capsys.readouterr().out
    assert "temperature" in printed
    assert "{" not in printed


def test_outputs_can_be_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "values.npy"
    assert run(["sample", "--base", "two:0.3", "-T", "0.5", "--size", "50", "-o", str(target), "--json"]) == 0
    assert np.load(target).tolist() == simtemp.simulate("duel", "two:0.3", 0.5, 50).values.tolist()
    capsys.readouterr()


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert re.fullmatch(r"simtemp \d+\.\d+\.\d+\n", capsys.readouterr().out)
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("sample", "law", "verify", "plot", "report"))
    for command in ("sample", "law", "verify", "plot", "report"):
        assert run([command, "--help"]) == 0
        capsys.readouterr()


def loaded_by(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(' '.join(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_is_light() -> None:
    assert not loaded_by("import simtemp") & {"torch", "matplotlib", "numba", "numpy", "scipy", "pandas"}
    assert not loaded_by("import simtemp.cli; simtemp.cli.build_app()") & {
        "torch",
        "matplotlib",
        "numba",
        "scipy",
        "pandas",
        "jinja2",
    }


def test_every_public_name_loads() -> None:
    for name in simtemp.__all__:
        assert getattr(simtemp, name) is not None
    assert set(simtemp.__all__) <= set(dir(simtemp))
    assert callable(simtemp.simulate)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = simtemp.nothing_like_it


def test_ctrl_c_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(simtemp, "simulate", interrupted)
    assert run("sample --base two:0.3 -T 0.5".split()) == 2
    assert capsys.readouterr().err == "simtemp: interrupted\n"


def test_without_stderr_there_is_an_answer_all_the_same(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert run(["law", "--base", "two", "-T", "0.5", "--batch-size", "10", "--json"]) == 0
    assert capsys.readouterr().out.startswith("{")
    assert run(["law", "--base", "nonsense", "-T", "0.5"]) == 2
    assert capsys.readouterr().out == ""


def test_a_fault_of_our_own_has_no_verdicts_exit_code(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr("simtemp.cli.build_app", lambda: 1 / 0)
    assert run(["law"]) == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "message"),
    [("none/values.npy", "no such folder"), (".", "is a folder"), ("values.txt", "output must end in .npy")],
)
def test_where_outputs_cannot_go_is_said_before_they_are_drawn(output, message, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("simtemp.simulation.simulate", None)
    assert run(["sample", "--base", "two", "-T", "0.5", "-o", output]) == 2
    assert message in capsys.readouterr().err


def test_a_full_disk_leaves_the_outputs_that_were_there(tmp_path, monkeypatch, capsys) -> None:
    target = tmp_path / "values.npy"
    target.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numpy.save", full)
    assert run(["sample", "--base", "two", "-T", "0.5", "--size", "10", "-o", str(target)]) == 2
    assert "No space left" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["values.npy"]
    assert target.read_bytes() == b"old"
