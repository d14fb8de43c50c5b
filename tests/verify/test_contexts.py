"""Many targets in one call: totals of both error rates, and small faults that only add up."""

import numpy as np
import pytest

import simtemp
from verify import SamplerError, check_samplers, judge, required_samples
from verify.intervals import interval

PEAKED9 = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02])
LAWS = {"first": PEAKED9, "second": np.array([0.5, 0.5]), "third": np.array([0.0, 0.4, 0.6])}


def sampler_of(law):
    edges = np.cumsum(law) / np.sum(law)
    return lambda size, rng: np.searchsorted(edges, rng.random(size), side="right")


RIGHT = {name: sampler_of(law) for name, law in LAWS.items()}


def test_right_samplers_are_equivalent_together() -> None:
    verdicts = check_samplers(RIGHT, LAWS, epsilon=0.03)
    assert verdicts.status == "EQUIVALENT"
    assert verdicts.tv_upper <= 0.03
    assert verdicts.tv_lower == 0.0
    assert verdicts.rejected == ()
    assert verdicts.n == sum(row["n"] for row in verdicts.rows())
    assert verdicts.sentence.startswith("EQUIVALENT")
    assert all(
        v.delta == pytest.approx(1e-6 / 3) and v.alpha == pytest.approx(1e-6 / 6) for v in verdicts.by_context.values()
    )


def test_one_wrong_context_is_named() -> None:
    wrong = {**RIGHT, "second": sampler_of([0.6, 0.4])}
    verdicts = check_samplers(wrong, LAWS, epsilon=0.03)
    assert verdicts.status == "REJECT"
    assert verdicts.rejected == ("second",)
    assert "'second'" in verdicts.sentence
    assert len(verdicts.by_context) == 2  # the third was not judged any more
    assert verdicts.tv_upper == 1.0
    everything = check_samplers(wrong, LAWS, epsilon=0.03, stop_at_reject=False)
    assert len(everything.by_context) == 3
    assert everything.rejected == ("second",)


@pytest.mark.slow
def test_small_faults_of_one_kind_add_up() -> None:
    """Each of 25 contexts is 0.025 off and has 4,000 outputs, too few to be rejected alone."""
    targets = [[0.5, 0.5]] * 25
    verdicts = check_samplers([sampler_of([0.525, 0.475])] * 25, targets, epsilon=0.01, max_samples=4000)
    assert verdicts.status == "REJECT"
    assert verdicts.rejected == ()
    assert "though none by itself" in verdicts.sentence


def test_undecided() -> None:
    verdicts = check_samplers([sampler_of(PEAKED9)] * 3, [PEAKED9] * 3, max_samples=200)
    assert verdicts.status == "INCONCLUSIVE"
    assert "3 of 3" in verdicts.sentence


def test_one_function_for_all_contexts_and_streams_of_their_own() -> None:
    seen = {}

    def sampler(context, size, rng):
        values = RIGHT[context](size, rng)
        seen.setdefault(context, values[:50])
        return values

    assert check_samplers(sampler, LAWS, epsilon=0.05).status == "EQUIVALENT"
    again = check_samplers(lambda context, size, rng: sampler_of(PEAKED9)(size, rng), [PEAKED9] * 2, epsilon=0.05)
    assert again.by_context[0].tv_empirical != again.by_context[1].tv_empirical


def alarms_too_often() -> bool:
    """Whether 40 null runs over 3 contexts refute alpha = 0.05 in all; a right judge is refuted with probability 1e-6."""
    alarms = sum(
        check_samplers(
            [sampler_of(PEAKED9)] * 3, [PEAKED9] * 3, epsilon=0.2, alpha=0.05, delta=0.05, max_samples=400, rng=seed
        ).status
        == "REJECT"
        for seed in range(40)
    )
    return interval(alarms, 40, 2e-6)[0] > 0.05


@pytest.mark.slow
def test_alarms_stay_below_the_total_alpha() -> None:
    assert not alarms_too_often()


@pytest.mark.slow
def test_planted_fault_outputs_counted_three_times_alarm_too_often(monkeypatch) -> None:
    """The exact test takes n outputs for 3n: its null tables are too even. About 34 alarms of 40, where 12 refute alpha."""
    honest = judge.counts_test
    monkeypatch.setattr(judge, "counts_test", lambda counts, *rest: honest(3 * counts, *rest))
    assert alarms_too_often()


def test_contexts_of_a_known_base() -> None:
    temperatures = {t: simtemp.temper(PEAKED9, t) for t in (1.0, 0.5, 0.25)}
    verdicts = check_samplers(
        lambda t, size, rng: simtemp.simulate("collision", PEAKED9, t, size, seed=int(rng.integers(2**62))).values,
        temperatures,
        epsilon=0.05,
    )
    assert verdicts.status == "EQUIVALENT"
    assert verdicts.n >= required_samples(temperatures[1.0], 0.05, 1e-6, 0.5)


@pytest.mark.parametrize(
    ("samplers", "targets", "message"),
    [
        ({"a": RIGHT["first"]}, {"b": PEAKED9}, "none for 'b'"),
        ({"a": RIGHT["first"], "b": RIGHT["first"]}, {"b": PEAKED9}, "none for 'a'"),
        ([RIGHT["first"]], [PEAKED9, PEAKED9], "none for 1"),
        ([RIGHT["first"]], [], "at least one context"),
        ([RIGHT["first"]], 5, "targets must be a mapping"),
        (5, [PEAKED9], "samplers must be a mapping"),
        ([RIGHT["first"]], [[0.5, 0.6]], "context 0: target"),
    ],
)
def test_bad_calls_are_named(samplers, targets, message) -> None:
    with pytest.raises(ValueError, match="must") as error:
        check_samplers(samplers, targets)
    assert message in str(error.value)


def test_a_context_whose_sampler_raises_is_named() -> None:
    with pytest.raises(SamplerError, match=r"context 'x': .*ZeroDivisionError"):
        check_samplers({"x": lambda size, rng: 1 / 0}, {"x": PEAKED9})
