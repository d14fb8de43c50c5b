"""The picture of a store: its numbers, its refusals, and the command that draws it."""

import json
from pathlib import Path

import pytest

from figures import style
from figures.gallery import SWEEP, entry_of, settings
from figures.store_lines import draw_sweep, group_colours
from figures.store_sweep import sweep_data
from simtemp.cli import run
from simtemp.sweep import Cell, Outcome, Store, make_cell


def finished(kind: str, result: dict[str, float | None], **parameters: object) -> Outcome:
    return Outcome(cell(kind, **parameters), "done", json.dumps(result), 0.1)


def cell(kind: str, **parameters: object) -> Cell:
    return make_cell(kind, "nowhere:nothing", 1, parameters)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Made-up numbers: nothing in it was computed."""
    path = tmp_path_factory.mktemp("store") / "s.sqlite"
    law = [
        finished("law", {"tv": t / n, "kl": None}, base=base, temperature=t, batch_size=n, rule="published")
        for base in ("peaked9", "two:0.8")
        for t in (0.5, 0.1)
        for n in (20, 200, 2000)
    ]
    sample = [
        finished("sample", {"mean_draws": 10.0 / t + seed}, base="peaked9", temperature=t, method=method, seed=seed)
        for method in ("duel", "accepted")
        for t in (0.5, 0.25)
        for seed in (0, 2)
    ]
    batches = [
        finished("sample", {"mean_draws": 1.0 * n}, base="near", temperature=0.5, method="batch", seed=0, batch_size=n)
        for n in (20, 50)
    ]
    failed = cell("sample", base="peaked9", temperature=0.1, method="duel", seed=0)
    with Store(path) as opened:
        opened.add([*law, *sample, *batches, Outcome(failed, "failed", '{"error": "too dear"}', 0.1)])
    return str(path)


def test_exact_laws_are_what_is_usual(store: str) -> None:
    data = sweep_data(store)
    assert (data.x, data.y, data.by) == ("batch_size", "tv", "temperature")
    assert data.left_out == 0
    assert data.points["base"].unique().tolist() == ["peaked9", "two:0.8"]
    first = data.points[(data.points["base"] == "peaked9") & (data.points["group"] == "T = 0.1")]
    assert first["x"].tolist() == [20, 200, 2000]
    assert first["mean"].tolist() == pytest.approx([0.1 / 20, 0.1 / 200, 0.1 / 2000])


def test_repetitions_are_averaged_and_what_failed_is_counted(store: str) -> None:
    data = sweep_data(store, y="mean_draws", bases=["peaked9"])
    assert (data.x, data.by, data.left_out) == ("temperature", "method", 1)
    assert data.points[["group", "x", "mean", "cells"]].values.tolist() == [
        ["accepted", 0.25, 41.0, 2],
        ["accepted", 0.5, 21.0, 2],
        ["duel", 0.25, 41.0, 2],
        ["duel", 0.5, 21.0, 2],
    ]
    assert len(data.cells) == 8


def test_cells_of_one_point_must_be_repetitions(store: str) -> None:
    with pytest.raises(
        ValueError, match="batch_size differs between cells of one point of the picture: draw --by method,batch_size"
    ):
        sweep_data(store, y="mean_draws", bases=["near"])
    data = sweep_data(store, y="mean_draws", by="method,batch_size", x="temperature", bases=["near"])
    assert data.points["group"].tolist() == ["batch, batch_size 20", "batch, batch_size 50"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"y": "nothing"}, r"y must be a column of .*: one of .*batch_size.*tv.*, got 'nothing'"),
        ({"y": "method"}, "y must be a column of .*, got 'method'"),
        ({"x": "kl"}, "x must be a column of .*, got 'kl'"),
        ({"by": "temperature,foo"}, "by must be a column of .*, got 'foo'"),
        ({"x": "batch_size", "y": "mean_draws", "by": "rule"}, "no finished cell with batch_size, mean_draws and rule"),
        ({"bases": ["zipf:9,1"]}, "has no cells of base 'zipf:9,1'; it has near, peaked9, two:0.8"),
    ],
)
def test_what_cannot_be_drawn(store: str, asked: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sweep_data(store, **asked)


def test_stores_with_nothing_to_draw(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path) as opened:
        with pytest.raises(ValueError, match="is empty: nothing has been computed yet"):
            sweep_data(str(path))
        opened.add([Outcome(cell("sample", base="two"), "failed", '{"error": "too dear"}', 0.1)])
        with pytest.raises(ValueError, match="no finished cell: all 1 have failed, the first: too dear"):
            sweep_data(str(path))
        opened.add([finished("die", {"mean": 3.5}, sides=6)])
    with pytest.raises(ValueError, match=r"x, y and by must be given for cells of kind die; there are .*sides, mean"):
        sweep_data(str(path))
    data = sweep_data(str(path), x="sides", y="mean", by="kind")
    assert draw_sweep(data).axes[0].get_ylabel() == "mean"


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(store: str, narrow: bool) -> None:
    figure = draw_sweep(sweep_data(store), narrow=narrow)
    first, second = figure.axes
    assert (first.get_title(loc="left"), second.get_title(loc="left")) == ("peaked9", "two:0.8")
    assert (first.get_xscale(), first.get_yscale()) == ("log", "log")
    assert first.get_xlabel() == ("" if narrow else "batch size N (base draws an output)")
    assert first.get_ylabel() == "total variation from the target"
    assert {text.get_text() for text in first.texts} == {"T = 0.1", "T = 0.5"}
    assert {line.get_color() for line in first.lines} == {style.temperature_colour(0.1), style.temperature_colour(0.5)}
    assert first.get_ylim() == second.get_ylim()


def test_what_is_left_out_is_said(store: str) -> None:
    figure = draw_sweep(sweep_data(store, y="mean_draws", bases=["peaked9"]))
    assert [text.get_text() for text in figure.texts] == ["1 cells without such a number are not drawn"]
    assert len(figure.axes[0].lines) == 4  # of each method its cells and their mean


def test_a_method_keeps_its_colour() -> None:
    assert group_colours(["collision", "duel"], "method")["duel"] == "#137a5a"
    assert len(set(group_colours([f"batch_size {n}" for n in range(5)], "batch_size").values())) == 5


def test_settings() -> None:
    assert entry_of("sweep") is SWEEP
    assert settings(SWEEP, store="s.sqlite", y="tv", seed=3) == {"store": "s.sqlite", "y": "tv"}
    with pytest.raises(ValueError, match="give its file with --store FILE"):
        settings(SWEEP)
    with pytest.raises(ValueError, match="store is no setting of the picture 'cost', got 's'"):
        settings(entry_of("cost"), store="s")


def test_the_command(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "a.svg"
    assert (
        run(
            [
                "plot",
                "sweep",
                "--store",
                store,
                "--x",
                "temperature",
                "--y",
                "mean_draws",
                "--base",
                "peaked9",
                "-o",
                str(picture),
            ]
        )
        == 0
    )
    assert "base draws an output" in picture.read_text()
    assert run(["plot", "sweep", "--store", str(tmp_path / "none"), "-o", str(picture)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
