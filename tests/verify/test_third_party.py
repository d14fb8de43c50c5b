"""Other people's samplers, as their own tests could have it: right ones end EQUIVALENT, wrong parameters are rejected.

At alpha = delta = 1e-6 a call; the fixture `assert_unbiased` fixes the seeds by the tests' names. All planted faults are
further from the target than epsilon, so that passing would be wrong.
"""

import random

import numpy as np
import pytest
from scipy import stats

from verify.assertion import BiasError

EPSILON = 0.03


@pytest.fixture
def judge(assert_unbiased):
    """The sampler of the right parameter passes, that of the wrong one is rejected."""

    def check(right, wrong, target, **options) -> None:
        assert assert_unbiased(right, target, EPSILON, **options).status == "EQUIVALENT"
        with pytest.raises(BiasError) as caught:
            assert_unbiased(wrong, target, EPSILON, **options)
        assert caught.value.verdict.status == "REJECT"

    return check


def zipf(exponent: float, size: int = 50) -> np.ndarray:
    weights = np.arange(1, size + 1) ** -exponent
    return weights / weights.sum()


def test_generator_choice(judge) -> None:
    def chooser(law):
        return lambda size, rng: rng.choice(len(law), size, p=law)

    judge(chooser(zipf(1.1)), chooser(zipf(1.25)), zipf(1.1))


def test_generator_multinomial(judge) -> None:
    """Counts of `size` outputs, in random order, are `size` independent outputs."""

    def spread(law):
        return lambda size, rng: rng.permutation(np.repeat(np.arange(len(law)), rng.multinomial(size, law)))

    judge(spread(zipf(1.1)), spread(zipf(1.25)), zipf(1.1))


def test_multinomial_counts_in_their_order_are_not_independent(assert_unbiased) -> None:
    """Planted: the frequencies are right, but equal outputs come one after another."""
    law = zipf(1.1)

    def sorted_outputs(size, rng):
        return np.repeat(np.arange(len(law)), rng.multinomial(size, law))

    with pytest.raises(BiasError, match="dependence"):
        assert_unbiased(sorted_outputs, law, EPSILON)


def test_random_choices(judge) -> None:
    """Python's own `random`: it returns labels, from a generator of its own."""
    suits, weights = ["spades", "hearts", "clubs", "diamonds"], [4, 3, 2, 1]

    def dealer(weights):
        return lambda size, rng: random.Random(rng.bytes(16)).choices(suits, weights, k=size)

    judge(dealer(weights), dealer([4, 3, 1, 2]), np.divide(weights, 10), labels=suits, returns="labels")


LAST = 30
"""scipy's distributions are judged on 0, ..., LAST; the last category stands for all that is left."""


def categories(distribution) -> tuple:
    """A distribution of scipy as a sampler and as a target."""

    def sampler(size, rng):
        return np.minimum(distribution.rvs(size=size, random_state=rng), LAST)

    return sampler, np.append(distribution.pmf(np.arange(LAST)), distribution.sf(LAST - 1))


CUSTOM = ([1, 3, 17], [0.1, 1 / 3, 1 - 0.1 - 1 / 3])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (stats.poisson(4.0), stats.poisson(4.3)),
        (stats.zipfian(1.2, 100), stats.zipfian(1.35, 100)),
        (stats.rv_discrete(values=CUSTOM)(), stats.rv_discrete(values=(CUSTOM[0], [0.1, 0.4, 0.5]))()),
        pytest.param(stats.binom(20, 0.3), stats.binom(20, 0.33), marks=pytest.mark.slow),
        pytest.param(stats.geom(0.1), stats.geom(0.11), marks=pytest.mark.slow),
        pytest.param(stats.nbinom(5, 0.4), stats.nbinom(5, 0.43), marks=pytest.mark.slow),
        pytest.param(stats.hypergeom(50, 20, 15), stats.hypergeom(50, 22, 15), marks=pytest.mark.slow),
        pytest.param(stats.logser(0.9), stats.logser(0.87), marks=pytest.mark.slow),
        pytest.param(stats.boltzmann(0.2, 25), stats.boltzmann(0.25, 25), marks=pytest.mark.slow),
        pytest.param(stats.randint(2, 27), stats.randint(2, 26), marks=pytest.mark.slow),
    ],
    ids=lambda distribution: distribution.dist.name if hasattr(distribution, "dist") else None,
)
def test_scipy(judge, right, wrong) -> None:
    sampler, target = categories(right)
    faulty, law = categories(wrong)
    assert 0.5 * np.abs(law - target).sum() > EPSILON
    judge(sampler, faulty, target)
