"""Independence: the mean of every bet by full enumeration, null runs, and samplers that repeat, thin or share their outputs.

Null runs reject with probability at most 1e-6 each; the seeds are 0, 1, 2, ...
"""

import itertools
import math

import numpy as np
import pytest
from scipy.special import gammaln

from verify import check_sampler, found_lag, replay, transitions
from verify import dispersion as dispersion_module
from verify.dependence import Dependence
from verify.dispersion import Dispersion
from verify.found_lag import FoundLag
from verify.matches import Matches
from verify.replay import Replay, repeated
from verify.transitions import Transitions, groups_by_index, groups_by_probability

ZIPF = 1 / np.arange(1, 101) ** 1.1
ZIPF /= ZIPF.sum()
PEAKED9 = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02])
THREE = np.array([0.5, 0.2, 0.3])


def sampler_of(law):
    """A sampler of a law by bisection of its cumulative sums: shares nothing with the samplers of simtemp."""
    edges = np.cumsum(law)
    edges /= edges[-1]
    return lambda size, rng: np.searchsorted(edges, rng.random(size), side="right")


def sequences(length: int, law):
    """All sequences of outputs, with their probabilities under the target."""
    for sequence in itertools.product(range(len(law)), repeat=length):
        yield np.array(sequence), float(np.prod(np.asarray(law)[list(sequence)]))


def calls(values, sizes):
    """The sequence cut into the outputs of calls."""
    return np.split(values, np.cumsum(sizes)[:-1])


# E[e] by full enumeration.


@pytest.mark.parametrize("law", [THREE, np.array([0.9, 0.1]), np.array([0.0, 0.4, 0.6])])
def test_matches_have_mean_one(law) -> None:
    def log_e(values):
        bets = Matches(law)
        bets.add(values[1:3], values[:2])
        bets.add(values[3:], values[[0, 0, 2]], np.bincount(values[[0, 0, 2]], minlength=law.size))
        return bets.log_e()

    mean = math.fsum(chance * math.exp(log_e(values)) for values, chance in sequences(6, law) if chance)
    assert mean == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("law", [THREE, np.array([0.9, 0.1])])
def test_transitions_have_mean_one(law) -> None:
    def log_e(values):
        bets = Transitions(law, np.arange(law.size))
        bets.add(values[1:], values[:-1])
        return bets.log_e()

    mean = math.fsum(chance * math.exp(log_e(values)) for values, chance in sequences(7, law))
    assert mean == pytest.approx(1.0, abs=1e-12)


def test_transitions_are_goods_bets_on_every_row() -> None:
    """Each row of the table is a Dirichlet-multinomial around the target: its likelihood ratio, from log-gammas."""
    values = np.array([0, 0, 1, 0, 0, 1, 0, 0, 1, 2, 2, 2, 0, 0, 1, 0, 0])
    bets = Transitions(THREE, np.arange(3))
    bets.add(values[1:8], values[:7])
    bets.add(values[8:], values[7:-1])
    table = np.zeros((3, 3))
    np.add.at(table, (values[:-1], values[1:]), 1)
    wealth = []
    for c in transitions.CONCENTRATIONS:
        rows = gammaln(c) - gammaln(c + table.sum(axis=1))
        cells = gammaln(c * THREE + table) - gammaln(c * THREE) - table * np.log(THREE)
        wealth.append(math.exp(rows.sum() + cells.sum()))
    assert bets.log_e() == pytest.approx(math.log(np.mean(wealth)), abs=1e-9)
    assert bets.log_e() > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(3, 1, 3), (2, 2, 3)])
def test_a_lag_found_in_the_past_has_mean_one(monkeypatch, sizes) -> None:
    monkeypatch.setattr(found_lag, "LEAST", 2)
    mean, lags = 0.0, set()
    for values, chance in sequences(7, THREE):
        bets = FoundLag(THREE)
        for part in calls(values, sizes):
            bets.add(part)
        mean += chance * math.exp(bets.log_e())
        lags.add(bets.lag)
    assert mean == pytest.approx(1.0, abs=1e-12)
    assert len(lags) > 1


def test_a_lag_found_in_what_it_is_bet_on_is_no_martingale(monkeypatch) -> None:
    """Planted fault: the outputs of the call help to choose the lag. The enumeration above sees it."""
    monkeypatch.setattr(found_lag, "LEAST", 2)
    mean = 0.0
    for values, chance in sequences(7, THREE):
        bets = FoundLag(THREE)
        bets._past = values
        lag = bets._strongest()
        peeking = Matches(THREE)
        peeking.add(values[lag:], values[:-lag])
        mean += chance * math.exp(peeking.log_e())
    assert mean > 1.0 + 1e-6


