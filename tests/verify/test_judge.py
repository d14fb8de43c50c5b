"""The whole procedure: planted faults, right samplers, odd targets, streams of randomness."""

import math

import numpy as np
import pytest

import simtemp
from simtemp.tempering import temper
from verify import check_sampler, evidence, judge, simulated

ZIPF = 1 / np.arange(1, 101) ** 1.1
ZIPF /= ZIPF.sum()
PEAKED9 = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02])


def sampler_of(law):
    """A sampler of a law by bisection of its cumulative sums: shares nothing with the samplers of simtemp."""
    edges = np.cumsum(law)
    edges /= edges[-1]
    return lambda size, rng: np.searchsorted(edges, rng.random(size), side="right")


def verdicts(law, target, runs: int, **settings):
    return [check_sampler(sampler_of(law), target, rng=seed, **settings) for seed in range(runs)]


# Planted faults, at alpha = 1e-6: a wrong sampler of total variation at least 0.002 must be rejected; its law is known.

OFF_BY_ONE = np.roll(ZIPF, 1)
NEVER = np.where(np.arange(100) == 30, 0.0, ZIPF)


@pytest.mark.parametrize(
    ("law", "most"),
    [
        (temper(ZIPF, 1 / 1.05), 20_000),
        (temper(ZIPF, 1 / 0.95), 20_000),
        (temper(ZIPF, 1 / 1.01), 500_000),
        (temper(ZIPF, 1 / 0.99), 500_000),
        (OFF_BY_ONE, 1000),
        (NEVER, 50_000),
        (np.full(100, 0.01), 1000),
        (ZIPF * (1 + 0.2 * (-1.0) ** np.arange(100)), 20_000),
        (np.where(np.arange(100) == 99, 3 * ZIPF, ZIPF), 50_000),
        (np.eye(100)[0], 200),
    ],
    ids=["+5%", "-5%", "+1%", "-1%", "off by one", "never", "uniform", "alternating", "one thrice", "stuck"],
)
def test_planted_faults_are_rejected(law, most) -> None:
    verdict = check_sampler(sampler_of(law), ZIPF, epsilon=0.002, rng=1, max_samples=most)
    assert verdict.status == "REJECT"
    distance = 0.5 * np.abs(law / np.sum(law) - ZIPF).sum()
    assert verdict.tv_lower <= distance <= verdict.tv_upper
    assert verdict.log_e >= math.log(1e6)
    assert verdict.witness is not None
    assert verdict.sentence.startswith("REJECT")


def test_a_sampler_that_repeats_itself_is_rejected_on_many_categories() -> None:
    """Also by its law: doubled counts are no multinomial's."""
    verdict = check_sampler(lambda size, rng: np.repeat(sampler_of(ZIPF)(size, rng), 2)[:size], ZIPF)
    assert verdict.status == "REJECT"
    assert verdict.caught_by.startswith("dependence")
    assert verdict.log_e_by["law"] > 0


@pytest.mark.slow
def test_wrong_exponent_is_found_early() -> None:
    """5 % on zipf:100,1.1 at alpha = 0.01: over 60 seeds the median was 2892 outputs."""
    runs = verdicts(temper(ZIPF, 1 / 1.05), ZIPF, 40, alpha=0.01)
    assert all(v.status == "REJECT" for v in runs)
    assert np.median([v.n for v in runs]) < 4500


def test_impossible_category_is_rejected_in_the_first_round() -> None:
    verdict = check_sampler(sampler_of([0.5, 0.4, 0.1]), [0.5, 0.5, 0.0], labels=["a", "b", "never"])
    assert (verdict.status, verdict.n, verdict.log_e) == ("REJECT", 100, math.inf)
    assert verdict.witness.labels[0] == "never"
    assert "'never' came out" in verdict.sentence
    assert "probability is zero" in verdict.sentence


def test_exact_test_can_reject_what_the_e_process_does_not(monkeypatch) -> None:
    """At alpha >= 1e-4 the fixed-sample test is run at the first epoch, a number of outputs known beforehand."""
    monkeypatch.setattr(evidence.Evidence, "weigh", lambda self, counts: None)
    verdict = check_sampler(sampler_of(NEVER), ZIPF, alpha=0.01, epsilon=0.02, max_samples=400_000)
    assert verdict.status == "REJECT"
    assert verdict.p_value <= 0.005
    assert verdict.n == judge.planned_samples(ZIPF, 0.02, 1e-6, 400_000)
    assert "exact test gives p" in verdict.sentence


# Right samplers.


@pytest.mark.parametrize(
    "target",
    [PEAKED9, ZIPF, np.array([0.5, 0.5]), np.array([0.0, 0.3, 0.7, 0.0]), np.array([1 - 1e-9, 1e-9])],
    ids=["peaked9", "zipf", "two", "zeros", "nearly one"],
)
def test_right_samplers_are_equivalent(target) -> None:
    verdict = check_sampler(sampler_of(target), target, rng=2)
    assert verdict.status == "EQUIVALENT"
    assert verdict.tv_upper <= 0.01
    assert verdict.tv_lower == 0.0
    assert verdict.witness is None
    assert verdict.p_value is None
    assert verdict.mean_draws is None
    assert verdict.sentence.startswith("EQUIVALENT")


