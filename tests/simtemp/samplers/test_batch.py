"""The batch sampler: equal to a plain statement, and equal in law to the exact law by either way of counting."""

import math

import numpy as np
import pytest

import simtemp
import verify
from simtemp.batch_rules import published_log_weight
from simtemp.methods import batch_tables
from simtemp.samplers import draw_one, fill
from simtemp.samplers.batch import batch_sampler, select
from simtemp.sources import alias_source, buffer_source, count_source


def plain_batch(draws: list[int], u: float, n: int) -> int:
    """CALM's Algorithm 2 on a list of draws: for m = n, ..., 1 weigh what came at least m times by C(count, m); first hit wins."""
    counts = {x: draws.count(x) for x in dict.fromkeys(draws)}
    for m in range(n, 0, -1):
        weights = {x: math.comb(c, m) for x, c in counts.items() if c >= m}
        if weights:
            target = u * sum(weights.values())
            for x, w in weights.items():
                target -= w
                if target < 0:
                    return x
            return list(weights)[-1]
    raise AssertionError("no draws")


@pytest.mark.parametrize("size", [1, 2, 5, 30, 200])
@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_kernel_equals_plain_statement_on_the_same_draws(n: int, size: int) -> None:
    maker = np.random.default_rng(51)
    for seed in range(60):
        recorded = maker.choice(6, p=[0.4, 0.2, 0.2, 0.1, 0.07, 0.03], size=size)
        values, draws = np.empty(1, np.int64), np.empty(1, np.int64)
        fill(
            batch_sampler(published_log_weight(n, size), 6),
            buffer_source(recorded),
            np.random.default_rng(seed),
            values,
            draws,
            np.array([2**62]),
            np.zeros(1, np.int64),
        )
        assert values[0] == plain_batch(recorded.tolist(), np.random.default_rng(seed).random(), n)
        assert draws[0] == size


@pytest.mark.parametrize(("n", "size"), [(1, 5), (2, 1), (3, 40), (10, 200), (50, 1000)])
def test_log_weights_are_binomial_coefficients(n: int, size: int) -> None:
    log_weight = published_log_weight(n, size)
    assert log_weight.shape == (size + 1,)
    for count in range(size + 1):
        exact = math.comb(count, n)
        assert log_weight[count] == (pytest.approx(math.log(exact), rel=1e-12, abs=1e-13) if exact else -math.inf)


def chosen(log_weight: np.ndarray, counts: list[int], u: float, log_kept: np.ndarray | None = None) -> int:
    ready = batch_sampler(log_weight, len(counts), log_kept)
    ready.counts[:] = counts
    met = np.flatnonzero(counts)
    ready.seen[: met.size] = met
    return select(ready, met.size, u)


def test_temperature_zero_takes_the_largest_count() -> None:
    log_weight, _ = batch_tables(0.0, 10, "published")
    assert {chosen(log_weight, [3, 5, 2], u) for u in (0.0, 0.3, 0.999)} == {1}
    assert [chosen(log_weight, [5, 2, 5], u) for u in (0.0, 0.49, 0.51, 0.999)] == [0, 0, 2, 2]


@pytest.mark.parametrize("u", [0.0, 0.5, np.nextafter(1.0, 0.0)])
def test_select_stays_among_the_candidates(u: float) -> None:
    assert chosen(published_log_weight(3, 20), [0, 5, 2, 2, 7], u) in (1, 4)
    assert chosen(published_log_weight(9, 20), [0, 5, 2, 2, 7], u) == 4
    for several in range(3, 20):  # the last ones are no candidates: rounding must not reach them
        assert chosen(published_log_weight(3, 20), [several, *range(3, 9), 2, 1], u) < 7


def test_weights_that_underflow_are_rescaled() -> None:
    """At N = 1e5, n = 1000 the weights of small counts are e^-5000 of the table's largest: only their ratio matters."""
    log_weight = published_log_weight(1000, 100_000)
    assert batch_sampler(log_weight, 2).weight[1002] == 0.0
    share = math.comb(1002, 1000) / (math.comb(1002, 1000) + math.comb(1001, 1000))
    assert chosen(log_weight, [1002, 1001], share * (1 - 1e-9)) == 0
    assert chosen(log_weight, [1002, 1001], share * (1 + 1e-9)) == 1


@pytest.mark.parametrize(
    ("exponent", "size", "counts"),
    [(2.5, 60, [20, 18]), (20.5, 2000, [60, 58]), (300.5, 5000, [420, 418]), (2.5, 60, [60, 59])],
)
def test_corrected_scores_wherever_the_weights_lie(exponent: float, size: int, counts: list[int]) -> None:
    """w / (W - w + kept) of two candidates, with weights of 0.1, 1e-31, 1e-330 and 1 of the table's largest."""
    log_weight, log_kept = batch_tables(1.0 / exponent, size, "corrected")
    assert log_kept is not None
    w = np.exp(log_weight[counts] - log_weight[counts].max())
    scores = w / (w.sum() - w + np.exp(log_kept[counts] - log_weight[counts].max()))
    share = scores[0] / scores.sum()
    assert abs(share - w[0] / w.sum()) > 1e-4  # the correction matters here
    for u, expected in ((share - 1e-6, 0), (share + 1e-6, 1)):
        assert chosen(log_weight, counts, u, log_kept) == expected


@pytest.mark.parametrize(
    ("base", "n", "size"),
    [("peaked9", 2, 20), ("peaked9", 10, 60), ("near", 3, 7), ("uniform:10", 5, 4), ("geometric:39,0.5", 2, 50)],
)
@pytest.mark.parametrize("make_source", [alias_source, count_source])
def test_either_way_of_counting_has_the_exact_law(base: str, n: int, size: int, make_source) -> None:  # type: ignore[no-untyped-def]
    probs = simtemp.parse_base(base).probs

    def draw(outputs: int, rng: np.random.Generator) -> np.ndarray:
        values, draws = np.empty(outputs, np.int64), np.empty(outputs, np.int64)
        fill(
            batch_sampler(published_log_weight(n, size), probs.size),
            make_source(probs),
            rng,
            values,
            draws,
            np.array([2**62]),
            np.zeros(1, np.int64),
        )
        return values

    exact = simtemp.batch_law(probs, n, size)
    assert verify.check_sampler(draw, exact, epsilon=0.02, rng=61).status == "EQUIVALENT"
    # The published rule is biased: its own target is rejected, so the test can tell laws apart.
    target = simtemp.temper(probs, 1 / n)
    if simtemp.total_variation(exact, target) > 0.02:
        assert verify.check_sampler(draw, target, epsilon=0.001, max_samples=2_000_000, rng=61).status == "REJECT"


@pytest.mark.parametrize(
    ("recorded", "allowed", "output"), [(20, 9, (-1, 0)), (9, 20, (-1, 0)), (20, 10, (0, 10)), (10, 20, (0, 10))]
)
def test_less_than_a_batch_is_no_output(recorded: int, allowed: int, output: tuple[int, int]) -> None:
    """Whether the limit or the source ends it; a whole batch is one."""
    sampler = batch_sampler(published_log_weight(2, 10), 2)
    source = buffer_source(np.zeros(recorded, np.int64))
    assert draw_one(sampler, source, np.random.default_rng(0), np.array([allowed])) == output
    assert not sampler.counts.any()
