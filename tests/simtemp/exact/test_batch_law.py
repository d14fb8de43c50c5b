"""The exact law of batch rules against full enumeration, integers, series of another kind, and known properties."""

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from simtemp.batch_rules import published_log_weight
from simtemp.exact import batch_law as module
from simtemp.exact.batch_law import batch_law, rule_law
from simtemp.tempering import temper

PEAKED9 = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02])

# In hundredths: ties, zeros, a sure value, and rare ones.
SMALL_BASES = [
    (100,),
    (50, 50),
    (70, 30),
    (99, 1),
    (0, 25, 75),
    (50, 0, 50),
    (40, 40, 20),
    (50, 30, 20),
    (25, 25, 25, 25),
    (40, 30, 20, 10),
    (97, 1, 1, 1),
    (31, 30, 29, 10),
    (0, 60, 40, 0),
]


# ---------------------------------------------------------------- oracles: no code and no formula of the module


def count_vectors(categories: int, total: int) -> Iterator[tuple[int, ...]]:
    if categories == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in count_vectors(categories - 1, total - first):
            yield (first, *rest)


@cache
def chances(hundredths: tuple[int, ...], N: int) -> list[tuple[tuple[int, ...], Fraction]]:
    """Every count vector of N draws with its exact probability."""
    result = []
    for counts in count_vectors(len(hundredths), N):
        ways = math.factorial(N)
        numerator = 1
        for h, c in zip(hundredths, counts, strict=True):
            ways //= math.factorial(c)
            numerator *= h**c
        if numerator:
            result.append((counts, Fraction(ways * numerator, 100**N)))
    return result


def algorithm_2(counts: tuple[int, ...], n: int, weigh: Callable[[int, int], int] = math.comb) -> list[int]:
    """The published cascade, literally: weights of all categories at the first level with a candidate."""
    for m in range(n, 0, -1):
        weights = [weigh(c, m) if c >= m else 0 for c in counts]
        if any(weights):
            return weights
    raise AssertionError("a batch of at least one draw has a count >= 1")


def enumerated_law(
    hundredths: tuple[int, ...], n: int, N: int, weigh: Callable[[int, int], int] = math.comb
) -> list[float]:
    law = [Fraction(0)] * len(hundredths)
    for counts, chance in chances(hundredths, N):
        weights = algorithm_2(counts, n, weigh)
        for i, w in enumerate(weights):
            law[i] += chance * Fraction(w, sum(weights))
    return [float(x) for x in law]


def enumerated_rule(hundredths: tuple[int, ...], weights: list[float], N: int) -> list[float]:
    """Any table of weights, the fall-back uniform among the largest counts."""
    terms: list[list[float]] = [[] for _ in hundredths]
    for counts, chance in chances(hundredths, N):
        chosen = [weights[c] for c in counts]
        if not any(chosen):
            chosen = [float(c == max(counts)) for c in counts]
        for i, w in enumerate(chosen):
            terms[i].append(float(chance) * w / math.fsum(chosen))
    return [math.fsum(t) for t in terms]


def two_valued_law(numerator: int, n: int, N: int) -> float:
    """P(first value) for the base (numerator/10, 1 - numerator/10), in integers of any size; every quotient rounded once."""
    terms = []
    for c in range(N + 1):
        chance = (math.comb(N, c) * numerator**c * (10 - numerator) ** (N - c)) / 10**N
        m = n
        while not (first := math.comb(c, m)) and not math.comb(N - c, m):
            m -= 1
        terms.append(chance * (first / (first + math.comb(N - c, m))))
    return math.fsum(terms)


# ---------------------------------------------------------------- full enumeration


def worst_difference(
    weigh: Callable[[int, int], int],
    table: Callable[[int, int], np.ndarray],
    bases: Sequence[tuple[int, ...]] = SMALL_BASES,
) -> float:
    """Largest difference of the law to the enumeration over bases x N = 1..9 x n = 1..6."""
    worst = 0.0
    for hundredths in bases:
        probs = np.array(hundredths) / 100
        for N in (1, 2, 3, 5, 7, 9):
            for n in (1, 2, 3, 4, 6):
                law = rule_law(probs, table(n, N), N)
                worst = max(worst, float(np.abs(law - enumerated_law(hundredths, n, N, weigh)).max()))
    return worst


def powers(n: int, N: int) -> np.ndarray:
    """The planted fault: weights c**n for C(c, n)."""
    counts = np.arange(N + 1)
    return np.where(counts >= n, n * np.log(np.maximum(counts, 1)), -np.inf)


