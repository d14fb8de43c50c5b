"""The pictures of adaptive decoding: their numbers, their geometry, and that they are drawn wide and narrow."""

import numpy as np
import pytest

from figures.adaptive_examples import chosen_examples, example_grid
from figures.adaptive_heat import heat_colour
from figures.adaptive_kinds import draw_kinds, kinds_data
from figures.adaptive_learning import draw_learning, learning_data
from figures.adaptive_places import draw_places, places_data
from figures.adaptive_results import ResultsError
from figures.adaptive_scores import draw_scores, scores_data
from figures.adaptive_world import LIMIT, draw_world, world_data
from figures.gallery import GALLERY, plot_command, settings
from figures.picture import render
from simtemp.cli import run

PICTURES = ("adaptive-scores", "adaptive-kinds", "adaptive-places", "adaptive-learning", "adaptive-world")


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes]


def test_scores_are_paired_with_their_differences(adaptive_results) -> None:
    own = scores_data(adaptive_results).policies.query("task == 'mixed'")
    assert own["policy"].tolist() == ["adaptive", "EDT, T0 = 1", "T = 0", "T = 0.5", "T = 1"]
    assert own["best"].tolist() == [False, False, True, False, False]
    assert np.isnan(own["difference"].iloc[0])
    assert own["difference"].iloc[2:].round(2).tolist() == [0.07, 0.14, 0.21]


def test_scores_say_which_differences_exclude_zero(adaptive_results) -> None:
    figure = draw_scores(scores_data(adaptive_results))
    assert titles(figure) == ["mixed", "constrained", "mixed, CALM"]
    weights = {text.get_text(): text.get_fontweight() for text in figure.axes[0].texts}
    assert weights["+0.070 [−0.020, 0.090]"] == "normal"
    assert weights["+0.140 [0.050, 0.160]"] == "bold"


def test_bars_of_kinds_are_as_high_as_their_shares(adaptive_results) -> None:
    data = kinds_data(adaptive_results)
    assert data.shares.groupby(["task", "kind"])["share"].sum().tolist() == pytest.approx([1.0] * 4)
    figure = draw_kinds(data)
    heights = [-bar.get_height() for bar in figure.axes[0].patches]
    assert np.divide(heights, heights[0]) == pytest.approx(np.divide([0.9, 0.1, 0.0, 0.0, 0.25, 0.75], 0.9))
    assert "75 %" in texts(figure)


def test_places_are_blank_where_no_response_has_the_label(adaptive_results) -> None:
    data = places_data(adaptive_results)
    own = data.places.query("task == 'constrained' and label == 'constrained'")
    assert own["place"].tolist() == [0, 2, 3]
    assert "mixed" not in data.temperatures  # asked once a response: it has no places
    figure = draw_places(data)
    assert titles(figure)[1:3] == ["constrained: mean temperature", "constrained: examples"]
    assert len(figure.axes[1].patches) == 6
    assert [axes.get_xlabel() for axes in figure.axes[1::2]] == ["token of the response", "block of the response"]


def test_an_example_on_its_grid() -> None:
    example = {"prompt": "abcdef", "pieces": ["x\n", "y"], "temperatures": [0.5, 1.0], "labels": ["free", "bound"]}
    grid = example_grid(example, columns=4, prompt=3)
    assert "".join(cell.text for cell in grid) == "…efx↵y"
    assert [(cell.column, cell.line) for cell in grid] == [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1)]
    assert [cell.temperature for cell in grid] == [None, None, None, 0.5, 0.5, 1.0]
    assert grid[-1].label == "bound"


def test_examples_of_different_kinds_are_chosen_first() -> None:
    examples = [
        {"kind": kind, "pieces": pieces} for kind, pieces in (("a", ["x"]), ("a", ["y"]), ("c", []), ("b", ["z"]))
    ]
    assert [example["pieces"] for example in chosen_examples(examples, 3)] == [["x"], ["z"], ["y"]]


def test_heat_colours_stay_apart_and_inside() -> None:
    assert len({heat_colour(t, 1.3) for t in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3)}) == 7
    assert heat_colour(2.0, 1.0) == heat_colour(1.0, 1.0)
    assert heat_colour(0.0, 0.0) == heat_colour(0.0, 1.0)


def test_learning_curves_are_by_seed_with_their_mean(adaptive_results) -> None:
    figure = draw_learning(learning_data(adaptive_results))
    reward = figure.axes[0]
    assert [len(line.get_xdata()) for line in reward.get_lines()] == [4, 4, 4]
    assert reward.get_lines()[-1].get_ydata() == pytest.approx([0.5, 0.55, 0.6, 0.65])
    losses = figure.axes[3]
    assert losses.get_lines()[0].get_xdata().tolist() == [1, 2, 3]  # of the first round there is none


def test_the_known_world_shows_the_limit_the_optimum_and_the_picks(adaptive_results) -> None:
    data = world_data(adaptive_results)
    assert data.contexts.query("optimal")["temperature"].tolist() == [0.2, 1.0]
    figure = draw_world(data)
    assert titles(figure) == [
        "Regret by loss",
        "Regret by step",
        "A",
        "B",
    ]
    assert [100 * LIMIT] * 2 in [list(line.get_xdata()) for line in figure.axes[0].get_lines()]
    areas = [picks.get_sizes().tolist() for picks in figure.axes[2].collections]
    assert areas == [[75.0], [18.75, 56.25]]


def test_what_is_not_there_is_said(adaptive_results, tmp_path) -> None:
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "results.json").write_text((adaptive_results / "world" / "results.json").read_text())
    for data in (scores_data, kinds_data, places_data, learning_data):
        with pytest.raises(ResultsError, match="no "):
            data(tmp_path)
    (tmp_path / "world").rename(tmp_path / "mixed")
    (tmp_path / "mixed" / "results.json").write_text((adaptive_results / "mixed" / "results.json").read_text())
    with pytest.raises(ResultsError, match=r"world/results\.json is missing"):
        world_data(tmp_path)
    with pytest.raises(ResultsError, match="no temperatures by place"):
        places_data(tmp_path)


def test_settings_and_commands() -> None:
    assert [name for name, entry in GALLERY.items() if entry.of_results] == list(PICTURES)
    entry = GALLERY["adaptive-scores"]
    assert settings(entry, results="dir", seed=3, quick=True) == {"results": "dir"}
    with pytest.raises(ValueError, match="--results DIR"):
        settings(entry)
    with pytest.raises(ValueError, match="results is no setting"):
        settings(GALLERY["cost"], results="dir")
    command = plot_command(entry, "a.svg", results="my dir")
    assert command == "simtemp plot adaptive-scores --results 'my dir' -o a.svg"


@pytest.mark.slow
@pytest.mark.parametrize("picture", PICTURES)
def test_the_command_draws_it_and_a_phone_has_its_own(picture, adaptive_results, tmp_path, capsys) -> None:
    path = tmp_path / "a.svg"
    assert run(["plot", picture, "--results", str(adaptive_results), "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"wrote {path}\n"
    entry = GALLERY[picture]
    narrow = entry.draw(entry.data(adaptive_results), narrow=True)
    assert narrow.get_figwidth() < 4.6
    assert len(render(narrow, "svg")) > 0.8 * path.stat().st_size  # as much is said


@pytest.mark.parametrize(
    "more", [[], ["--results", "missing"], ["--results", ".", "--base", "two"], ["--results", "."]]
)
def test_bad_input_ends_in_one_line(more, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["plot", "adaptive-scores", *more, "-o", "a.svg"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
