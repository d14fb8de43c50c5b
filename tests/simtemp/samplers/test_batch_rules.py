"""Batch rules for any 1/T: their tables, the corrected rule's law by enumeration, and how fast each bias falls."""

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from scipy import stats

import simtemp
import verify
from simtemp.batch_rules import RULES, falling_log_weight, plug_in_log_weight, published_log_weight
from simtemp.exact.batch_law import rule_law
from simtemp.methods import SupportWarning, batch_tables
from simtemp.samplers import fill
from simtemp.samplers.batch import batch_sampler, select
from simtemp.sources import alias_source

EXPONENTS = [1 / 3, 0.5, 0.9, 1.0, 1.1, 1.5, 2.0, 2.5, 3.0, 10 / 3, 7.9]


def falling(c: float, s: float) -> float:
    """``Gamma(c + 1) / Gamma(c + 1 - s)`` by the gamma function itself; zero at and below the pole c = s - 1 and for nothing seen."""
    if c <= 1e-9 or c <= s - 1 + 1e-9:
        return 0.0
    return math.gamma(c + 1) / math.gamma(c + 1 - s)


def plain_scores(counts: list[int], s: float, rule: str) -> list[float]:
    """What each category is chosen by. With no score at all the choice is uniform among the largest counts."""
    if rule == "plug-in":
        scores = [float(c) ** s if c else 0.0 for c in counts]
    else:
        weights = [falling(c, s) for c in counts]
        scores = weights
        if rule == "corrected":
            rest = [sum(weights) - w + falling(c - s, s) for w, c in zip(weights, counts, strict=True)]
            sure = [w > 0 and r <= 1e-12 * sum(weights) for w, r in zip(weights, rest, strict=True)]
            if any(sure):
                scores = [float(x) for x in sure]
            else:
                scores = [w / r if w else 0.0 for w, r in zip(weights, rest, strict=True)]
    if not any(scores):
        scores = [float(c == max(counts)) for c in counts]
    return scores


def count_vectors(categories: int, total: int) -> Iterator[list[int]]:
    if categories == 1:
        yield [total]
        return
    for first in range(total + 1):
        for rest in count_vectors(categories - 1, total - first):
            yield [first, *rest]


def enumerated_law(probs: list[float], s: float, size: int, rule: str) -> np.ndarray:
    """Over every vector of counts, with its multinomial probability."""
    law = np.zeros(len(probs))
    for counts in count_vectors(len(probs), size):
        log_chance = math.lgamma(size + 1) + sum(
            c * math.log(p) - math.lgamma(c + 1) for c, p in zip(counts, probs, strict=True)
        )
        scores = np.array(plain_scores(counts, s, rule))
        law += math.exp(log_chance) * scores / scores.sum()
    return law


# ---------------------------------------------------------------- tables


@pytest.mark.parametrize("n", [1, 2, 3, 10, 40])
def test_published_and_falling_are_the_same_rule_at_whole_exponents(n: int) -> None:
    published, fall = published_log_weight(n, 120), falling_log_weight(float(n), 120)
    for count in range(121):
        exact = math.comb(count, n) if count > 0 else 0
        if exact:
            assert published[count] == pytest.approx(math.log(exact), rel=1e-12, abs=1e-12)
            assert fall[count] == pytest.approx(math.log(math.perm(count, n)), rel=1e-12, abs=1e-12)
        else:
            assert published[count] == fall[count] == -math.inf


@pytest.mark.parametrize("s", EXPONENTS)
def test_plug_in_and_falling_are_powers_and_ratios_of_gamma(s: float) -> None:
    plug_in, fall = plug_in_log_weight(s, 100), falling_log_weight(s, 100)
    assert plug_in[0] == fall[0] == -math.inf
    for count in range(1, 101):
        assert math.exp(plug_in[count]) == pytest.approx(float(count) ** s, rel=1e-12)
        assert math.exp(fall[count]) == pytest.approx(falling(count, s), rel=1e-11)
    assert (fall[1:] > -math.inf).tolist() == [count > s - 1 + 1e-9 for count in range(1, 101)]


@pytest.mark.parametrize("s", EXPONENTS)
def test_what_is_kept_is_the_falling_weight_of_what_is_left(s: float) -> None:
    kept = falling_log_weight(s, 100, taken=s)
    for count in range(101):
        assert math.exp(kept[count]) == pytest.approx(falling(count - s, s), rel=1e-10)


