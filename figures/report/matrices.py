"""The matrices of the page: bases by temperatures, bases by batch sizes, temperatures by budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from figures.choice import METHOD_NAMES
from figures.report.marks import batch_mark, choice_mark, exact_marks
from figures.report.measure import Record


def exact_matrix(records: Sequence[Record]) -> dict[str, Any]:
    """Bases by temperatures, with a mark for each way the exact sampler was run."""
    temperatures = sorted({record.temperature for record in records}, reverse=True)
    rows = []
    for base in dict.fromkeys(record.base for record in records):
        mine = [record for record in records if record.base == base]
        cells = [exact_marks([record for record in mine if record.temperature == t]) for t in temperatures]
        rows.append({"base": base, "categories": mine[0].categories, "cells": cells})
    return {"columns": temperatures, "rows": rows}


def batch_matrix(records: Sequence[Record]) -> dict[str, Any]:
    """Bases by batch size and temperature, with the exact error."""
    columns = list(dict.fromkeys((record.variant, record.temperature) for record in records))
    groups = [(variant, sum(v == variant for v, _ in columns)) for variant in dict.fromkeys(v for v, _ in columns)]
    rows = []
    for base in dict.fromkeys(record.base for record in records):
        mine = {(record.variant, record.temperature): record for record in records if record.base == base}
        cells = [[batch_mark(mine[column])] if column in mine else [] for column in columns]
        rows.append({"base": base, "cells": cells})
    return {"groups": groups, "columns": columns, "rows": rows}


def choice_boards(figures: Mapping[str, Any]) -> dict[str, Any] | None:
    """Temperatures by budgets for each base, with the method to use, and the numbers with their commands."""
    if "choice" not in figures:
        return None
    found = figures["choice"]
    columns = found["data"]["table"]
    table = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    temperatures, budgets = (list(dict.fromkeys(columns[name])) for name in ("temperature", "budget"))
    boards = []
    for base in dict.fromkeys(columns["base"]):
        fields = {(row["temperature"], row["budget"]): row for row in table if row["base"] == base}
        rows = [{"temperature": t, "cells": [[choice_mark(fields[t, n])] for n in budgets]} for t in temperatures]
        boards.append({"base": base, "rows": rows})
    unique = list({row["command"]: row for row in table}.values())
    return {"boards": boards, "budgets": budgets, "table": unique, "names": METHOD_NAMES, **found}
