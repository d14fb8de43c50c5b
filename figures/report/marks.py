"""The entries of the page's matrices: what was proved of a cell, in a few characters, and where its numbers stand."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from figures.choice import METHOD_NAMES, in_short
from figures.report import form
from figures.report.measure import NOT_RUN, OUT_OF_TIME, STOPPED, Record
from figures.report.plan import DUEL, SYMMETRIC

VERDICTS = ("EQUIVALENT", "INCONCLUSIVE", "REJECT", STOPPED, NOT_RUN)
"""In the order of a column sorted by verdict: proved right, undecided, proved wrong, not known."""
CHOICE_LOOK = {"one draw": "none", "duel": "good", "duel in N": "open", "corrected": "open", "chain": "open"}


@dataclass(frozen=True)
class Mark:
    """One entry of a matrix.

    Attributes
    ----------
    look : str
        CSS class: "good", "bad", "open" or "none".
    text, note : str
        What it says, and in small below.
    title : str
        The whole sentence.
    anchor : str
        Row of the table it points to.
    order : float
        Its place in a sorted column.
    heat : float
        Strength of the background, 0 to 1.
    """

    look: str
    text: str
    note: str
    title: str
    anchor: str
    order: float
    heat: float = 0.0


def anchor(key: str) -> str:
    """A cell's key as the id of an element.

    Examples
    --------
    >>> anchor("batch/N = 20/two:0.8/0.5")
    'batch-N-20-two-0.8-0.5'
    """
    return re.sub(r"[^A-Za-z0-9.-]+", "-", key)


def verdict_order(status: str) -> int:
    """The place of a verdict in a sorted column.

    Examples
    --------
    >>> sorted(["REJECT", "NOT RUN", "EQUIVALENT"], key=verdict_order)
    ['EQUIVALENT', 'REJECT', 'NOT RUN']
    """
    return VERDICTS.index(status)


def exact_marks(records: Sequence[Record]) -> list[Mark]:
    """One mark a way of running the sampler; a single one if none of them was run."""
    collision = [record for record in records if record.variant != DUEL]
    if len(collision) < len(records):
        return [*exact_marks(collision), *(exact_mark(record) for record in records if record.variant == DUEL)]
    marks = [exact_mark(record) for record in records]
    if len(records) == 2 and all(record.status == NOT_RUN for record in records):
        note = f"early exit {form.number(records[1].expected_draws)}; {_left_out(records[0])}"
        return [replace(marks[0], note=note, title=f"{marks[0].title} {marks[1].title}")]
    return marks


def exact_mark(record: Record) -> Mark:
    """What was proved of one cell of the exact sampler; sorted by verdict, then by what was proved or what an output costs."""
    early = "" if record.variant == "published" else record.variant
    where = f"{record.base} at {form.temperature(record.temperature)}, {record.variant}"
    rank, target = verdict_order(record.status), anchor(record.key)
    if record.status in ("EQUIVALENT", "INCONCLUSIVE"):
        assert record.tv_upper is not None
        look, text = "good" if record.status == "EQUIVALENT" else "open", f"≤ {form.at_most(record.tv_upper)}"
        return Mark(look, text, early, f"{where}. {record.sentence}", target, rank + record.tv_upper / 2)
    if record.status == "REJECT":
        assert record.tv_lower is not None
        text, order = f"≥ {form.at_least(record.tv_lower)}", rank + record.tv_lower / 2
        return Mark("bad", text, early, f"{where}. {record.sentence}", target, order, 1.0)
    draws = f"{form.number(record.expected_draws)} draws"
    title = f"{where}: {record.reason}. One output costs {form.number(record.expected_draws)} base draws."
    order = len(VERDICTS) + math.log10(record.expected_draws)
    return Mark("none", draws, f"{early} {_left_out(record)}".strip(), title, target, order)


def _left_out(record: Record) -> str:
    return "stopped" if record.status == STOPPED else record.reason if record.reason == OUT_OF_TIME else "not run"


def batch_mark(record: Record) -> Mark:
    """The exact error of one cell of the batch sampler, and whether the judge proved it."""
    assert record.tv_exact is not None
    where = f"{record.base} at {form.temperature(record.temperature)}, {record.variant}"
    target = anchor(record.key)
    if record.tv_exact <= SYMMETRIC:
        proved = "proved unbiased" if record.status == "EQUIVALENT" else record.status.lower()
        return Mark(
            "good", "0", "symmetric", f"{where}: the base is symmetric, no bias is possible; {proved}", target, 0.0
        )
    proved = {"REJECT": "proved biased", NOT_RUN: "not run", STOPPED: "stopped"}.get(
        record.status, record.status.lower()
    )
    warm = record.effective_temperature
    note = "" if warm is None or warm != warm else f"acts like {form.number(warm, 2)}"
    title = f"{where}: exact total variation {form.number(record.tv_exact)}, {proved}; {note}"
    heat = min(1.0, max(0.12, 1.0 + 0.4 * math.log10(record.tv_exact)))
    look = "bad" if record.status == "REJECT" else "open"
    return Mark(look, form.number(record.tv_exact, 2), note, title, target, record.tv_exact, heat)


def choice_mark(row: Mapping[str, Any]) -> Mark:
    """The method for a temperature and a budget."""
    note, spent = in_short(dict(row)), row["mean_draws"]
    if row["method"] == "duel":
        note += f", 99 % ≤ {form.number(row['draws_q99'])}"
    if row["method"] == "chain":
        note += f", {form.number(spent)} draws"
    title = f"{row['base']} at {form.temperature(row['temperature'])}: {row['command']}"
    method = row["method"]
    order = list(CHOICE_LOOK).index(method)
    return Mark(CHOICE_LOOK[method], METHOD_NAMES[method], note, title, "choice-numbers", order)
