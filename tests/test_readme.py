"""What the README says is true: its code runs, its commands give what it says, its set-up is what CI runs."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from simtemp import parse_base, temper
from simtemp.cli import run

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.split("  #")[0].strip() for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S) for line in block.splitlines()
]


def test_python_block_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("EQUIVALENT 0.0")


def test_set_up_is_what_ci_runs() -> None:
    assert 'pip install -e ".[dev]" -c constraints.txt && pytest' in COMMANDS
    assert "pip install . -c constraints.txt && simtemp report" in COMMANDS
    assert 'pip install -q -e ".[dev]" -c constraints.txt && pytest' in (ROOT / ".ci" / "run").read_text(
        encoding="utf-8"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [line for line in COMMANDS if line.startswith("simtemp ") and "mymodule" not in line]
)
def test_commands_run(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if "outputs.npy" in command:
        target = temper(parse_base("zipf:100,1.1").probs, 0.8)
        np.save("outputs.npy", np.random.default_rng(0).choice(100, size=400_000, p=target))
    expected = 1 if "verify batch" in command else 0
    quick = ["--quick"] if " plot " in command else []
    assert run([*shlex.split(command)[1:], *quick]) == expected
    assert capsys.readouterr().out


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)]+)\)", TEXT))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).is_file()
