"""Closed forms of cost against Markov chains of the literal algorithms, series, and each other."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simtemp.exact.cost import (
    acceptance_rate,
    expected_draws,
    expected_draws_bound,
    expected_flips,
    log_expected_draws,
    rejection_rate,
)

PEAKED9 = [0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02]
BASES = [[1.0], [0.5, 0.5], [0.9, 0.1], [0.6, 0.3, 0.1], [0.25, 0.25, 0.25, 0.25], [0.7, 0.0, 0.3]]
TEMPERATURES = [1.0, 0.95, 0.7, 0.5, 0.4, 1 / 3, 0.2, 1 / 6.5, 0.1]


def chain_mean(probs: list[float], n: int, alpha: float, early_exit: bool, draw_offset: int = 0) -> float:
    """Mean base draws of Algorithm 1 as the absorption time of a Markov chain: one step is one base draw.

    States: ("equal", x, j), j draws made, all x; ("mixed", j), j draws made, not all equal; ("coin", x, i), before flip i of the
    coin for candidate x. The coin is cut at a flip that it reaches with a chance below exp(-40) = 4e-18.
    `draw_offset` plants the fault alpha/(i + offset).
    """
    support = [(x, p) for x, p in enumerate(probs) if p > 0]
    flips = 1 if max(probs) == 1 else math.ceil(-40 / math.log1p(-min(p for _, p in support)))
    start = ("start",)
    states: list[tuple[object, ...]] = [start]
    states += [("equal", x, j) for x, _ in support for j in range(1, n)]
    states += [("mixed", j) for j in range(2, n)]
    states += [("coin", x, i) for x, _ in support for i in range(1, flips + 1)] if alpha else []
    index = {state: k for k, state in enumerate(states)}
    moves = np.zeros((len(states), len(states)))

    def go(source: tuple[object, ...], goal: tuple[object, ...], chance: float) -> None:
        moves[index[source], index[goal]] += chance

    def finish(source: tuple[object, ...], x: int, chance: float) -> None:
        """All n draws are equal: the output if alpha = 0, else the coin."""
        if alpha:
            go(source, ("coin", x, 1), chance)

    for x, p in support:
        if n == 1:
            finish(start, x, p)
        else:
            go(start, ("equal", x, 1), p)
        for j in range(1, n):
            here = ("equal", x, j)
            if j + 1 == n:
                finish(here, x, p)
            else:
                go(here, ("equal", x, j + 1), p)
            mismatch = start if early_exit or j + 1 == n else ("mixed", j + 1)
            go(here, mismatch, 1 - p)
        for i in range(1, flips + 1 if alpha else 1):
            tails = min(1.0, alpha / (i + draw_offset))
            go(("coin", x, i), start, (1 - p) * tails)
            if i < flips:
                go(("coin", x, i), ("coin", x, i + 1), (1 - p) * (1 - tails))
    for j in range(2, n):
        go(("mixed", j), start if j + 1 == n else ("mixed", j + 1), 1.0)
    return float(np.linalg.solve(np.eye(len(states)) - moves, np.ones(len(states)))[0])


def split(temperature: float) -> tuple[int, float]:
    """1/T for the temperatures of this file, without the module's own function."""
    exponent = round(1 / temperature, 12)
    return int(exponent), exponent - int(exponent)


@pytest.mark.parametrize("early_exit", [False, True])
@pytest.mark.parametrize("probs", BASES, ids=str)
def test_expected_draws_is_the_absorption_time(probs: list[float], early_exit: bool) -> None:
    for temperature in TEMPERATURES:
        mean = chain_mean(probs, *split(temperature), early_exit)
        assert expected_draws(probs, temperature, early_exit) == pytest.approx(mean, rel=1e-9)


def test_the_chain_would_catch_an_off_by_one_in_the_coin() -> None:
    """Planted fault: tails with alpha/(i + 1) costs 4 % more at T = 0.4 on (0.6, 0.3, 0.1)."""
    wrong = chain_mean([0.6, 0.3, 0.1], 2, 0.5, False, draw_offset=1)
    assert abs(wrong / expected_draws([0.6, 0.3, 0.1], 0.4) - 1) > 0.01


@pytest.mark.parametrize("temperature", [0.5, 1 / 3, 0.25])
@pytest.mark.parametrize("probs", BASES, ids=str)
def test_acceptance_by_enumerating_trials(probs: list[float], temperature: float) -> None:
    """All K**n outcomes of the n draws of one trial."""
    n, _ = split(temperature)
    accepted = math.fsum(
        math.prod(probs[x] for x in draws)
        for draws in itertools.product(range(len(probs)), repeat=n)
        if len(set(draws)) == 1
    )
    assert acceptance_rate(probs, temperature) == pytest.approx(accepted, rel=1e-14)
    assert rejection_rate(probs, temperature) == pytest.approx(1 - accepted, abs=1e-15)


@pytest.mark.parametrize("alpha", [1e-9, 0.1, 1 / 3, 0.5, 0.999])
@pytest.mark.parametrize("p", [1.0, 0.9, 0.5, 0.1, 0.02])
def test_expected_flips_by_its_series(p: float, alpha: float) -> None:
    """E flips = sum over i >= 0 of P(more than i flips), and P(heads) = p**alpha from the same series."""
    alive, flips, heads = 1.0, [], []
    for i in range(1, 4000):
        flips.append(alive)
        heads.append(alive * p)
        alive *= (1 - p) * (1 - alpha / i)
    assert expected_flips(p, alpha) == pytest.approx(math.fsum(flips), rel=1e-12)
    assert p**alpha == pytest.approx(math.fsum(heads), rel=1e-12)


