"""`temper` against 50-digit arithmetic, and the laws that every tempering obeys."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtemp.arguments import probabilities
from simtemp.tempering import log_power_sum, temper

powers_of_ten = st.floats(-300.0, 0.0).map(lambda exponent: 10.0**exponent)
temperatures = st.floats(-3.0, 3.0).map(lambda exponent: 10.0**exponent)


def vectors(entries, max_size=8):
    return (
        st.lists(entries, min_size=1, max_size=max_size)
        .filter(any)
        .map(lambda weights: probabilities(np.array(weights) / math.fsum(weights)))
    )


anything = vectors(st.one_of(powers_of_ten, st.just(0.0), st.sampled_from([0.1, 0.3, 1.0])))
moderate = vectors(st.one_of(st.just(0.0), st.floats(1e-3, 1.0)))


def exact_temper(probs, temperature):
    """The target in 50-digit decimal arithmetic, from the exact values of the floats given."""
    with localcontext() as context:
        context.prec = 50
        powers = [(Decimal(p).ln() / Decimal(temperature)).exp() if p > 0 else Decimal(0) for p in probs.tolist()]
        total = sum(powers)
        return np.array([float(power / total) for power in powers])


@settings(deadline=None)
@given(anything, temperatures)
def test_agrees_with_fifty_digits(probs, temperature):
    np.testing.assert_allclose(temper(probs, temperature), exact_temper(probs, temperature), rtol=2e-12, atol=1e-300)


@pytest.mark.parametrize("temperature", [1e-3, 0.01, 0.1, 1 / 3, 0.7, 0.999, 1.001, 3.0, 1e3])
def test_agrees_with_fifty_digits_on_near_ties(temperature):
    """Neighbours of the mode are where 1/T = 1000 magnifies a rounding error of log(p) - log(p_max) most."""
    weights = np.array([1 - 1e-6, 1 - 1e-9, 1 - 1e-12, 1.0, 1 - 3e-16, 0.50001, 0.49999, 0.25, 1e-300])
    probs = probabilities(weights / weights.sum())
    np.testing.assert_allclose(temper(probs, temperature), exact_temper(probs, temperature), rtol=1e-12, atol=1e-300)


def test_oracle_refuses_the_naive_formula():
    """Planted fault: p ** (1/T) without log space underflows to 0/0 where the target is simply uniform."""
    probs = np.full(10, 0.1)
    with np.errstate(invalid="ignore"):
        naive = probs**1000 / (probs**1000).sum()
    assert np.isnan(naive).all()
    np.testing.assert_allclose(temper(probs, 1e-3), exact_temper(probs, 1e-3), rtol=1e-15)


@settings(deadline=None)
@given(anything, temperatures)
def test_sums_to_one_and_stays_on_the_support(probs, temperature):
    target = temper(probs, temperature)
    assert math.fsum(target) == pytest.approx(1.0, abs=1e-15)
    assert (target >= 0).all()
    assert (target[probs == 0] == 0).all()


@settings(deadline=None)
@given(anything, temperatures)
def test_preserves_order_and_ties(probs, temperature):
    order = np.argsort(probs, kind="stable")
    rising, given_rising = temper(probs, temperature)[order], probs[order]
    assert (rising[:-1] <= rising[1:] * (1 + 1e-12)).all()
    ties = given_rising[1:] == given_rising[:-1]
    assert (rising[1:][ties] == rising[:-1][ties]).all()


@settings(deadline=None)
@given(anything)
def test_temperature_one_is_the_base_bit_for_bit(probs):
    np.testing.assert_array_equal(temper(probs, 1.0), probs)


def test_gives_a_new_array_and_leaves_the_base_alone():
    probs = np.array([0.5, 0.5])
    temper(probs, 1.0)[0] = 7.0
    assert probs.tolist() == [0.5, 0.5]


@settings(deadline=None)
@given(moderate, st.floats(0.05, 20.0), st.floats(0.05, 20.0))
def test_composition_multiplies_temperatures(probs, first, second):
    """Where the first tempering does not underflow: with p >= 1e-4 and T >= 0.05 it stays above 1e-80."""
    twice = temper(temper(probs, first), second)
    np.testing.assert_allclose(twice, temper(probs, first * second), rtol=1e-10, atol=1e-300)


@settings(deadline=None)
@given(anything, temperatures, st.randoms(use_true_random=False))
def test_permutation_equivariance(probs, temperature, random):
    order = list(range(probs.size))
    random.shuffle(order)
    np.testing.assert_allclose(temper(probs[order], temperature), temper(probs, temperature)[order], rtol=1e-14, atol=0)


@settings(deadline=None)
@given(anything)
def test_zero_is_the_mode_with_ties_shared(probs):
    target = temper(probs, 0.0)
    modes = probs == probs.max()
    assert (target[modes] == 1 / modes.sum()).all()
    assert (target[~modes] == 0).all()


@settings(deadline=None)
@given(anything)
def test_infinity_is_uniform_on_the_support(probs):
    target = temper(probs, math.inf)
    support = probs > 0
    assert (target[support] == 1 / support.sum()).all()
    assert (target[~support] == 0).all()


@pytest.mark.parametrize("temperature", [1e-30, 1e-300, 5e-324])
def test_tiny_temperatures_reach_the_limit_at_zero(temperature):
    probs = [0.3, 0.3, 0.25, 0.15, 0.0]
    assert temper(probs, temperature).tolist() == temper(probs, 0.0).tolist() == [0.5, 0.5, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("temperature", [1e30, 1e308])
def test_huge_temperatures_reach_the_limit_at_infinity(temperature):
    probs = [0.7, 0.3 - 1e-300, 1e-300, 0.0]
    assert temper(probs, temperature).tolist() == temper(probs, math.inf).tolist()


def test_monotone_in_temperature():
    """The mode's probability falls and the entropy rises with T."""
    probs = np.array([0.4, 0.3, 0.2, 0.1])
    targets = [temper(probs, temperature) for temperature in np.geomspace(1e-3, 1e3, 61)]
    modes = [target.max() for target in targets]
    entropies = [-(target[target > 0] * np.log(target[target > 0])).sum() for target in targets]
    assert (np.diff(modes) <= 1e-15).all()
    assert (np.diff(entropies) >= -1e-15).all()


@pytest.mark.parametrize("kind", [list, tuple, lambda values: np.array(values, np.float32).astype(object)])
def test_accepts_any_vector(kind):
    assert temper(kind([0.75, 0.25]), 0.5).tolist() == pytest.approx([0.9, 0.1])


def test_a_single_category_stays_certain():
    assert [temper([1.0], temperature).tolist() for temperature in (0, 1e-3, 1, 1e3, math.inf)] == [[1.0]] * 5


@settings(deadline=None)
@given(anything, st.floats(-50.0, 2000.0))
def test_log_power_sum_agrees_with_fifty_digits(probs, exponent):
    with localcontext() as context:
        context.prec = 50
        total = sum((Decimal(p).ln() * Decimal(exponent)).exp() for p in probs.tolist() if p > 0)
        expected = float(total.ln())
    assert log_power_sum(probs, exponent) == pytest.approx(expected, rel=1e-13, abs=1e-12)


def test_log_power_sum_counts_the_support_at_exponent_zero():
    assert log_power_sum(np.array([0.5, 0.0, 0.5]), 0.0) == pytest.approx(math.log(2), rel=1e-15)
