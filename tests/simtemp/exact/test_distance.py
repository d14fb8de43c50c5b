"""Distances and effective temperature against their definitions."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtemp.exact.batch_law import batch_law
from simtemp.exact.distance import effective_temperature, kl_divergence, total_variation
from simtemp.tempering import temper

PEAKED9 = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02])

weights = st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(lambda w: sum(w) > 0.1)


def law(values: list[float]) -> np.ndarray:
    return np.array(values) / sum(values)


@given(weights, weights)
def test_total_variation_is_the_largest_difference_over_events(first: list[float], second: list[float]) -> None:
    p, q = law(first), law(second)
    events = itertools.chain.from_iterable(itertools.combinations(range(5), size) for size in range(6))
    largest = max(abs(math.fsum(p[list(event)]) - math.fsum(q[list(event)])) for event in events)
    assert total_variation(p, q) == pytest.approx(largest, abs=1e-14)
    assert total_variation(p, q) == total_variation(q, p)
    assert total_variation(p, p) == 0.0


@given(weights, weights)
def test_divergence_by_its_definition(first: list[float], second: list[float]) -> None:
    p, q = law(first), law(second)
    value = kl_divergence(p, q)
    if ((p > 0) & (q == 0)).any():
        assert value == math.inf
    else:
        terms = [a * (math.log(a) - math.log(b)) for a, b in zip(p, q, strict=True) if a > 0]
        assert value == pytest.approx(math.fsum(terms), abs=1e-13, rel=1e-12)
        assert value >= 2 * total_variation(p, q) ** 2 - 1e-12  # Pinsker
    assert kl_divergence(p, p) == 0.0


@pytest.mark.parametrize("temperature", [1e-3, 0.01, 0.1, 1 / 3, 0.7, 1.0, 1.5, 10.0, 1e3, 1e5])
def test_a_tempered_base_has_its_own_temperature(temperature: float) -> None:
    for probs in (PEAKED9, np.array([0.0, 0.501, 0.499]), np.arange(1, 2001)[::-1] / 2_001_000):
        tempered = temper(probs, temperature)
        if tempered.max() < 1.0:
            assert effective_temperature(tempered, probs) == pytest.approx(temperature, rel=1e-6)


@pytest.mark.parametrize(("n", "N"), [(2, 5), (3, 100), (10, 200)])
def test_no_other_temperature_is_closer(n: int, N: int) -> None:
    """KL over a grid of temperatures, computed by temper and the definition."""
    biased = batch_law(PEAKED9, n, N)
    best = effective_temperature(biased, PEAKED9)
    assert 1 / n < best < 1.5
    least = kl_divergence(biased, temper(PEAKED9, best))
    for factor in np.geomspace(0.2, 5, 101):
        assert least <= kl_divergence(biased, temper(PEAKED9, best * factor)) + 1e-15
    assert kl_divergence(biased, temper(PEAKED9, best * 1.01)) > least


def test_degenerate_laws() -> None:
    assert effective_temperature([1.0, 0.0, 0.0], [0.5, 0.3, 0.2]) == 0.0
    assert effective_temperature([0.3, 0.7, 0.0], [0.4, 0.4, 0.2]) == 0.0  # both are modes
    assert effective_temperature([1 / 3] * 3, [0.5, 0.3, 0.2]) == math.inf
    assert effective_temperature(temper(PEAKED9, math.inf), PEAKED9) == math.inf
    assert effective_temperature([0.1, 0.2, 0.7], [0.5, 0.3, 0.2]) == math.inf  # its exponent is negative
    assert math.isnan(effective_temperature([0.9, 0.1], [0.5, 0.5]))
    assert math.isnan(effective_temperature([0.9, 0.0, 0.1], [0.5, 0.0, 0.5]))
    assert math.isnan(effective_temperature([1.0], [1.0]))


@pytest.mark.parametrize("rare", [1e-300, 1e-30, 1e-12])
def test_nearly_sure_laws(rare: float) -> None:
    """(1 - r, r) on (0.8, 0.2): log(r / (1 - r)) = s log(1/4)."""
    assert effective_temperature([1 - rare, rare], [0.8, 0.2]) == pytest.approx(math.log(4) / -math.log(rare), rel=1e-9)


@pytest.mark.parametrize("function", [total_variation, kl_divergence, effective_temperature])
def test_bad_vectors_are_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="must have equal lengths, got 2 and 1"):
        function([0.5, 0.5], [1.0])
    with pytest.raises(ValueError, match=r"(p|law) must sum to 1"):
        function([0.5, 0.4], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"(q|probs) must sum to 1"):
        function([0.5, 0.5], [0.5, 0.4])


def test_a_law_outside_the_support_is_refused() -> None:
    with pytest.raises(ValueError, match=r"law must be zero where probs is zero, got law\[1\] = 0.1"):
        effective_temperature([0.9, 0.1], [1.0, 0.0])
