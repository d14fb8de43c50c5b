"""The batch law near T = 0, where the largest count is all that matters: the same on both sides of the switch, and at once."""

from itertools import product
from math import factorial

import numpy as np
import pytest

from simtemp import rule_law
from simtemp.exact.batch_law import DOMINANT
from simtemp.methods import batch_tables


def largest_count_law(probs: list[float], n: int) -> np.ndarray:
    """By enumeration: one of the values with the largest count, all of them alike."""
    law = np.zeros(len(probs))
    for counts in product(range(n + 1), repeat=len(probs)):
        if sum(counts) == n:
            chance = factorial(n) * np.prod([p**c / factorial(c) for p, c in zip(probs, counts, strict=True)])
            largest = np.array(counts) == max(counts)
            law += chance * largest / largest.sum()
    return law


@pytest.mark.parametrize("steepness", [0.9 * DOMINANT, 1.1 * DOMINANT, 1e9, 1e300])
def test_near_zero_the_largest_count_is_chosen(steepness: float) -> None:
    n, probs = 7, [0.5, 0.3, 0.2]
    temperature = np.log(n / (n - 1)) / steepness  # the weight of n is exp(steepness) times that of n - 1
    table, _ = batch_tables(temperature, n, "plug-in")
    np.testing.assert_allclose(rule_law(probs, table, n), largest_count_law(probs, n), rtol=0, atol=1e-14)


def test_weights_that_are_not_steep_are_not_taken_for_steep() -> None:
    n, probs = 7, [0.5, 0.3, 0.2]
    table, _ = batch_tables(0.2, n, "plug-in")
    assert np.abs(rule_law(probs, table, n) - largest_count_law(probs, n)).max() > 1e-3
    steep_but_at_one_step = np.concatenate(([-np.inf], 100.0 * np.arange(n)))
    steep_but_at_one_step[4] = steep_but_at_one_step[
        3
    ]  # 4 and 3 of one value each are alike, and of 7 draws both can be
    assert np.abs(rule_law(probs, steep_but_at_one_step, n) - largest_count_law(probs, n)).max() > 1e-3
