"""The parametric families against exact arithmetic, in their extremes, and (where random) against their law."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simtemp.families import FAMILIES, dirichlet, geometric, softmax, two, uniform, zipf

ALPHA = 1e-6  # of every statistical test here

sizes = st.integers(1, 60)


@pytest.mark.slow
@settings(deadline=None)
@given(sizes, st.fractions(Fraction(1, 100), 1))
def test_geometric_against_fractions(size, ratio):
    powers = [ratio**i for i in range(size)]
    expected = [float(power / sum(powers)) for power in powers]
    np.testing.assert_allclose(geometric(size, float(ratio)), expected, rtol=1e-12)


@settings(deadline=None)
@given(sizes, st.integers(0, 12))
def test_zipf_against_fractions(size, exponent):
    powers = [Fraction(1, i**exponent) for i in range(1, size + 1)]
    expected = [float(power / sum(powers)) for power in powers]
    np.testing.assert_allclose(zipf(size, exponent), expected, rtol=1e-13)


@settings(deadline=None)
@given(st.floats(0.0, 1.0))
def test_two_keeps_p(p):
    assert two(p).tolist() == [p, 1 - p]


def test_the_suite_s_zipf_starts_as_published():
    assert zipf(1000, 1.1)[0] == pytest.approx(1 / math.fsum(i**-1.1 for i in range(1, 1001)), rel=1e-14)


@pytest.mark.parametrize(
    "probs",
    [
        geometric(10**5, 0.5),
        geometric(100, 5e-324),
        geometric(100, 1 - 1e-16),
        zipf(10**5, 0.0),
        zipf(100, 1e308),
        softmax(100, 0.0, 0),
        softmax(100, 1e308, 0),
        softmax(10**5, 1e-300, 0),
        dirichlet(100, 1e-100, 0),
        dirichlet(100, 1e100, 0),
        dirichlet(1, 1e-3, 0),
        uniform(1),
    ],
)
def test_extremes_are_distributions(probs):
    assert np.isfinite(probs).all()
    assert (probs >= 0).all()
    assert math.fsum(probs) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("family", [lambda seed: dirichlet(8, 0.5, seed), lambda seed: softmax(8, 1.0, seed)])
def test_seeds_repeat_and_differ(family):
    np.testing.assert_array_equal(family(3), family(3))
    assert len({family(seed).tobytes() for seed in [*range(300), 2**32, 2**32 + 1, 2**64, 2**64 + 1]}) == 304


def test_a_seed_has_one_role():
    """The numbers that make a base are not those that another user of the same seed draws."""
    logits = np.log(softmax(1000, 1.0, 5))
    for other in (np.random.default_rng(5), *np.random.default_rng(5).spawn(4)):
        normals = other.standard_normal(1000)
        assert abs(np.corrcoef(logits, normals)[0, 1]) < 0.5  # 1 for the same stream; 16 standard errors otherwise


def softmax_scale_p_value(probs, sigma):
    """Exact: the logits are log p up to a constant, so (K-1) times their variance over sigma^2 is chi-square with K-1."""
    statistic = np.log(probs).var() * probs.size / sigma**2
    law = stats.chi2(probs.size - 1)
    return 2 * min(law.cdf(statistic), law.sf(statistic))


def test_softmax_logits_have_the_stated_scale():
    """A planted fault of 2 % in sigma moves the statistic by 28 standard deviations at K = 10^6."""
    probs = softmax(10**6, 1.7, 0)
    assert softmax_scale_p_value(probs, 1.7) > ALPHA
    assert softmax_scale_p_value(probs, 1.7 * 1.02) < ALPHA


@pytest.mark.slow
def test_dirichlet_has_its_marginal_law():
    """p_0 is Beta(a, (K-1) a), by the exact Kolmogorov-Smirnov law over seeds 0, ..., 9999; the planted fault is 30 % in a."""
    first = [dirichlet(3, 0.4, seed)[0] for seed in range(10_000)]
    assert stats.kstest(first, stats.beta(0.4, 0.8).cdf, method="exact").pvalue > ALPHA
    assert stats.kstest(first, stats.beta(0.52, 1.04).cdf, method="exact").pvalue < ALPHA


def test_every_family_is_listed_with_its_parameters():
    assert {name: family.parameters for name, family in FAMILIES.items()} == {
        "two": ("p",),
        "uniform": ("K",),
        "geometric": ("K", "r"),
        "zipf": ("K", "s"),
        "dirichlet": ("K", "a", "seed"),
        "softmax": ("K", "sigma", "seed"),
    }
