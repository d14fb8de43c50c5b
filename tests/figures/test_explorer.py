"""The explorer: its numbers are those of the functions they are named after, however they are written."""

import json
import math
import shlex
from dataclasses import replace

import pytest

import simtemp
from figures.explorer import BASES, FULL, QUICK, SHOWN, Grid, duel_cost, explorer_base, grid_of
from figures.report.explorer import duel_draws, duel_note, explorer_section, off, rejection, visible
from figures.report.write import explored_bases

SMALL = Grid(30, (1 / 7, 0.4, 0.5, 1.0), (20, 200))


@pytest.fixture(scope="module")
def peaked():
    return explorer_base(simtemp.parse_base("peaked9"), SMALL, seed=3)


def test_exact_numbers_are_those_of_their_functions(peaked):
    probs = simtemp.parse_base("peaked9").probs
    assert [step.temperature for step in peaked.temperatures] == list(SMALL.temperatures)
    for step in peaked.temperatures:
        t = step.temperature
        assert step.law == tuple(simtemp.temper(probs, t))
        assert step.acceptance == simtemp.acceptance_rate(probs, t)
        assert step.rejection == simtemp.rejection_rate(probs, t)
        assert step.published == simtemp.expected_draws(probs, t)
        assert step.early_exit == simtemp.expected_draws(probs, t, early_exit=True)
        assert step.floor == simtemp.draws_lower_bound(probs, t)
        assert [batch.batch_size for batch in step.batches] == list(SMALL.batch_sizes)


def test_the_batch_is_the_published_rule_where_it_is_defined(peaked):
    probs = simtemp.parse_base("peaked9").probs
    for step in peaked.temperatures:
        n = round(1 / step.temperature)
        assert step.rule == ("falling" if step.temperature == 0.4 else "published")
        for batch in step.batches if step.rule == "published" else ():
            law = simtemp.batch_law(probs, n, batch.batch_size)
            assert batch.law == tuple(law)
            assert batch.tv == simtemp.total_variation(law, simtemp.temper(probs, step.temperature))
            assert batch.effective_temperature == simtemp.effective_temperature(law, probs)


