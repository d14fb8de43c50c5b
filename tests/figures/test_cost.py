import numpy as np
import pytest

import simtemp
from figures.cost import BOTH_DIFFER_FROM, CEILING, cost_data, draw_cost, exponent_grid

ALPHA = 1e-6
TEMPERATURES = (1.0, 0.8, 0.5, 0.4, 0.3, 0.25)


@pytest.fixture(scope="module")
def data():
    return cost_data(["two:0.3", "peaked9"], TEMPERATURES, size=20_000, seed=2, max_draws=2e7, level=1 - ALPHA / 16)


def test_curves_are_the_closed_forms(data):
    for row in data.curves.iloc[::13].to_dict("records"):
        probs = simtemp.parse_base(row["base"]).probs
        assert 10 ** row["published"] == pytest.approx(simtemp.expected_draws(probs, row["temperature"]), rel=1e-9)
        assert row["published"] <= row["bound"] + 1e-9
        if 1 / row["temperature"] >= BOTH_DIFFER_FROM:
            early = simtemp.expected_draws(probs, row["temperature"], early_exit=True)
            assert 10 ** row["early exit"] == pytest.approx(early, rel=1e-9)
        else:
            assert np.isnan(row["early exit"])


def test_simulated_intervals_contain_the_closed_form(data):
    """All of them, except with probability 1e-6 (up to the normal approximation of means of 20,000)."""
    assert len(data.points) == 2 * (len(TEMPERATURES) + 2)
    for row in data.points.itertuples():
        assert row.low <= row.expected <= row.high


def test_the_other_variant_would_be_seen(data):
    """Planted fault: the closed form of the published sampler beside runs with early exit."""
    for row in data.points[data.points["variant"] == "early exit"].itertuples():
        assert simtemp.expected_draws(simtemp.parse_base(row.base).probs, row.temperature) > row.high


def test_the_cost_jumps_at_whole_exponents():
    grid, whole = exponent_grid(3.5)
    assert grid[whole].tolist() == [1.0, 2.0, 3.0]
    assert (np.diff(grid) > 0).all()
    assert grid[-1] < 3.5
    curves = cost_data(["uniform:10"], [1.0], size=60).curves
    at_one, just_below = curves.iloc[0], curves.iloc[1]
    assert 10 ** at_one["published"] == 1.0
    assert 10 ** just_below["published"] == pytest.approx(11.0, rel=0.01)


def test_means_that_rare_categories_rule_are_left_out():
    data = cost_data(["geometric:39,0.5"], [0.95, 0.5], size=500)
    assert set(data.points["temperature"]) == {0.5}


def test_points_at_t_one_have_no_width(data):
    ones = data.points[data.points["temperature"] == 1.0]
    assert (ones[["mean", "low", "high"]] == 1.0).all().all()


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(narrow):
    data = cost_data(["two", "uniform:1000"], [0.5], size=60)
    figure = draw_cost(data, narrow=narrow)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["two", "uniform:1000"]
    for axes in figure.axes:
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        assert axes.get_ylim()[1] <= CEILING * 1.0001
    assert figure.axes[0].get_ylabel() == "base draws an output"
    (legend,) = figure.legends
    assert "99 % intervals" in legend.get_title().get_text()
    assert "1.00 × 10²⁸\nat T = 0.1" in [text.get_text() for text in figure.axes[1].texts]


@pytest.mark.parametrize("temperature", [0.0, 1.2, float("nan")])
def test_bad_temperatures(temperature):
    with pytest.raises(ValueError, match="temperature"):
        cost_data(["two"], [temperature])
