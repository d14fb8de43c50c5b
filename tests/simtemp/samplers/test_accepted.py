"""The accepted batch: its law by enumeration in rational arithmetic, equal to a plain statement, certified and within its limit."""

import itertools
import math
from collections import Counter
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

import simtemp
import verify
from simtemp.jit import kernel
from simtemp.samplers import accepted
from simtemp.samplers.accepted import Accepted, accepted_draw, accepted_sampler
from simtemp.samplers.coin import power_coin
from simtemp.sources import alias_source, buffer_source
from simtemp.tempering import split_exponent

UNLIMITED = np.array([2**62])
FAULTS = ("unchecked", "no unseen category", "wrong places")
one_output = kernel(accepted_draw)
Counts = tuple[int, ...]


@kernel
def fill(sampler: Any, source: Any, rng: np.random.Generator, values: Any, draws: Any) -> None:
    limit = np.array([2**62])
    for i in range(values.size):
        values[i], draws[i] = one_output(sampler, source, rng, limit)


# --- The statement of the algorithm, in rational arithmetic. A is a function of the counts in any order. ---


def weight(counts: Counts, n: int) -> int:
    return sum(math.perm(c, n) for c in counts)


def moved(counts: Counts, x: int, by: int) -> Counts:
    return (*counts[:x], counts[x] + by, *counts[x + 1 :])


@cache
def shares_sorted(counts: Counts, n: int) -> tuple[Fraction, ...]:
    def largest(b: Counts) -> int:
        return max(weight(moved(b, z, n), n) for z in range(len(b)))

    return tuple(
        Fraction(math.perm(c, n), largest(moved(counts, x, -n))) if c >= n else Fraction(0)
        for x, c in enumerate(counts)
    )


def shares(counts: Counts, n: int) -> list[Fraction]:
    order = sorted(range(len(counts)), key=lambda x: counts[x])
    found = shares_sorted(tuple(counts[x] for x in order), n)
    return [found[order.index(x)] for x in range(len(counts))]


@cache
def acceptance_sorted(counts: Counts, n: int) -> Fraction:
    return sum(shares_sorted(counts, n), Fraction(0))


def acceptance(counts: Counts, n: int) -> Fraction:
    return acceptance_sorted(tuple(sorted(counts)), n)


def highest(counts: Counts, x: int, marked: int, n: int, met: Counts, fault: str | None) -> Fraction:
    """The largest A with the marked draws of x at any category; the last place of `counts` is for a category never seen."""
    if fault == "unchecked":
        return acceptance(counts, n)
    rest = moved(counts, x, -marked)
    places = [z for z in range(len(counts)) if fault != "no unseen category" or met[z] > 0]
    return max(acceptance(moved(rest, z, marked), n) for z in places)


def count(word: Any, categories: int) -> Counts:
    return (*(word.count(x) for x in range(categories)), 0)


def pass_law(word: Counts, ends: Counts, n: int, categories: int, fault: str | None) -> list[Fraction]:
    """Chance that a pass over this word ends with each value: the uniforms are integrated out, the places are averaged over."""
    out = [Fraction(0)] * categories
    counts = [count(word[:end], categories) for end in ends]
    for j, end in enumerate(ends):
        for x, share in enumerate(shares(counts[j], n)[:categories]):
            if not share:
                continue
            occurrences = [i for i in range(end) if word[i] == x]
            for places in itertools.combinations(occurrences, n):
                chance = share / math.comb(len(occurrences), n)
                for i in range(j):
                    marked = sum(place < ends[i] for place in places)
                    if fault == "wrong places":
                        marked = min(n, counts[i][x])
                    chance *= 1 - highest(counts[i], x, marked, n, counts[j], fault)
                out[x] += chance
    return out


