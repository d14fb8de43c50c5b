"""`simtemp calm decode` as a person or a script meets it."""

import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from simtemp.calm import save_checkpoint
from simtemp.calm.cli import register
from simtemp.calm.errors import CheckpointError, TorchRequired
from simtemp.calm.random_model import random_model
from simtemp.calm.tokenizer import character_tokenizer

KEYS = {
    "model", "method", "temperature", "budget", "seed", "blocks", "mean_draws", "max_draws", "mean_distinct", "exact_share", "seconds",
    "seconds_backbone", "seconds_head", "seconds_sampler", "texts",
}  # fmt: skip


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    tokenizer = character_tokenizer("abcdefgh ")
    save_checkpoint(random_model(tokenizer.vocab_size), path)
    tokenizer.save(path)
    return path


def run(*words):
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["calm", *map(str, words)])


def decoded(directory, *words):
    result = run("decode", directory, "--json", "--blocks", 5, *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json(directory) -> None:
    record = decoded(directory, "--prompt", "abc", "--prompt", "d", "-T", 0.3, "--budget", 64)
    assert record.keys() == KEYS
    assert [text["prompt"] for text in record["texts"]] == ["abc", "d"]
    assert record["blocks"] == sum(text["blocks"] for text in record["texts"])
    assert record["max_draws"] <= 64
    assert 0 <= record["exact_share"] <= 1
    again = decoded(directory, "--prompt", "abc", "-T", 0.3, "--budget", 64)
    assert again["texts"][0]["text"] == record["texts"][0]["text"]


def test_a_person_sees_the_text_as_it_comes_and_what_it_cost(directory, tmp_path) -> None:
    record = decoded(directory, "--prompt", "abc", "-T", 0.5, "--exact")
    result = run("decode", directory, "--prompt", "abc", "-T", 0.5, "--blocks", 5, "--exact")
    assert result.stdout.startswith("abc" + record["texts"][0]["text"])
    assert "exact_share" in result.stdout
    file = tmp_path / "prompt.txt"
    file.write_text("abc", encoding="utf-8")
    assert decoded(directory, "--prompt-file", file, "-T", 0.5, "--exact")["texts"] == record["texts"]
    assert record["exact_share"] == 1
    assert record["budget"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-T", 0.5], "--prompt TEXT"),
        (["-T", 0.5, "--prompt", ""], "prompt 0 is empty"),
        (["-T", 2, "--prompt", "a"], "at most 1 with method 'duel'"),
        (["-T", 0.5, "--prompt", "a", "--method", "batch", "--exact"], "--exact is for the duel"),
        (["-T", 0.5, "--prompt", "a", "--device", "nowhere"], "device 'nowhere' cannot be used"),
        (["-T", 0.5, "--prompt", "a", "--dtype", "int8"], "dtype must be one of"),
        (["-T", 0.5, "--prompt", "a", "--seed", -1], "seed must be"),
    ],
)
def test_bad_input_is_one_line(directory, words, message) -> None:
    error = run("decode", directory, *words).exception
    assert isinstance(error, ValueError)
    assert message in str(error)
    assert "\n" not in str(error)


def test_a_missing_checkpoint_is_named(tmp_path) -> None:
    error = run("decode", tmp_path / "none", "-T", 0.5, "--prompt", "a").exception
    assert isinstance(error, CheckpointError)
    assert "none" in str(error)


def test_without_torch_one_line_says_how_to_install_it(monkeypatch) -> None:
    for name in [name for name in sys.modules if name.startswith("simtemp.calm.")]:
        if name not in ("simtemp.calm.cli", "simtemp.calm.errors", "simtemp.calm.torch_required"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    error = run("decode", "anywhere", "-T", 0.5, "--prompt", "a").exception
    assert isinstance(error, TorchRequired)
    assert "pip install" in str(error)


def test_the_commands_are_described_without_torch() -> None:
    script = (
        "import sys, typer; from simtemp.calm.cli import register; register(typer.Typer()); "
        "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
