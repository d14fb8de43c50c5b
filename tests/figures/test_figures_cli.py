import sys

import pytest

from simtemp.cli import run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("picture", "ending"),
    [
        ("shapes", "png"),
        ("rejection", "svg"),
        ("cost", "pdf"),
        ("error", "svg"),
        ("error", "png"),
        ("draws", "svg"),
        ("rules", "pdf"),
        ("spread", "png"),
        ("choice", "svg"),
        ("nulls", "png"),
        ("evidence", "svg"),
        ("certificate", "pdf"),
        ("detection", "svg"),
    ],
)
def test_every_picture_and_every_format(picture, ending, tmp_path, capsys):
    path = tmp_path / f"{picture}.{ending}"
    assert (
        run(["plot", picture, "--base", "two:0.8", "--base", "peaked9", "-T", "0.5", "--quick", "-o", str(path)]) == 0
    )
    assert path.stat().st_size > 2000
    assert capsys.readouterr().out == f"wrote {path}\n"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["nothing", "-o", "a.png"], "nothing"),
        (["cost", "-o", "a.gif"], "output"),
        (["cost"], "output"),
        (["cost", "-o", "missing-folder/a.png", "--base", "two", "--quick"], "missing-folder"),
        (["cost", "-o", "a.png", "--base", "nothing:3"], "nothing"),
        (["cost", "-o", "a.png", "--base", "two", "-T", "1.5"], "temperature"),
        (["rejection", "-o", "a.png", "--base", "two", "-T", "0.3"], "temperature"),
        (["error", "-o", "a.png", "--base", "two", "-T", "0.3"], "temperature"),
        (["error", "-o", "a.png", "--base", "two", "-N", "0"], "batch_size"),
        (["draws", "-o", "a.png", "--base", "two", "-T", "1.5"], "temperature"),
        (["rules", "-o", "a.png", "--base", "two", "-T", "1"], "temperature"),
        (["spread", "-o", "a.png", "-N", "20"], "batch_size"),
        (["choice", "-o", "a.png", "--base", "two", "-N", "0"], "batch_size"),
        (["shapes", "-o", "a.png", "--base", "two", "-T", "-1"], "temperature"),
        (["shapes", "-o", "a.png", "--size", "5"], "size"),
        (["nulls", "-o", "a.png", "--base", "probs:1"], "base"),
        (["nulls", "-o", "a.png", "--method", "duel"], "method"),
        (["evidence", "-o", "a.png", "--method", "nothing"], "nothing"),
        (["evidence", "-o", "a.png", "-N", "20"], "batch_size"),
        (["certificate", "-o", "a.png", "--base", "two", "--size", "0"], "size"),
        (["detection", "-o", "a.png", "--base", "two", "-T", "-1"], "temperature"),
        (["cost", "-o", "a.png", "--base", "two", "--size", "0"], "size"),
        (["cost", "-o", "a.png", "--base", "two", "--size", "x"], "size"),
        (["cost", "-o", "a.png", "--base", "two", "--seed", "-1"], "seed"),
        (["cost", "-o", "a.png", "--base", "two", "--threads", "0"], "threads"),
        (["cost", "-o", "a.png", "-N", "20"], "batch_size"),
    ],
)
def test_bad_plots_end_in_one_line(words, named, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["plot", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert named in captured.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--base", "nothing:3"], "nothing"),
        (["--seed", "-1"], "seed"),
        (["--threads", "0"], "threads"),
        (["-o", "taken"], "taken"),
    ],
)
def test_bad_reports_end_in_one_line(words, named, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("a file where the folder should be")
    assert run(["report", "--quick", *words]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert named in captured.err


def test_commands_are_registered_without_heavy_imports():
    import subprocess

    program = "import sys, figures.cli; print(sorted({'numpy', 'matplotlib', 'pandas', 'numba', 'jinja2', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
