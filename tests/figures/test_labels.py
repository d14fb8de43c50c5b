import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from figures.labels import decade_ticks, power_of_ten, scientific, spread

positions = st.lists(st.floats(-10, 10), min_size=1, max_size=8)


@given(positions, st.floats(0.01, 5))
def test_labels_keep_their_distance_their_order_and_their_room(wanted, gap):
    placed = spread(wanted, gap, -10.0, 10.0)
    room = min(gap, 20.0 / max(len(wanted) - 1, 1))
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(placed[order]) >= room - 1e-9).all()
    assert placed.min() >= -10 - 1e-9
    assert placed.max() <= 10 + 1e-9


def test_labels_that_fit_do_not_move():
    assert spread([3.0, -1.0, 7.5], 1.0, -10.0, 10.0).tolist() == [3.0, -1.0, 7.5]


@pytest.mark.parametrize("seed", range(5))
def test_labels_move_as_little_as_possible(seed):
    """Against a general optimiser of the sum of squared moves."""
    wanted = np.sort(np.random.default_rng(seed).uniform(0, 3, 5))
    gap = 1.0
    limits = [{"type": "ineq", "fun": lambda y, i=i: y[i + 1] - y[i] - gap} for i in range(4)]
    best = minimize(lambda y: ((y - wanted) ** 2).sum(), np.arange(5.0), constraints=limits, tol=1e-12)
    assert spread(wanted, gap, -50.0, 50.0) == pytest.approx(best.x, abs=1e-4)


def test_no_labels():
    assert spread([], 1.0, 0.0, 1.0).size == 0


def test_decade_ticks_thin_out_over_many_decades():
    places, names = decade_ticks(1.0, 1e16)
    assert len(places) <= 7
    assert places[0] == 1.0
    assert names[-1] == power_of_ten(places[-1])


def test_numbers_as_text():
    assert power_of_ten(1e-12) == "10⁻¹²"
    assert scientific(1.472e16) == "1.47 × 10¹⁶"
