"""`simtemp verify` as a person or a script meets it."""

import json
import math
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import simtemp
from verify.cli import register

KEYS = {
    "method", "base", "temperature", "status", "n", "tv_upper", "tv_lower", "log_e", "alpha", "delta", "epsilon", "mean_draws",
    "p_value", "seconds", "sentence", "witness", "seed",
}  # fmt: skip

RIGHT = "import numpy as np\ndef sampler(size, rng):\n    return rng.choice(2, size=size, p=[0.8, 0.2])\n"


def application() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return app


def run(command: str):
    return CliRunner().invoke(application(), ["verify", *command.split()])


def test_right_method_is_equivalent_with_exit_code_0() -> None:
    result = run("collision --base peaked9 -T 0.4 --json")
    record = json.loads(result.stdout)
    assert result.exit_code == 0
    assert record.keys() >= KEYS | {"early_exit"}
    assert record["status"] == "EQUIVALENT"
    assert record["tv_upper"] <= 0.01
    assert (record["alpha"], record["delta"], record["epsilon"]) == (1e-6, 1e-6, 0.01)
    exact = simtemp.expected_draws(simtemp.parse_base("peaked9").probs, 0.4)
    assert record["mean_draws"] == pytest.approx(exact, rel=0.02)


def test_biased_method_is_rejected_with_exit_code_1() -> None:
    result = run("batch --base peaked9 -T 0.5 --batch-size 20 --json")
    record = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (record["status"], record["batch_size"], record["mean_draws"]) == ("REJECT", 20, 20.0)
    assert record["log_e"] >= math.log(1e6)
    assert {"category", "label", "observed", "expected"} == record["witness"][0].keys()


def test_budget_out_is_inconclusive_with_exit_code_3() -> None:
    result = run("collision --base peaked9 -T 0.5 --max-samples 1e3 --early-exit --alpha 0.01 --seed 4 --json")
    record = json.loads(result.stdout)
    assert result.exit_code == 3
    assert (record["status"], record["n"], record["early_exit"], record["seed"]) == ("INCONCLUSIVE", 1000, True, 4)
    assert record["p_value"] > 0.005
    assert (
        json.loads(
            run(
                "collision --base peaked9 -T 0.5 --max-samples 1000 --early-exit --alpha 0.01 --seed 4 --threads 1 --json"
            ).stdout
        )["log_e"]
        == record["log_e"]
    )


def test_a_person_gets_a_table_and_a_sentence() -> None:
    result = run("collision --base two:0.8 -T 0.5 --epsilon 0.05")
    assert result.exit_code == 0
    assert "tv_upper" in result.stdout
    assert "EQUIVALENT: " in result.stdout
    assert "{" not in result.stdout
    rejected = run("batch --base two:0.8 -T 0.5 --batch-size 3 --epsilon 0.05")
    assert rejected.exit_code == 1
    assert "expected" in rejected.stdout


def test_function_of_a_module_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "judged_right.py").write_text(RIGHT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))  # undone afterwards
    result = run("judged_right:sampler --base two:0.8 -T 1 --epsilon 0.05 --json")
    record = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (record["method"], record["status"], record["mean_draws"]) == ("judged_right:sampler", "EQUIVALENT", None)
    assert run("judged_right:sampler --base two:0.8 -T 0.9 --json").exit_code == 1


