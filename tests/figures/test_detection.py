import math

import numpy as np
import pytest

import simtemp
from figures.detection import KINDS, detection_data, divergence, draw_detection, faulty_law

TARGET = simtemp.parse_base("zipf:100,1.1").probs


@pytest.fixture(scope="module")
def data():
    return detection_data(["peaked9"], [1.0], size=12, distances=[0.3, 0.1, 0.03], seed=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tv", [0.3, 0.01, 1e-4])
def test_faults_have_the_size_that_is_asked_for(kind, tv):
    law = faulty_law(TARGET, kind, tv)
    assert law.sum() == pytest.approx(1, abs=1e-12)
    assert simtemp.total_variation(law, TARGET) == pytest.approx(tv, rel=1e-6)


def test_kinds_are_what_they_say():
    tilt, one, spread = (faulty_law(TARGET, kind, 0.05) for kind in KINDS)
    slope = np.diff(np.log(tilt)) / np.diff(np.log(TARGET))
    assert slope == pytest.approx(slope[0])
    assert slope[0] > 1
    assert (one > TARGET).sum() == 1
    assert (spread > TARGET).sum() == 50
    assert np.unique(np.round(spread / TARGET, 12)).size == 2


@pytest.mark.parametrize("kind", KINDS)
def test_faults_that_cannot_be_so_large(kind):
    assert faulty_law(np.array([0.9, 0.1]), kind, 0.2) is None
    assert faulty_law(np.ones(1), kind, 0.2) is None


def test_no_temperature_is_wrong_on_a_uniform_target():
    assert faulty_law(np.full(10, 0.1), "tilt", 0.01) is None


def test_larger_faults_are_found_sooner_and_none_beats_the_bound(data):
    """The bound is one on the mean; 12 runs of a mean at least it lie below a third of it with probability below 1e-6."""
    for _, curve in data.curves.groupby("fault"):
        by_size = curve.sort_values("tv")
        assert (np.diff(by_size["median"]) <= 0).all()
        assert (by_size["low"] <= by_size["median"]).all()
        assert (by_size["median"] <= by_size["high"]).all()
        assert (by_size["median"] > by_size["bound"] / 3).all()


def test_the_bound_is_wald():
    data = detection_data(["two:0.5"], [1.0], size=1, distances=[0.1])
    law = np.array([0.6, 0.4])
    kl = 0.6 * math.log(1.2) + 0.4 * math.log(0.8)
    assert divergence(law, np.full(2, 0.5)) == pytest.approx(kl, rel=1e-12)
    assert data.curves["fault"].tolist() == ["one", "spread"]
    assert data.curves["bound"].to_numpy() == pytest.approx(math.log(1e6) / kl, rel=1e-9)


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(data, narrow):
    figure = draw_detection(data, narrow=narrow)
    said = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert "α = 10⁻⁶: median of 12 runs" in said
    assert "middle 80 %" in said
    assert all(name in said for name, _ in KINDS.values())


@pytest.mark.parametrize(
    ("given", "named"), [({"size": 0}, "size"), ({"distances": [1.5]}, "tv"), ({"alpha": 0}, "alpha")]
)
def test_bad_arguments(given, named):
    with pytest.raises(ValueError, match=named):
        detection_data(["two:0.7"], **given)