def test_dispersion_has_mean_at_most_one_and_hardly_less(monkeypatch, outcomes, outcome_chances) -> None:
    monkeypatch.setattr(dispersion_module, "LEAST_VARIANCE", 0.5)
    counts = outcomes(30, 3)

    def e(row):
        bets = Dispersion(THREE)
        bets.add(row)
        return math.exp(bets.log_e())

    mean = float(outcome_chances(counts, THREE) @ np.array([e(row) for row in counts]))
    assert 0.9 < mean <= 1.0 + 1e-12  # what a rounded normal law puts outside 0, ..., n is lost


def test_an_even_law_is_halved_wherever_it_is_split() -> None:
    assert Dispersion(np.full(8, 0.125))._share == pytest.approx(np.full(7, 0.5))


def test_replay_has_mean_at_most_one(monkeypatch) -> None:
    """Stretches short enough to come twice by chance, in sequences short enough to be listed."""
    monkeypatch.setattr(replay, "LOOKS", (6, 9, 12))
    law = np.array([0.5, 0.5])
    mean, seen = 0.0, 0
    for values, chance in sequences(12, law):
        bets = Replay(law, 1.0)
        bets._log_rare = math.log(0.9)
        bets.add(values[:5])
        bets.add(values[5:])
        mean += chance * math.exp(bets.log_e())
        seen += bets.log_e() > -math.inf
    assert seen > 100
    assert mean <= 1.0


@pytest.mark.slow
def test_all_together_have_mean_at_most_one_whenever_they_are_stopped() -> None:
    for sizes in ((2, 1, 1), (1, 3)):
        for stop in range(1, len(sizes) + 1):

            def e(values, sizes=sizes, stop=stop):
                bets = Dependence(THREE, 0.01)
                for part in calls(values, sizes)[:stop]:
                    bets.add(part, np.bincount(part, minlength=3))
                return math.exp(bets.log_e())

            mean = math.fsum(chance * e(values) for values, chance in sequences(sum(sizes), THREE))
            assert mean <= 1.0 + 1e-12
            assert mean > 0.8  # the share of stretches, an eighth, has seen nothing


def test_a_bet_on_the_output_itself_is_no_martingale() -> None:
    """Planted fault: with the output as its own partner the mean is far above 1. The enumeration above sees it."""
    mean = 0.0
    for values, chance in sequences(4, THREE):
        bets = Matches(THREE)
        bets.add(values, values)
        mean += chance * math.exp(bets.log_e())
    assert mean > 2.0


# Right samplers.


@pytest.mark.parametrize("law", [THREE, PEAKED9, ZIPF, np.array([0.98, 0.02]), np.full(2000, 1 / 2000)])
def test_independent_outputs_give_no_evidence(law) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        bets = Dependence(law, 1e-6)
        for size in (100, 25, 32, 1, 2, 5000, 20_000):
            values = sampler_of(law)(size, rng)
            bets.add(values, np.bincount(values, minlength=law.size))
            assert bets.log_e() < math.log(1e6)


# Wrong samplers whose outputs have, one by one, the right law.


def each_twice(one):
    return lambda size, rng: np.repeat(one(size, rng), 2)[:size]


def seeded_inside(one):
    return lambda size, rng: one(size, np.random.default_rng(7))


def workers_with_one_seed(one, workers):
    def sampler(size, rng):
        seed = int(rng.integers(2**62))
        parts = np.array_split(np.arange(size), workers)
        return np.concatenate([one(part.size, np.random.default_rng(seed)) for part in parts])

    return sampler