def laws(ends: Counts, n: int, categories: int, fault: str | None = None) -> list[dict[Counts, Fraction]]:
    """For each x, P(a pass returns x) as a homogeneous polynomial in p: the coefficient of every monomial p**counts."""
    polynomials: list[dict[Counts, Fraction]] = [Counter() for _ in range(categories)]  # type: ignore[misc]
    for word in itertools.product(range(categories), repeat=ends[-1]):
        out = pass_law(word, ends, n, categories, fault)
        assert sum(out) <= 1
        for x in range(categories):
            polynomials[x][count(word, categories)[:-1]] += out[x]
    return polynomials


def is_power_law(polynomials: list[dict[Counts, Fraction]], n: int) -> bool:
    """Whether the polynomials are p_x**n S(p) with one S for all x."""
    quotients: list[dict[Counts, Fraction]] = []
    for x, polynomial in enumerate(polynomials):
        terms = {monomial: c for monomial, c in polynomial.items() if c}
        if any(monomial[x] < n for monomial in terms):
            return False
        quotients.append({moved(monomial, x, -n): c for monomial, c in terms.items()})
    return all(quotient == quotients[0] for quotient in quotients)


ENUMERATED = [
    ((2, 4, 6), 2, 2),
    ((3, 4, 7), 2, 2),
    ((3, 5, 8), 3, 2),
    ((4, 6, 9), 3, 2),
    ((2, 4, 6), 2, 3),
    ((3, 5, 6), 2, 3),
    ((3, 4, 7), 3, 3),
    ((2, 3, 5), 2, 4),
]


@pytest.mark.parametrize(("ends", "n", "categories"), ENUMERATED)
def test_law_of_a_pass_is_the_power_by_enumeration(ends: Counts, n: int, categories: int) -> None:
    """No sampling and no rounding: the polynomial identity P(pass returns x) = p_x**n S(p), and S > 0."""
    polynomials = laws(ends, n, categories)
    assert is_power_law(polynomials, n)
    for p in ([Fraction(1, categories)] * categories, [Fraction(2 * x + 1, categories**2) for x in range(categories)]):
        law = [sum(c * math.prod(q**e for q, e in zip(p, m, strict=True)) for m, c in f.items()) for f in polynomials]
        assert len({chance / q**n for chance, q in zip(law, p, strict=True)}) == 1
        assert 0 < sum(law) <= 1


