"""The page: results and pictures in one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from figures.calm_points import WAYS
from figures.cost import DRAWS_A_SECOND
from figures.gallery import GALLERY
from figures.report import form
from figures.report.adaptive import adaptive_section
from figures.report.explorer import explorer_section
from figures.report.marks import anchor, verdict_order
from figures.report.matrices import batch_matrix, choice_boards, exact_matrix
from figures.report.results import Results, versions
from figures.report.summary import in_one_sentence, summarise
from figures.report.theme import colour_rules, themed_svg

TEMPLATES = Path(__file__).parent.parent / "templates"


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
        temperature=form.temperature, chance=form.chance, anchor=anchor, verdict_order=verdict_order,
    )  # fmt: skip
    records = list(results.records.values())
    exact = [record for record in records if record.method == "exact"]
    batch = [record for record in records if record.method == "batch"]
    summary = summarise(records)
    parts, light, dark = _pictures(results, drawn)
    return environment.get_template("report.html.j2").render(
        results=results,
        summary=summary,
        sentence=in_one_sentence(summary),
        exact=exact,
        batch=batch,
        exact_matrix=exact_matrix(exact),
        batch_matrix=batch_matrix(batch),
        choice=choice_boards(results.figures),
        parts=parts,
        calm=next(({**picture, "table": calm_table(picture)} for picture in parts["text"]), None),
        adaptive=adaptive_section(results.adaptive, parts["adaptive"]),
        gallery=results.gallery(),
        explorer=explorer_section(list(results.explored.values())),
        light=light,
        dark=dark,
        versions=versions(),
        pace=DRAWS_A_SECOND,
    )


def calm_table(picture: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The points of the picture of a language model, by rows."""
    columns = picture["data"]["points"]
    return [
        {**dict(zip(columns, row, strict=True)), "name": WAYS[row[list(columns).index("way")]]}
        for row in zip(*columns.values(), strict=True)
    ]


def part_of(name: str) -> str:
    """The part of the page a picture stands in.

    Examples
    --------
    >>> [part_of(name) for name in ("cost", "rules", "nulls", "calm", "adaptive-world")]
    ['cost', 'error', 'judge', 'text', 'adaptive']
    """
    entry = GALLERY[name]
    if entry.of_judge:
        return "judge"
    if entry.of_model:
        return "text"
    if entry.of_results:
        return "adaptive"
    return "error" if "batch_sizes" in entry.takes else "cost"


def _pictures(
    results: Results, drawn: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, list[dict[str, Any]]], str, str]:
    colours: dict[str, tuple[str, str]] = {}
    parts: dict[str, list[dict[str, Any]]] = {part_of(name): [] for name in GALLERY}
    for name, described in results.figures.items():
        if name == "choice":
            continue  # stands in the page as a table
        wide, found = themed_svg(drawn[name][0], name)
        narrow, found_narrow = themed_svg(drawn[name][1], f"{name}-narrow")
        colours |= found | found_narrow
        parts[part_of(name)].append({"name": name, **described, "wide": wide, "narrow": narrow})
    return parts, *colour_rules(colours)
