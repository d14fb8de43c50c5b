"""Laws of cost against every string of draws, series, and each other."""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import simtemp
from simtemp.exact.chain_cost import chain_moments
from simtemp.exact.chain_law import chain_draws
from simtemp.exact.coin_cost import Support, coin_moments, coin_series
from simtemp.exact.collision_cost import collision_series
from simtemp.exact.cost_law import MOST_DRAWS, TAIL, CostLaw, cost_law
from simtemp.exact.duel_cost import Split, duel_moments, duel_series, ruin_moments, ruin_series
from simtemp.exact.restart_cost import power_sums, product, restarted, restarted_moments
from simtemp.samplers import fill
from simtemp.samplers.duel import Duel, duel_state
from simtemp.sources import buffer_source

SUPPORTS = [(0.5, 0.5), (0.9, 0.1), (1 / 3, 1 / 3, 1 / 3), (0.6, 0.3, 0.1), (0.7, 0.0, 0.3)]
PEAKED9 = [0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02]


def by_strings(
    probs: tuple[float, ...], n: int, alpha: float, early: bool, longest: int, offset: int = 0
) -> np.ndarray:
    """P(Algorithm 1 costs d) for d <= longest, by following every string of draws; `offset` plants the fault alpha/(i + offset)."""
    law = np.zeros(longest + 1)

    def trial(drawn: tuple[int, ...], cost: int, chance: float) -> None:
        if len(drawn) == n or (early and len(set(drawn)) > 1):
            if len(set(drawn)) > 1:
                trial((), cost, chance)
            elif alpha == 0.0:
                law[cost] += chance
            else:
                coin(drawn[0], 1, cost, chance)
            return
        if cost < longest:
            for x, p in enumerate(probs):
                if p > 0:
                    trial((*drawn, x), cost + 1, chance * p)

    def coin(candidate: int, flip: int, cost: int, chance: float) -> None:
        if cost == longest:
            return
        p, tails = probs[candidate], min(1.0, alpha / (flip + offset))
        law[cost + 1] += chance * p
        if p < 1.0:
            trial((), cost + 1, chance * (1 - p) * tails)
            coin(candidate, flip + 1, cost + 1, chance * (1 - p) * (1 - tails))

    trial((), 0, 1.0)
    return law


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize(("n", "alpha"), [(1, 0.0), (2, 0.0), (3, 0.0), (1, 0.25), (1, 0.9), (2, 0.5), (3, 1 / 3)])
@pytest.mark.parametrize("probs", SUPPORTS)
def test_collision_on_every_string_of_draws(probs, n, alpha, early) -> None:
    expected = by_strings(probs, n, alpha, early, 9)
    law = cost_law("collision", probs, 1.0 / (n + alpha), {"early_exit": early})
    assert law is not None
    assert law.pmf is not None
    pmf = np.append(law.pmf, np.zeros(10))[:10]
    assert pmf == pytest.approx(expected, abs=1e-14)
    assert ((pmf > 0) == (expected > 0)).all()  # what is impossible, and nothing else, is exactly zero


def test_the_strings_see_a_coin_that_is_off_by_one() -> None:
    """Planted fault: tails with alpha/(i + 1). Its first flip that can differ is the first."""
    right, wrong = (by_strings((0.6, 0.3, 0.1), 1, 0.5, False, 6, offset) for offset in (0, 1))
    assert np.abs(right - wrong).max() > 0.01


def on_every_string(sampler: Callable[[], Duel], probs: tuple[float, ...], longest: int) -> np.ndarray:
    """P(cost = d) for d <= longest, by running the compiled sampler on every string of draws."""
    law = np.zeros(longest + 1)
    rng = np.random.default_rng(0)  # whole exponents spend no uniforms

    def extend(string: list[int], chance: float) -> None:
        value, cost = np.empty(1, np.int64), np.empty(1, np.int64)
        source = buffer_source(np.array(string, np.int64))
        if fill(sampler(), source, rng, value, cost, np.array([2**62]), np.zeros(1, np.int64)):
            law[len(string)] += chance
        elif len(string) < longest:
            for x, p in enumerate(probs):
                extend([*string, x], chance * p)

    extend([], 1.0)
    return law


