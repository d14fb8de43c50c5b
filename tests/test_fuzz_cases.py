"""What fuzzing found a fault with, kept: files (as the targets of `fuzz` read them) and command lines."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
NEED_TORCH = ("checkpoints", "experiments")
FILES = sorted(CASES.glob("*/*"))
COMMANDS = [
    pytest.param(words, id=ascii(" ".join(words))[1:61], marks=marks)
    for name, marks in (("command_lines.json", []), ("command_lines_slow.json", [pytest.mark.slow]))
    for words in json.loads((CASES / name).read_text(encoding="utf-8"))
]


@pytest.fixture(autouse=True)
def fuzz_is_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT)])


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(path, id=f"{path.parent.name}-{path.name}", marks=[pytest.mark.slow] if path.parent.name in NEED_TORCH else [])
        for path in FILES
    ],
)  # fmt: skip
def test_a_file_is_read_or_refused_in_one_line(case: Path) -> None:
    importlib.import_module(f"fuzz.{case.parent.name}").TARGET.check(case.read_bytes())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sys.path.append(str(ROOT))
    from fuzz.world import make_files

    sys.path.remove(str(ROOT))
    place = tmp_path_factory.mktemp("world")
    make_files(place)
    return place


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_line_ends_as_it_should(words: list[str], world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fuzz.command_line import fault, run_captured

    monkeypatch.chdir(world)
    code, out, err, seconds = run_captured(words)
    assert fault(words, code, out, err, seconds) is None, (code, out, err)


def test_the_check_itself_sees_what_is_wrong() -> None:
    from fuzz.command_line import fault

    right = '{"base": "two", "temperature": 0.5}\n'
    asked = ["sample", "--base", "x", "--base=two", "-T", "0.5", "--json"]
    assert fault(asked, 0, right, "", 0.1) is None
    assert fault([*asked, "-T", "0.4"], 0, right, "", 0.1) == "temperature is 0.5, asked was '0.4'"
    assert fault(asked, 0, right, "", 21.0) == "slow"
    assert fault(["sample", "--json"], 0, '{"a": NaN}', "", 0.1) == "not JSON: NaN in JSON"
    assert fault(["sample", "--json"], 0, right + "done", "", 0.1) is not None
    assert fault(["sample"], 70, "", "Traceback (most recent call last):\nKeyError: 1", 0.1) == "traceback: KeyError: 1"
    assert fault(["sample"], 1, "", "", 0.1) == "exit code 1"
    assert fault(["verify"], 1, "", "", 0.1) is None
    assert fault(["sample"], 2, "", "simtemp: size must be at least 1", 0.1) is None
    assert fault(["sample"], 2, "half", "simtemp: size must be at least 1", 0.1) == "an answer and an error"
    assert fault(["sample"], 2, "", "simtemp: one\nand more", 0.1) is not None
    assert fault(["sample"], 0, "", "simtemp: warning: overflow encountered in exp", 0.1) is not None
    assert fault(["sample"], 0, "", "", 21.0) == "slow"