def test_known_values() -> None:
    assert expected_draws(PEAKED9, 0.1) == pytest.approx(1.66e6, rel=0.01)  # "1.7 million draws an output"
    assert expected_draws([0.5, 0.5], 0.1) == pytest.approx(10 * 2**9, rel=1e-14)
    assert expected_draws([0.1] * 10, 0.1) == pytest.approx(1e10, rel=1e-12)
    assert expected_draws(np.full(1000, 1e-3), 0.999999) == pytest.approx(1001, rel=1e-4)  # the jump below T = 1


@pytest.mark.parametrize("probs", [*BASES, PEAKED9], ids=str)
def test_temperature_one_is_one_draw(probs: list[float]) -> None:
    for early_exit in (False, True):
        assert expected_draws(probs, 1, early_exit) == 1.0
        assert log_expected_draws(probs, 1, early_exit) == 0.0
    assert (acceptance_rate(probs, 1), rejection_rate(probs, 1), expected_draws_bound(probs, 1)) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize("temperature", [0.95, 0.7, 0.5, 0.4, 0.1])
@pytest.mark.parametrize("probs", BASES)
def test_acceptance_and_the_published_bound_are_their_formulas(probs: list[float], temperature: float) -> None:
    """Z_s at fractions, too; (1 + n) / Z_s, and (1 + K ** (2 - s)) / Z_s above T = 0.5, K being the size of the support."""
    support, s = [p for p in probs if p > 0], 1.0 / temperature
    accepted = math.fsum(p**s for p in support)
    second_stage = math.floor(s) if s >= 2.0 else len(support) ** (2.0 - s)
    assert acceptance_rate(probs, temperature) == pytest.approx(accepted, rel=1e-13)
    assert rejection_rate(probs, temperature) == pytest.approx(1.0 - accepted, abs=1e-15)
    assert expected_draws_bound(probs, temperature) == pytest.approx((1.0 + second_stage) / accepted, rel=1e-12)


def test_extreme_temperatures_stay_in_range() -> None:
    for temperature in (1e-3, 1e-4, 1e-9, 1e-100):
        log = log_expected_draws(PEAKED9, temperature)
        assert log == pytest.approx(-math.log(0.3) / temperature + math.log(1 / temperature), rel=1e-9)
        assert log_expected_draws(PEAKED9, temperature, early_exit=True) <= log
    assert expected_draws(PEAKED9, 1e-3) == math.inf
    assert expected_draws(PEAKED9, 1e-3, early_exit=True) == math.inf
    assert expected_draws_bound(PEAKED9, 1e-3) == math.inf
    assert (acceptance_rate(PEAKED9, 1e-3), rejection_rate(PEAKED9, 1e-3)) == (0.0, 1.0)
    assert expected_draws([1.0], 1e-6) == expected_draws([1.0], 1e-6, early_exit=True) == 1e6


def test_small_rejection_rates_keep_their_digits() -> None:
    assert rejection_rate([1 - 1e-12, 1e-12], 0.5) == pytest.approx(2e-12, rel=1e-4)


@given(
    weights=st.lists(st.floats(1e-6, 1), min_size=1, max_size=8),
    temperature=st.floats(0.02, 1),
)
def test_order_of_costs(weights: list[float], temperature: float) -> None:
    """1 <= early exit <= as published <= Corollary 2.1."""
    assume(temperature < 1)
    probs = np.array(weights) / sum(weights)
    early, published = (log_expected_draws(probs, temperature, early_exit) for early_exit in (True, False))
    bound = math.log(expected_draws_bound(probs, temperature))
    assert -1e-12 <= early <= published + 1e-12
    assert published <= bound + 1e-9
    assert math.exp(published) == pytest.approx(expected_draws(probs, temperature), rel=1e-12)
    assert 0.0 <= acceptance_rate(probs, temperature) <= 1.0


@pytest.mark.parametrize(
    "function", [acceptance_rate, rejection_rate, expected_draws, log_expected_draws, expected_draws_bound]
)
def test_bad_arguments_are_refused(function: object) -> None:
    assert callable(function)
    for temperature in (0, -1, 1.0001, 2, math.inf, math.nan, "warm", None, True):
        with pytest.raises(ValueError, match="temperature must be"):
            function([0.5, 0.5], temperature)
    with pytest.raises(ValueError, match=r"temperature must be in \(0, 1\], got 1.5"):
        function([0.5, 0.5], 1.5)
    for probs in ([0.5, 0.4], [], [[1.0]], [1.5, -0.5], "half"):
        with pytest.raises(ValueError, match="probs must"):
            function(probs, 0.5)


def test_bad_coins_are_refused() -> None:
    for p in (0, -0.1, 1.1, math.nan, "p"):
        with pytest.raises(ValueError, match="p must be"):
            expected_flips(p, 0.5)  # type: ignore[arg-type]
    for alpha in (0, 1, -0.5, math.nan):
        with pytest.raises(ValueError, match="alpha must be"):
            expected_flips(0.5, alpha)


@pytest.mark.parametrize("tiny", [5e-324, 1e-300, 1e-20, 1e-17])
@pytest.mark.parametrize(("temperature", "draws"), [(1.0, 1.0), (0.5, 2.0), (0.4, 3.0), (0.2, 5.0)])
def test_all_but_certain_category_with_early_exit(tiny, temperature, draws) -> None:
    """Beside a probability that is 1 to rounding: n draws, and one for the coin."""
    assert expected_draws([1.0, tiny], temperature, early_exit=True) == pytest.approx(draws, abs=1e-6)
    assert expected_draws([tiny, 1.0], temperature) == pytest.approx(draws, abs=1e-6)
