"""The accuracy-diversity curve drawn from points made by hand."""

import pandas as pd
import pytest

from figures.calm_curve import draw_calm, left_out, temperature_labels
from figures.calm_points import WAYS, CalmData
from figures.picture import render
from figures.report.captions import CAPTIONS


@pytest.fixture(scope="module")
def data():
    """Three ways at two temperatures, of which one is too cold for exact blocks."""
    cells = [(t, way) for t in (0.5, 0.2) for way in WAYS if (t, way) != (0.2, "exact")]
    points = pd.DataFrame(cells, columns=["temperature", "way"]).assign(draws=20.0, milliseconds=1.0)
    for name, share in (("accuracy", 0.3), ("collisions", 0.6)):
        value = share - 0.2 * points["temperature"]
        points = points.assign(**{name: value, f"{name}_low": value - 0.1, f"{name}_high": value + 0.1})
    return CalmData(points, contexts=300, budget=20, max_draws=30, patch_size=2, too_dear=(0.2,), level=0.95)


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(data, narrow) -> None:
    figure = draw_calm(data, narrow=narrow)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "Accuracy and diversity",
        "Draws a block",
        "Milliseconds a block",
    ]
    assert b"duel in 20 draws" in render(figure, "svg")


def test_points_that_coincide_share_a_label() -> None:
    points = pd.DataFrame({"temperature": [0.1, 0.2, 1 / 3, 1.0], "collisions": [0.71, 0.7, 0.5, 0.1], "accuracy": 0.2})
    assert [said for _, _, said in temperature_labels(points)] == ["T = 1", "1/3", "0.2, 0.1"]


def test_what_is_left_out_is_said(data) -> None:
    assert left_out(data) == "no exact point at T = 0.2:\na block takes > 30 draws in some context"
    assert "No exact point" in CAPTIONS["calm"](data).text
