from dataclasses import replace

import pytest

from figures.report.measure import Stopped
from figures.report.plan import FULL, QUICK
from figures.report.planted import fault_names, gallery_command, judge_fault
from verify.faults import GALLERY
from verify.gallery import run_gallery


def plain(row):
    return {**row.record(), "seconds": 0}


@pytest.mark.slow
def test_a_row_is_that_of_the_whole_gallery():
    rows = run_gallery(GALLERY[:3], max_samples=2_000_000, rng=7)
    assert plain(judge_fault(GALLERY[1].name, 7, lambda: None)) == plain(rows[1])
    assert gallery_command(7) == "simtemp verify --gallery --seed 7"


def test_the_full_report_judges_all_and_the_quick_one_some():
    assert fault_names(FULL.faults) == tuple(fault.name for fault in GALLERY)
    shown = fault_names(FULL.faults, FULL.faults_left_out)
    assert len(shown) == len(GALLERY) - len(FULL.faults_left_out)
    assert not set(shown) & set(FULL.faults_left_out)
    kinds = {fault.kind for fault in GALLERY if fault.name in fault_names(QUICK.faults)}
    assert kinds == {"law", "dependence", "cost", "none"}
    assert len(fault_names(QUICK.faults)) == len(QUICK.faults)
    assert fault_names(()) == ()


def test_names_that_are_not_there():
    with pytest.raises(ValueError, match="faults must be names of the gallery, got 'nothing'"):
        fault_names(replace(QUICK, faults=("nothing",)).faults)
    with pytest.raises(ValueError, match="faults must be names of the gallery, got 'nothing'"):
        fault_names(None, ("nothing",))


def test_it_can_be_stopped():
    def check():
        raise Stopped("interrupted")

    with pytest.raises(Stopped):
        judge_fault("inverse-cdf", 0, check)