def test_the_mean_falling_weight_is_a_power_of_p_at_whole_exponents() -> None:
    """Why it is the weight: ``E[(c)_n] = (N)_n p**n`` for a binomial count."""
    for n in (1, 2, 5):
        for p in (0.1, 1 / 3, 0.8):
            counts = np.arange(41)
            chance = stats.binom.pmf(counts, 40, p)
            assert chance @ np.exp(falling_log_weight(float(n), 40)) == pytest.approx(
                math.perm(40, n) * p**n, rel=1e-12
            )


def test_tables_of_a_temperature() -> None:
    for rule in ("plug-in", "falling", "corrected"):
        for temperature in (0.3, 0.7, 2.0):
            table, kept = batch_tables(temperature, 50, rule)
            s = 1.0 / temperature
            expected = plug_in_log_weight(s, 50) if rule == "plug-in" else falling_log_weight(s, 50)
            assert table == pytest.approx(expected)
            assert (kept is not None) == (rule == "corrected")
    for rule in RULES:
        assert not (batch_tables(0.0, 50, rule)[0] > -math.inf).any()  # T = 0: always the largest count
        uniform = batch_tables(math.inf, 50, rule)[0]
        assert uniform[0] == -math.inf
        assert not uniform[1:].any()  # T = inf: uniform among what was seen


# ---------------------------------------------------------------- choosing


@pytest.mark.parametrize("rule", ["plug-in", "falling", "corrected"])
@pytest.mark.parametrize("s", EXPONENTS)
def test_kernel_equals_plain_statement_on_the_same_counts(s: float, rule: str) -> None:
    """Its choice at u is the category whose stretch of the normalised scores contains u."""
    maker = np.random.default_rng(141)
    chosen_at_random = set()
    for _ in range(200):
        size = int(maker.integers(1, 60))
        counts = maker.multinomial(size, maker.dirichlet(np.full(5, 0.7)))
        table, kept = batch_tables(1.0 / s, size, rule)
        batch = batch_sampler(table, 5, kept)
        batch.counts[:] = counts
        met = maker.permutation(np.flatnonzero(counts))
        batch.seen[: met.size] = met
        scores = np.array(plain_scores(counts.tolist(), s, rule))[met]
        ends = np.cumsum(scores / scores.sum())
        for u in maker.random(8):
            if np.abs(ends - u).min() > 1e-9:  # not at the edge, where rounding decides
                value = select(batch, met.size, u)
                assert value == met[np.searchsorted(ends, u)]
                chosen_at_random.add(value)
    assert chosen_at_random == set(range(5))


@pytest.mark.parametrize("u", [0.0, 0.5, np.nextafter(1.0, 0.0)])
@pytest.mark.parametrize("s", EXPONENTS)
def test_a_lone_category_and_a_lone_candidate_are_chosen(s: float, u: float) -> None:
    """Nothing else and (with few draws) nothing kept: the corrected score divides by zero there."""
    for counts in ([12, 0, 0], [1, 0, 0], [math.ceil(s), 0, 0], [max(math.ceil(s), 2), 1, 1] if s >= 2 else [2, 0, 0]):
        table, kept = batch_tables(1.0 / s, sum(counts), "corrected")
        batch = batch_sampler(table, 3, kept)
        batch.counts[:] = counts
        met = np.flatnonzero(counts)
        batch.seen[: met.size] = met
        assert select(batch, met.size, u) == 0


def test_weights_that_underflow_are_rescaled_by_the_corrected_rule_too() -> None:
    """At N = 1e5, s = 1000.5 the weights of small counts are e^-5000 of the table's largest: only their ratio matters."""
    s = 1000.5
    table, kept = batch_tables(1.0 / s, 100_000, "corrected")
    batch = batch_sampler(table, 2, kept)
    assert kept is not None
    batch.counts[:], batch.seen[:2] = [2_100, 2_099], [0, 1]
    assert batch.weight[2_100] == 0.0
    w, k = (np.exp(np.array([t[2_100], t[2_099]]) - table[2_100]) for t in (table, kept))
    scores = w / (w.sum() - w + k)
    share = float(scores[0] / scores.sum())
    assert select(batch, 2, share * (1 - 1e-9)) == 0
    assert select(batch, 2, share * (1 + 1e-9)) == 1


# ---------------------------------------------------------------- laws


def simulated(probs: list[float], s: float, size: int, rule: str) -> Callable[[int, np.random.Generator], np.ndarray]:
    return lambda outputs, rng: (
        simtemp.simulate(
            "batch", probs, 1.0 / s, outputs, seed=int(rng.integers(2**62)), batch_size=size, rule=rule
        ).values
    )


