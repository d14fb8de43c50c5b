"""The exact test of disjoint pairs: its size by null runs, and dependence that single outputs do not show."""

import numpy as np
import pytest
from scipy.stats import binom

from verify import test_counts, test_pairs

PEAKED9 = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02])
ZIPF = 1 / np.arange(1, 101) ** 1.1
ZIPF /= ZIPF.sum()


def draws(law, size, seed):
    return np.searchsorted(np.cumsum(law) / np.sum(law), np.random.default_rng(seed).random(size), side="right")


def repeating(law, size, seed, lag):
    """Outputs of which one in five is the one `lag` before."""
    values = draws(law, size, seed)
    for i in lag + np.flatnonzero(np.random.default_rng([seed, 1]).random(size - lag) < 0.2):
        values[i] = values[i - lag]
    return values


def rejected_too_often(outputs_of_run, law, lag) -> bool:
    """Whether 100 runs refute a size of 0.1; independent draws from the law do so with probability 1e-6."""
    hits = sum(test_pairs(outputs_of_run(s), law, B=99, rng=10_000 + s, lag=lag).p_value <= 0.1 for s in range(100))
    return hits > binom.ppf(1 - 1e-6, 100, 0.1)


@pytest.mark.parametrize(("law", "lag"), [(PEAKED9, 1), (ZIPF, 3)])
def test_size(law, lag) -> None:
    assert not rejected_too_often(lambda seed: draws(law, 400, seed), law, lag)


@pytest.mark.parametrize(("law", "lag"), [(PEAKED9, 1), (ZIPF, 3)])
def test_planted_fault_repeats_are_rejected_too_often(law, lag) -> None:
    """More than 80 rejections of 100, where 28 refute the size."""
    assert rejected_too_often(lambda seed: repeating(law, 400, seed, lag), law, lag)


@pytest.mark.parametrize("law", [PEAKED9, ZIPF])
@pytest.mark.parametrize("lag", [1, 2, 5])
def test_repeats_at_a_lag_are_seen_by_pairs_and_not_by_counts(law, lag) -> None:
    values = draws(law, 3000, 5).reshape(-1, lag)
    outputs = np.stack([values, values], axis=1).ravel()
    assert test_pairs(outputs, law, B=999, lag=lag).p_value <= 0.006
    # Every second output, to have the counts of independent draws.
    assert test_counts(np.bincount(values.ravel(), minlength=law.size), law, B=999).p_value > 1e-6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [0.5, 0.5], 99, 0, 2), "at least 2"),
        (([0, 2], [0.5, 0.5], 99, 0, 1), "from 0 to 1, got 2"),
        (([0.0, 1.0], [0.5, 0.5], 99, 0, 1), "dtype float64"),
        (([0, 1], [0.5, 0.5], 0, 0, 1), "B must be"),
        (([0, 1], [0.5, 0.5], 99, 0, 0), "lag must be"),
        (([], [0.5, 0.5], 99, 0, 1), "outputs must"),
    ],
)
def test_bad_calls_are_named(arguments, message) -> None:
    *four, lag = arguments
    with pytest.raises(ValueError, match="must") as error:
        test_pairs(*four, lag=lag)
    assert message in str(error.value)