@pytest.mark.parametrize("probs", [(0.5, 0.5), (0.7, 0.3), (0.1, 0.9)])
@pytest.mark.parametrize(("n0", "m"), [(1, 1), (1, 2), (2, 2), (1, 3), (3, 1)])
def test_duel_on_every_string_of_draws(probs, n0, m) -> None:
    expected = on_every_string(lambda: Duel(n0, 0.0, m, duel_state(2, m)), probs, 11)
    law = cost_law("duel", probs, 1.0 / (n0 + m), {"split": n0})
    assert law is not None
    assert law.pmf is not None
    assert law.pmf[:12] == pytest.approx(expected, abs=1e-14)
    assert ((law.pmf[:12] > 0) == (expected > 0)).all()


KNOWN = [
    ("collision", PEAKED9, 0.4, {}),
    ("collision", PEAKED9, 0.3, {"early_exit": True}),
    ("collision", (0.6, 0.3, 0.1), 1 / 6.5, {}),
    ("collision", (1.0,), 0.3, {}),
    ("collision", PEAKED9, 1.0, {}),
    ("accepted", PEAKED9, 0.7, {}),
    ("duel", PEAKED9, 0.4, {}),
    ("duel", (0.5, 0.5), 0.1, {}),
    ("duel", (0.7, 0.3), 0.13, {"split": 3, "fraction": "proposal"}),
    ("duel", (0.7, 0.3), 0.13, {"split": 1, "fraction": "last"}),
    ("duel", (0.98, 0.0, 0.02), 0.15, {"split": 2, "fraction": "last"}),
]


@pytest.mark.parametrize(("method", "probs", "temperature", "options"), KNOWN)
def test_closed_moments_are_those_of_the_pmf(method, probs, temperature, options) -> None:
    law = cost_law(method, probs, temperature, options)
    assert law is not None
    assert law.pmf is not None
    assert law.second_moment is not None
    missing = 1.0 - law.pmf.sum()
    assert -1e-12 < missing <= TAIL
    costs = np.arange(law.pmf.size, dtype=float)
    assert law.pmf @ costs == pytest.approx(law.mean, rel=1e-6)
    assert law.pmf @ costs**2 == pytest.approx(law.second_moment, rel=1e-4)


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize(("n", "alpha"), [(1, 0.4), (2, 0.0), (2, 0.4), (3, 0.0), (3, 0.4)])
def test_second_moments_to_many_digits(n, alpha, early) -> None:
    """Of a law whose first 900 terms are all of it; where a trial is always n draws, n times a geometric number."""
    pair = np.array([0.7, 0.3])
    law = cost_law("collision", pair, 1.0 / (n + alpha), {"early_exit": early})
    assert law is not None
    both = Support.of(pair)
    success, failure = collision_series(both, both, n, alpha, early, 900)
    costs = np.arange(900.0)
    assert law.second_moment == pytest.approx(restarted([success], failure)[0] @ costs**2, rel=1e-9)
    if alpha == 0.0 and not early:
        accepted = float((pair**n).sum())
        assert law.second_moment == pytest.approx(n * n * (2.0 - accepted) / accepted**2, rel=1e-12)


@pytest.mark.parametrize(("fraction", "split"), [("proposal", Split(2, 0.4, 1, 0.0)), ("last", Split(2, 0.0, 1, 0.4))])
def test_the_fraction_is_where_it_is_said_to_be(fraction, split) -> None:
    pair = np.array([0.7, 0.3])
    success, failure = duel_moments(pair, split)
    law = cost_law("duel", pair, 1.0 / 3.4, {"split": 2, "fraction": fraction})
    assert law is not None
    assert law.mean == pytest.approx(restarted_moments([success], failure)[0].first, rel=1e-9)


def test_a_duel_of_no_exponent_costs_what_its_proposals_cost() -> None:
    duel = cost_law("duel", PEAKED9, 0.3, {"split": 3})
    collision = cost_law("collision", PEAKED9, 0.3, {"early_exit": True})
    assert duel is not None
    assert collision is not None
    assert (duel.mean, duel.second_moment) == (collision.mean, collision.second_moment)


