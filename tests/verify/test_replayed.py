"""Samplers over recorded draws, many outputs a call: the law and cost of the method, however the draws are recorded."""

import numpy as np
import pytest

from simtemp import temper
from simtemp.errors import DrawBudgetExceeded
from simtemp.exact.cost_law import cost_law
from verify import check_sampler
from verify.replayed import Replayed

PEAKED9 = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02])


def draw(k, rng):
    return rng.choice(9, size=k, p=PEAKED9)


@pytest.mark.parametrize(("method", "temperature"), [("collision", 0.5), ("duel", 0.2)])
def test_law_and_cost_of_the_method(method, temperature) -> None:
    """alpha = 1e-6. Beginning an output anew with fresh coins where the record ended would be seen: the record ends often."""
    law = cost_law(method, PEAKED9, temperature)
    sampler = Replayed(draw, 9, method, temperature, {})
    verdict = check_sampler(sampler, temper(PEAKED9, temperature), epsilon=0.03, expected_cost=law)
    assert verdict.status == "EQUIVALENT", verdict.sentence
    assert sampler.spent == pytest.approx(verdict.n * verdict.mean_draws)


def test_how_much_is_recorded_at_a_time_changes_nothing() -> None:
    """The record is extended where it ends: here from 2 draws an output on, there once and for all."""
    short, long = Replayed(draw, 9, "collision", 0.5, {}), Replayed(draw, 9, "collision", 0.5, {})
    long._opening = 200
    for outcome, other in zip(short(500, np.random.default_rng(0)), long(500, np.random.default_rng(0)), strict=True):
        assert np.array_equal(outcome, other)


def test_the_budget_ends() -> None:
    with pytest.raises(DrawBudgetExceeded, match="1,000"):
        Replayed(draw, 9, "collision", 0.05, {}, max_draws=1000)(10, np.random.default_rng(0))
