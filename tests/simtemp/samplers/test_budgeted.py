"""The duel inside a budget: the unbounded duel's outputs where it ends in time, the batch rule's elsewhere, N draws always."""

import math
from typing import Any

import numpy as np
import pytest

import simtemp
import verify
from simtemp.methods import batch_tables
from simtemp.samplers import draw_one, fill
from simtemp.samplers.batch import batch_sampler, select
from simtemp.samplers.budgeted import BudgetedDuel, budgeted_duel
from simtemp.samplers.duel import Duel, duel_state
from simtemp.sources import alias_source, buffer_source, next_draw

UNLIMITED = 2**62


def duel(n0: int, alpha: float, m: int, categories: int) -> Duel:
    return Duel(n0, alpha, m, duel_state(categories, m))


def budgeted(n0: int, alpha: float, m: int, categories: int, budget: int, rule: str = "corrected") -> BudgetedDuel:
    log_weight, log_kept = batch_tables(1.0 / (n0 + alpha + m), budget, rule)
    return budgeted_duel(duel(n0, alpha, m, categories), batch_sampler(log_weight, categories, log_kept))


def one_output(sampler: Any, source: Any, rng: np.random.Generator, allowed: int = UNLIMITED) -> tuple[int, int]:
    """Value and draws; (-1, 0) where there is none."""
    value, draws = np.array([-1]), np.zeros(1, np.int64)
    fill(sampler, source, rng, value, draws, np.array([allowed]), np.zeros(1, np.int64))
    return int(value[0]), int(draws[0])


def chosen_by_rule(recorded: np.ndarray, categories: int, temperature: float, rule: str, u: float) -> int:
    """The batch rule on these draws and this uniform (equal to a plain statement by test_batch and test_batch_rules)."""
    log_weight, log_kept = batch_tables(temperature, recorded.size, rule)
    batch = batch_sampler(log_weight, categories, log_kept)
    batch.counts[:] = np.bincount(recorded, minlength=categories)
    met = list(dict.fromkeys(recorded.tolist()))
    batch.seen[: len(met)] = met
    return select(batch, len(met), u)


@pytest.mark.parametrize("rule", ["corrected", "falling", "plug-in"])
@pytest.mark.parametrize(("n0", "alpha", "m"), [(1, 0.0, 2), (2, 0.0, 3), (1, 0.43, 3), (2, 0.0, 0), (1, 0.5, 0)])
def test_it_is_the_unbounded_duel_or_the_batch_rule_on_the_same_draws(n0: int, alpha: float, m: int, rule: str) -> None:
    """With the same draws and uniforms: what the unbounded duel gives if it reads at most N of them, else the rule's choice."""
    maker = np.random.default_rng(101)
    budget, unfinished = 24, 0
    sampler = budgeted(n0, alpha, m, 6, budget, rule)
    for seed in range(200):
        source, rng = alias_source(maker.dirichlet(np.full(6, 2.0))), np.random.default_rng(seed)
        recorded = np.array([next_draw(source, rng) for _ in range(budget)])  # leaves rng at the uniforms of the coins
        after = rng.bit_generator.state
        value, draws = one_output(sampler, source, np.random.default_rng(seed))
        assert draws == budget

        more = np.concatenate([recorded, maker.integers(0, 6, size=5_000)])
        unbounded = one_output(duel(n0, alpha, m, 6), buffer_source(more), rng)
        assert unbounded[0] >= 0
        if unbounded[1] <= budget:
            assert value == unbounded[0]
        else:
            unfinished += 1
            rng.bit_generator.state = after
            assert one_output(duel(n0, alpha, m, 6), buffer_source(recorded), rng) == (-1, 0)
            assert value == chosen_by_rule(recorded, 6, 1.0 / (n0 + alpha + m), rule, rng.random())
        assert sampler.unfinished[0] == unfinished
        for scratch in (sampler.duel.scratch.counts, sampler.duel.scratch.ahead, sampler.batch.counts):
            assert not scratch.any()
    assert 0 < unfinished < 200


def test_less_than_the_budget_is_no_output() -> None:
    source = alias_source(np.array([0.7, 0.3]))
    assert one_output(budgeted(1, 0.0, 2, 2, 50), source, np.random.default_rng(0), allowed=49) == (-1, 0)
    assert one_output(budgeted(1, 0.0, 2, 2, 50), source, np.random.default_rng(0), allowed=50)[1] == 50
    short = buffer_source(np.zeros(49, np.int64))
    assert draw_one(budgeted(1, 0.0, 2, 2, 50), short, np.random.default_rng(0), np.array([UNLIMITED])) == (-1, 0)


def test_a_run_reports_its_share_of_unfinished_outputs() -> None:
    """Over several chunks and threads; it agrees with the chance that the unbounded duel needs more than N draws (alpha = 1e-6)."""
    size, budget = 40_000, 60
    run = simtemp.simulate("duel", "peaked9", 0.25, size, seed=5, threads=1, budget=budget)
    assert set(run.draws.tolist()) == {budget}
    assert run.mean_draws == budget
    assert run.options["budget"] == budget
    assert run.options["rule"] == "corrected"
    assert (
        simtemp.simulate("duel", "peaked9", 0.25, size, seed=5, threads=2, budget=budget).unfinished == run.unfinished
    )
    longer = (simtemp.simulate("duel", "peaked9", 0.25, size, seed=6).draws > budget).mean()
    error = math.sqrt(2.0 * longer * (1.0 - longer) / size)
    assert 0.05 < longer < 0.95
    assert abs(run.unfinished - longer) < 4.9 * error
    assert simtemp.simulate("duel", "peaked9", 0.25, 1_000).unfinished == 0.0


