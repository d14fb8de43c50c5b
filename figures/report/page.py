"""The page: results and pictures in one HTML file that needs nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from figures.calm_points import WAYS
from figures.choice import METHOD_NAMES, in_short
from figures.cost import DRAWS_A_SECOND
from figures.gallery import GALLERY, Entry
from figures.report import form
from figures.report.adaptive import adaptive_section
from figures.report.explorer import explorer_section
from figures.report.measure import NOT_RUN, OUT_OF_TIME, STOPPED, Record
from figures.report.plan import DUEL, SYMMETRIC
from figures.report.results import Results, versions
from figures.report.summary import summarise
from figures.report.theme import colour_rules, themed_svg

TEMPLATES = Path(__file__).parent.parent / "templates"


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
    heat : float
        Strength of the background, 0 to 1.
    """

    look: str
    text: str
    note: str
    title: str
    anchor: str
    heat: float = 0.0


def render_page(results: Results, drawn: Mapping[str, tuple[str, str]]) -> str:
    """The whole page.

    Parameters
    ----------
    results : Results
        What was found.
    drawn : mapping
        By picture name, its SVG for a wide and for a narrow page.

    Returns
    -------
    str
        HTML that asks for nothing from outside.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=form.number, at_most=form.at_most, at_least=form.at_least, whole=form.whole, duration=form.duration,
        temperature=form.temperature, chance=form.chance, anchor=anchor,
    )  # fmt: skip
    records = list(results.records.values())
    exact = [record for record in records if record.method == "exact"]
    batch = [record for record in records if record.method == "batch"]
    pictures, light, dark = _pictures(results, drawn)
    return environment.get_template("report.html.j2").render(
        results=results,
        summary=summarise(records),
        exact=exact,
        batch=batch,
        exact_matrix=exact_matrix(exact),
        batch_matrix=batch_matrix(batch),
        choice=choice_boards(results),
        pictures=[picture for picture in pictures if not _own_section(GALLERY[picture["name"]])],
        judge_pictures=[picture for picture in pictures if GALLERY[picture["name"]].of_judge],
        calm=next(
            ({**picture, "table": calm_table(picture)} for picture in pictures if picture["name"] == "calm"), None
        ),
        adaptive=adaptive_section(
            results.adaptive, [picture for picture in pictures if GALLERY[picture["name"]].of_results]
        ),
        gallery=results.gallery(),
        explorer=explorer_section(list(results.explored.values())),
        light=light,
        dark=dark,
        versions=versions(),
        pace=DRAWS_A_SECOND,
    )


def _own_section(entry: Entry) -> bool:
    return entry.of_judge or entry.of_model or entry.of_results


def anchor(key: str) -> str:
    """A cell's key as the id of an element."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", key)


def exact_matrix(records: Sequence[Record]) -> dict[str, Any]:
    """Bases by temperatures, with a mark for each way the exact sampler was run."""
    temperatures = sorted({record.temperature for record in records}, reverse=True)
    rows = []
    for base in dict.fromkeys(record.base for record in records):
        mine = [record for record in records if record.base == base]
        cells = [exact_marks([record for record in mine if record.temperature == t]) for t in temperatures]
        rows.append({"base": base, "categories": mine[0].categories, "cells": cells})
    return {"columns": temperatures, "rows": rows}


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
    """What was proved of one cell of the exact sampler."""
    early = "" if record.variant == "published" else record.variant
    where = f"{record.base} at {form.temperature(record.temperature)}, {record.variant}"
    if record.status == "EQUIVALENT":
        assert record.tv_upper is not None
        return Mark(
            "good", f"≤ {form.at_most(record.tv_upper)}", early, f"{where}. {record.sentence}", anchor(record.key)
        )
    if record.status == "REJECT":
        assert record.tv_lower is not None
        return Mark(
            "bad", f"≥ {form.at_least(record.tv_lower)}", early, f"{where}. {record.sentence}", anchor(record.key), 1.0
        )
    if record.status == "INCONCLUSIVE":
        assert record.tv_upper is not None
        return Mark(
            "open", f"≤ {form.at_most(record.tv_upper)}", early, f"{where}. {record.sentence}", anchor(record.key)
        )
    draws = f"{form.number(record.expected_draws)} draws"
    title = f"{where}: {record.reason}. One output costs {form.number(record.expected_draws)} base draws."
    return Mark("none", draws, f"{early} {_left_out(record)}".strip(), title, anchor(record.key))


