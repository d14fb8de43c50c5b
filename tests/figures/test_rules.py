import numpy as np
import pytest

import simtemp
from figures.rules import NAMES, draw_rules, exact_rules, held_out_excess, rules_data

ALPHA = 1e-6


@pytest.fixture(scope="module")
def data():
    return rules_data(["two:0.8"], [0.25, 0.7], [5, 20], size=40_000, seed=2, max_draws=1e6, level=1 - ALPHA / 16)


def test_curves_are_the_exact_laws(data):
    probs = simtemp.parse_base("two:0.8").probs
    assert exact_rules(0.25) == ("published",)
    assert exact_rules(0.7) == ("plug-in", "falling")
    for row in data.curves.iloc[::5].itertuples():
        tables = simtemp.methods.batch_tables(row.temperature, row.batch_size, row.rule)
        law = simtemp.rule_law(probs, tables[0], row.batch_size)
        assert row.tv == pytest.approx(simtemp.total_variation(law, simtemp.temper(probs, row.temperature)), abs=1e-10)


def test_no_point_claims_more_than_its_certified_bound(data):
    duels = data.points[data.points["rule"] == "duel in N"]
    assert len(duels) == 4
    assert (duels["low"] <= duels["bound"]).all()
    assert (duels["unfinished"] < duels["bound"]).all()
    assert data.points.loc[data.points["rule"] == "corrected", "bound"].isna().all()


def test_the_excess_of_an_exact_sampler_is_nothing_and_of_a_planted_one_its_error():
    """Both intervals miss with probability 1e-6."""
    target = np.array([0.5, 0.3, 0.2])
    rng = np.random.default_rng(8)
    _, low, high = held_out_excess(rng.choice(3, 50_000, p=target), target, 1 - ALPHA)
    assert low <= 0 <= high
    _, low, high = held_out_excess(rng.choice(3, 50_000, p=[0.4, 0.4, 0.2]), target, 1 - ALPHA)
    assert 0 < low < 0.1 < high < 0.13


def test_the_bound_falls_as_the_budget_grows(data):
    for _, mine in data.points[data.points["rule"] == "duel in N"].groupby("temperature"):
        assert mine["bound"].is_monotonic_decreasing


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(data, narrow):
    figure = draw_rules(data, narrow=narrow)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["two:0.8, T = 0.25", "T = 0.7"]
    for axes in figure.axes:
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    (legend,) = figure.legends
    said = [text.get_text() for text in legend.get_texts()]
    assert set(NAMES.values()) < set(said)
    assert "bounds it" in said[-1]


@pytest.mark.parametrize(
    ("temperatures", "sizes", "message"),
    [([1.0], [20], "temperature"), ([2.0], [20], "temperature"), ([0.5], [0], "batch_size")],
)
def test_bad_settings(temperatures, sizes, message):
    with pytest.raises(ValueError, match=message):
        rules_data(["two"], temperatures, sizes)
