"""Methods of simtemp as samplers to judge: what they cost is known once, and what cannot be paid is refused."""

import pytest

from verify import sampler, simulated
from verify.sampler import check_affordable


@pytest.mark.parametrize(
    ("method", "base", "temperature", "options"),
    [
        ("collision", "two:0.5", 0.5, {}),
        ("accepted", "two:0.5", 0.6, {}),
        ("batch", "peaked9", 0.5, {"batch_size": 70}),
        ("duel", "peaked9", 0.1, {"budget": 400}),
        ("duel", "two:0.5", 0.25, {}),
        ("chain", "two:0.5", 2.0, {"steps": 10}),
    ],
)
def test_what_costs_more_than_the_budget_is_refused(method, base, temperature, options) -> None:
    """At the mean of the cost law, whichever method has one."""
    judged = simulated(method, base, temperature, max_draws=10_000, **options)
    mean = judged.cost_law().mean
    check_affordable(judged, int(9_999 / mean))
    with pytest.raises(ValueError, match=r"base draws an output.*more than max_draws = 1e\+04"):
        check_affordable(judged, int(10_001 / mean) + 1)


def test_a_method_without_a_cost_law_is_not_refused() -> None:
    judged = simulated("duel", "peaked9", 0.1, max_draws=100)
    assert judged.cost_law() is None
    check_affordable(judged, 10**9)


def test_the_cost_law_is_worked_out_once(monkeypatch) -> None:
    calls = []
    honest = sampler.cost_law
    monkeypatch.setattr(sampler, "cost_law", lambda *arguments: calls.append(arguments) or honest(*arguments))
    judged = simulated("collision", "two:0.5", 0.5)
    check_affordable(judged, 1)
    assert judged.cost_law() is judged.cost_law()
    assert len(calls) == 1
