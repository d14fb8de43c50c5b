"""The gallery: every planted fault is rejected, every harmless change accepted, and when is as predicted."""

import json
from dataclasses import replace

import pytest
from scipy.stats import binom

from verify.faults import GALLERY
from verify.gallery import expected_statuses, run_gallery, summary

BY_NAME = {fault.name: fault for fault in GALLERY}
SOME = [
    BY_NAME[name] for name in ("modulo-bias", "uniform-that-is-zero", "every-output-twice", "one-draw-counted-twice")
]


@pytest.fixture(scope="module")
def some_rows():
    return run_gallery([*SOME, BY_NAME["inverse-cdf"]])


@pytest.mark.slow
def test_rows_say_what_the_judge_saw(some_rows) -> None:
    assert all(row.ok for row in some_rows)
    assert [row.status for row in some_rows] == ["REJECT"] * 4 + ["EQUIVALENT"]
    caught = [row.caught_by for row in some_rows]
    assert caught[:2] == ["law", "zero probability"]
    assert caught[2].startswith("dependence")
    assert caught[3:] == ["cost", None]
    assert [row.prediction is not None for row in some_rows] == [True, True, False, False, False]


def test_records_are_flat_and_go_into_json(some_rows) -> None:
    records = [row.record() for row in some_rows]
    assert json.loads(json.dumps(records, allow_nan=False)) == records
    first = records[0]
    assert first["predicted_low"] <= first["predicted_median"] <= first["predicted_high"]
    assert first["log10_e"] >= 6
    assert records[1]["log10_e"] is None
    assert records[2]["tv"] is None
    assert records[4]["tv"] == 0


def test_summary_counts(some_rows) -> None:
    text = summary(some_rows)
    assert text.startswith("4 of 4 wrong samplers rejected, 1 of 1 harmless changes accepted")
    assert "of 2 rejections" in text
    assert "Not as it should be" not in text


@pytest.mark.slow
def test_a_verdict_that_should_not_be_is_named() -> None:
    """A fault that claims to be harmless, and one that the budget does not suffice for."""
    liar = replace(BY_NAME["modulo-bias"], kind="none")
    slow = BY_NAME["exponent-1-percent-high"]
    rows = run_gallery([liar, slow], max_samples=5000)
    assert [(row.status, row.ok) for row in rows] == [("REJECT", False), ("INCONCLUSIVE", False)]
    assert summary(rows).endswith("Not as it should be: modulo-bias, exponent-1-percent-high.")


def test_what_is_expected() -> None:
    small = BY_NAME["modulo-bias-on-few"]
    assert expected_statuses(small, 0.01) == ("REJECT", "EQUIVALENT")
    assert expected_statuses(small, 0.009) == ("REJECT",)
    assert expected_statuses(BY_NAME["sorted"], 0.01) == ("REJECT",)
    assert expected_statuses(BY_NAME["one-draw-counted-twice"], 0.01) == ("REJECT",)
    assert expected_statuses(BY_NAME["early-exit"], 0.01) == ("EQUIVALENT",)


def test_progress_and_seeds() -> None:
    told = []
    few = [BY_NAME["bisect-left-of-counts"], BY_NAME["sorted"]]
    first = run_gallery(few, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    again, other = run_gallery(few), run_gallery(few, rng=1)
    assert [row.log_e for row in first] == [row.log_e for row in again] != [row.log_e for row in other]


@pytest.mark.slow
def test_the_whole_gallery() -> None:
    """alpha = delta = 1e-6, epsilon = 0.01, at most two million outputs, as everywhere in the documentation."""
    rows = run_gallery()
    assert [row.fault.name for row in rows if not row.ok] == []
    for row in rows:
        if row.fault.kind == "law" and row.fault.tv >= 0.01:
            assert (row.status, row.n <= 2_000_000) == ("REJECT", True), row.fault.name
        if row.fault.kind in ("dependence", "cost"):
            assert row.caught_by.startswith(row.fault.kind), row.fault.name
    # Of the faults of the law that were rejected, each falls outside its 90 % range with chance at most 0.11 (100 runs):
    # so many as this have chance 1e-6.
    judged = [row for row in rows if row.prediction is not None and row.status == "REJECT"]
    outside = [row.fault.name for row in judged if not row.prediction.low <= row.n <= row.prediction.high]
    assert len(outside) <= binom.isf(1e-6, len(judged), 0.11), outside
    assert len(judged) >= 50