@pytest.mark.parametrize("m", [1, 2, 5, 12])
@pytest.mark.parametrize("p", [0.5, 0.7, 0.02])
def test_gamblers_ruin(p, m) -> None:
    """Chances and mean time are the textbook's; the moments those of the series."""
    for index, (moments, series) in enumerate(
        zip(ruin_moments(np.array([p, 1 - p]), m), ruin_series(p, 1 - p, m, 12_000), strict=True)
    ):
        chance = [p, 1 - p][index] ** m / (p**m + (1 - p) ** m)
        time_to_end = float(m * m) if p == 0.5 else m * (p**m - (1 - p) ** m) / (p**m + (1 - p) ** m) / (2 * p - 1)
        assert moments.mass == pytest.approx(chance, rel=1e-12)
        assert moments.first == pytest.approx(chance * time_to_end, rel=1e-9)
        costs = np.arange(series.size, dtype=float)
        assert [series.sum(), series @ costs, series @ costs**2] == pytest.approx(list(moments), rel=1e-9)


def test_gamblers_ruin_of_extreme_odds() -> None:
    """Odds of e^1036 to 1, which no float holds: one of the two surely wins, after m / (p - q) draws on average."""
    for pair in ([1.0 - 1e-9, 1e-9], [1e-9, 1.0 - 1e-9]):
        winner, loser = sorted(ruin_moments(np.array(pair), 50), reverse=True)
        assert tuple(winner) == pytest.approx((1.0, 50.0, 2500.0), rel=1e-6)
        assert tuple(loser) == pytest.approx((0.0, 0.0, 0.0), abs=1e-290)


