"""The verdicts in one sentence, and the order of marks in a sorted column."""

import pytest

from figures.report.marks import batch_mark, exact_mark
from figures.report.measure import Record
from figures.report.summary import in_one_sentence, summarise


def record(method, status, **found):
    given = {"base": "two:0.8", "categories": 2, "temperature": 0.5, "options": {}, "epsilon": 0.01, "alpha": 1e-6}
    given |= {
        "delta": 1e-6,
        "seed": 0,
        "expected_draws": 4.0,
        "needed_draws": 1e6,
        "commands": {},
        "variant": "published",
    }
    given |= {"key": f"{method}/{len(found)}/{status}", "method": method, "status": status} | found
    return Record(**given)


RIGHT = record("exact", "EQUIVALENT", tv_upper=0.0099)
LOOSE = record("exact", "EQUIVALENT", tv_upper=0.049, epsilon=0.05, base="text")
OPEN = record("exact", "INCONCLUSIVE", tv_upper=0.02)
WRONG = record("exact", "REJECT", tv_lower=0.3)
DEAR = record("exact", "NOT RUN", reason="out of reach", expected_draws=1e10)
BIASED = record("batch", "REJECT", tv_exact=0.57)
SYMMETRIC = record("batch", "EQUIVALENT", tv_exact=1e-16)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (
            [RIGHT, LOOSE, BIASED, DEAR],
            "the exact samplers are unbiased: all 2 cells run are proved within 0.01 of their targets in total variation "
            "(0.05 on text); the batch sampler is biased, by up to 0.57; 1 cell was not run, for what a verdict would cost.",
        ),
        (
            [RIGHT, OPEN, SYMMETRIC],
            "the exact samplers are unbiased: 1 of 2 cells run are proved within 0.01 of their targets in total variation; "
            "the batch sampler has no bias on these bases.",
        ),
        ([RIGHT, WRONG], "1 of 2 checks prove a bias in an exact sampler: something is broken."),
        ([DEAR, DEAR], "no exact sampler came to a verdict; 2 cells were not run, for what a verdict would cost."),
    ],
)
def test_all_verdicts_in_a_sentence(records, said):
    assert in_one_sentence(summarise(records)) == said


def test_marks_are_ordered_by_verdict_and_then_by_size():
    marks = [exact_mark(found) for found in (RIGHT, LOOSE, OPEN, WRONG, DEAR)]
    assert [mark.order for mark in marks] == sorted(mark.order for mark in marks)
    assert batch_mark(SYMMETRIC).order < batch_mark(BIASED).order == 0.57
