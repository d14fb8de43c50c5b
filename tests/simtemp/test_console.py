"""What commands print, wherever they print it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from simtemp.console import show_table

LONG = {"first": "x" * 70, "second": "y" * 70, "interval": "[-0.123456, +0.123456]"}


def test_a_pipe_gets_whole_tables(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    show_table([LONG])
    shown = capsys.readouterr().out
    assert all(f" {value} " in shown for value in LONG.values())


def test_a_narrow_terminal_cuts_nothing_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show_table([LONG])
    shown = capsys.readouterr().out
    assert (shown.count("x"), shown.count("y"), shown.count("6")) == (70, 70, 2)
    assert "…" not in shown


@pytest.mark.slow
def test_without_colour_or_a_terminal_or_unicode() -> None:
    def law(*arguments: str, **environment: str) -> bytes:
        command = [sys.executable, "-m", "simtemp", "law", "--base", "two", "-T", "0.5", *arguments]
        done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=True)
        assert done.stderr == b""
        return done.stdout

    plain = law(NO_COLOR="1")
    assert b"\x1b" not in plain
    assert plain.decode().count("\n") == law(COLUMNS="10").decode().count("\n")
    ascii_only = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    assert law(**ascii_only).isascii()
    assert law("--help", **ascii_only).isascii()
    assert json.loads(law("--json", **ascii_only)) == json.loads(law("--json"))