@pytest.mark.slow
def test_law_of_the_published_rule_is_the_enumerated_one() -> None:
    assert worst_difference(math.comb, published_log_weight) <= 1e-12


def test_enumeration_would_catch_powers_for_binomials() -> None:
    """Planted fault: weights c**n in place of C(c, n). Its law is exact for the wrong rule, and far from the right one."""
    assert worst_difference(lambda c, m: c**m, powers, SMALL_BASES[6:8]) <= 1e-12
    assert worst_difference(math.comb, powers, SMALL_BASES[6:8]) > 1e-2


def test_enumeration_would_catch_a_uniform_fall_back() -> None:
    """Planted fault: the fall-back chooses among all seen values, as a cascade that jumps to m = 1 and forgets weights."""
    hundredths, n, N = (50, 30, 20), 4, 5
    wrong = [Fraction(0)] * 3
    for counts, chance in chances(hundredths, N):
        weights = algorithm_2(counts, n) if max(counts) >= n else [int(c > 0) for c in counts]
        for i, w in enumerate(weights):
            wrong[i] += chance * Fraction(w, sum(weights))
    assert np.abs(batch_law([0.5, 0.3, 0.2], n, N) - [float(x) for x in wrong]).max() > 1e-2


def falling_factorial(s: float, N: int) -> list[float]:
    """Gamma(c + 1) / Gamma(c + 1 - s), zero below its pole and for the unseen."""
    return [0.0] + [math.gamma(c + 1) / math.gamma(c + 1 - s) if c > s - 1 else 0.0 for c in range(1, N + 1)]


@pytest.mark.parametrize(
    "weights",
    [
        lambda N: [0.0] + [c**2.5 for c in range(1, N + 1)],
        lambda N: [0.0] + [c**0.4 for c in range(1, N + 1)],
        lambda N: [0.0] + [c**12.0 for c in range(1, N + 1)],
        lambda N: falling_factorial(1.5, N),
        lambda N: falling_factorial(3.7, N),
        lambda N: falling_factorial(0.3, N),
        lambda N: [0.0, 0.0] + [1.0 / c for c in range(2, N + 1)],  # falling weights
        lambda N: [0.0, 5.0, 1e-3, 1e9, 2.0, 7.0, 1e-6, 1.0, 1.0, 1e4][: N + 1],  # no order at all
        lambda N: [0.0] * (N + 1),  # always the largest count
        lambda N: [
            0.0,
            1.0,
            *(math.exp(60.0) * c for c in range(2, N + 1)),
        ],  # one step that decides, and others that do not
        lambda N: [0.0, *(math.exp(60.0 * c) for c in range(1, N + 1))],  # every step decides
    ],
    ids=["c^2.5", "c^0.4", "c^12", "falling1.5", "falling3.7", "falling0.3", "1/c", "wild", "largest", "step", "steps"],
)
def test_law_of_any_rule_is_the_enumerated_one(weights: Callable[[int], list[float]]) -> None:
    for hundredths in SMALL_BASES:
        for N in (1, 4, 7, 9):
            table = weights(N)[: N + 1]
            with np.errstate(divide="ignore"):
                law = rule_law(np.array(hundredths) / 100, np.log(table), N)
            assert np.abs(law - enumerated_rule(hundredths, table, N)).max() <= 1e-12


@settings(max_examples=60, deadline=None)
@given(
    parts=st.lists(st.integers(0, 40), min_size=1, max_size=3).filter(any),
    N=st.integers(1, 8),
    logs=st.lists(st.floats(-30, 30), min_size=8, max_size=8),
    threshold=st.integers(1, 9),
)
def test_law_of_random_rules(parts: list[int], N: int, logs: list[float], threshold: int) -> None:
    total = sum(parts)
    weights = [0.0] + [math.exp(x) if c >= threshold else 0.0 for c, x in enumerate(logs[:N], start=1)]
    terms: list[list[float]] = [[] for _ in parts]
    for counts in count_vectors(len(parts), N):
        chance = math.factorial(N) / total**N
        for h, c in zip(parts, counts, strict=True):
            chance *= h**c / math.factorial(c)
        chosen = [weights[c] for c in counts]
        if not any(chosen):
            chosen = [float(c == max(counts)) for c in counts]
        for i, w in enumerate(chosen):
            terms[i].append(chance * w / math.fsum(chosen))
    with np.errstate(divide="ignore"):
        law = rule_law(np.array(parts) / total, np.log(weights), N)
    assert np.abs(law - [math.fsum(t) for t in terms]).max() <= 1e-12


# ---------------------------------------------------------------- large N, large K