@pytest.mark.parametrize(
    ("probs", "s", "size"),
    [
        ([0.5, 0.3, 0.2], 1.5, 12),
        ([0.6, 0.3, 0.1], 2.0, 8),
        ([0.4, 0.35, 0.25], 3.0, 10),
        ([0.7, 0.2, 0.1], 2.5, 5),
        ([0.5, 0.4, 0.1], 0.7, 9),
    ],
)
def test_the_corrected_rule_has_its_enumerated_law(probs: list[float], s: float, size: int) -> None:
    exact = enumerated_law(probs, s, size, "corrected")
    assert exact.sum() == pytest.approx(1.0, abs=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SupportWarning)
        verdict = verify.check_sampler(simulated(probs, s, size, "corrected"), exact, epsilon=0.02, rng=142)
        assert verdict.status == "EQUIVALENT"
        other = enumerated_law(probs, s, size, "falling")
        if simtemp.total_variation(exact, other) > 0.005:
            wrong = verify.check_sampler(
                simulated(probs, s, size, "falling"), exact, epsilon=0.001, max_samples=1_000_000, rng=142
            )
            assert wrong.status == "REJECT"


@pytest.mark.parametrize("rule", ["plug-in", "falling"])
@pytest.mark.parametrize("s", [0.5, 1.0, 1.5, 2.5, 3.0])
def test_the_other_rules_have_the_law_that_is_computed(s: float, rule: str) -> None:
    """`rule_law` by generating functions, against enumeration of the plain statement."""
    table, _ = batch_tables(1.0 / s, 11, rule)
    for probs in ([0.5, 0.3, 0.2], [0.6, 0.3, 0.1], [0.9, 0.1]):
        assert np.abs(rule_law(probs, table, 11) - enumerated_law(probs, s, 11, rule)).max() <= 1e-12


@pytest.mark.parametrize("size", [10, 12])
@pytest.mark.parametrize("s", [1.5, 2.0, 3.0])
@pytest.mark.parametrize(
    "probs", [[0.5, 0.3, 0.2], [0.6, 0.3, 0.1], [0.7, 0.2, 0.1], [0.4, 0.35, 0.25], [0.8, 0.15, 0.05]]
)
def test_the_corrected_rule_is_the_nearest_to_the_target(probs: list[float], s: float, size: int) -> None:
    target = simtemp.temper(probs, 1.0 / s)
    away = {
        rule: simtemp.total_variation(enumerated_law(probs, s, size, rule), target)
        for rule in ("plug-in", "falling", "corrected")
    }
    assert away["corrected"] < away["falling"] < away["plug-in"]


@pytest.mark.parametrize("p", [0.6, 0.7])
@pytest.mark.parametrize("s", [1.5, 2.0, 2.5, 3.0])
def test_the_bias_falls_like_the_square_of_the_batch(s: float, p: float) -> None:
    """Enumerated for two categories: twice as many draws make the bias four times smaller, twice under the other rules."""
    target = simtemp.temper([p, 1 - p], 1.0 / s)
    sizes = np.array([50, 100, 200, 400])
    for rule, order in (("corrected", -2.0), ("falling", -1.0), ("plug-in", -1.0)):
        away = [simtemp.total_variation(two_categories(p, s, int(size), rule), target) for size in sizes]
        slopes = np.diff(np.log(away)) / np.diff(np.log(sizes))
        assert slopes[-1] == pytest.approx(order, abs=0.3)
        assert slopes.max() < 0.7 * order


