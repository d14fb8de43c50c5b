"""The command `simtemp calm train` on micro models."""

import json

import pytest
import typer

from simtemp import cli
from simtemp.calm.train_command import train

SIZE = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "latent_size": 6,
    "noise_size": 5,
    "num_mlp_layers": 1,
    "autoencoder": {"hidden_size": 16, "intermediate_size": 24},
}


@pytest.fixture
def command(monkeypatch, tmp_path, capsys):
    """Runs the command on a small text; gives exit code, stdout and stderr."""
    app = typer.Typer()
    app.command("train")(train)
    app.command("other")(lambda: None)
    monkeypatch.setattr(cli, "build_app", lambda: app)
    (tmp_path / "text.txt").write_text("".join(f"{number} and {number * number} are numbers\n" for number in range(60)))
    (tmp_path / "size.json").write_text(json.dumps(SIZE))

    def run(*arguments: str) -> tuple[int, str, str]:
        given = ["--size", str(tmp_path / "size.json"), "-o", str(tmp_path / "model"), "--threads", "1", *arguments]
        if "--text" not in arguments:
            given += ["--text", str(tmp_path / "text.txt")]
        code = cli.run(["train", *given])
        return code, *capsys.readouterr()

    return run


STEPS = ("--steps", "3", "--autoencoder-steps", "3", "--json")


@pytest.mark.slow
def test_it_trains_and_prints_what_is_reached(command, tmp_path):
    code, out, err = command(*STEPS)
    assert (code, err) == (0, "")
    record = json.loads(out)
    assert {"reconstruction", "brier_lm", "unigram_brier_lm", "bigram_brier_lm", "parameters", "seconds"} <= set(record)
    assert {"config.json", "model.safetensors", "tokenizer.json", "training"} <= {
        path.name for path in tmp_path.joinpath("model").iterdir()
    }
    again, out, _ = command("--json")  # without steps: those of the plan
    assert again == 0
    assert json.loads(out)["steps"] == 3


@pytest.mark.slow
def test_another_plan_is_refused_and_fresh_starts_over(command):
    assert command(*STEPS)[0] == 0
    code, _, err = command(*STEPS, "--seed", "1")
    assert code == 2
    assert "another seed" in err
    assert command(*STEPS, "--seed", "1", "--fresh")[0] == 0


@pytest.mark.slow
def test_minutes_are_measured(command):
    code, out, _ = command("--minutes", "0.02", "--tokenizer", "bytes", "--json")
    assert code == 0
    assert json.loads(out)["steps"] >= 1


@pytest.mark.slow
def test_ctrl_c_saves_and_says_so(command, monkeypatch):
    from contextlib import contextmanager

    from simtemp import interruption

    @contextmanager
    def pressed():
        yield lambda: True

    with monkeypatch.context() as patch:
        patch.setattr(interruption, "interrupted", pressed)
        code, out, err = command(*STEPS)
    assert code == 2
    assert out == ""
    assert err == "simtemp: stopped at step 1 of 3 of the autoencoder; the same command goes on from there\n"
    assert command(*STEPS)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--text", "/nowhere/text.txt"), "/nowhere/text.txt"),
        (("--tokenizer", "words"), "characters, bytes or an existing file"),
        (("--head", "gaussian"), "head must be one of energy, flow, diffusion"),
        (("--steps", "0"), "steps must be an integer >= 1"),
        (("--minutes", "0"), "minutes must be in"),
        (("--minutes", "1", "--steps", "5"), "not both"),
        (("--seed", "-1"), "seed must be"),
        (("--size", "/nowhere/size.json"), "/nowhere/size.json"),
    ],
)
def test_bad_input_is_one_line(command, arguments, message):
    code, out, err = command(*arguments)
    assert code == 2
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("text", ["", "abc"])
def test_a_text_too_short_is_one_line(command, tmp_path, text):
    (tmp_path / "short.txt").write_text(text)
    code, _, err = command("--text", str(tmp_path / "short.txt"))
    assert code == 2
    assert "is empty" in err or "too short" in err
    assert err.count("\n") == 1