@pytest.mark.parametrize(
    ("N", "n"), [(200, 2), (200, 10), (40, 30), (40, 40), (40, 100), (1500, 3), (1500, 50), (3000, 7)]
)
@pytest.mark.parametrize("numerator", [5, 6, 9])
def test_two_values_against_integers(numerator: int, n: int, N: int) -> None:
    law = batch_law([numerator / 10, 1 - numerator / 10], n, N)
    assert law[0] == pytest.approx(two_valued_law(numerator, n, N), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("others", "N"), [(7, 10), (300, 18), (10_000, 18), (1_000_000, 14)])
def test_one_value_among_many_equal_ones(others: int, N: int) -> None:
    """P = 1/2 against a crowd: the law of (draws, pairs) of the crowd, by squaring its generating function in z and pairs."""
    most = N * (N - 1) // 2

    def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.asarray(signal.convolve2d(a, b))[: N + 1, : most + 1]

    # One category of the crowd, as a Poisson of mean N / (2 others); all terms are positive, so nothing cancels.
    mean = N / (2 * others)
    square = np.zeros((N + 1, most + 1))
    for c in range(N + 1):
        square[c, c * (c - 1) // 2] = math.exp(-mean) * mean**c / math.factorial(c)
    crowd = np.zeros_like(square)
    crowd[0, 0] = 1.0
    for bit in reversed(f"{others:b}"):
        crowd = product(crowd, square) if bit == "1" else crowd
        square = product(square, square)
    terms, chance = [], []
    for c in range(N + 1):
        here = math.exp(-N / 2) * (N / 2) ** c / math.factorial(c)
        for pairs in range(most + 1):
            both = here * crowd[N - c, pairs]
            own = c * (c - 1) // 2
            chance.append(both)
            terms.append(both * (own / (own + pairs) if own + pairs else c / N))
    probs = np.full(others + 1, 0.5 / others)
    probs[0] = 0.5
    law = batch_law(probs, 2, N)
    assert law[0] == pytest.approx(math.fsum(terms) / math.fsum(chance), abs=1e-12)
    assert np.ptp(law[1:]) == 0.0


@pytest.mark.parametrize(
    ("probs", "N"),
    [
        (PEAKED9, 3),
        (PEAKED9, 200),
        (PEAKED9, 100_000),
        (np.array([0.6, 0.4]), 1_000_000),
        (np.array([1 - 1e-9, 1e-9]), 1000),
        (np.array([1.0, 1e-300]), 1000),
        (np.arange(1, 301)[::-1] ** -1.1 / (np.arange(1, 301) ** -1.1).sum(), 500),
    ],
)
def test_at_temperature_one_the_law_is_the_base(probs: np.ndarray, N: int) -> None:
    assert np.abs(batch_law(probs, 1, N) - probs).max() <= 1e-12


def test_prototype_values() -> None:
    """Total variations printed by an independent prototype, its last digit not always rounded."""
    for n, values in ((4, (0.0483, 0.0257, 0.0133, 0.0068)), (10, (0.0948, 0.0444, 0.0193, 0.0085))):
        for N, expected in zip((100, 200, 400, 800), values, strict=True):
            distance = 0.5 * np.abs(batch_law(PEAKED9, n, N) - temper(PEAKED9, 1 / n)).sum()
            assert distance == pytest.approx(expected, abs=1e-4)


def test_nothing_overflows() -> None:
    zipf = np.arange(1, 11) ** -1.0
    zipf /= zipf.sum()
    law = batch_law(zipf, 50, 100_000)
    assert np.isfinite(law).all()
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    assert 0.5 * np.abs(law - temper(zipf, 1 / 50)).sum() < 1e-10


def test_bias_falls_like_one_over_N() -> None:
    errors = [0.5 * np.abs(batch_law(PEAKED9, 3, N) - temper(PEAKED9, 1 / 3)).sum() for N in (10_000, 20_000, 100_000)]
    assert errors[0] / errors[1] == pytest.approx(2.0, abs=0.01)
    assert errors[0] / errors[2] == pytest.approx(10.0, abs=0.1)


@pytest.mark.slow
def test_a_thousand_categories_a_thousand_draws() -> None:
    """Sizes of the issue: the law sums to 1 (checked inside, to 1e-10) and keeps the order of the base."""
    zipf = np.arange(1, 1001) ** -1.1
    law = batch_law(zipf / zipf.sum(), 3, 1000)
    assert (np.diff(law) < 0).all()


@pytest.mark.slow
def test_real_text_sizes() -> None:
    counts = np.maximum(1, (30_000 / np.arange(1, 19_567)).astype(int))
    probs = counts / counts.sum()
    law = batch_law(probs, 10, 200)
    assert law.shape == probs.shape
    assert np.ptp(law[counts == 1]) == 0.0
    assert 0.0 < law[-1] < 0.1 * probs[-1]


# ---------------------------------------------------------------- properties


def test_permutations_permute_the_law() -> None:
    probs = np.array([0.4, 0.3, 0.0, 0.2, 0.1])
    law = batch_law(probs, 3, 12)
    for order in list(permutations(range(5)))[::17]:
        assert np.array_equal(batch_law(probs[list(order)], 3, 12), law[list(order)])


def test_zero_stays_zero_and_a_sure_value_stays_sure() -> None:
    assert batch_law([0.0, 0.7, 0.3], 3, 50)[0] == 0.0
    assert batch_law([0.0, 1.0], 5, 3).tolist() == [0.0, 1.0]
    assert batch_law([1.0], 2, 1000).tolist() == [1.0]


@pytest.mark.parametrize("N", [1, 17, 1000])
def test_uniform_stays_uniform(N: int) -> None:
    assert np.abs(batch_law(np.full(30, 1 / 30), 4, N) - 1 / 30).max() <= 1e-15


def test_grouping_of_equal_probabilities_changes_nothing() -> None:
    """Ties broken by 1e-13, so that no two categories are in one group, give the same law to that order."""
    tied = np.repeat([0.02, 0.005, 0.0025], [20, 40, 160])
    untied = tied * (1 + 1e-13 * np.arange(tied.size))
    for n, N in ((2, 60), (5, 60), (3, 500)):
        assert np.abs(batch_law(tied, n, N) - batch_law(untied / untied.sum(), n, N)).max() <= 1e-12


def test_weights_matter_up_to_a_factor_only() -> None:
    table = published_log_weight(3, 60)
    assert np.abs(rule_law(PEAKED9, table, 60) - rule_law(PEAKED9, table + 5e5, 60)).max() <= 1e-9


def test_table_of_the_published_rule() -> None:
    """The sampler's own table is log C(c, n)."""
    for n, N in ((1, 5), (3, 50), (7, 6), (50, 5000)):
        expected = [math.log(math.comb(c, n)) if c >= n else -math.inf for c in range(N + 1)]
        assert published_log_weight(n, N) == pytest.approx(np.array(expected), rel=1e-12, abs=1e-12)


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (([0.5, 0.4], [-np.inf, 0.0], 1), "probs must sum to 1"),
        (([0.5, 0.5], [-np.inf, 0.0], 0), "N must be"),
        (([0.5, 0.5], [-np.inf, 0.0], 1.5), "N must be"),
        (([0.5, 0.5], [-np.inf, 0.0], 2), "log_weight must have N \\+ 1 = 3 entries"),
        (([0.5, 0.5], "heavy", 2), "log_weight must be an array of numbers"),
        (([0.5, 0.5], [-np.inf, np.nan, 0.0], 2), "log_weight\\[1\\] = nan"),
        (([0.5, 0.5], [-np.inf, np.inf, 0.0], 2), "log_weight\\[1\\] = inf"),
        (([0.5, 0.5], [0.0, 0.0, 0.0], 2), "log_weight\\[0\\] must be -inf"),
        (([0.5, 0.5], [-np.inf, 0.0, -np.inf], 2), "log_weight\\[2\\] = -inf"),
    ],
)
def test_bad_rules_are_refused(arguments: tuple[object, object, int], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        rule_law(*arguments)


@pytest.mark.parametrize(
    ("n", "N", "named"), [(0, 10, "n must"), (2.5, 10, "n must"), (2, 0, "N must"), (2, 10**9, "N must")]
)
def test_bad_sizes_are_refused(n: float, N: int, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        batch_law([0.5, 0.5], n, N)  # type: ignore[arg-type]


def test_a_law_that_does_not_sum_to_one_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: a trapezoid too coarse to be exact."""
    monkeypatch.setattr(module, "STEP", 1.5)
    with pytest.raises(ArithmeticError, match="instead of 1"):
        batch_law(PEAKED9, 3, 50)


def test_gauss_legendre_is_exact_with_few_nodes() -> None:
    for degree in (0, 1, 2, 7, 48, 49, 50, 199, 5000):
        nodes, weights = module._gauss_legendre(degree)
        assert nodes.size <= 3.5 * math.sqrt(degree) + 2
        for power in {0, degree // 2, degree}:
            assert float(weights @ nodes**power) == pytest.approx(1 / (power + 1), rel=1e-12)
