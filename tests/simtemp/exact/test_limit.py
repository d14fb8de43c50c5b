"""The lower bounds on the draws of an exact sampler: known values, brute force, and no exact sampler below them."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simtemp
from simtemp.exact.cost import expected_draws
from simtemp.exact.limit import counting_bound, cramer_rao_bound, draws_lower_bound, swap_bound

TEMPERATURES = [1.0, 0.95, 0.7, 0.5, 0.4, 1 / 3, 0.2, 0.1, 0.05, 0.01]


def dense_cramer_rao(probs: np.ndarray, temperature: float) -> float:
    """The top eigenvalue of ``diag(s**2 f/p)`` seen through the projection off sqrt(f), by LAPACK."""
    target = simtemp.temper(probs, temperature)
    root = np.sqrt(target)
    projection = np.eye(probs.size) - np.outer(root, root)
    matrix = projection @ np.diag(target / probs / temperature**2) @ projection
    return float(np.linalg.eigvalsh(matrix)[-1])


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(
    "base", [*simtemp.SUITE[:-1], "zipf:100,1.1", "two:0.3", "two:0.999", "dirichlet:30,0.5,1", "softmax:50,1.0,2"]
)
def test_cramer_rao_is_the_top_eigenvalue(base: str, temperature: float) -> None:
    probs = simtemp.parse_base(base).probs
    fast, target = cramer_rao_bound(probs, temperature), simtemp.temper(probs, temperature)
    largest = float((target / probs).max()) / temperature**2
    assert 0.0 <= fast <= largest * (1 + 1e-12)
    if fast <= 1e-10 * largest:
        # Rounding of the largest entry hides such an eigenvalue from LAPACK, which must then find next to nothing too.
        assert dense_cramer_rao(probs, temperature) <= 1e-9 * largest
    else:
        # LAPACK's error is relative to the largest entry, not to the eigenvalue.
        assert fast == pytest.approx(dense_cramer_rao(probs, temperature), rel=1e-9, abs=1e-13 * largest * probs.size)


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(st.lists(st.floats(1e-3, 1.0), min_size=2, max_size=6), st.floats(0.2, 1.0))
def test_cramer_rao_is_the_top_eigenvalue_of_any_small_base(weights: list[float], temperature: float) -> None:
    probs = np.array(weights) / sum(weights)
    target = simtemp.temper(probs, temperature)
    largest = float((target / probs).max()) / temperature**2
    fast = cramer_rao_bound(probs, temperature)
    assert fast == pytest.approx(dense_cramer_rao(probs, temperature), rel=1e-9, abs=1e-12 * largest)


def test_cramer_rao_of_two_categories_is_in_closed_form() -> None:
    """One direction only: h = (sqrt(f_2), -sqrt(f_1)), with value ``s**2 f_1 f_2 / (p_1 p_2)``, at any temperature and however small."""
    for p in (0.5, 0.6, 0.9, 0.999):
        for temperature in (1.0, 0.7, 0.1, 0.02):
            f = simtemp.temper([p, 1 - p], temperature)
            expected = f[0] * f[1] / (p * (1 - p)) / temperature**2
            # The root is found to 1e-12 of numbers of the size of s**2 f/p.
            allowed = 2e-12 * float(f[0]) / p / temperature**2
            assert cramer_rao_bound([p, 1 - p], temperature) == pytest.approx(expected, rel=1e-9, abs=allowed)


def test_no_statistic_beats_the_cramer_rao_bound() -> None:
    """It is a maximum over statistics g of the output with mean zero: random ones stay below."""
    rng = np.random.default_rng(111)
    for base in ("near", "peaked9", "uniform:10"):
        for temperature in (0.7, 0.2):
            probs = simtemp.parse_base(base).probs
            f, s = simtemp.temper(probs, temperature), 1 / temperature
            bound = cramer_rao_bound(probs, temperature)
            for _ in range(200):
                g = rng.normal(size=probs.size) * f ** rng.uniform(-1, 0)
                g -= f @ g
                assert s**2 * float((f**2 * g**2 / probs).sum() / (f * g**2).sum()) <= bound * (1 + 1e-12)


def brute_swap(probs: np.ndarray, temperature: float) -> float:
    """The definition over all pairs, with f from logarithms and equal probabilities by their limit."""
    support = probs[probs > 0]
    f, s = simtemp.temper(support, temperature), 1 / temperature
    best = 0.0
    for i, j in combinations(range(support.size), 2):
        if support[i] == support[j]:
            best = max(best, s**2 * f[i] / support[i])
        else:
            best = max(best, s * (f[i] - f[j]) / (support[i] - support[j]))
    return float(best)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(
    "base",
    [
        "two",
        "two:0.3",
        "peaked9",
        "near",
        "uniform:10",
        "geometric:39,0.5",
        "zipf:60,1.1",
        "softmax:50,1.0,2",
        "probs:0.5,0,0.25,0.25",
        "probs:0.4,0.4,0.2",
    ],
)
def test_swap_bound_is_the_steepest_of_all_pairs(base: str, temperature: float) -> None:
    probs = simtemp.parse_base(base).probs
    assert swap_bound(probs, temperature) == pytest.approx(brute_swap(probs, temperature), rel=1e-9)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(1, 50), min_size=2, max_size=7), st.floats(0.02, 1.0))
def test_swap_bound_is_the_steepest_of_all_pairs_of_any_small_base(weights: list[int], temperature: float) -> None:
    probs = np.array(weights) / sum(weights)
    # Pairs a rounding error apart are one probability to the brute force only if they are equal as integers.
    assert swap_bound(probs, temperature) == pytest.approx(brute_swap(probs, temperature), rel=1e-9)


def test_swap_bound_is_continuous_where_two_probabilities_meet() -> None:
    tied = swap_bound([0.4, 0.4, 0.2], 0.1)
    for gap in (1e-6, 1e-9, 1e-12, 1e-15):
        assert swap_bound([0.4 + gap, 0.4 - gap, 0.2], 0.1) == pytest.approx(tied, rel=1e-4)


@pytest.mark.parametrize(
    ("base", "swap", "cramer_rao", "counting"),
    [
        ("two:0.5", 100, 100, 10),
        ("peaked9", 96.5, None, 33),
        ("near", None, 125.2, None),
        ("uniform:10", 100, 100, 10),
        ("geometric:39,0.5", 39.9, None, 20),
        ("zipf:1000,1.1", 104.4, None, 56),
    ],
)
def test_known_values_at_a_tenth(
    base: str, swap: float | None, cramer_rao: float | None, counting: float | None
) -> None:
    probs = simtemp.parse_base(base).probs
    if swap is not None:
        assert swap_bound(probs, 0.1) == pytest.approx(swap, rel=2e-3)
    if cramer_rao is not None:
        assert cramer_rao_bound(probs, 0.1) == pytest.approx(cramer_rao, rel=1e-3)
    if counting is not None:
        assert counting_bound(probs, 0.1) == pytest.approx(counting, rel=0.02)
    largest = max(swap_bound(probs, 0.1), cramer_rao_bound(probs, 0.1), counting_bound(probs, 0.1))
    assert draws_lower_bound(probs, 0.1) == largest


def test_near_is_between_its_bounds() -> None:
    """Its two leading categories are almost tied: all that is known is 125.2, by swapping and by Cramér and Rao alike."""
    probs = simtemp.parse_base("near").probs
    assert draws_lower_bound(probs, 0.1) == pytest.approx(125.2, rel=2e-3)


def test_counting_counts_whole_draws() -> None:
    for temperature, times in ((1.0, 1), (0.7, 2), (0.5, 2), (0.4, 3), (0.1, 10), (1 - 0.9, 10)):
        f = simtemp.temper([0.7, 0.3], temperature)
        assert counting_bound([0.7, 0.3], temperature) == pytest.approx(times * float(f[0]) / 0.7, rel=1e-12)


@pytest.mark.parametrize("p", [0.5, 0.6, 0.8, 0.97])
@pytest.mark.parametrize("n", [1, 2, 5, 10])
def test_gamblers_ruin_attains_the_bound_for_two_categories(p: float, n: int) -> None:
    """Its mean, ``n (1 - 2 P(loss)) / (p - q)`` by Wald and n**2 at p = 1/2, is the swap bound: an exact sampler there, so no bound is
    above it."""
    q = 1 - p
    cost = n**2 if p == q else n * (p**n - q**n) / (p**n + q**n) / (p - q)
    assert swap_bound([p, q], 1 / n) == pytest.approx(cost, rel=1e-9)
    assert draws_lower_bound([p, q], 1 / n) <= max(1.0, cost) * (1 + 1e-9)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("base", [*simtemp.SUITE, "two:0.3", "two:0.999", "dirichlet:30,0.5,1", "softmax:50,1.0,2"])
def test_no_exact_sampler_is_below_the_bound(base: str, temperature: float) -> None:
    """Closed forms of the collision sampler, as published and with early exit. At T = 1 they and the bound are both one draw."""
    probs = simtemp.parse_base(base).probs
    bound = draws_lower_bound(probs, temperature)
    assert bound >= 1.0
    for early_exit in (False, True):
        assert expected_draws(probs, temperature, early_exit=early_exit) >= bound * (1 - 1e-9)


@pytest.mark.parametrize(
    ("base", "temperature"),
    [
        ("two", 0.1),
        ("peaked9", 0.3),
        ("near", 0.1),
        ("geometric:39,0.5", 0.1),
        ("zipf:1000,1.1", 0.5),
        ("two:0.9", 0.2),
    ],
)
def test_the_duel_is_not_below_the_bound(base: str, temperature: float) -> None:
    run = simtemp.simulate("duel", base, temperature, 10_000, seed=112)
    assert run.mean_draws + 5 * run.draws.std(ddof=1) / 100 > draws_lower_bound(run.base.probs, temperature)


def test_at_temperature_one_a_draw_is_enough_and_one_category_needs_what_is_counted() -> None:
    for base in simtemp.SUITE:
        assert draws_lower_bound(simtemp.parse_base(base).probs, 1.0) == pytest.approx(1.0, rel=1e-9)
    assert swap_bound([1.0], 0.1) == cramer_rao_bound([1.0], 0.1) == 0.0
    assert draws_lower_bound([1.0], 0.1) == 10.0
    assert draws_lower_bound([0.0, 1.0, 0.0], 0.1) == 10.0


def test_categories_of_probability_zero_change_nothing() -> None:
    for bound in (swap_bound, cramer_rao_bound, counting_bound, draws_lower_bound):
        assert bound([0.5, 0.0, 0.3, 0.2], 0.3) == pytest.approx(bound([0.5, 0.3, 0.2], 0.3), rel=1e-12)


def test_extremes_stay_finite() -> None:
    for base in ("zipf:100000,1.1", "two:0.999999999", "uniform:10000"):
        probs = simtemp.parse_base(base).probs
        for temperature in (0.999, 0.5, 1e-3):
            assert 1.0 <= draws_lower_bound(probs, temperature) < math.inf


@pytest.mark.parametrize("bound", [swap_bound, cramer_rao_bound, counting_bound, draws_lower_bound])
@pytest.mark.parametrize("temperature", [0.0, 1.01, math.nan, math.inf, -1.0])
def test_bad_temperatures_are_named(bound, temperature: float) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="temperature"):
        bound([0.5, 0.5], temperature)
    with pytest.raises(ValueError, match="probs"):
        bound([0.5, 0.6], 0.5)