def _left_out(record: Record) -> str:
    return "stopped" if record.status == STOPPED else record.reason if record.reason == OUT_OF_TIME else "not run"


def batch_matrix(records: Sequence[Record]) -> dict[str, Any]:
    """Bases by batch size and temperature, with the exact error."""
    columns = list(dict.fromkeys((record.variant, record.temperature) for record in records))
    groups = [(variant, sum(v == variant for v, _ in columns)) for variant in dict.fromkeys(v for v, _ in columns)]
    rows = []
    for base in dict.fromkeys(record.base for record in records):
        mine = {(record.variant, record.temperature): record for record in records if record.base == base}
        rows.append(
            {"base": base, "cells": [batch_mark(mine[column]) if column in mine else None for column in columns]}
        )
    return {"groups": groups, "columns": columns, "rows": rows}


def batch_mark(record: Record) -> Mark:
    """The exact error of one cell of the batch sampler, and whether the judge proved it."""
    assert record.tv_exact is not None
    where = f"{record.base} at {form.temperature(record.temperature)}, {record.variant}"
    if record.tv_exact <= SYMMETRIC:
        proved = "proved unbiased" if record.status == "EQUIVALENT" else record.status.lower()
        return Mark(
            "good",
            "0",
            "symmetric",
            f"{where}: the base is symmetric, no bias is possible; {proved}",
            anchor(record.key),
        )
    proved = {"REJECT": "proved biased", NOT_RUN: "not run", STOPPED: "stopped"}.get(
        record.status, record.status.lower()
    )
    warm = record.effective_temperature
    note = "" if warm is None or warm != warm else f"acts like {form.number(warm, 2)}"
    title = f"{where}: exact total variation {form.number(record.tv_exact)}, {proved}; {note}"
    heat = min(1.0, max(0.12, 1.0 + 0.4 * math.log10(record.tv_exact)))
    return Mark(
        "bad" if record.status == "REJECT" else "open",
        form.number(record.tv_exact, 2),
        note,
        title,
        anchor(record.key),
        heat,
    )


CHOICE_LOOK = {"one draw": "none", "duel": "good", "duel in N": "open", "corrected": "open", "chain": "open"}


def choice_boards(results: Results) -> dict[str, Any] | None:
    """Temperatures by budgets for each base, with the method to use, and the numbers with their commands."""
    if "choice" not in results.figures:
        return None
    found = results.figures["choice"]
    columns = found["data"]["table"]
    table = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    temperatures, budgets = (list(dict.fromkeys(columns[name])) for name in ("temperature", "budget"))
    boards = []
    for base in dict.fromkeys(columns["base"]):
        fields = {(row["temperature"], row["budget"]): row for row in table if row["base"] == base}
        rows = [{"temperature": t, "marks": [_choice_mark(fields[t, n]) for n in budgets]} for t in temperatures]
        boards.append({"base": base, "rows": rows})
    unique = list({row["command"]: row for row in table}.values())
    return {"boards": boards, "budgets": budgets, "table": unique, "names": METHOD_NAMES, **found}


def _choice_mark(row: Mapping[str, Any]) -> Mark:
    note, spent = in_short(dict(row)), row["mean_draws"]
    if row["method"] == "duel":
        note += f", 99 % ≤ {form.number(row['draws_q99'])}"
    if row["method"] == "chain":
        note += f", {form.number(spent)} draws"
    title = f"{row['base']} at {form.temperature(row['temperature'])}: {row['command']}"
    return Mark(CHOICE_LOOK[row["method"]], METHOD_NAMES[row["method"]], note, title, "choice-numbers")


def calm_table(picture: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The points of the picture of a language model, by rows."""
    columns = picture["data"]["points"]
    return [
        {**dict(zip(columns, row, strict=True)), "name": WAYS[row[list(columns).index("way")]]}
        for row in zip(*columns.values(), strict=True)
    ]


def _pictures(results: Results, drawn: Mapping[str, tuple[str, str]]) -> tuple[list[dict[str, Any]], str, str]:
    colours: dict[str, str] = {}
    pictures = []
    for name, described in results.figures.items():
        if name == "choice":
            continue  # stands in the page as a table
        wide, found = themed_svg(drawn[name][0], name)
        narrow, found_narrow = themed_svg(drawn[name][1], f"{name}-narrow")
        colours |= found | found_narrow
        pictures.append({"name": name, **described, "wide": wide, "narrow": narrow})
    return pictures, *colour_rules(colours)