def test_a_tiny_budget_leaves_all_to_the_rule_and_a_huge_one_nothing() -> None:
    assert simtemp.simulate("duel", "peaked9", 0.1, 2_000, budget=9).unfinished == 1.0
    assert simtemp.simulate("duel", "two:0.9", 0.5, 2_000, budget=10_000).unfinished == 0.0
    assert (
        simtemp.simulate("duel", "peaked9", 0.1, 200, budget=10_000).unfinished == 0.0
    )  # they need 175 draws on average


def test_its_total_variation_is_at_most_the_share_unfinished() -> None:
    """The bound that the share is an estimate of: the certified lower bound of the distance must not contradict it (1e-6 each)."""
    for budget in (40, 100):
        run = simtemp.simulate("duel", "peaked9", 0.1, 60_000, seed=7, budget=budget, rule="plug-in")
        lower = verify.tv_lower_bound(run.counts, simtemp.temper(run.base.probs, 0.1), 1e-6).value
        share = run.unfinished + 4.9 * math.sqrt(run.unfinished * (1 - run.unfinished) / run.size)
        assert lower <= share


PROMISED = [(0.25, 200, 0.004), (0.1, 400, 0.006)]


@pytest.mark.slow
@pytest.mark.parametrize(("temperature", "budget", "most"), PROMISED)
def test_peaked9_is_certified_to_be_far_better_than_the_published_rule(
    temperature: float, budget: int, most: float
) -> None:
    """What a quick run can certify at 1e-6: below half the published rule's exact distance at the same N."""
    target = simtemp.temper(simtemp.parse_base("peaked9").probs, temperature)
    run = simtemp.simulate("duel", "peaked9", temperature, 300_000, seed=103, budget=budget)
    published = simtemp.batch_law(run.base.probs, round(1 / temperature), budget)
    assert verify.tv_upper_bound(run.counts, target, 1e-6) < 0.5 * simtemp.total_variation(published, target)
    assert simtemp.total_variation(published, target) > 2.0 * most  # the promise is out of the published rule's reach


@pytest.mark.slow
@pytest.mark.parametrize(("temperature", "budget", "most"), PROMISED)
def test_peaked9_is_certified_within_the_promise(temperature: float, budget: int, most: float) -> None:
    target = simtemp.temper(simtemp.parse_base("peaked9").probs, temperature)
    run = simtemp.simulate("duel", "peaked9", temperature, 3_000_000, seed=104, budget=budget)
    assert verify.tv_upper_bound(run.counts, target, 1e-6) <= most


@pytest.mark.parametrize("budget", [20, 50, 100, 400])
@pytest.mark.parametrize(
    ("base", "temperature"), [("peaked9", 0.25), ("near", 0.2), ("two:0.6", 0.1), ("geometric:39,0.5", 0.1)]
)
def test_nothing_proves_it_worse_than_the_published_rule_at_equal_draws(
    base: str, temperature: float, budget: int
) -> None:
    """A lower bound of its distance (alpha = 1e-6) against the exact distance of the published rule."""
    probs, n = simtemp.parse_base(base).probs, round(1 / temperature)
    target = simtemp.temper(probs, temperature)
    published = simtemp.total_variation(simtemp.batch_law(probs, n, budget), target)
    run = simtemp.simulate("duel", base, temperature, 60_000, seed=105, budget=budget)
    assert verify.tv_lower_bound(run.counts, target, 1e-6).value <= published


@pytest.mark.parametrize(
    ("base", "temperature", "budget"), [("peaked9", 0.25, 50), ("two:0.6", 0.1, 100), ("geometric:39,0.5", 0.1, 20)]
)
def test_a_worse_sampler_is_proved_worse(base: str, temperature: float, budget: int) -> None:
    """Planted fault of the test above: half the batch, by the published rule."""
    probs, n = simtemp.parse_base(base).probs, round(1 / temperature)
    target = simtemp.temper(probs, temperature)
    published = simtemp.total_variation(simtemp.batch_law(probs, n, budget), target)
    run = simtemp.simulate("batch", base, temperature, 60_000, seed=105, batch_size=budget // 2, rule="published")
    assert verify.tv_lower_bound(run.counts, target, 1e-6).value > published


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"budget": 0}, "budget"),
        ({"budget": 1.5}, "budget"),
        ({"budget": 10**9}, "budget"),
        ({"budget": 50, "coupling": "stream"}, "coupling"),
        ({"budget": 50, "rule": "best"}, "rule"),
        ({"budget": 50, "split": 20}, "split"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        simtemp.simulate("duel", "two", 0.1, 10, **options)
    with pytest.raises(ValueError, match="temperature"):
        simtemp.simulate("duel", "two", 0.4, 10, budget=50, rule="published")


def test_chunks_share_no_scratch() -> None:
    source = alias_source(np.array([0.7, 0.3]))
    first, second = (budgeted(1, 0.0, 3, 2, 20) for _ in range(2))
    values, draws = np.empty(50, np.int64), np.empty(50, np.int64)
    fill(first, source, np.random.default_rng(0), values, draws, np.array([UNLIMITED]), np.zeros(1, np.int64))
    assert first.unfinished[0] > 0 == second.unfinished[0]
