import numpy as np
import pytest

import simtemp
from figures.error import draw_error, error_data, excess, outputs_wanted, slope_guide
from figures.laws import exact_batch_law, law_at_hand

ALPHA = 1e-6


@pytest.fixture(scope="module")
def data():
    return error_data(["two:0.8", "peaked9"], [1 / 2, 1 / 5], [10, 40], seed=3, max_draws=2e7, level=1 - ALPHA / 8)


@pytest.mark.slow
def test_curves_are_the_exact_law(data):
    for row in data.curves.iloc[::7].itertuples():
        probs = simtemp.parse_base(row.base).probs
        law = simtemp.batch_law(probs, round(1 / row.temperature), int(row.batch_size))
        assert row.tv == pytest.approx(simtemp.total_variation(law, simtemp.temper(probs, row.temperature)), abs=1e-12)
        assert row.effective_temperature == pytest.approx(simtemp.effective_temperature(law, probs), rel=1e-6)


def test_simulated_intervals_contain_the_exact_error(data):
    """All of them, except with probability 1e-6."""
    assert len(data.points) == 7  # the cold coin at N = 40 is too nearly right to be resolved
    for row in data.points.itertuples():
        assert row.low < row.tv < row.high


def test_a_sampler_without_the_bias_would_be_seen(data):
    """Planted fault: an exact sampler in the batch sampler's place has excess 0, which every interval here excludes."""
    assert (data.points["low"] > 0).all()
    probs = simtemp.parse_base("peaked9").probs
    target = simtemp.temper(probs, 0.5)
    run = simtemp.simulate("collision", "peaked9", 0.5, 200_000, seed=5)
    law = exact_batch_law(probs, 0.5, 10)
    _, _, high = excess(run.counts, law, target, 1 - ALPHA)
    assert high < simtemp.total_variation(law, target)


def test_excess_is_a_difference_of_probabilities():
    law, target = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.4, 0.4])
    estimate, low, high = excess(np.array([50, 30, 20]), law, target, 0.99)
    assert estimate == pytest.approx(0.3)
    assert low < 0.3 < high


def test_outputs_are_what_the_width_asks_for():
    assert outputs_wanted(0.0, 0.2, 0.99) == np.inf
    n = outputs_wanted(0.05, 0.2, 0.99)
    assert 2.5758 * 0.5 / np.sqrt(n) == pytest.approx(0.2 * 0.05, rel=1e-4)


def test_points_that_would_reach_zero_are_left_out():
    data = error_data(["peaked9"], [1 / 2], [1000], max_draws=1e6)
    assert data.points.empty
    assert data.curves["batch_size"].isin([1000]).any()


def test_the_guide_has_slope_minus_one_below_the_curve():
    x, y = slope_guide(np.array([10.0, 1000.0]), np.array([0.1, 0.001]))
    assert np.diff(np.log(y)) / np.diff(np.log(x)) == pytest.approx(-1)
    assert y[-1] < 0.001


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(data, narrow):
    figure = draw_error(data, narrow=narrow)
    above = figure.axes[0]
    assert (above.get_xscale(), above.get_yscale()) == ("log", "log")
    assert above.get_ylabel() == "total variation from the target"
    said = " ".join(text.get_text() for text in above.texts)
    assert "slope 1/N" in said
    assert f"{100 * data.level:g} % intervals" in said
    assert len(figure.axes) == 4
    assert any("effective temperature" in axes.get_ylabel() for axes in figure.axes)


def test_a_symmetric_base_has_nothing_to_show_and_says_so():
    figure = draw_error(error_data(["uniform:4"], [1 / 2], [20]))
    assert "no error at any N" in figure.axes[0].texts[0].get_text()


@pytest.mark.parametrize(
    ("temperatures", "sizes", "message"),
    [([0.3], [20], "temperature"), ([0.5], [0], "batch_size"), ([0.5], [2.5], "batch_size")],
)
def test_bad_settings(temperatures, sizes, message):
    with pytest.raises(ValueError, match=message):
        error_data(["two"], temperatures, sizes)


def test_laws_are_computed_once_and_cannot_be_changed():
    probs = np.array([0.6, 0.4])
    law = exact_batch_law(probs, 0.5, 20)
    assert law is exact_batch_law(probs.copy(), 0.5, 20)
    assert law == pytest.approx(simtemp.batch_law(probs, 2, 20), abs=1e-14)
    with pytest.raises(ValueError, match="read-only"):
        law[0] = 1.0


def test_wide_supports_of_distinct_probabilities_are_not_at_hand():
    rng = np.random.default_rng(0)
    assert law_at_hand(np.full(10**6, 1e-6), 1000)
    assert not law_at_hand(rng.dirichlet(np.ones(10**5)), 200)
