"""The power coin against a plain statement of it, against its exact law, and against planted faults."""

import math

import numpy as np
import pytest
from scipy import stats

from simtemp.samplers.coin import power_coin
from simtemp.sources import alias_source, buffer_source

ALPHA = 1e-6  # of each test here


def plain_coin(draws: list[int], u: float, x: int, alpha: float) -> tuple[int, int]:
    """For i = 1, 2, ...: a match is heads; otherwise tails with probability alpha / i, decided beforehand by one uniform."""
    survival = 1.0
    for i, y in enumerate(draws, start=1):
        survival *= 1.0 - alpha / i
        if y == x:
            return 1, i
        if survival <= u:
            return 0, i
    return -1, len(draws)


@pytest.mark.parametrize("alpha", [1e-9, 0.1, 1 / 3, 0.5, 0.7, 0.999])
def test_kernel_equals_plain_statement_on_the_same_draws(alpha: float) -> None:
    maker = np.random.default_rng(17)
    for seed in range(400):
        recorded = maker.integers(0, 5, size=maker.integers(0, 30))
        result = power_coin(buffer_source(recorded), np.random.default_rng(seed), 2, alpha, 2**62)
        assert result == plain_coin(recorded.tolist(), np.random.default_rng(seed).random(), 2, alpha)


@pytest.mark.parametrize("alpha", [0.1, 1 / 3, 0.5, 0.9])
@pytest.mark.parametrize("p", [0.02, 0.37, 0.8])
def test_plain_statement_has_probability_p_to_the_alpha(p: float, alpha: float) -> None:
    """Summed over the flip at which it ends: heads at i needs i - 1 misses that were not rejected."""
    total, flips, reach, miss = 0.0, 0.0, 1.0, 1.0
    for i in range(1, 20_000):
        flips += reach * miss
        total += reach * miss * p
        miss *= 1 - p
        reach *= 1 - alpha / i
    assert total == pytest.approx(p**alpha, abs=1e-12)
    assert flips == pytest.approx(p ** (alpha - 1), rel=1e-9)


def heads_and_flips(p: float, alpha: float, coins: int, seed: int) -> tuple[int, np.ndarray]:
    source, rng = alias_source(np.array([p, 1 - p])), np.random.default_rng(seed)
    results = np.array([power_coin(source, rng, 0, alpha, 2**62) for _ in range(coins)])
    return int((results[:, 0] == 1).sum()), results[:, 1]


@pytest.mark.parametrize(("p", "alpha"), [(0.3, 0.1), (0.3, 1 / 3), (0.05, 0.5), (0.7, 0.999), (0.2, 1e-9)])
def test_simulated_coin_has_the_right_law_and_cost(p: float, alpha: float) -> None:
    coins = 30_000
    heads, flips = heads_and_flips(p, alpha, coins, seed=23)
    assert stats.binomtest(heads, coins, p**alpha).pvalue > ALPHA
    z = (flips.mean() - p ** (alpha - 1)) / (flips.std(ddof=1) / math.sqrt(coins))
    assert abs(z) < 6.0  # flips have a geometric tail: six standard errors is beyond 1e-6 at this size


@pytest.mark.parametrize("fault", ["alpha/(i+1)", "match after the coin", "cap at 3 flips"])
def test_planted_faults_are_found(fault: str) -> None:
    """Each fault changes P(heads) of p = 0.3, alpha = 0.5 by a known amount that 30,000 coins show at 1e-6."""
    rng, p, alpha, coins, heads = np.random.default_rng(29), 0.3, 0.5, 30_000, 0
    for _ in range(coins):
        i = 1
        while True:
            match, u = rng.random() < p, rng.random()
            if fault == "match after the coin":
                if u < alpha / i:
                    break
                if match:
                    heads += 1
                    break
            elif match:
                heads += 1
                break
            elif u < alpha / (i + 1 if fault == "alpha/(i+1)" else i):
                break
            if fault == "cap at 3 flips" and i == 3:
                heads += 1
                break
            i += 1
    assert stats.binomtest(heads, coins, p**alpha).pvalue < ALPHA


def test_allowance_and_exhaustion_end_the_coin() -> None:
    rng = np.random.default_rng(0)
    never = buffer_source(np.full(10, 3))
    outcome, draws = power_coin(never, rng, 2, 1e-12, 4)
    assert (outcome, draws) == (-1, 4)
    outcome, draws = power_coin(never, rng, 2, 1e-12, 2**62)
    assert (outcome, draws) == (-1, 6)