@pytest.mark.parametrize("m", [1, 2, 3])
def test_a_series_is_the_same_wherever_it_is_cut(m) -> None:
    """Its last term included: nothing that is known of d < size depends on size."""
    pair = np.array([0.7, 0.3])
    support = Support.of(pair)
    kinds: list[Callable[[int], tuple[np.ndarray, np.ndarray]]] = [
        lambda size: ruin_series(0.7, 0.3, m, size),
        lambda size: coin_series(support, 0.4, m, size),
        lambda size: duel_series(pair, Split(1, 0.0, m, 0.4), size),
        lambda size: collision_series(support, Support.of(pair[:1]), m, 0.4, False, size),
        lambda size: collision_series(support, support, m, 0.4, True, size),
        lambda size: collision_series(support, support, m + 1, 0.0, True, size),
    ]
    for series in kinds:
        whole = series(40)
        for size in range(2, 16):
            for part, known in zip(series(size), whole, strict=True):
                assert part == pytest.approx(known[:size], rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("alpha", [0.1, 1 / 3, 0.9])
@pytest.mark.parametrize("p", [1.0, 0.9, 0.3, 0.05])
def test_moments_of_the_coin_are_those_of_its_series(p, alpha) -> None:
    support = Support.of(np.array([p]))
    for moments, series in zip(coin_moments(support, alpha, 2), coin_series(support, alpha, 2, 3000), strict=True):
        costs = np.arange(series.size, dtype=float)
        assert [series.sum(), series @ costs, series @ costs**2] == pytest.approx(list(moments), rel=1e-9, abs=1e-15)


# ---------------------------------------------------------------- the chain


def chain_by_strings(probs: tuple[float, ...], gamma: float, steps: int, longest: int) -> np.ndarray:
    """P(cost = d) of the chain, by following its states draw by draw."""
    alive: dict[tuple[int, ...], float] = {(x, 0): p for x, p in enumerate(probs) if p > 0}
    law = np.zeros(longest + 1)
    for d in range(1, longest + 1):
        after: dict[tuple[int, ...], float] = defaultdict(float)
        for state, chance in alive.items():
            x, done = state[:2]
            if len(state) == 2:
                if done == steps:
                    law[d] += chance
                    continue
                for y, p in enumerate(probs):
                    for moved, share in picks(x, y, done) if y != x else [((x, done + 1), 1.0)]:
                        after[moved] += chance * p * share
                continue
            y, picked, flip = state[2:]
            p, tails = probs[picked], gamma / flip
            after[(y if picked == x else x, done + 1)] += chance * p
            for moved, share in picks(x, y, done):
                after[moved] += chance * (1 - p) * tails * share
            after[(x, done, y, picked, flip + 1)] += chance * (1 - p) * (1 - tails)
        alive = {state: chance for state, chance in after.items() if chance > 1e-18}
    return law


def picks(x: int, y: int, done: int) -> Iterator[tuple[tuple[int, ...], float]]:
    yield (x, done, y, x, 1), 0.5
    yield (x, done, y, y, 1), 0.5


@pytest.mark.parametrize(
    ("probs", "temperature", "steps"),
    [
        ((0.6, 0.4), 2.0, 1),
        ((0.6, 0.4), 2.0, 3),
        ((0.5, 0.25, 0.25), 4.0, 2),
        ((0.5, 0.5), math.inf, 2),
        ((0.7, 0.3), 1.2, 2),
    ],
)
def test_chain_draw_by_draw(probs, temperature, steps) -> None:
    pmf = chain_by_strings(probs, 1.0 - 1.0 / temperature, steps, 260)
    costs = np.arange(pmf.size, dtype=float)
    law = cost_law("chain", probs, temperature, {"steps": steps})
    assert law is not None
    assert pmf.sum() == pytest.approx(1.0, abs=1e-9)
    assert law.mean == pytest.approx(pmf @ costs, rel=1e-7)
    assert law.second_moment == pytest.approx(pmf @ costs**2, rel=1e-6)
    assert law.pmf is None


def test_both_ways_to_a_chains_mean_agree() -> None:
    probs = np.array(PEAKED9)
    assert chain_moments(probs, 0.6, 20)[0] == pytest.approx(chain_draws(probs, 2.5, 20), rel=1e-12)


# ---------------------------------------------------------------- the rest


def test_constant_costs() -> None:
    for law, draws in [
        (cost_law("batch", "peaked9", 0.5, {"batch_size": 70}), 70),
        (cost_law("batch", "peaked9", 0.5), 200),
        (cost_law("batch", "peaked9", 0.5, {"batch_size": 1}), 1),
        (cost_law("duel", "peaked9", 0.5, {"budget": 1}), 1),
        (cost_law("duel", "peaked9", 0.1, {"budget": 400}), 400),
        (cost_law("duel", (1.0,), 0.1), 10),
        (cost_law("duel", (1.0, 0.0), 1 / 3.5), 4),
        (cost_law("duel", (1.0,), 1 / 3.5, {"split": 2, "fraction": "proposal"}), 4),
        (cost_law("duel", (1.0,), 1 / 3.5, {"split": 2, "fraction": "last"}), 4),
        (cost_law("collision", (1.0,), 0.4), 3),
    ]:
        assert law is not None
        assert law.pmf is not None
        assert np.flatnonzero(law.pmf).tolist() == [draws]
        assert (law.mean, law.second_moment, law.pmf[draws]) == (draws, draws**2, pytest.approx(1.0, abs=1e-15))
        assert law.complete


@pytest.mark.parametrize(("method", "probs", "temperature", "options"), KNOWN)
def test_only_constant_laws_are_complete(method, probs, temperature, options) -> None:
    law = cost_law(method, probs, temperature, options)
    assert law is not None
    assert law.pmf is not None
    assert law.complete == (np.count_nonzero(law.pmf) == 1)


def test_a_tail_too_small_to_show_is_a_tail() -> None:
    """More than 4 draws have the chance 6.4e-15, and the sum of the others is 1 to rounding."""
    for probs in ([1 - 4e-8, 4e-8], [1.0, 1e-20]):
        law = cost_law("collision", probs, 0.5)
        assert law is not None
        assert not law.complete


def test_a_constant_too_large_has_only_moments() -> None:
    law = CostLaw.constant(10**9)
    assert (law.mean, law.second_moment, law.pmf, law.complete) == (1e9, 1e18, None, False)


def test_a_law_keeps_its_chances_as_an_array_that_nobody_writes_to() -> None:
    law = CostLaw(2.0, 5.0, [0.0, 0.5, 0.25])  # type: ignore[arg-type]
    assert law.pmf is not None
    with pytest.raises(ValueError, match="read-only"):
        law.pmf[0] = 1.0


def test_a_chain_on_very_many_different_probabilities_has_a_mean_alone() -> None:
    probs = np.arange(1.0, 1602.0) / np.arange(1.0, 1602.0).sum()
    law = cost_law("chain", probs, 2.0, {"steps": 1})
    assert law is not None
    assert (law.mean, law.second_moment, law.pmf) == (chain_draws(probs, 2.0, 1), None, None)


def test_what_is_not_known_is_none() -> None:
    assert cost_law("accepted", "peaked9", 0.5) is None
    assert cost_law("duel", "peaked9", 0.1) is None
    assert cost_law("duel", (0.5, 0.3, 0.2), 0.1) is None
    assert cost_law("duel", "two", 0.1, {"coupling": "stream"}) is None
    assert cost_law("duel", "two", 0.4, {"coupling": "stream"}) is not None  # no step, no stream
    assert cost_law("chain", "two:0.6", 2.0, {"steps": 10**9}) is None


def test_astronomic_costs_are_quick() -> None:
    began = time.perf_counter()
    law = cost_law("collision", "zipf:1000,1.1", 0.05)
    assert law is not None
    assert law.mean == pytest.approx(1.67e16, rel=0.01)
    assert law.second_moment == pytest.approx(2 * law.mean**2, rel=1e-9)  # all but geometric
    assert law.pmf is None
    for temperature in (1e-3, 1e-6):
        for early in (False, True):
            law = cost_law("collision", PEAKED9, temperature, {"early_exit": early})
            assert law is not None
            assert (law.mean, law.pmf) == (math.inf, None)
    law = cost_law("collision", "zipf:5000,1.1", 1e-6, {"early_exit": True})  # more work than a second moment is worth
    assert law is not None
    assert (law.mean, law.second_moment, law.pmf) == (math.inf, None, None)
    tiny = cost_law("collision", [1 - 1e-300, 1e-300], 0.7)
    assert tiny is not None
    assert tiny.mean == pytest.approx(2.0)
    assert time.perf_counter() - began < 10.0


@pytest.mark.slow
def test_a_law_too_long_is_cut() -> None:
    law = cost_law("collision", PEAKED9, 0.1)
    assert law is not None
    assert law.pmf is not None
    assert law.pmf.size == MOST_DRAWS + 1
    assert law.pmf[9::10].max() == 0.0
    rejected = simtemp.rejection_rate(PEAKED9, 0.1)
    assert np.allclose(law.pmf[10::10], (1.0 - rejected) * rejected ** np.arange(MOST_DRAWS // 10), rtol=1e-6, atol=0.0)


def test_series() -> None:
    """Products, and trials that start again, against sums done by hand; zero terms stay zero."""
    rng = np.random.default_rng(3)
    a, b = rng.random(40) * (rng.random(40) < 0.5), rng.random(40) * (rng.random(40) < 0.3)
    assert product(a, b) == pytest.approx(np.convolve(a, b)[:40], rel=1e-12, abs=1e-15)
    assert ((product(a, b) > 0) == (np.convolve(a, b)[:40] > 0)).all()
    failure = b / (2.0 * b.sum())
    failure[0] = 0.0
    by_hand = a.copy()
    for d in range(40):
        by_hand[d] += sum(failure[k] * by_hand[d - k] for k in range(1, d + 1))
    assert restarted([a], failure)[0] == pytest.approx(by_hand, rel=1e-12, abs=1e-15)
    assert ((restarted([a], failure)[0] > 0) == (by_hand > 0)).all()
    weights, ratios = rng.random(5), np.array([0.0, 0.1, 0.9, 1.0, 1e-200])
    with np.errstate(divide="ignore"):
        sums = power_sums(weights, np.log(ratios), 23)
    assert sums == pytest.approx([float(weights @ ratios**i) for i in range(23)], rel=1e-13)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="method must be one of"):
        cost_law("guess", "two", 0.5)
    with pytest.raises(ValueError, match="split must be an integer from 1 to 10"):
        cost_law("duel", "two", 0.1, {"split": 11})
    with pytest.raises(ValueError, match=r"temperature must be in \(0, 1\]"):
        cost_law("accepted", "two", 1.5)
    with pytest.raises(ValueError, match="batch_size must be an integer"):
        cost_law("batch", "two", 0.5, {"batch_size": 0})
    with pytest.raises(ValueError, match="budget must be an integer"):
        cost_law("duel", "two", 0.5, {"budget": 0})
    with pytest.raises(ValueError, match="pmf must have a sum"):
        CostLaw(2.0, 5.0, np.zeros(3))
    with pytest.raises(ValueError, match="mean must be > 0"):
        CostLaw(0.0)
    with pytest.raises(ValueError, match="second_moment must be at least"):
        CostLaw(2.0, 3.0)
    with pytest.raises(ValueError, match="pmf must have a sum"):
        CostLaw(2.0, 5.0, np.array([0.6, 0.6]))
    with pytest.raises(ValueError, match=r"if it is complete, got a sum of 0\.9"):
        CostLaw(2.0, 5.0, np.array([0.0, 0.5, 0.4]), complete=True)
    with pytest.raises(ValueError, match="if it is complete, got no pmf"):
        CostLaw(2.0, 5.0, complete=True)
