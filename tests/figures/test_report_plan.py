import shlex

import numpy as np
import pytest

import simtemp
from figures.report.commands import bound_command, cost_command, law_command, pilot_command, verify_command
from figures.report.plan import (
    DUEL,
    DUEL_TEMPERATURES,
    FULL,
    MAX_SAMPLES,
    QUICK,
    batch_cells,
    bound_outputs,
    duel_share,
    exact_cells,
)
from simtemp import SUITE, parse_base
from verify import required_samples


def exact(name, effort=FULL, seed=0):
    return list(exact_cells(name, parse_base(name), seed, effort))


def batch(name, effort=FULL, seed=0):
    return list(batch_cells(name, parse_base(name), seed, effort))


def test_costs_are_exact_and_decide_what_is_run():
    for cell in (cell for name in SUITE for cell in exact(name) if cell.variant != DUEL):
        early = cell.variant == "early exit"
        probs = parse_base(cell.base).probs
        assert cell.expected_draws == simtemp.expected_draws(probs, cell.temperature, early_exit=early)
        assert cell.planned >= required_samples(simtemp.temper(probs, cell.temperature), cell.epsilon, 1e-6)
        assert cell.within_reach == (cell.planned * cell.expected_draws <= FULL.cell_draws)


def test_the_suite_is_certified_at_one_in_a_hundred_or_not_at_all():
    cells = [cell for name in SUITE for cell in exact(name)]
    assert {cell.epsilon for cell in cells} == {0.01}
    assert sum(cell.within_reach for cell in cells) >= 36


@pytest.mark.slow
def test_duels_are_planned_by_a_pilot_and_reach_the_cold_end():
    for name in (*SUITE, "text"):
        duels = [cell for cell in exact(name) if cell.variant == DUEL]
        assert [cell.temperature for cell in duels] == list(DUEL_TEMPERATURES)
        assert {cell.sampler for cell in duels} == {"duel"}
        for cell in duels:
            allowed = FULL.cell_draws * duel_share(name, cell.temperature)
            assert cell.within_reach == (cell.planned * cell.expected_draws <= allowed)
            assert cell.within_reach or cell.temperature > 0.1
    assert verify_command(duels[0]).startswith("simtemp verify duel --base text -T 0.7 --epsilon ")


@pytest.mark.slow
def test_text_takes_the_best_that_fits_and_its_cold_end_is_not_run():
    cells = {(cell.temperature, cell.variant): cell for cell in exact("text")}
    assert cells[0.5, "published"].within_reach
    assert cells[0.7, "published"].epsilon == 0.1
    coldest = cells[0.1, "published"]
    assert not coldest.within_reach
    assert coldest.expected_draws > 1e16


@pytest.mark.slow
def test_the_whole_plan_fits_its_time():
    """Expected draws at ten nanoseconds and two threads, well inside two minutes and thirty seconds."""
    for effort, seconds in ((FULL, 45), (QUICK, 8)):
        cells = [cell for name in (*SUITE, "text") for cell in exact(name, effort)]
        assert sum(cell.weight for cell in cells if cell.within_reach) * 10e-9 / 2 < seconds


def test_early_exit_only_where_it_is_another_procedure():
    assert {cell.temperature for cell in exact("near") if cell.variant == "early exit"} == {0.2, 0.1}


def test_the_judge_is_asked_for_less_than_the_known_bias():
    for cell in batch("peaked9"):
        probs = parse_base("peaked9").probs
        law = simtemp.batch_law(probs, round(1 / cell.temperature), cell.options["batch_size"])
        tv = simtemp.total_variation(law, simtemp.temper(probs, cell.temperature))
        assert cell.epsilon <= min(0.01, tv / 2)
        assert cell.bound_outputs > 0


def test_on_a_symmetric_base_the_absence_of_bias_is_to_be_proved():
    for cell in batch("uniform:10"):
        assert (cell.epsilon, cell.bound_outputs, cell.max_samples) == (0.01, 0, MAX_SAMPLES)


def test_laws_that_would_take_minutes_are_not_asked_for():
    rng = np.random.default_rng(0)
    wide = simtemp.Categorical(rng.dirichlet(np.ones(200_000)), name="wide")
    assert list(batch_cells("wide", wide, 0, FULL)) == []


@pytest.mark.slow
def test_every_cell_has_its_own_seed_and_key():
    cells = [
        cell for name in (*SUITE, "text") for cell in (*exact(name), *(batch(name, QUICK) if name == "near" else ()))
    ]
    assert len({cell.key for cell in cells}) == len(cells)
    assert len({cell.seed for cell in cells}) == len(cells)
    assert {cell.seed for cell in exact("near", seed=1)}.isdisjoint(cell.seed for cell in exact("near"))
    assert [cell.seed for cell in exact("near", QUICK)] == [cell.seed for cell in exact("near")]


def test_bound_outputs_grow_like_the_square():
    assert bound_outputs(0.01, 1e9) == pytest.approx(100 * bound_outputs(0.1, 1e9), rel=0.01)
    assert bound_outputs(0.01, 1000) == 1000
    assert bound_outputs(1.0, 1e9) == 5000


def test_commands_of_a_cell():
    cell = next(cell for cell in exact("near") if cell.variant == "early exit")
    assert shlex.split(verify_command(cell)) == [
        "simtemp", "verify", "collision", "--base", "near", "-T", "0.2", "--early-exit", "--epsilon", "0.01", "--seed", str(cell.seed),
    ]  # fmt: skip
    biased = batch("near")[0]
    assert shlex.split(law_command(biased)) == ["simtemp", "law", "--base", "near", "-T", "0.5", "--batch-size", "200"]
    assert bound_command(biased).startswith('python -c "import simtemp, verify; ')


def test_a_base_with_quotes_survives_the_shell():
    from dataclasses import replace

    cell = replace(batch("near")[0], base='file:it\'s "mine" $HOME.csv')
    assert shlex.split(verify_command(cell))[4] == cell.base
    program = shlex.split(bound_command(cell))[2]
    assert repr(cell.base) in program


def test_the_command_of_a_cost_prints_it(capsys):
    from figures.deviation import draws_deviation

    cell = next(cell for cell in exact("two") if (cell.temperature, cell.variant) == (0.2, "early exit"))
    exec(compile(shlex.split(cost_command(cell))[2], "command", "exec"), {})
    deviation = draws_deviation(parse_base("two").probs, 0.2, early_exit=True)
    assert list(map(float, capsys.readouterr().out.split())) == [cell.expected_draws, deviation]


def test_the_command_of_a_pilot_prints_what_it_found(capsys):
    cell = next(cell for cell in exact("two") if cell.sampler == "duel")
    exec(compile(shlex.split(pilot_command(cell))[2], "command", "exec"), {})
    assert float(capsys.readouterr().out) == cell.expected_draws