def grouped_laws(ends: Counts, n: int, categories: int, fault: str | None = None) -> list[dict[Counts, Fraction]]:
    """The same as `laws`, with words of equal counts at every checkpoint taken together; so longer ones are within reach."""
    polynomials: list[dict[Counts, Fraction]] = [Counter() for _ in range(categories)]  # type: ignore[misc]
    steps = [end - before for before, end in itertools.pairwise((0, *ends))]
    parts = [[d for d in itertools.product(range(s + 1), repeat=categories) if sum(d) == s] for s in steps]
    for path in itertools.product(*parts):
        words = math.prod(math.factorial(sum(d)) // math.prod(map(math.factorial, d)) for d in path)
        counts = [(*map(sum, zip(*path[: i + 1], strict=True)), 0) for i in range(len(path))]
        for j in range(len(path)):
            for x, share in enumerate(shares(counts[j], n)[:categories]):
                room = [range(min(n, path[i][x]) + 1) for i in range(j + 1)]
                for taken in (taken for taken in itertools.product(*room) if share and sum(taken) == n):
                    ways = math.prod(math.comb(path[i][x], taken[i]) for i in range(j + 1))
                    chance = words * share * Fraction(ways, math.comb(counts[j][x], n))
                    for i in range(j):
                        marked = sum(taken[: i + 1]) if fault != "wrong places" else min(n, counts[i][x])
                        chance *= 1 - highest(counts[i], x, marked, n, counts[j], fault)
                    polynomials[x][counts[-1][:-1]] += chance
    return polynomials


@pytest.mark.slow
@pytest.mark.parametrize(("ends", "n", "categories"), [((3, 4, 7), 2, 2), ((3, 5, 6), 2, 3)])
def test_words_may_be_grouped(ends: Counts, n: int, categories: int) -> None:
    for fault in (None, *FAULTS):
        assert [
            {m: c for m, c in f.items() if c} == {m: c for m, c in g.items() if c}
            for f, g in zip(laws(ends, n, categories, fault), grouped_laws(ends, n, categories, fault), strict=True)
        ] == [True] * categories


@pytest.mark.parametrize(("ends", "n", "categories"), [((23, 25), 2, 3), ((12, 14, 16), 3, 2), ((8, 11), 4, 3)])
def test_law_of_a_longer_pass_is_the_power(ends: Counts, n: int, categories: int) -> None:
    assert is_power_law(grouped_laws(ends, n, categories), n)


@pytest.mark.parametrize(
    ("fault", "ends"), [("unchecked", (3, 5, 6)), ("wrong places", (3, 5, 6)), ("no unseen category", (23, 25))]
)
def test_enumeration_finds_planted_faults(fault: str, ends: Counts) -> None:
    """Checks left out; I taken to be the earliest draws of x; no check of a category never seen. None is a power law.

    The last one hardly ever matters: the first counts for which it does are 10 and 12, with one draw to move (n = 2).
    """
    assert not is_power_law(grouped_laws(ends, 2, 3, fault), 2)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_acceptance_is_at_most_one(n: int) -> None:
    for counts in itertools.combinations_with_replacement(range(10), 4):
        value = acceptance((*counts, 0), n)
        assert (max(counts) >= n) == (value > 0)
        assert value <= 1


# --- The same statement on recorded draws, and the kernel beside it. ---


def plain_accepted(
    recorded: list[int],
    rng: np.random.Generator,
    n: int,
    alpha: float,
    first: int,
    ratio: float,
    categories: int,
    fault: str | None = None,
) -> tuple[int, int]:
    position = 0
    while True:
        began, uniforms, snapshots, seen = position, [], [], []
        length, counts = 0, (0,) * (categories + 1)
        while True:
            length = max(length + 1, int(length * ratio)) if uniforms else first
            for x in recorded[position : began + length]:
                counts = moved(counts, x, 1)
                if x not in seen:
                    seen.append(x)
            if began + length > len(recorded):
                return -1, len(recorded)
            position = began + length
            snapshots.append(counts)
            uniforms.append(rng.random())
            found = shares(counts, n)
            if uniforms[-1] < sum(found):
                break
        below = itertools.accumulate(found[x] for x in seen)
        value = next(x for x, edge in zip(seen, below, strict=True) if uniforms[-1] < edge)
        marked, total, kept = n, counts[value], True
        for u, before in zip(uniforms[-2::-1], snapshots[-2::-1], strict=True):
            if before[value] < total:  # which of the marked draws, one after another, are among the earlier ones
                among = 0
                for i in range(marked):
                    among += rng.random() * (total - i) < before[value] - among
                marked = among
            total = before[value]
            if marked == 0:
                break
            if u < highest(before, value, marked, n, counts, fault):
                kept = False
                break
        if kept and alpha == 0:
            return value, position
        if kept:
            rest = buffer_source(np.array(recorded[position:], np.int64))
            outcome, flips = power_coin(rest, rng, value, alpha, 2**62)
            position += flips
            if outcome:
                return (value, position) if outcome > 0 else (-1, position)


@pytest.mark.parametrize(
    ("n", "alpha", "first", "ratio"),
    [(2, 0.0, 2, 1.2), (2, 0.6, 4, 1.7), (3, 0.0, 3, 1.3), (3, 1 / 3, 8, 1.7), (4, 0.0, 1, 1.5), (6, 0.0, 20, 1.7)],
)
def test_kernel_equals_plain_statement_on_the_same_draws(n: int, alpha: float, first: int, ratio: float) -> None:
    maker = np.random.default_rng(71)
    sampler = accepted_sampler(n, alpha, 5, first, ratio)
    finished = 0
    for seed in range(150):
        probs = maker.dirichlet(np.full(5, 0.7))
        recorded = maker.choice(5, p=probs, size=maker.integers(0, 60 * n))
        expected = plain_accepted(recorded.tolist(), np.random.default_rng(seed), n, alpha, first, ratio, 5)
        rng = np.random.default_rng(seed)
        assert one_output(sampler, buffer_source(recorded), rng, UNLIMITED) == expected
        assert not sampler.scratch.counts.any()
        assert not sampler.scratch.by_count.any()
        finished += expected[0] >= 0
    assert finished > 75


@pytest.mark.slow
def test_grown_scratch_space_and_missing_tables_change_nothing() -> None:
    source = alias_source(np.full(7, 1 / 7))
    sampler = accepted_sampler(4, 0.0, 7)
    small = sampler._replace(
        scratch=sampler.scratch._replace(
            counts=np.zeros(7, np.int32),
            word=np.empty(1, np.int32),
            by_count=np.zeros(2, np.int32),
            groups=np.empty(5, accepted.GROUP),
            checkpoints=np.empty(1, accepted.CHECKPOINT),
        ),
        table=sampler.table[:0],
    )
    outputs = []
    for each in (sampler, small):
        values, draws = np.empty(200, np.int64), np.empty(200, np.int64)
        fill(each, source, np.random.default_rng(72), values, draws)
        outputs.append((values.tolist(), draws.tolist()))
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize(("n", "top"), [(2, 30), (10, 60), (50, 500), (150, 200), (1000, 2500), (1000, 10**6)])
def test_acceptance_in_floats(n: int, top: int) -> None:
    """A, and the decision over all other categories, against rational arithmetic: nothing overflows or cancels."""
    maker = np.random.default_rng(n)
    sampler = accepted_sampler(n, 0.0, 6)
    table, groups = sampler.table, np.empty(20, accepted.GROUP)
    seen, by_count = np.arange(7), np.zeros(top + n + 1, np.int32)
    for trial in range(40 if n < 1000 else 4 if top < 10**6 else 2):
        counts = maker.integers(0, top + 1, size=6).astype(np.int32)
        counts[0] = top
        counts[1] = counts[2] if trial % 2 else top
        if trial % 3 == 0:
            counts[1:] //= 10
        plain = (*counts.tolist(), 0)
        size, largest, second = accepted._candidates(n, counts, seen, 6, groups)
        exact = float(acceptance(plain, n))
        found = accepted._acceptance(n, table, groups, size, largest, second)
        assert found == pytest.approx(exact, rel=1e-12, abs=1e-30)
        marked = int(maker.integers(1, n + 1))
        x = int(maker.integers(0, 6))
        if counts[x] < marked:
            continue
        left = moved(plain, x, -marked)
        levels = [float(acceptance(moved(left, z, marked), n)) for z in range(7) if left[z] != left[x]]
        counts[x] -= marked
        size, largest, second = accepted._levels(counts, seen, 6, by_count, groups)
        assert not by_count.any()
        for u in (max(levels) * (1 - 1e-11), max(levels) * (1 + 1e-11) + 1e-30):
            answer = accepted._acceptance_elsewhere(n, table, groups, size, largest, second, int(counts[x]), marked, u)
            assert answer == (u < max(levels))


def test_groups_have_room_for_any_batch() -> None:
    """Candidates, each with at least n draws; different counts, 0 included; and one place more in either case."""
    for length in range(1, 3000):
        different = max(k for k in range(80) if k * (k - 1) // 2 <= length)
        for n in (2, 3, 10):
            assert accepted._rooms(n, length) > max(length // n, different)


@pytest.mark.parametrize(
    ("base", "temperature"),
    [("peaked9", 0.2), ("near", 0.1), ("two:0.7", 0.3), ("uniform:10", 0.4), ("zipf:50,1", 0.7)],
)
def test_law_is_proved_within_two_percent(base: str, temperature: float) -> None:
    known = simtemp.parse_base(base)
    source = alias_source(known.probs)
    sampler = accepted_sampler(*split_exponent(temperature), len(known))

    def sample(size: int, rng: np.random.Generator) -> np.ndarray:
        values, draws = np.empty(size, np.int64), np.empty(size, np.int64)
        fill(sampler, source, rng, values, draws)
        return values

    target = simtemp.temper(known.probs, temperature)
    verdict = verify.check_sampler(sample, target, epsilon=0.02, alpha=1e-6, delta=1e-6, rng=73)
    assert verdict.status == "EQUIVALENT"
    wrong = simtemp.temper(known.probs, temperature * 1.05)  # a 5 % wrong temperature is not the target
    if simtemp.total_variation(target, wrong) > 0.01:
        verdict = verify.check_sampler(
            sample, wrong, epsilon=0.001, alpha=1e-6, delta=1e-6, max_samples=300_000, rng=73
        )
        assert verdict.status == "REJECT"


def faulty(fault: str | None, probs: list[float], n: int, first: int, ratio: float) -> Any:
    """The plain statement as a sampler: each output from its own recorded draws."""

    def sample(size: int, rng: np.random.Generator) -> np.ndarray:
        out = np.empty(size, np.int64)
        for i in range(size):
            recorded = rng.choice(len(probs), p=probs, size=400).tolist()
            out[i] = plain_accepted(recorded, rng, n, 0.0, first, ratio, len(probs), fault)[0]
        return out

    return sample


def test_a_sampler_without_its_checks_is_rejected() -> None:
    """Planted fault: what has been accepted is returned at once."""
    probs = [0.7, 0.2, 0.1]
    target = simtemp.temper(probs, 0.5)
    verdict = verify.check_sampler(
        faulty("unchecked", probs, 2, 2, 1.2), target, epsilon=0.01, max_samples=20_000, rng=74
    )
    assert verdict.status == "REJECT"


@pytest.mark.parametrize("alpha", [0.0, 0.5])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_limit_is_never_exceeded(n: int, alpha: float) -> None:
    source, rng = alias_source(np.array([0.5, 0.5])), np.random.default_rng(75)
    sampler = accepted_sampler(n, alpha, 2)
    ended = set()
    for limit in range(60):
        for _ in range(20):
            value, draws = one_output(sampler, source, rng, np.array([limit]))
            assert draws <= limit
            assert draws == limit or value >= 0
            assert not sampler.scratch.counts.any()
            ended.add(value)
    assert ended == {-1, 0, 1}


def test_in_python_and_compiled_alike() -> None:
    sampler: Accepted = accepted_sampler(3, 0.4, 3)
    source = alias_source(np.array([0.5, 0.3, 0.2]))
    for seed in range(20):
        both = [f(sampler, source, np.random.default_rng(seed), UNLIMITED) for f in (accepted_draw, one_output)]
        assert both[0] == both[1]


def test_one_category() -> None:
    """With all draws alike, A is 1 at the first checkpoint."""
    for n, alpha, cost in ((1, 0.0, 1), (2, 0.0, 4), (10, 0.0, 36), (2, 0.5, 5), (1, 0.5, 2), (1000, 0.0, 3996)):
        sampler = accepted_sampler(n, alpha, 1)
        assert one_output(sampler, alias_source(np.ones(1)), np.random.default_rng(76), UNLIMITED) == (0, cost)


def test_a_thousandth_of_a_degree() -> None:
    """n = 1000: terms differ by thousands of powers of two; the target is all but certain to be the mode."""
    sampler = accepted_sampler(1000, 0.0, 3)
    values, draws = np.empty(100, np.int64), np.empty(100, np.int64)
    fill(sampler, alias_source(np.array([0.3, 0.6, 0.1])), np.random.default_rng(77), values, draws)
    assert set(values.tolist()) == {1}
    assert draws.mean() < 20_000
