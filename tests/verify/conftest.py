"""Every possible vector of counts, with its probability: what the exact tests of the judge sum over."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from scipy.special import gammaln, xlogy

from simtemp.arguments import Floats, Integers


@cache
def all_counts(n: int, k: int) -> Integers:
    """All vectors of k counts that sum to n: int64[rows, k]."""
    if k == 1:
        return np.array([[n]])
    return np.concatenate([np.insert(all_counts(n - first, k - 1), 0, first, axis=1) for first in range(n + 1)])


def log_chances(counts: Integers, probs: Floats) -> Floats:
    """The log of the multinomial probability of each row of counts."""
    return gammaln(counts.sum(axis=1) + 1.0) - gammaln(counts + 1.0).sum(axis=1) + xlogy(counts, probs).sum(axis=1)


@pytest.fixture(scope="session")
def outcomes() -> Callable[[int, int], Integers]:
    return all_counts


@pytest.fixture(scope="session")
def outcome_log_chances() -> Callable[[Integers, Floats], Floats]:
    return log_chances


@pytest.fixture(scope="session")
def outcome_chances() -> Callable[[Integers, Floats], Floats]:
    return lambda counts, probs: np.exp(log_chances(counts, probs))


@pytest.fixture(scope="session")
def laws() -> Callable[[int], Floats]:
    """A grid of laws on k categories, edges and near-edges included: float64[rows, k]."""

    def grid(k: int) -> Floats:
        steps = all_counts(24 if k == 2 else 16, k)
        edge = np.array([[1e-3] * (k - 1) + [1 - 1e-3 * (k - 1)], [0.02] * (k - 1) + [1 - 0.02 * (k - 1)]])
        return np.concatenate([steps / steps[0].sum(), edge])

    return grid
