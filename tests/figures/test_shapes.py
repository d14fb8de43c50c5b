import numpy as np
import pytest

import simtemp
from figures.shapes import RANKS, draw_shapes, shapes_data


def test_every_category_of_a_small_base_is_there_at_every_temperature():
    data = shapes_data(["peaked9"], [float("inf"), 1.0, 0.5, 0.0])
    for temperature, curve in data.curves.groupby("temperature"):
        assert curve["probability"].sum() == pytest.approx(1.0)
        expected = np.sort(simtemp.temper(simtemp.parse_base("peaked9").probs, temperature))[::-1]
        assert curve["probability"].to_numpy() == pytest.approx(expected)
    assert data.categories == {"peaked9": 9}


def test_a_wide_base_is_thinned_and_keeps_both_ends():
    data = shapes_data(["uniform:5000", "zipf:5000,1"], [1.0])
    ranks = data.curves.groupby("base")["rank"]
    assert (ranks.size() <= RANKS).all()
    assert (ranks.min() == 1).all()
    assert (ranks.max() == 5000).all()


def test_categories_of_probability_zero_have_no_rank():
    data = shapes_data(["probs:0,0.25,0.75,0"], [float("inf")])
    assert data.curves["probability"].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(narrow):
    figure = draw_shapes(shapes_data(["peaked9", "zipf:1000,1.1"]), narrow=narrow)
    few, many = figure.axes
    assert (few.get_xscale(), few.get_yscale()) == ("linear", "linear")
    assert (many.get_xscale(), many.get_yscale()) == ("log", "log")
    assert few.get_ylabel() == "probability at temperature T"
    assert few.get_xlabel() == "category, most probable first"
    assert many.get_title(loc="left") == "zipf:1000,1.1  (1,000 categories)"
    assert [text.get_text() for text in few.texts][:3] == ["T = ∞", "T = 2", "T = 1"]


@pytest.mark.parametrize("temperatures", [[-1.0], [float("nan")]])
def test_bad_temperatures(temperatures):
    with pytest.raises(ValueError, match="temperature"):
        shapes_data(["two"], temperatures)
