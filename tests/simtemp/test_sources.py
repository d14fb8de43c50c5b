"""The alias table, the buffer and the counts: laws read off the tables themselves, not sampled."""

import numpy as np
import pytest
from scipy import stats

from simtemp.sources import AliasSource, alias_source, buffer_source, count_source, next_draw, tally


def law_of_alias_table(source: AliasSource) -> np.ndarray:
    law = source.accept.copy()
    np.add.at(law, source.alias, 1.0 - source.accept)
    return law / law.size


def some_laws() -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    laws = [
        np.array([1.0]),
        np.array([0.0, 1.0, 0.0]),
        np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02]),
        np.full(1000, 1e-3),
        np.arange(1, 5001) ** -1.1,
        0.5 ** np.arange(60),
        np.array([1e-300, 1.0, 1e-17]),
    ]
    laws += [rng.dirichlet(np.full(k, 0.1)) for k in (2, 3, 17, 400)]
    return [law / law.sum() for law in laws]


@pytest.mark.parametrize("law", some_laws(), ids=lambda law: f"K={law.size}")
def test_alias_table_has_exactly_the_given_law(law: np.ndarray) -> None:
    source = alias_source(law)
    assert np.abs(law_of_alias_table(source) - law).max() <= 4e-16
    assert ((source.accept >= 0) & (source.accept <= 1)).all()


def test_a_table_off_by_one_would_be_noticed() -> None:
    law = some_laws()[2]
    source = alias_source(law)
    shifted = AliasSource(source.accept, (source.alias + 1) % law.size)
    assert np.abs(law_of_alias_table(shifted) - law).max() > 1e-3


def test_a_category_of_probability_zero_never_comes_out() -> None:
    source = alias_source(np.array([0.5, 0.0, 0.25, 0.0, 0.25]))
    law = law_of_alias_table(source)
    assert law[1] == 0.0
    assert law[3] == 0.0


class FixedUniform:
    def __init__(self, u: float) -> None:
        self.u = u

    def random(self) -> float:
        return self.u


def test_the_largest_uniform_stays_in_the_table() -> None:
    largest = FixedUniform(np.nextafter(1.0, 0.0))
    for size in [*range(1, 3000), 2**20 - 1, 2**20, 2**20 + 1, 9_999_999, 10_000_000]:
        assert int(largest.random() * size) == size - 1


def test_python_and_compiled_draws_are_equal() -> None:
    from simtemp.jit import kernel

    @kernel
    def compiled(source, rng, size):  # type: ignore[no-untyped-def]
        out = np.empty(size, np.int64)
        for i in range(size):
            out[i] = next_draw(source, rng)
        return out

    source = alias_source(some_laws()[2])
    mine = np.random.default_rng(3)
    assert compiled(source, np.random.default_rng(3), 500).tolist() == [next_draw(source, mine) for _ in range(500)]
    recorded = buffer_source(np.array([4, 2, 2]))
    assert compiled(recorded, np.random.default_rng(3), 5).tolist() == [4, 2, 2, -1, -1]


def test_tally_counts_what_was_drawn() -> None:
    recorded = np.random.default_rng(5).integers(0, 6, 40)
    counts, seen = np.zeros(6, np.int32), np.empty(40, np.int64)
    distinct = tally(buffer_source(recorded), np.random.default_rng(0), 40, counts, seen)
    assert counts.tolist() == np.bincount(recorded, minlength=6).tolist()
    assert seen[:distinct].tolist() == list(dict.fromkeys(recorded.tolist()))


def test_tally_of_a_short_buffer_leaves_no_counts_behind() -> None:
    counts, seen = np.zeros(6, np.int32), np.empty(10, np.int64)
    assert tally(buffer_source(np.array([1, 1, 2])), np.random.default_rng(0), 10, counts, seen) == -1
    assert not counts.any()


def test_conditional_probabilities_rebuild_the_law() -> None:
    for law in some_laws():
        source = count_source(law)
        before = np.concatenate(([1.0], np.cumprod(1.0 - source.conditional)[:-1]))
        rebuilt = np.zeros(law.size)
        rebuilt[source.category] = source.conditional * before
        assert np.allclose(rebuilt, law, rtol=1e-9, atol=1e-16)
        assert source.conditional[-1] == 1.0


def test_counts_of_two_categories_are_binomial() -> None:
    # Exact two-sided tests of 3 tail events at alpha = 1e-6 in total, on 20,000 tallies of N = 7 at p = 0.3.
    source, rng = count_source(np.array([0.3, 0.7])), np.random.default_rng(11)
    counts, seen = np.zeros(2, np.int32), np.empty(7, np.int64)
    first = np.empty(20_000, np.int64)
    for i in range(first.size):
        counts[:] = 0
        tally(source, rng, 7, counts, seen)
        assert counts.sum() == 7
        first[i] = counts[0]
    for at_most in (0, 2, 4):
        hits = int((first <= at_most).sum())
        p_value = stats.binomtest(hits, first.size, stats.binom.cdf(at_most, 7, 0.3)).pvalue
        assert p_value > 1e-6 / 3
        # The same counts are rejected as draws at p = 0.35: the test can fail.
        assert stats.binomtest(hits, first.size, stats.binom.cdf(at_most, 7, 0.35)).pvalue < 1e-6 / 3