@pytest.mark.parametrize("temperature", [1 / 7, 0.4])
def test_the_error_is_that_of_the_command_shown(peaked, temperature, capsys):
    from simtemp.cli import run

    step = next(step for step in peaked.temperatures if step.temperature == temperature)
    shown = next(
        step for step in explorer_section([peaked])["bases"][0]["temperatures"] if step["value"] == temperature
    )
    assert run([*shlex.split(shown["law_command"])[1:], "--batch-size", "20", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["tv"] == step.batches[0].tv
    assert printed["effective_temperature"] == step.batches[0].effective_temperature
    assert printed["rule"] == step.rule == shown["rule"]


def test_categories_beyond_those_shown_are_one_more():
    base = simtemp.parse_base("zipf:20,1")
    found = explorer_base(base, Grid(30, (1.0,), (20,)))
    step = found.temperatures[0]
    assert found.labels == tuple(map(str, range(SHOWN)))
    for law in (found.probs, step.law, step.batches[0].law):
        assert len(law) == SHOWN + 1
        assert math.fsum(law) == pytest.approx(1.0, abs=1e-12)
    assert found.probs[-1] == base.probs[SHOWN:].sum()
    assert explorer_section([found])["bases"][0]["labels"][-1] == "8 others"


def test_categories_that_cannot_come_are_not_there():
    found = explorer_base(simtemp.as_base([0.2, 0.0, 0.8]), Grid(30, (0.5,), (2,)))
    assert found.labels == ("2", "0")
    assert found.categories == 2
    assert found.probs == (0.8, 0.2)


def test_the_cost_of_a_duel_is_exact_where_it_is_known():
    assert duel_cost(simtemp.parse_base("two:0.8"), 0.1, 0).mean == simtemp.cost_law("duel", "two:0.8", 0.1).mean
    peaked9 = simtemp.parse_base("peaked9")
    assert duel_cost(peaked9, 0.5, 0).mean == simtemp.expected_draws(peaked9.probs, 0.5)
    assert duel_note(duel_cost(peaked9, 0.5, 0)) == "exact"


def test_the_cost_of_a_duel_is_else_that_of_the_command_shown(peaked, capsys):
    from simtemp.cli import run

    step = peaked.temperatures[0]
    command = explorer_section([peaked])["bases"][0]["temperatures"][0]["commands"][1]
    assert step.duel.outputs >= 50
    assert run([*shlex.split(command)[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mean_draws"] == step.duel.mean


def test_what_is_too_dear_is_not_run():
    assert duel_cost(simtemp.parse_base("uniform:1000"), 0.2, 0) is None
    assert (duel_draws(None), duel_note(None)) == ("not run", "too dear for a short run")


@pytest.mark.parametrize(("base", "temperature"), [("two:0.8", 0.05), ("peaked9", 0.5)])
def test_the_command_of_the_closed_forms_prints_them(base, temperature, capsys):
    found = explorer_base(simtemp.parse_base(base), Grid(30, (temperature,), (20,)))
    program = shlex.split(explorer_section([found])["bases"][0]["temperatures"][0]["commands"][0])[2]
    exec(compile(program, "command", "exec"), {})
    printed = capsys.readouterr().out
    step = found.temperatures[0]
    for value in (step.rejection, step.published, step.early_exit, step.floor, step.duel.mean):
        assert repr(float(value)) in printed


def test_a_rejection_rate_near_one_keeps_its_digits():
    assert rejection(1e-3, 0.999) == "99.90 %"
    assert rejection(6.8e-17, 1.0) == "100 % − 6.80 × 10⁻¹⁵ %"


def test_no_error_is_zero():
    assert off(3e-16) == "0"
    assert off(0.03551) == "0.0355"


def test_white_space_is_visible():
    assert visible("  a\t\n") == "␣␣a⇥⏎"


def test_a_uniform_base_has_any_temperature():
    found = explorer_base(simtemp.parse_base("uniform:4"), Grid(30, (0.5,), (20,)))
    batch = explorer_section([found])["bases"][0]["temperatures"][0]["batches"][0]
    assert (batch["tv"], batch["warm"]) == ("0", "any T")


def test_every_base_has_a_grid():
    for name in BASES:
        assert grid_of(simtemp.parse_base(name).probs, FULL) is not None
    assert grid_of(simtemp.parse_base("text").probs, QUICK) is None  # its laws take seconds
    assert grid_of(simtemp.parse_base("zipf:1000,1.1").probs, FULL) is None


def test_grids_rise_and_hold_the_default():
    for grid in (*FULL, *QUICK):
        assert list(grid.temperatures) == sorted(set(grid.temperatures))
        assert list(grid.batch_sizes) == sorted(set(grid.batch_sizes))
        assert 0.2 in grid.temperatures
        assert 200 in grid.batch_sizes


def test_the_page_holds_less_than_400_kilobytes(peaked):
    """As many bases and steps as a whole report has, with the widest law of each."""
    fine = FULL[0]
    step = replace(peaked.temperatures[0], law=(0.123456,) * (SHOWN + 1))
    step = replace(step, batches=tuple(replace(step.batches[0], law=step.law) for _ in fine.batch_sizes))
    whole = replace(peaked, temperatures=(step,) * len(fine.temperatures))
    section = explorer_section([whole] * len(BASES))
    assert len(json.dumps(section).encode()) < 400_000


def test_one_category_alone():
    found = explorer_base(simtemp.parse_base("probs:1.0"), Grid(30, (0.1, 1.0), (20,)))
    step = explorer_section([found])["bases"][0]["temperatures"][0]
    assert (step["rejection"], step["published"], step["duel"], step["batches"][0]["tv"]) == (
        "0.00 %",
        "10.00 draws",
        "10.00 draws",
        "0",
    )


def test_no_bases_no_section():
    assert explorer_section([]) is None


def test_bases_without_a_grid_are_left_out():
    two, wide = map(simtemp.parse_base, ("two:0.8", "zipf:1000,1.1"))
    assert explored_bases([two, wide], [SMALL]) == [(two, SMALL)]
