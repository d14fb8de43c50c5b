import json
import threading
import time
from dataclasses import replace

import pytest

from figures.report.display import display, plain_lines
from figures.report.write import write_report


def read(folder):
    return json.loads((folder / "results.json").read_text())


def test_ctrl_c_keeps_what_was_finished(tmp_path, tiny, no_pictures):
    def watcher(stage, done, total):
        if stage == "exact samplers judged" and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(tmp_path, bases=["two:0.8"], quick=True, effort=tiny, watcher=watcher)
    results = read(tmp_path)
    assert results["complete"] is False
    assert sum(cell["method"] == "exact" for cell in results["cells"]) == 3
    assert not (tmp_path / "index.html").exists()
    assert threading.active_count() == 1  # nothing is left running


@pytest.mark.slow
def test_a_page_that_cannot_be_written_leaves_the_results(tmp_path, tiny, no_pictures):
    (tmp_path / "index.html").mkdir()
    with pytest.raises(OSError, match=r"index\.html"):
        write_report(tmp_path, bases=["two:0.8"], quick=True, effort=tiny)
    assert len(read(tmp_path)["cells"]) > 5
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_when_time_is_up_cells_are_left_out_and_the_page_is_made(tmp_path, tiny, no_pictures):
    page = write_report(tmp_path, bases=["two:0.8"], quick=True, effort=replace(tiny, seconds=0.0))
    cells = read(tmp_path)["cells"]
    assert {cell["status"] for cell in cells} == {"NOT RUN"}
    assert "out of time" in {cell["reason"] for cell in cells}
    assert "No cell came to a verdict" in page.read_text()
    assert read(tmp_path)["gallery"] is None  # and the judge on planted faults with them


@pytest.mark.slow
def test_numbers_do_not_depend_on_threads(tmp_path, tiny, grid, report, no_pictures):
    two = read(report)  # on two threads
    bases, effort = [base["base"] for base in two["bases"]], replace(tiny, explorer=(grid,))
    write_report(tmp_path, bases=bases, seed=two["seed"], quick=True, threads=1, effort=effort)
    one = read(tmp_path)
    del two["adaptive"]  # read, not computed
    for results in (one, two):
        for name in ("seconds", "threads", "figures", "command"):
            del results[name]
        for cell in results["cells"]:
            del cell["seconds"]
    assert one == two


@pytest.mark.slow
def test_degenerate_bases(tmp_path, tiny):
    page = write_report(tmp_path, bases=["probs:1.0", "uniform:2"], quick=True, effort=tiny)
    assert "Unbiased here: batch sampler" in page.read_text()


def test_lines_without_a_terminal(capsys):
    watch = plain_lines()
    watch("pictures drawn", 1, 4)
    watch("pictures drawn", 4, 4)
    watch("pictures drawn", 4, 4)
    assert capsys.readouterr().err.rstrip("\n").split("  ")[-1] == "pictures drawn: 4 done"


def test_bars_on_a_terminal(monkeypatch, capsys):
    import sys

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with display() as watch:
        watch("pictures drawn", 1, 4)
        watch("pictures drawn", 4, 4)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "pictures drawn" in captured.err


@pytest.mark.slow
def test_the_quick_report_of_the_suite_and_text(tmp_path):
    """Certified on the suite, biased where theory says so, and in tens of seconds."""
    began = time.monotonic()
    page = write_report(tmp_path, quick=True)
    assert time.monotonic() - began < 90  # thirty on two idle cores
    results = read(tmp_path)
    assert results["summary"]["exact_rejected"] == results["summary"]["exact_open"] == []
    assert results["summary"]["unbiased_batch"] == ["two", "uniform:10"]
    text = next(cell for cell in results["cells"] if cell["key"] == "exact/published/text/0.1")
    assert (text["status"], text["reason"]) == ("NOT RUN", "out of reach")
    assert text["expected_draws"] == pytest.approx(1.47e16, rel=0.01)
    assert page.stat().st_size < 5e6