def test_infinite_evidence_is_null_in_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "judged_wrong.py").write_text(RIGHT.replace("choice(2", "choice([0, 2]"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    result = run("judged_wrong:sampler --base probs:0.8,0.2,0 -T 1 --json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["log_e"] is None


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("nonsense --base two -T 0.5", "method must be one of"),
        ("collision --base nowhere -T 0.5", "unknown base"),
        ("collision --base two -T 2", "temperature must be in"),
        ("collision --base two -T -1", "temperature must be in"),
        ("collision --base two -T 0", "temperature must be in"),
        ("batch --base two -T 0.4 --rule published", "temperature must be 1/n"),
        ("batch --base two -T 0.5 --early-exit", "early_exit is no option"),
        ("collision --base two -T 0.5 --batch-size 5", "batch_size is no option"),
        ("batch --base two -T 0.5 --batch-size 0", "batch_size must be"),
        ("collision --base two -T 0.5 --epsilon 0", "epsilon must be in (0, 1)"),
        ("collision --base two -T 0.5 --epsilon 1.5", "epsilon must be in (0, 1)"),
        ("collision --base two -T 0.5 --alpha 0", "alpha must be in (0, 1)"),
        ("collision --base two -T 0.5 --delta 1", "delta must be in (0, 1)"),
        ("collision --base two -T 0.5 --delta nan", "delta must be"),
        ("collision --base two -T 0.5 --max-samples 0", "max_samples must be"),
        ("collision --base two -T 0.5 --max-samples 2.5", "max_samples must be"),
        ("collision --base two -T 0.5 --max-draws 0", "max_draws must be"),
        ("collision --base two -T 0.5 --threads 0", "threads must be"),
        ("collision --base two -T 0.5 --seed -1", "seed must be"),
        ("collision --base uniform:1000 -T 0.1", "1e+28 base draws an output"),
        ("collision --base uniform:1000 -T 0.001", "costs more than 1e308 base draws an output"),
        ("collision --base two -T 0.5 --max-draws 1000", "more than max_draws = 1e+03"),
        ("no_such_module:f --base two -T 0.5", "cannot be loaded: ModuleNotFoundError"),
        ("math:no_such --base two -T 0.5", "cannot be loaded: AttributeError"),
        ("math:pi --base two -T 0.5", "must be callable"),
        ("math: --base two -T 0.5", "module:function"),
        (":f --base two -T 0.5", "module:function"),
        ("math:sqrt --base two -T 0.5", "raised TypeError"),
        ("math:sqrt --base two -T 0.5 --batch-size 5", "option of a method"),
    ],
)
def test_bad_input_is_one_clear_error(command, message) -> None:
    error = run(command).exception
    assert isinstance(error, ValueError | simtemp.SimtempError)
    assert message in str(error)
    assert "\n" not in str(error)


def test_a_budget_that_ends_on_the_way_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.sampler.check_affordable", lambda sampler, outputs: None)
    error = run("collision --base peaked9 -T 0.5 --max-draws 20000").exception
    assert isinstance(error, simtemp.DrawBudgetExceeded)
    assert "max_draws = 20,000" in str(error)
    assert 0 < error.draws <= 20_000


EXITS = "import sys\ndef sampler(size, rng):\n    sys.exit(0)\n"
LOUD = RIGHT.replace("    return", "    print('hello')\n    return")


def module(name: str, text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (folder / f"{name}.py").write_text(text)
    monkeypatch.chdir(folder)
    return f"{name}:sampler"


@pytest.mark.parametrize("text", [EXITS, "import sys\nsys.exit(0)\n"])
def test_an_exit_is_no_pass(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from simtemp.cli import run as main

    name = module(f"exits{len(text)}", text, tmp_path, monkeypatch)
    assert main(["verify", name, "--base", "two", "-T", "1"]) == 2


def test_what_a_sampler_prints_is_not_in_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module("loud", LOUD, tmp_path, monkeypatch)
    result = run(f"{name} --base two:0.8 -T 1 --epsilon 0.05 --json")
    assert json.loads(result.stdout)["status"] == "EQUIVALENT"
    assert "hello" in result.stderr


def test_recorded_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("outputs.txt").write_text("\n".join("01"[i % 3 == 0] for i in range(600)) + "\n")
    result = run("file:outputs.txt --base two:0.6666 -T 1 --json")
    assert (result.exit_code, json.loads(result.stdout)["caught_by"][:10]) == (1, "dependence")


def test_a_picture_of_the_verdict(tmp_path: Path) -> None:
    result = run(f"collision --base two -T 0.5 --epsilon 0.05 -o {tmp_path}/verdict.png")
    assert result.exit_code == 0
    assert (tmp_path / "verdict.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "METHOD is missing"),
        ("collision -T 0.5", "--base is missing"),
        ("collision --base two", "--temperature is missing"),
        ("collision --base two -T 0.5 --expected-draws 17", "expected_draws is for MODULE:FUNCTION"),
        ("collision --base two -T 0.5 -o picture.txt", "plot must end in .png"),
        ("collision --base two -T 0.5 -o nowhere/picture.png", "a folder that exists"),
        ("--gallery --base two", "got base as well"),
        ("duel --gallery", "got METHOD as well"),
        ("--gallery -o picture.png", "got plot as well"),
    ],
)
def test_what_cannot_be_meant_is_said_before_judging(command: str, message: str) -> None:
    result = run(command)
    assert isinstance(result.exception, ValueError)
    assert message in str(result.exception)
