import math

import numpy as np
import pytest

from figures.deviation import draws_deviation
from simtemp import expected_draws
from simtemp.tempering import split_exponent

BASES = ([0.5, 0.5], [0.7, 0.2, 0.1], [0.9, 0.05, 0.05])


def trial_law(probs, temperature, early_exit, flips=20_000):
    """Law of (cost, accepted) of one trial, from the description of the algorithm alone: dict of cost -> (accepted, rejected)."""
    n, alpha = split_exponent(temperature)
    law = {}

    def add(cost, accepted, rejected):
        a, r = law.get(cost, (0.0, 0.0))
        law[cost] = (a + accepted, r + rejected)

    equal = [sum(p**j for p in probs) for j in range(n + 1)]
    for j in range(1, n):  # all equal up to draw j, a mismatch at draw j + 1
        add(j + 1 if early_exit else n, 0.0, equal[j] - equal[j + 1])
    for p in probs:
        if alpha == 0:
            add(n, p**n, 0.0)
            continue
        alive = p**n
        for i in range(1, flips):
            heads = alive * p
            tails = (alive - heads) * alpha / i
            add(n + i, heads, tails)
            alive -= heads + tails
    return law


def deviation_by_enumeration(probs, temperature, early_exit):
    law = trial_law(probs, temperature, early_exit)
    accepted = sum(a for a, _ in law.values())
    mean = sum(c * (a + r) for c, (a, r) in law.items()) / accepted
    # D = C + [rejected] D': E D^2 = E C^2 + 2 E[C; rejected] E D + P(rejected) E D^2
    square = sum(c * c * (a + r) for c, (a, r) in law.items()) + 2 * mean * sum(c * r for c, (_, r) in law.items())
    return mean, math.sqrt(square / accepted - mean**2)


@pytest.mark.parametrize("probs", BASES)
@pytest.mark.parametrize("temperature", [1.0, 0.8, 0.7, 0.5, 0.4, 1 / 3, 0.27, 0.2])
@pytest.mark.parametrize("early_exit", [False, True])
def test_against_the_law_of_a_trial(probs, temperature, early_exit):
    mean, deviation = deviation_by_enumeration(probs, temperature, early_exit)
    assert expected_draws(probs, temperature, early_exit=early_exit) == pytest.approx(mean, rel=1e-8)
    assert draws_deviation(probs, temperature, early_exit) == pytest.approx(deviation, rel=1e-6, abs=1e-6)


def test_geometric_trials():
    z = 0.3**4 + 0.7**4
    assert draws_deviation([0.3, 0.7], 0.25) == pytest.approx(4 * math.sqrt(1 - z) / z)


def test_zeros_do_not_count_and_certainty_costs_no_variation():
    assert draws_deviation([0.5, 0.5, 0.0], 0.7) == pytest.approx(draws_deviation([0.5, 0.5], 0.7))
    assert draws_deviation([1.0], 0.1) == 0.0
    assert draws_deviation([0.2, 0.8], 1.0) == 0.0


def test_rare_categories_rule_the_cost_near_one():
    probs = 0.5 ** np.arange(1, 40)
    probs = probs / probs.sum()
    assert draws_deviation(probs, 0.95) > 1e3 * expected_draws(probs, 0.95)


@pytest.mark.parametrize("temperature", [0, 1.5, -1, float("nan")])
def test_refuses(temperature):
    with pytest.raises(ValueError, match="temperature"):
        draws_deviation([0.5, 0.5], temperature)