def test_a_fault_smaller_than_epsilon_may_pass() -> None:
    """0 < TV <= epsilon: both verdicts would be true, and the certificate comes first."""
    verdict = check_sampler(sampler_of([0.501, 0.499]), [0.5, 0.5], epsilon=0.02)
    assert verdict.status == "EQUIVALENT"


def test_collision_sampler_is_equivalent_and_batch_sampler_is_not() -> None:
    base = simtemp.parse_base("peaked9")
    right = check_sampler(simulated("collision", base, 0.4), temper(base.probs, 0.4), epsilon=0.02)
    assert right.status == "EQUIVALENT"
    assert right.mean_draws == pytest.approx(simtemp.expected_draws(base.probs, 0.4), rel=0.05)
    wrong = check_sampler(simulated("batch", base, 0.5, batch_size=20), temper(base.probs, 0.5))
    assert wrong.status == "REJECT"
    assert wrong.mean_draws == 20.0
    law = simtemp.batch_law(base.probs, 2, 20)
    assert wrong.tv_lower <= simtemp.total_variation(law, temper(base.probs, 0.5)) <= wrong.tv_upper


# Ends of the range.


def test_budget_out_is_inconclusive() -> None:
    verdict = check_sampler(sampler_of(PEAKED9), PEAKED9, max_samples=5000)
    assert (verdict.status, verdict.n) == ("INCONCLUSIVE", 5000)
    assert 0.01 < verdict.tv_upper < 0.1
    assert "not a pass" in verdict.sentence
    one = check_sampler(sampler_of(PEAKED9), PEAKED9, max_samples=1)
    assert (one.status, one.n, one.tv_upper) == ("INCONCLUSIVE", 1, 1.0)


def test_one_category_is_equivalent_at_once() -> None:
    verdict = check_sampler(lambda size, rng: np.zeros(size, np.int64), [1.0])
    assert (verdict.status, verdict.n, verdict.tv_upper) == ("EQUIVALENT", 100, 0.0)


def test_tiny_probabilities() -> None:
    target = [1e-300, 0.5, 0.5 - 1e-300]
    assert check_sampler(sampler_of([0, 0.5, 0.5]), target, epsilon=0.02).status == "EQUIVALENT"
    assert check_sampler(sampler_of([0.05, 0.5, 0.45]), target).n == 100


@pytest.mark.slow
def test_a_million_categories() -> None:
    target = 1 / np.arange(1, 10**6 + 1) ** 1.1
    target /= target.sum()
    verdict = check_sampler(sampler_of(target), target, max_samples=2_000_000)
    assert verdict.status == "INCONCLUSIVE"
    assert 0.05 < verdict.tv_upper < 0.2
    assert check_sampler(sampler_of(temper(target, 1 / 1.02)), target).status == "REJECT"


def test_many_categories_in_little_time() -> None:
    target = 1 / np.arange(1, 10**5 + 1) ** 1.1
    target /= target.sum()
    assert check_sampler(sampler_of(target), target, max_samples=100_000).status == "INCONCLUSIVE"
    assert check_sampler(sampler_of(temper(target, 1 / 1.05)), target).status == "REJECT"


# Randomness: one stream a role.


def test_same_seed_same_verdict() -> None:
    first, again, other = (check_sampler(sampler_of(PEAKED9), PEAKED9, epsilon=0.05, rng=s) for s in (5, 5, 6))
    assert first.tv_empirical == again.tv_empirical != other.tv_empirical
    assert first.log_e == again.log_e


def test_seed_sequences_and_generators_are_welcome() -> None:
    settings = {"epsilon": 0.1, "delta": 0.01}
    number = check_sampler(sampler_of(PEAKED9), PEAKED9, rng=3, **settings)
    sequence = np.random.SeedSequence(3)
    assert check_sampler(sampler_of(PEAKED9), PEAKED9, rng=sequence, **settings).log_e == number.log_e
    assert check_sampler(sampler_of(PEAKED9), PEAKED9, rng=sequence, **settings).log_e != number.log_e
    generator = np.random.default_rng(3)
    first, second = (check_sampler(sampler_of(PEAKED9), PEAKED9, rng=generator, **settings) for _ in range(2))
    assert first.log_e != second.log_e
    assert check_sampler(sampler_of(PEAKED9), PEAKED9, rng=np.random.default_rng(3), **settings).log_e == first.log_e


def test_the_sampler_has_one_generator_that_the_judge_does_not_touch() -> None:
    """What the sampler draws does not depend on the judge's own draws (null tables, parts), which come from other children."""
    drawn = []

    def sampler(size, rng):
        drawn.append((id(rng), rng.bit_generator.state["state"]["state"]))
        return sampler_of(PEAKED9)(size, rng)

    check_sampler(sampler, PEAKED9, epsilon=0.05, alpha=1e-6, rng=9)
    with_null_tables = len(drawn)
    check_sampler(sampler, PEAKED9, epsilon=0.05, alpha=0.01, rng=9)
    states = [state for _, state in drawn]
    assert states[:with_null_tables] == states[with_null_tables:]
    assert len({one for one, _ in drawn[:with_null_tables]}) == 1


def test_progress_is_told() -> None:
    told = []
    verdict = check_sampler(sampler_of(PEAKED9), PEAKED9, epsilon=0.05, progress=lambda n, goal: told.append((n, goal)))
    assert told[-1][0] == verdict.n
    assert all(0 < n <= goal for n, goal in told)
    assert [n for n, _ in told] == sorted(n for n, _ in told)
