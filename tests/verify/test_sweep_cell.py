"""The cell `verify` gives the judge's verdict."""

import json
from pathlib import Path

import pytest

import verify
from simtemp.base import parse_base
from simtemp.sweep.cell import Cell, make_cell
from simtemp.sweep.outcome import run_cell
from simtemp.tempering import temper
from verify.sweep_cell import verify_cell


def cell(**given: object) -> Cell:
    kind = verify_cell
    kind.check_names(given)
    checked = {name: kind.parameters[name].check(value, name) for name, value in given.items()}
    settled = kind.settle({**kind.defaults(), **checked})
    return make_cell("verify", "verify.sweep_cell:verify_cell", kind.version, settled)


def test_a_verdict_is_that_of_check_sampler_for_its_run_seed() -> None:
    outcome = run_cell(cell(base="two:0.8", temperature=0.5, method="collision", epsilon=0.05))
    result = json.loads(outcome.result)
    assert (outcome.status, result["verdict"]) == ("done", "EQUIVALENT")
    target = temper(parse_base("two:0.8").probs, 0.5)
    again = verify.check_sampler(
        verify.simulated("collision", "two:0.8", 0.5), target, 0.05, rng=result["run_seed"], alpha=1e-6, delta=1e-6
    )
    assert (result["n"], result["tv_upper"], result["log_e"]) == (again.n, again.tv_upper, again.log_e)


def test_a_biased_method_is_rejected() -> None:
    # The published rule with 5 draws of a coin of 0.8 at T = 0.5 is 8 % off.
    outcome = run_cell(cell(base="two:0.8", temperature=0.5, method="batch", batch_size=5, rule="published"))
    assert json.loads(outcome.result)["verdict"] == "REJECT"


def test_what_cannot_be_paid_fails_before_it_begins(tmp_path: Path) -> None:
    outcome = run_cell(cell(base="peaked9", temperature=0.01, method="collision"))
    assert outcome.status == "failed"
    assert "base draws an output" in outcome.result


def test_bad_parameters_are_named() -> None:
    with pytest.raises(ValueError, match=r"epsilon must be in \(0, 1\), got 2"):
        cell(base="two", temperature=0.5, epsilon=2)