def workers_in_turn(one, workers):
    def sampler(size, rng):
        seed = int(rng.integers(2**62))
        parts = [one(-(-size // workers), np.random.default_rng(seed)) for _ in range(workers)]
        return np.stack(parts, axis=1).ravel()[:size]

    return sampler


def seeds_that_overlap(one, workers):
    calls = itertools.count()

    def sampler(size, rng):
        call = next(calls)
        parts = np.array_split(np.arange(size), workers)
        return np.concatenate([one(part.size, np.random.default_rng(call + i)) for i, part in enumerate(parts)])

    return sampler


def sticky(one, chance):
    def sampler(size, rng):
        fresh = np.where(rng.random(size) < chance, 0, np.arange(size))
        return one(size, rng)[np.maximum.accumulate(fresh)]

    return sampler


def repeats_dropped(one):
    def sampler(size, rng):
        values = one(4 * size + 200, rng)
        return values[np.flatnonzero(np.diff(values, prepend=-1))][:size]

    return sampler


def in_order(one):
    return lambda size, rng: np.sort(one(size, rng))


def flushed_twice(one, size):
    """A buffer of `size` outputs that is written down two times."""
    waiting = [np.empty(0, np.int64)]

    def sampler(wanted, rng):
        while waiting[0].size < wanted:
            waiting[0] = np.concatenate([waiting[0], np.tile(one(size, rng), 2)])
        values, waiting[0] = waiting[0][:wanted], waiting[0][wanted:]
        return values

    return sampler


def stratified(law):
    edges = np.cumsum(law) / np.sum(law)
    return lambda size, rng: rng.permutation(
        np.searchsorted(edges, (np.arange(size) + rng.random(size)) / size, side="right")
    )


def short_period(one, period):
    return lambda size, rng, kept=[]: np.resize(kept or kept.extend(one(period, rng)) or kept, size)


@pytest.mark.parametrize("law", [PEAKED9, ZIPF, np.array([0.5, 0.5])], ids=["peaked9", "zipf", "two"])
@pytest.mark.parametrize(
    ("wrong", "most", "kind"),
    [
        (each_twice, 300, ""),
        (seeded_inside, 300, "same place of the call before"),
        (lambda one: workers_with_one_seed(one, 4), 300, "one worker earlier"),
        (lambda one: workers_with_one_seed(one, 7), 600, ""),
        (lambda one: workers_in_turn(one, 4), 300, ""),
        (lambda one: sticky(one, 0.1), 10_000, ""),
        (repeats_dropped, 1000, ""),
        (in_order, 300, ""),
        (lambda one: short_period(one, 1000), 5000, ""),
    ],
    ids=[
        "each twice",
        "seeded inside",
        "one seed",
        "seven",
        "in turn",
        "sticky",
        "thinned",
        "in order",
        "short period",
    ],
)
def test_dependent_outputs_are_rejected(law, wrong, most, kind) -> None:
    verdict = check_sampler(wrong(sampler_of(law)), law, epsilon=0.002, max_samples=most, rng=3)
    assert verdict.status == "REJECT"
    assert verdict.log_e_by["dependence"] > 10
    assert kind in verdict.caught_by


@pytest.mark.parametrize("law", [PEAKED9, ZIPF, np.array([0.5, 0.5])], ids=["peaked9", "zipf", "two"])
def test_counts_that_are_too_even_are_rejected(law) -> None:
    verdict = check_sampler(stratified(law), law, epsilon=0.002, max_samples=3000)
    assert verdict.caught_by == "dependence: makes the counts of a call too even, or too uneven"
    assert "not independent draws" in verdict.sentence


@pytest.mark.parametrize("law", [PEAKED9, np.array([0.5, 0.5]), np.array([0.9, 0.1])], ids=["peaked9", "two", "skew"])
@pytest.mark.parametrize("size", [5, 7, 16, 100, 300])
def test_copies_at_a_distance_that_nobody_knows_are_rejected(law, size) -> None:
    verdict = check_sampler(flushed_twice(sampler_of(law), size), law, epsilon=0.002, max_samples=2500, rng=3)
    assert verdict.status == "REJECT"
    assert verdict.log_e_by["dependence"] > 15


def test_a_sentence_does_not_blame_the_law_for_dependence() -> None:
    """Copies from five places before, with chance a half: each output has exactly the target."""

    def sampler(size, rng):
        values = sampler_of(ZIPF)(size, rng)
        for i in np.flatnonzero(rng.random(size - 5) < 0.5):
            values[i + 5] = values[i]
        return values

    verdict = check_sampler(sampler, ZIPF, rng=1)
    assert verdict.status == "REJECT"
    assert "not independent draws from the target" in verdict.sentence
    assert "law is not the target" not in verdict.sentence
    longer = check_sampler(flushed_twice(sampler_of(ZIPF), 300), ZIPF, rng=1)
    assert longer.caught_by.startswith("dependence") or "their law may be right" in longer.sentence


def test_seeds_that_overlap_are_found_wherever_they_are() -> None:
    verdict = check_sampler(
        seeds_that_overlap(sampler_of([0.5, 0.5]), 4), [0.5, 0.5], epsilon=0.002, max_samples=20_000
    )
    assert verdict.status == "REJECT"
    assert "came again from output" in verdict.sentence


def test_repeated_stretches_are_found_and_no_others() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(3, size=3000)
    assert repeated(values, 40) is None
    values[2000:2050] = values[100:150]
    for width in (1, 2, 3, 37, 49, 50):
        first, second = repeated(values, width)
        assert first < second
        assert np.array_equal(values[first : first + width], values[second : second + width])
    assert repeated(values, 51) is None
    assert repeated(np.zeros(10, np.int64), 10) is None
    assert repeated(np.zeros(10, np.int64), 9) == (0, 1)


def test_groups() -> None:
    group = groups_by_probability(ZIPF)
    masses = np.bincount(group, weights=ZIPF)
    assert 8 <= masses.size <= 16
    assert np.all(np.diff(group) >= 0)
    assert np.array_equal(groups_by_probability(np.array([0.5, 0.2, 0.3])), [0, 2, 1])
    assert np.unique(groups_by_index(ZIPF)).size == 16
