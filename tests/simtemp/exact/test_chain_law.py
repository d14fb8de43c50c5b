"""The exact law and cost of the chain for T > 1, against powers of the whole transition matrix."""

import math
from itertools import pairwise

import numpy as np
import pytest

import simtemp
from simtemp.exact import chain_law as module
from simtemp.exact.chain_law import chain_draws, chain_law

BASES = [
    "two",
    "two:0.9",
    "peaked9",
    "near",
    "uniform:10",
    "geometric:39,0.5",
    "dirichlet:30,0.5,1",
    "probs:0.5,0,0.3,0.2,0",
]
TEMPERATURES = [1.0 + 1e-9, 1.1, 2.0, 10.0 / 3.0, 10.0, math.inf]


def transition(probs: np.ndarray, temperature: float) -> np.ndarray:
    """One step, category by category: a base draw y, accepted over x with chance ``p_x**g / (p_x**g + p_y**g)``; zeros stay apart."""
    gamma, size = 1 - 1 / temperature, probs.size
    matrix = np.zeros((size, size))
    for x in range(size):
        for y in range(size):
            if x != y and probs[x] > 0 and probs[y] > 0:
                matrix[x, y] = probs[y] * probs[x] ** gamma / (probs[x] ** gamma + probs[y] ** gamma)
        matrix[x, x] = 1.0 - matrix[x].sum()
    return matrix


def step_cost(probs: np.ndarray, temperature: float) -> np.ndarray:
    """Mean draws of one step from each category: the proposal and, if it is another one, coins until one shows heads.

    A pick flips the coin of x or of y: p**(g-1) draws and heads with chance p**g (test_coin), each with chance a half.
    """
    gamma, size = 1 - 1 / temperature, probs.size
    cost = np.ones(size)
    for x in range(size):
        for y in range(size):
            if x != y and probs[x] > 0 and probs[y] > 0:
                flips = (probs[x] ** (gamma - 1) + probs[y] ** (gamma - 1)) / 2
                heads = (probs[x] ** gamma + probs[y] ** gamma) / 2
                cost[x] += probs[y] * flips / heads
    return cost


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("base", BASES)
def test_law_and_cost_are_those_of_matrix_powers(base: str, temperature: float) -> None:
    probs = simtemp.parse_base(base).probs
    matrix, cost = transition(probs, temperature), step_cost(probs, temperature)
    law, draws = probs, 1.0
    for steps in range(40):
        assert np.abs(chain_law(probs, temperature, steps) - law).max() <= 1e-13
        assert chain_draws(probs, temperature, steps) == pytest.approx(draws, rel=1e-12)
        draws += float(law @ cost)
        law = law @ matrix


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("base", BASES)
def test_the_target_is_invariant(base: str, temperature: float) -> None:
    probs = simtemp.parse_base(base).probs
    target = simtemp.temper(probs, temperature)
    assert np.abs(target @ transition(probs, temperature) - target).max() <= 1e-15


@pytest.mark.parametrize("temperature", [1.1, 2.0, math.inf])
@pytest.mark.parametrize("base", ["two:0.9", "peaked9", "near", "uniform:10"])
def test_it_tends_to_the_target_and_never_away_from_it(base: str, temperature: float) -> None:
    probs = simtemp.parse_base(base).probs
    target = simtemp.temper(probs, temperature)
    away = [
        simtemp.total_variation(chain_law(probs, temperature, steps), target) for steps in (0, 1, 2, 5, 20, 100, 600)
    ]
    assert away[0] == pytest.approx(simtemp.total_variation(probs, target), abs=1e-15)
    assert all(later <= earlier + 1e-14 for earlier, later in pairwise(away))
    assert away[-1] < 1e-4


def test_two_categories_in_closed_form() -> None:
    """The second eigenvalue is ``1 - M[0, 1] - M[1, 0]``; the distance falls by it at every step."""
    p, temperature = np.array([0.9, 0.1]), 2.0
    target = simtemp.temper(p, temperature)
    matrix = transition(p, temperature)
    factor = 1 - matrix[0, 1] - matrix[1, 0]
    for steps in (1, 7, 30):
        expected = (p[0] - target[0]) * factor**steps
        assert chain_law(p, temperature, steps)[0] - target[0] == pytest.approx(expected, abs=1e-14)


def test_wide_supports_are_lumped() -> None:
    """A hundred thousand categories with few distinct probabilities; and those of probability zero stay at zero."""
    weights = np.repeat([0.0, 1.0, 2.0, 50.0], [40_000, 30_000, 20_000, 10_000])
    probs = weights / weights.sum()
    law = chain_law(probs, 2.0, 25)
    assert law.sum() == pytest.approx(1.0, abs=1e-9)
    assert not law[:40_000].any()
    assert np.unique(law).size == 4


def test_permuting_the_categories_permutes_the_law() -> None:
    probs = simtemp.parse_base("dirichlet:30,0.5,1").probs
    order = np.random.default_rng(121).permutation(30)
    assert np.abs(chain_law(probs[order], 3.0, 11) - chain_law(probs, 3.0, 11)[order]).max() <= 1e-15


def test_one_category_stays() -> None:
    assert chain_law([1.0], 2.0, 10).tolist() == [1.0]
    assert chain_draws([1.0], 2.0, 10) == 11.0
    assert chain_law([0.0, 1.0], math.inf, 3).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("function", [chain_law, chain_draws])
def test_bad_arguments_are_named(function) -> None:  # type: ignore[no-untyped-def]
    for temperature in (1.0, 0.5, 0.0, -2.0, math.nan, "hot"):
        with pytest.raises(ValueError, match="temperature"):
            function([0.5, 0.5], temperature, 3)
    for steps in (-1, 1.5, "many"):
        with pytest.raises(ValueError, match="steps"):
            function([0.5, 0.5], 2.0, steps)
    for probs in ([0.5, 0.6], [], [[0.5, 0.5]], [-0.5, 1.5]):
        with pytest.raises(ValueError, match="probs"):
            function(probs, 2.0, 3)


def test_too_many_distinct_probabilities_are_refused() -> None:
    weights = np.arange(1.0, module.MAX_DISTINCT + 2)
    with pytest.raises(ValueError, match="at most 5,000 distinct"):
        chain_law(weights / weights.sum(), 2.0, 1)
