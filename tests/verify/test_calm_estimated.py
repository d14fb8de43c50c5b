"""Decoders whose base law is estimated: the error bound holds for every base tried, and wrong decoders are still caught."""

import numpy as np
import pytest

import simtemp
from verify.estimated_target import estimated_target

BASES = {
    "two": [0.5, 0.5],
    "peaked": [0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02],
    "wide": np.full(500, 1 / 500),
    "zipf": 1 / np.arange(1, 2001) / np.sum(1 / np.arange(1, 2001)),
}


def distance(first, second) -> float:
    return 0.5 * float(np.abs(first - second).sum())


@pytest.mark.parametrize("temperature", [1.0, 0.9, 0.7, 0.5, 0.3, 0.1])
@pytest.mark.parametrize("base", list(BASES))
def test_the_error_bound_holds(base, temperature) -> None:
    """At delta = 1e-6 each: a miss among these 400 runs by chance has probability 4e-4."""
    probs = np.asarray(BASES[base])
    rng = np.random.default_rng(0)
    for size in (100, 10_000):
        for _ in range(8):
            target = estimated_target(rng.multinomial(size, probs), temperature, 1e-6)
            assert distance(target.probs, simtemp.temper(probs, temperature)) <= target.error <= 1.0
            assert target.allowance <= target.error


def test_tempering_is_lipschitz_as_the_bound_says() -> None:
    """The lemma itself, on random pairs of vectors of nonnegative numbers."""
    rng = np.random.default_rng(1)
    for _ in range(300):
        a, b = rng.dirichlet(np.full(8, rng.choice([0.1, 1.0, 10.0])), size=2)
        s = float(rng.uniform(1, 12))
        shrunk = b * (rng.random(8) < 0.8)  # truncated, as for 1 < s < 2
        if not shrunk.any():
            continue
        left = distance(a**s / (a**s).sum(), shrunk**s / (shrunk**s).sum())
        assert left <= s * (np.abs(a - shrunk) ** s).sum() ** (1 / s) / (shrunk**s).sum() ** (1 / s) + 1e-12


def test_planted_fault_without_the_error_a_false_target_is_believed() -> None:
    """From 100 draws the estimate is far off: the bound says so, and is not vacuous from 1e6."""
    probs = np.asarray(BASES["peaked"])
    few = estimated_target(np.random.default_rng(0).multinomial(100, probs), 0.2, 1e-6)
    assert distance(few.probs, simtemp.temper(probs, 0.2)) > 0.02
    assert few.error == 1.0
    many = [estimated_target(np.random.default_rng(0).multinomial(10**6, probs), t, 1e-6) for t in (1.0, 0.7, 0.5, 0.2)]
    assert [one.allowance < bound for one, bound in zip(many, (0.003, 0.1, 0.025, 0.08), strict=True)] == [True] * 4


@pytest.mark.parametrize(
    ("counts", "temperature", "delta", "message"),
    [
        ([0.5, 0.5], 0.5, 0.1, "counts must be integers"),
        ([0, 0], 0.5, 0.1, "at least one"),
        ([1, 1], 2.0, 0.1, "temperature must be in"),
        ([1, 1], 0.0, 0.1, "temperature must be in"),
        ([1, 1], 0.5, 0.0, "delta must be in"),
    ],
)
def test_bad_calls_are_named(counts, temperature, delta, message) -> None:
    with pytest.raises(ValueError, match=message):
        estimated_target(counts, temperature, delta)


class TestModel:
    def check(self, temperature, method="duel", budget=None, **options):
        from simtemp.calm.random_model import random_model
        from verify.calm_estimated import check_continuous_decoder

        sizes = {"epsilon": 0.2, "size": 2000, "law_draws": 50_000}
        return check_continuous_decoder(
            random_model(), [np.array([1, 2, 3])], temperature, method, budget, **(sizes | options)
        )

    @pytest.mark.parametrize("temperature", [pytest.param(1.0, marks=pytest.mark.slow), 0.5])
    def test_a_right_decoder_is_equivalent(self, temperature) -> None:
        verdicts = self.check(temperature)
        assert verdicts.status == "EQUIVALENT", verdicts.sentence
        (one,) = verdicts.by_context
        assert one.law_error < one.tv_upper <= 0.2
        assert one.exact_share == 1.0

    def test_a_biased_rule_is_rejected(self) -> None:
        """A batch of 3 at T = 1/2 is far too flat."""
        verdicts = self.check(0.5, "batch", 3)
        assert verdicts.status == "REJECT", verdicts.sentence
        assert verdicts.tv_lower > 0

    @pytest.mark.slow
    def test_too_few_draws_of_the_law_prove_nothing(self) -> None:
        assert self.check(0.5, law_draws=100).status == "INCONCLUSIVE"
        assert self.check(0.5, "batch", 3, law_draws=100).status == "INCONCLUSIVE"
