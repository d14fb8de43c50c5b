import numpy as np
import pytest

import simtemp
from figures.spread import POINTS, draw_spread, spread_data, survival


@pytest.fixture(scope="module")
def data():
    return spread_data(["two:0.5"], [0.5, 0.2], size=4000, seed=1)


def test_survival_is_the_share_above():
    draws = np.random.default_rng(0).geometric(0.001, 5000)
    x, above = survival(draws)
    assert x.size <= POINTS
    assert above == pytest.approx([np.mean(draws > v) for v in x], abs=1e-12)
    assert (np.diff(above) < 0).all()
    assert above[-1] > 0


def test_the_published_cost_at_half_is_twice_a_geometric(data):
    """Hoeffding at 1e-6: 4,000 outputs, trials of two draws, half of them accepted."""
    mine = data.curves[(data.curves["sampler"] == "published") & (data.curves["temperature"] == 0.5)]
    allowed = np.sqrt(np.log(2 * len(mine) / 1e-6) / (2 * 4000))
    assert np.abs(mine["above"] - 0.5 ** (mine["draws"] / 2)).max() < allowed


def test_means_are_those_of_the_runs(data):
    row = data.quantiles[(data.quantiles["sampler"] == "duel") & (data.quantiles["temperature"] == 0.2)].iloc[0]
    run = simtemp.simulate("duel", "two:0.5", 0.2, int(row["outputs"]), seed=int(row["seed"]))
    assert row["mean"] == run.mean_draws
    assert np.mean(run.draws > row["q99"]) <= 0.01


def test_what_is_too_dear_is_left_out_and_still_drawn():
    data = spread_data(["uniform:10"], [0.1], size=100, max_draws=1e6)
    assert data.quantiles["sampler"].tolist() == ["duel"]
    assert len(draw_spread(data).axes) == 1


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(data, narrow):
    figure = draw_spread(data, narrow=narrow)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["two:0.5, T = 0.5", "two:0.5, T = 0.2"]
    assert all((axes.get_xscale(), axes.get_yscale()) == ("log", "log") for axes in figure.axes)
    assert any("published: mean" in text.get_text() for text in figure.axes[0].texts)