def two_categories(p: float, s: float, size: int, rule: str) -> np.ndarray:
    """Enumerated for two categories and batches for which the gamma function overflows: weights from the tables tested above."""
    table, kept = batch_tables(1.0 / s, size, rule)
    counts = np.arange(size + 1)
    w = np.exp(table - table.max())
    first, second = w, w[::-1]
    if kept is not None:
        k = np.exp(kept - table.max())
        rest_first, rest_second = second + k, first + k[::-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = np.where(w > 0, w / rest_first, 0.0), np.where(w[::-1] > 0, w[::-1] / rest_second, 0.0)
    sure = np.where(np.isinf(first), 1.0, np.where(np.isinf(second), 0.0, np.nan))
    with np.errstate(invalid="ignore"):
        share = np.where(np.isnan(sure), first / (first + second), sure)
    share = np.where(
        np.isnan(share), np.where(counts > counts[::-1], 1.0, np.where(counts < counts[::-1], 0.0, 0.5)), share
    )
    law = float(stats.binom.pmf(counts, size, p) @ share)
    return np.array([law, 1.0 - law])


# ---------------------------------------------------------------- defaults, extremes, warnings


@pytest.mark.parametrize(
    ("temperature", "rule"),
    [
        (1.0, "published"),
        (0.5, "published"),
        (0.1, "published"),
        (1 / 3, "published"),
        (1 - 0.9, "published"),
        (0.0, "published"),
        (0.3, "corrected"),
        (0.7, "corrected"),
        (2.0, "corrected"),
        (math.inf, "corrected"),
    ],
)
def test_default_rule(temperature: float, rule: str) -> None:
    assert simtemp.simulate("batch", "two", temperature, 5).options == {"batch_size": 200, "rule": rule}
    assert simtemp.simulate("batch", "two", 0.5, 5, rule="corrected").options["rule"] == "corrected"


def test_the_published_rule_is_refused_where_it_is_not_defined() -> None:
    for temperature in (0.3, 0.7, 2.0):
        with pytest.raises(ValueError, match="temperature must be 1/n"):
            simtemp.simulate("batch", "two", temperature, 5, rule="published")
    with pytest.raises(ValueError, match="rule must be one of published, plug-in, falling, corrected"):
        simtemp.simulate("batch", "two", 0.5, 5, rule="best")


def test_temperature_zero_and_infinity() -> None:
    mode = simtemp.simulate("batch", [0.2, 0.5, 0.3], 0.0, 2_000, batch_size=400)
    assert mode.counts[1] >= 1_990
    # 1 : 1 in half of the batches, then a fair coin.
    ties = simtemp.simulate("batch", [0.5, 0.5], 0.0, 20_000, batch_size=2)
    assert abs(ties.counts[0] - 10_000) < 5 * math.sqrt(5_000)
    flat = simtemp.simulate("batch", [0.2, 0.5, 0.3], math.inf, 20_000, batch_size=100)
    assert np.abs(flat.counts - 20_000 / 3).max() < 6 * math.sqrt(20_000 * 2 / 9)


def test_a_support_that_is_not_covered_is_warned_about() -> None:
    with pytest.warns(SupportWarning, match=r"batch_size = 200 at temperature 2 leaves \d+\.\d% of the target"):
        simtemp.simulate("batch", "zipf:1000,1.1", 2.0, 5)
    with pytest.warns(SupportWarning):
        simtemp.simulate("batch", "uniform:1000", math.inf, 5)
    with pytest.warns(SupportWarning, match=r"leaves 36\.\d% of"):  # (1 - 1/1000)**1000 of it
        simtemp.simulate("batch", "uniform:1000", 5.0, 5, batch_size=1_000)
    # Warnings are errors here: a covered support, and temperatures up to 1 on any support, pass in silence.
    simtemp.simulate("batch", "peaked9", 2.0, 5, batch_size=500)
    simtemp.simulate("batch", "zipf:1000,1.1", 1.0, 5)
    simtemp.simulate("batch", "zipf:1000,1.1", 0.7, 5)


def test_above_one_the_rules_are_consistent() -> None:
    """T = 2 on a support that is covered: closer with every fourfold batch, near the target at N = 3200."""
    probs = simtemp.parse_base("peaked9").probs
    target = simtemp.temper(probs, 2.0)
    for rule in ("plug-in", "falling"):
        away = [
            simtemp.total_variation(rule_law(probs, batch_tables(2.0, size, rule)[0], size), target)
            for size in (50, 200, 800, 3200)
        ]
        assert away == sorted(away, reverse=True)
        assert away[-1] < 5e-4
    run = simtemp.simulate("batch", "peaked9", 2.0, 60_000, seed=143, batch_size=800)
    assert verify.tv_upper_bound(run.counts, target, 1e-6) < 0.02


def test_draws_are_the_batch_by_either_way_of_counting() -> None:
    for size in (20, 500):  # alias table, binomials
        run: Any = simtemp.simulate("batch", "peaked9", 0.4, 100, batch_size=size)
        assert set(run.draws.tolist()) == {size}


def test_scratch_is_clean_between_outputs() -> None:
    table, kept = batch_tables(0.4, 30, "corrected")
    batch, values, draws = batch_sampler(table, 3, kept), np.empty(50, np.int64), np.empty(50, np.int64)
    source = alias_source(np.array([0.5, 0.3, 0.2]))
    assert fill(batch, source, np.random.default_rng(0), values, draws, np.array([10**6]), np.zeros(1, np.int64)) == 50
    assert not batch.counts.any()
