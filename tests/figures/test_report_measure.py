import pytest

import simtemp
from figures.report.measure import Stopped, measure, not_run
from figures.report.plan import batch_cells, exact_cells
from figures.report.summary import summarise
from simtemp import parse_base


def cells(name, tiny):
    base = parse_base(name)
    return base, [*exact_cells(name, base, 5, tiny), *batch_cells(name, base, 5, tiny)]


def pick(name, tiny, key):
    base, found = cells(name, tiny)
    return base, next(cell for cell in found if key in cell.key)


def test_an_exact_cell(tiny):
    base, cell = pick("peaked9", tiny, "published/peaked9/0.4")
    record = measure(cell, base)
    assert record.status == "EQUIVALENT"
    assert record.tv_upper <= cell.epsilon
    assert abs(record.draws_z) < 6  # misses with probability 2e-9, up to the normal approximation
    assert record.expected_draws == simtemp.expected_draws(base.probs, 0.4)


def test_a_wrong_sampler_is_rejected_and_its_cost_noticed(tiny):
    """Planted fault: the cell says T = 0.4 and the sampler runs on another base of nearly the same shape."""
    base, cell = pick("peaked9", tiny, "published/peaked9/0.4")
    other = simtemp.Categorical([0.28, 0.22, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02], name="other")
    from dataclasses import replace

    from figures.report import measure as module

    class swapped(module.simulated):
        def __init__(self, method, _base, temperature, **options):
            super().__init__(method, other, temperature, **options)

    original = module.simulated
    module.simulated = swapped
    try:
        record = measure(replace(cell, epsilon=0.01), base)
    finally:
        module.simulated = original
    assert record.status == "REJECT"
    found = summarise([record])
    assert found.exact_rejected == (record,)
    assert found.certified == ()


def test_a_batch_cell_knows_its_error_exactly(tiny):
    base, cell = pick("peaked9", tiny, "batch/N = 20/peaked9/0.1")
    record = measure(cell, base)
    law = simtemp.batch_law(base.probs, 10, 20)
    assert record.tv_exact == pytest.approx(simtemp.total_variation(law, simtemp.temper(base.probs, 0.1)), abs=1e-12)
    assert record.status == "REJECT"
    assert 0 < record.tv_bound < record.tv_exact
    assert record.effective_temperature == pytest.approx(0.34, abs=0.01)


def test_threads_do_not_matter(tiny):
    base, cell = pick("peaked9", tiny, "published/peaked9/0.5")
    one, two = (measure(cell, base, threads).plain() for threads in (1, 2))
    assert {**one, "seconds": 0} == {**two, "seconds": 0}


def test_a_cell_that_is_stopped_says_so(tiny):
    base, cell = pick("peaked9", tiny, "published/peaked9/0.5")
    rounds = []

    def check():
        rounds.append(1)
        if len(rounds) == 3:
            raise Stopped("stopped after 0 seconds")

    record = measure(cell, base, 1, check)
    assert (record.status, record.reason) == ("STOPPED", "stopped after 0 seconds")
    assert record.n is None
    assert summarise([record]).exact_open == (record,)


def test_a_cell_that_is_not_run_keeps_its_exact_cost(tiny):
    base, cell = pick("peaked9", tiny, "published/peaked9/0.1")
    assert not cell.within_reach
    record = not_run(cell, base, "out of reach")
    assert record.expected_draws == pytest.approx(1.66e6, rel=0.01)
    assert record.needed_draws == cell.planned * record.expected_draws
    assert summarise([record]).out_of_reach == (record,)


@pytest.mark.slow
def test_summary_takes_the_worst_of_each_base(tiny):
    records = []
    for name in ("two:0.8", "uniform:10"):
        base, planned = cells(name, tiny)
        records += [measure(cell, base) for cell in planned if cell.within_reach]
    found = summarise(records)
    assert found.exact_rejected == found.exact_open == ()
    for bound in found.certified:
        assert bound.epsilon == max(record.epsilon for record in bound.records)
        assert {record.base for record in bound.records} == set(bound.bases)
    assert sum(len(bound.records) for bound in found.certified) == found.exact_run
    assert found.unbiased_batch == ("uniform:10",)
    assert {record.variant for record in found.worst} == {"N = 20"}
