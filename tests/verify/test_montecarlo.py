"""The exact Monte Carlo test against full enumeration."""

from itertools import product

import numpy as np
import pytest

from simtemp.tempering import temper
from verify import montecarlo
from verify.montecarlo import STATISTICS, counts_test, pool, rank_p_values, row_statistics, smallest_rank_p_value


def worst_excess(outcomes, outcome_chances, probs, n: int, tables: int, p_value) -> float:
    """Over all (tables + 1)-tuples of outcomes: the largest P(p <= a) - a, a being any value that p can have."""
    target = np.sort(np.array(probs))
    table = outcomes(n, target.size)
    chances = outcome_chances(table, target)
    sizes: dict[float, float] = {}
    for rows in product(range(len(table)), repeat=tables + 1):
        p = p_value(row_statistics(table[list(rows)], target))
        sizes[p] = sizes.get(p, 0.0) + float(np.prod(chances[list(rows)]))
    values = np.array(sorted(sizes))
    return float(np.max(np.cumsum([sizes[a] for a in values]) - values))


@pytest.mark.parametrize(("probs", "n", "tables"), [([0.5, 0.5], 4, 3), ([0.2, 0.8], 3, 4), ([0.2, 0.3, 0.5], 3, 2)])
def test_size_is_exact_ties_included(outcomes, outcome_chances, probs, n, tables) -> None:
    def p_value(values):
        return smallest_rank_p_value(rank_p_values(values))

    assert worst_excess(outcomes, outcome_chances, probs, n, tables, p_value) <= 1e-12


@pytest.mark.parametrize("fault", ["ties broken in favour", "smallest rank taken for a p-value"])
def test_size_test_sees_a_wrong_rank(outcomes, outcome_chances, fault) -> None:
    """Planted faults: ties count against the data's rank; and the smallest of six p-values is used as if it were one."""

    def p_value(values):
        if fault == "smallest rank taken for a p-value":
            return float(rank_p_values(values)[0].min())
        return 1 / len(values) + float((values[1:, 0] > values[0, 0]).mean()) * (1 - 1 / len(values))

    probs, n, tables = ([0.2, 0.3, 0.5], 3, 2)
    assert worst_excess(outcomes, outcome_chances, probs, n, tables, p_value) > 0.02


@pytest.mark.parametrize(
    ("probs", "n"), [([0.5, 0.5], 60), ([0.9, 0.1], 60), ([0.2, 0.3, 0.5], 40), ([0.01, 0.09, 0.9], 40)]
)
def test_size_of_every_statistic_with_all_tables(outcomes, outcome_chances, probs, n) -> None:
    """As B grows ranks become exact tail probabilities; P(p <= a) <= a then holds for each statistic and for their minimum."""
    target = np.sort(np.array(probs))
    table = outcomes(n, target.size)
    chances = outcome_chances(table, target)
    values = row_statistics(table, target)

    def tail(column):  # P(statistic >= own value)
        order = np.argsort(-column)
        falling, mass = column[order], np.cumsum(chances[order])
        last = np.searchsorted(-falling, -column + 1e-9, side="right") - 1
        return mass[last]

    tails = np.stack([tail(values[:, s]) for s in range(values.shape[1])], axis=1)
    for p in [*tails.T, tail(-tails.min(axis=1))]:
        for a in (0.001, 0.01, 0.05, 0.3):
            assert chances[p <= a].sum() <= a + 1e-9


def test_statistics_are_what_they_are_called() -> None:
    probs = np.array([0.1, 0.2, 0.7])
    counts = np.array([[3, 4, 13], [0, 0, 20]])
    values = row_statistics(counts, probs)
    assert len(STATISTICS) == values.shape[1]
    for row, value in zip(counts, values, strict=True):
        expected = 20 * probs
        z = (row - expected) / np.sqrt(expected * (1 - probs))
        g = sum(c * np.log(c / e) for c, e in zip(row, expected, strict=True) if c)
        assert value == pytest.approx(
            [
                np.sum((row - expected) ** 2 / expected),
                g,
                np.abs(row - expected).sum(),
                np.max(z**2),
                np.max(np.abs(np.cumsum(row / 20) - np.cumsum(probs))) * 20,
                np.abs(np.sum((row - expected) * np.log(probs))),
            ]
        )


def test_right_counts_pass_and_the_p_value_is_reproducible() -> None:
    probs = np.full(50, 0.02)
    counts = np.random.default_rng(1).multinomial(5000, probs)
    first = montecarlo.test_counts(counts, probs, B=499, rng=3)
    assert first.p_value > 0.001
    assert first == montecarlo.test_counts(counts, probs, B=499, rng=3)
    assert 0 < min(first.by_statistic.values()) <= first.p_value
    assert first.tables == 499


def test_each_fault_is_found_by_its_statistic() -> None:
    """A wrong exponent by the temperature score, one wrong category by max |z|; p is at most six times the smallest rank."""
    zipf = 1 / np.arange(1, 201) ** 1.1
    zipf /= zipf.sum()
    rng = np.random.default_rng(6)
    tempered = montecarlo.test_counts(rng.multinomial(20_000, temper(zipf, 1 / 1.08)), zipf, B=999)
    assert tempered.by_statistic["temperature score"] == 0.001
    assert tempered.p_value <= 0.006
    spiked = zipf.copy()
    spiked[150] *= 3
    one = montecarlo.test_counts(rng.multinomial(20_000, spiked / spiked.sum()), zipf, B=999)
    assert one.by_statistic["max |z|"] == 0.001
    assert one.p_value <= 0.006
    assert one.by_statistic["temperature score"] > 0.01


def test_impossible_category_and_single_category() -> None:
    assert montecarlo.test_counts([5, 1, 0], [1.0, 0.0, 0.0]).p_value == 0.0
    assert montecarlo.test_counts([5, 0, 0], [1.0, 0.0, 0.0], B=9).p_value == 1.0
    assert montecarlo.test_counts([7], [1.0], B=9).p_value == 1.0
    assert montecarlo.test_counts([7, 0], [1.0 - 1e-300, 1e-300], B=9).p_value == 1.0


def test_pooling_keeps_the_mass_and_the_order() -> None:
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.full(5000, 0.3))
    counts = rng.multinomial(100_000, probs)
    few, mass = pool(counts, probs, 256)
    assert few.size == mass.size <= 256
    assert few.sum() == 100_000
    assert mass.sum() == pytest.approx(1.0)
    assert np.array_equal(np.sort(probs)[-128:], mass[-128:])
    rare = mass[:-128]
    assert rare.max() <= 2 * rare.sum() / 128
    same, order = pool(counts, probs, None)
    assert same.size == 5000
    assert np.all(np.diff(order) >= 0)
    assert counts_test(counts, probs, 199, rng, 256).p_value > 0.005


def test_chunks_do_not_change_a_row(monkeypatch) -> None:
    probs = np.full(7, 1 / 7)
    counts = np.array([10, 12, 9, 14, 8, 11, 6])
    whole = montecarlo.test_counts(counts, probs, B=50, rng=1)
    monkeypatch.setattr(montecarlo, "ROW_CELLS", 7 * 13)
    assert montecarlo.test_counts(counts, probs, B=50, rng=1) == whole
