import numpy as np
import pytest

import simtemp
from figures.rejection import draw_rejection, log_odds, rate_ticks, rejection_data

ALPHA = 1e-6
BASES = ["two:0.3", "peaked9", "uniform:10"]
TEMPERATURES = [1 / 2, 1 / 3, 1 / 4, 1 / 5]


@pytest.fixture(scope="module")
def data():
    """Intervals at a level that makes the whole table miss with probability ALPHA at most."""
    return rejection_data(BASES, TEMPERATURES, size=3000, seed=1, max_draws=1e7, level=1 - ALPHA / 12)


def test_curves_are_the_closed_form(data):
    for row in data.curves.iloc[::37].itertuples():
        exact = simtemp.acceptance_rate(simtemp.parse_base(row.base).probs, row.temperature)
        assert 10**row.log10_acceptance == pytest.approx(exact, rel=1e-9)


def test_simulated_intervals_contain_the_closed_form(data):
    """All of them, except with probability 1e-6."""
    for row in data.points.itertuples():
        exact = simtemp.acceptance_rate(simtemp.parse_base(row.base).probs, row.temperature)
        assert row.low < exact < row.high
        assert row.acceptance == row.outputs / row.trials


def test_a_wrong_exponent_would_be_seen(data):
    """Planted fault: a sampler whose exponent is 4 % too large is outside most intervals of this size."""
    outside = [
        not row.low < simtemp.acceptance_rate(simtemp.parse_base(row.base).probs, row.temperature / 1.04) < row.high
        for row in data.points.itertuples()
    ]
    assert np.mean(outside) > 0.5


def test_dear_points_are_left_to_the_curve():
    data = rejection_data(["uniform:10"], [1 / 2, 1 / 10], size=100, max_draws=1e5)
    assert data.points["temperature"].tolist() == [0.5]
    assert data.curves["temperature"].min() == pytest.approx(0.1)


def test_same_seed_same_points_whatever_else_is_drawn():
    alone = rejection_data(["near"], [0.5], size=200, seed=7).points
    beside = rejection_data(["two", "near"], [0.25, 0.5], size=200, seed=7, threads=2).points
    again = beside[(beside["base"] == "near") & (beside["temperature"] == 0.5)]
    assert again["trials"].tolist() == alone["trials"].tolist()
    assert rejection_data(["near"], [0.5], size=200, seed=8).points["trials"].tolist() != alone["trials"].tolist()
    assert beside["seed"].is_unique


def test_log_odds_can_be_read_at_both_ends():
    assert log_odds(np.array([-9.0, np.log10(0.5)])).tolist() == pytest.approx([9.0, 0.0], abs=1e-8)
    assert log_odds(np.log10(np.array([1 - 1e-9]))).item() == pytest.approx(-9.0, abs=1e-6)
    assert log_odds(np.array([-300.0])).item() == pytest.approx(300.0)  # 1 - rate has been lost to rounding long before
    assert log_odds(np.array([0.0])).item() == -np.inf


def test_ticks_say_rates_and_trials():
    places, rates, trials = rate_ticks(6.3)
    assert rates == ["0.1", "0.5", "0.9", "0.99", "0.999", "0.9999", "1 − 10⁻⁵", "1 − 10⁻⁶"]
    assert trials == ["1.1", "2", "10", "100", "1,000", "10,000", "10⁵", "10⁶"]
    assert np.diff(places).min() > 0
    assert len(rate_ticks(40.0)[0]) < 12


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(data, narrow):
    figure = draw_rejection(data, narrow=narrow)
    axes = figure.axes[0]
    said = " ".join(text.get_text() for text in axes.texts)
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "temperature T"
    assert "rejection rate" in axes.get_ylabel()
    assert all(base in said for base in BASES)
    assert f"{100 * data.level:g} % intervals" in said


def test_a_base_without_any_rejection_can_be_drawn():
    draw_rejection(rejection_data(["probs:1.0"], [0.5], size=60))


@pytest.mark.parametrize("temperature", [0.4, 1.0, 0.0, -1.0, float("nan"), 2.0])
def test_points_only_where_draws_count_trials(temperature):
    with pytest.raises(ValueError, match="temperature must be 1/n"):
        rejection_data(["two"], [temperature])


@pytest.mark.parametrize("size", [0, -1, 2.5])
def test_bad_sizes(size):
    with pytest.raises(ValueError, match="size"):
        rejection_data(["two"], size=size)
