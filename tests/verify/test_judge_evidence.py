"""The judge beyond the law of one output: cost, outputs that end, what it tells about its way."""

import itertools
import math

import numpy as np
import pytest

import simtemp
from verify import OutputsEnded, check_sampler, simulated
from verify.certificate import tv_upper_bound

PEAKED9 = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02])


def sampler_of(law):
    edges = np.cumsum(law) / np.sum(law)
    return lambda size, rng: np.searchsorted(edges, rng.random(size), side="right")


def at_cost(draws):
    """A right sampler whose outputs cost what `draws(size, rng)` says."""
    return lambda size, rng: (sampler_of(PEAKED9)(size, rng), draws(size, rng))


def test_a_method_is_judged_by_its_cost_too() -> None:
    verdict = check_sampler(simulated("collision", "peaked9", 0.5), simtemp.temper(PEAKED9, 0.5), epsilon=0.03)
    assert verdict.status == "EQUIVALENT"
    assert set(verdict.log_e_by) == {"law", "dependence", "cost"}
    assert verdict.expected_draws == pytest.approx(simtemp.expected_draws(PEAKED9, 0.5))
    assert verdict.mean_draws == pytest.approx(verdict.expected_draws, rel=0.05)


def test_the_right_law_at_the_wrong_cost_is_rejected() -> None:
    verdict = check_sampler(at_cost(lambda size, rng: rng.geometric(0.1, size)), PEAKED9, expected_cost=8.0)
    assert (verdict.status, verdict.caught_by) == ("REJECT", "cost")
    assert "does not cost what it should" in verdict.sentence
    assert "8 were expected" in verdict.sentence
    early = simulated("collision", "peaked9", 0.3, early_exit=True)
    claimed = simtemp.cost_law("collision", "peaked9", 0.3, {"early_exit": False})
    assert check_sampler(early, simtemp.temper(PEAKED9, 0.3), expected_cost=claimed).caught_by == "cost"


def test_the_right_mean_is_not_rejected() -> None:
    verdict = check_sampler(
        at_cost(lambda size, rng: rng.geometric(0.1, size)), PEAKED9, epsilon=0.03, expected_cost=10
    )
    assert verdict.status == "EQUIVALENT"
    assert verdict.expected_draws == 10.0


def test_an_expected_cost_needs_costs() -> None:
    with pytest.raises(ValueError, match="must return \\(outputs, draws\\) when expected_cost is given"):
        check_sampler(sampler_of(PEAKED9), PEAKED9, expected_cost=3.0)


def recorded(size):
    return sampler_of(PEAKED9)(size, np.random.default_rng(4))


def test_recorded_outputs_are_judged_as_far_as_they_go() -> None:
    short = check_sampler(recorded(3000), PEAKED9)
    assert (short.status, short.n) == ("INCONCLUSIVE", 3000)
    enough = check_sampler(recorded(400_000).tolist(), PEAKED9)
    assert enough.status == "EQUIVALENT"
    assert check_sampler(recorded(3000), PEAKED9, max_samples=2000).n == 2000
    wrong = check_sampler(recorded(3000), PEAKED9[::-1].copy())
    assert (wrong.status, wrong.n) == ("REJECT", 100)


def test_outputs_that_end_without_warning() -> None:
    """A generator, whose length nobody knows: the certificate of its end takes what no look has taken."""
    values = recorded(7777)
    verdict = check_sampler(iter(values.tolist()), PEAKED9, epsilon=0.2, delta=0.01, max_samples=10_000)
    assert verdict.status == "EQUIVALENT"
    late = check_sampler(iter(values.tolist()), PEAKED9, epsilon=0.01, delta=0.01)
    assert (late.status, late.n) == ("INCONCLUSIVE", 7777)
    counts = np.bincount(values, minlength=9)
    assert tv_upper_bound(counts, PEAKED9, 0.01) < late.tv_upper < tv_upper_bound(counts, PEAKED9, 1e-5)
    endless = check_sampler((int(v) for v in itertools.cycle([0])), [0.5, 0.5])
    assert endless.status == "REJECT"


def test_no_outputs_at_all_is_an_error() -> None:
    def sampler(size, rng):
        raise OutputsEnded(np.empty(0, np.int64))

    with pytest.raises(ValueError, match="at least one output"):
        check_sampler(sampler, [0.5, 0.5])
    with pytest.raises(ValueError, match="at least one output"):
        check_sampler(iter([]), [0.5, 0.5])


def test_what_a_sampler_may_end_with() -> None:
    def sampler(size, rng):
        raise OutputsEnded(np.array([0, 5]))

    with pytest.raises(ValueError, match="from 0 to 1, got 5"):
        check_sampler(sampler, [0.5, 0.5])


def test_trace() -> None:
    verdict = check_sampler(sampler_of(PEAKED9), PEAKED9, epsilon=0.05)
    sizes = [point.n for point in verdict.trace]
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == verdict.n
    assert verdict.trace[-1].log_e == verdict.log_e
    assert [point.tv_upper for point in verdict.trace if point.tv_upper is not None][-1] == verdict.tv_upper
    record = verdict.record()
    assert "trace" not in record
    assert record["caught_by"] is None


def test_log_e_is_the_weighted_mean_of_its_parts() -> None:
    verdict = check_sampler(sampler_of(PEAKED9), PEAKED9, epsilon=0.05)
    parts = verdict.log_e_by
    mean = math.log(31 / 32 * math.exp(parts["law"]) + 1 / 32 * math.exp(parts["dependence"]))
    assert verdict.log_e == pytest.approx(mean, abs=1e-12)
