"""Making a report on disk: results and pictures are written as they come, the page at the end."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from figures.adaptive_results import read_results
from figures.error import BATCH_SIZES
from figures.explorer import BASES as EXPLORER_BASES
from figures.explorer import Grid, grid_of
from figures.gallery import GALLERY, Entry, plot_command, settings
from figures.laws import law_at_hand
from figures.picture import render
from figures.report.adaptive import adaptive_pictures
from figures.report.captions import CAPTIONS
from figures.report.display import Watcher, silent
from figures.report.page import render_page
from figures.report.plan import FULL, QUICK, Effort
from figures.report.planted import fault_names
from figures.report.results import Results, table
from figures.report.run import run
from simtemp.arguments import whole_number
from simtemp.base import SUITE, Categorical, parse_base
from simtemp.console import plain
from simtemp.simulation import available_cores
from simtemp.whole_file import write_whole

SAVE_EVERY = 2.0
"""Seconds between two writings of the results."""
STAGE = {
    "exact": "exact samplers judged",
    "batch": "batch samplers judged",
    "fault": "planted faults judged",
    "figure": "pictures drawn",
    "explorer": "bases of the explorer computed",
    "calm": "text decoded",
    "adaptive": "pictures of adaptive decoding drawn",
}


def write_report(
    folder: str | Path = "report",
    *,
    bases: Sequence[str] | None = None,
    seed: int = 0,
    quick: bool = False,
    threads: int | None = None,
    calm: str | None = None,
    adapt: str | None = None,
    effort: Effort | None = None,
    watcher: Watcher = silent,
) -> Path:
    """Run the samplers, judge, measure, draw, and write ``index.html``, ``results.json`` and the pictures.

    Parameters
    ----------
    folder : path
        Made if it is not there; files of an earlier report in it are replaced.
    bases : sequence of str, optional
        Base specifications; the small suite and `text` if left out.
    seed : int
        The same seed gives the same numbers, on any number of threads.
    quick : bool
        Certificates of 0.02 instead of 0.01 on the suite, fewer cells, fewer outputs.
    threads : int or None
        None: all cores this process may use.
    calm : str, optional
        Directory of a trained language model: adds a section on what a temperature buys on text.
    adapt : str, optional
        Directory of results of ``simtemp adapt evaluate``: adds a section on adaptive decoding.
    effort : Effort, optional
        Sizes and limits other than those of `quick`.
    watcher : callable
        Told (stage, done, total).

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    ValueError
        For a base that cannot be read, a seed or number of threads out of range, or a directory without a model or without results.
    OSError
        If the folder cannot be written. Results so far stay in ``results.json``, as they do after Ctrl-C.

    Notes
    -----
    Under two minutes on two idle cores, under half a minute with `quick`; less than a minute more with `calm`. Cells out
    of reach are planned away by their expected cost, and neither cells nor planted faults are begun when the time is up (`Effort`).
    """
    names = list(dict.fromkeys(bases or (*SUITE, "text")))
    known = {name: parse_base(name) for name in names}
    workers = available_cores() if threads is None else whole_number(threads, "threads", 1, 1024)
    chosen = effort or (QUICK if quick else FULL)
    results = Results(
        command=_report_command(bases, whole_number(seed, "seed"), quick, calm=calm, adapt=adapt),
        seed=seed,
        quick=quick,
        threads=workers,
        bases={name: int((base.probs > 0).sum()) for name, base in known.items()},
        effort=chosen,
        adaptive=None if adapt is None else read_results(adapt),
    )
    if calm is not None:
        from simtemp.calm import from_pretrained

        from_pretrained(calm)  # refuse a bad directory before the work, not after it
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    pictures = [
        (entry, arguments)
        for entry, arguments in chosen_pictures(known, bases, seed, quick)
        if entry.name not in chosen.left_out
    ]
    shown = {entry.name: arguments["bases"] if bases and not entry.of_judge else None for entry, arguments in pictures}
    faults = fault_names(chosen.faults, chosen.faults_left_out)
    results.faults, judged, tried = len(faults), 0, 0
    explored = explored_bases(known.values() if bases else map(parse_base, EXPLORER_BASES), chosen.explorer)
    drawn: dict[str, tuple[str, str]] = {}
    order: dict[str, list[str]] = {name: [] for name in names}
    began = saved = time.monotonic()

    def save() -> None:
        results.seconds = time.monotonic() - began
        text = json.dumps(plain(results.plain()), ensure_ascii=False, indent=1)
        write_whole(place / "results.json", text.encode())

    planned = {"exact": 0, "batch": 0}
    unplanned = 2 * len(names)
    try:
        for outcome in run(known, pictures, faults, seed, chosen, workers, explored):
            if outcome.kind == "plan":
                unplanned -= 1
                order[outcome.key] += [cell.key for cell in outcome.result]
                for cell in outcome.result:
                    planned[cell.method] += 1
            elif outcome.kind == "figure":
                entry = GALLERY[outcome.key]
                drawn[entry.name] = _draw(entry, outcome.result, place)
                results.figures[entry.name] = _described(
                    entry, outcome.result, seed=seed, quick=quick, bases=shown[entry.name]
                )
                watcher(STAGE["figure"], len(drawn), len(pictures))
            elif outcome.kind == "fault":
                judged += 1
                if outcome.result is not None:
                    results.planted[outcome.key] = outcome.result
                watcher(STAGE["fault"], judged, len(faults))
            elif outcome.kind == "explorer":
                tried += 1
                if outcome.result is not None:
                    results.explored[outcome.key] = outcome.result
                watcher(STAGE["explorer"], tried, len(explored))
            else:
                method = outcome.result.method
                results.records[outcome.key] = outcome.result
                watcher(
                    STAGE[method],
                    sum(r.method == method for r in results.records.values()),
                    planned[method] + (unplanned > 0),
                )
            if time.monotonic() - saved > SAVE_EVERY:
                save()
                saved = time.monotonic()
        for method, count in planned.items():
            watcher(STAGE[method], count, count)
        if calm is not None:
            entry = GALLERY["calm"]
            data = entry.data(
                **settings(entry, model=calm, seed=seed, quick=quick),
                progress=lambda done, total: watcher(STAGE["calm"], done, total),
            )
            drawn[entry.name] = _draw(entry, data, place)
            results.figures[entry.name] = _described(entry, data, seed=seed, quick=quick, model=calm)
        if adapt is not None:
            adaptive = list(adaptive_pictures(adapt))
            for done, (entry, data) in enumerate(adaptive, 1):
                drawn[entry.name] = _draw(entry, data, place)
                results.figures[entry.name] = _described(entry, data, results=adapt)
                watcher(STAGE["adaptive"], done, len(adaptive))
    finally:
        # Whatever ended it: what was finished is kept, in the order of the page.
        page_order = sorted(
            (key for name in names for key in order[name]), key=lambda key: not key.startswith("exact/")
        )
        results.records = {key: results.records[key] for key in page_order if key in results.records}
        results.planted = {name: results.planted[name] for name in faults if name in results.planted}
        results.figures = {name: results.figures[name] for name in GALLERY if name in results.figures}
        results.explored = {
            base.name: results.explored[base.name] for base, _ in explored if base.name in results.explored
        }
        save()
    results.complete = True
    results.seconds = time.monotonic() - began
    page = write_whole(place / "index.html", render_page(results, drawn).encode())
    save()
    watcher("page written", 1, 1)
    return page


def chosen_pictures(
    known: Mapping[str, Categorical], bases: Sequence[str] | None, seed: int, quick: bool
) -> list[tuple[Entry, dict[str, Any]]]:
    """Which pictures, with their settings.

    The error of the batch sampler is drawn only for bases whose exact laws are at hand; what is about the judge has its own bases.
    """
    chosen = [
        (entry, settings(entry, bases=None if entry.of_judge else bases, seed=seed, quick=quick))
        for entry in GALLERY.values()
        if not (entry.of_model or entry.of_results)
    ]
    largest = max(BATCH_SIZES)
    for entry, arguments in chosen:
        if entry.name == "error" and bases:
            arguments["bases"] = tuple(name for name in arguments["bases"] if law_at_hand(known[name].probs, largest))
    return [(entry, arguments) for entry, arguments in chosen if arguments["bases"]]


def explored_bases(bases: Iterable[Categorical], grids: Sequence[Grid]) -> list[tuple[Categorical, Grid]]:
    """Bases that the explorer can hold, each with its grid."""
    return [(base, grid) for base in bases if (grid := grid_of(base.probs, grids)) is not None]


def _draw(entry: Entry, data: Any, place: Path) -> tuple[str, str]:
    """Write a picture's files; the SVGs for a wide and for a narrow page."""
    wide = entry.draw(data)
    svg = render(wide, "svg")
    write_whole(place / f"{entry.name}.svg", svg)
    write_whole(place / f"{entry.name}.png", render(wide, "png"))
    return svg.decode(), render(entry.draw(data, narrow=True), "svg").decode()


def _described(entry: Entry, data: Any, **given: Any) -> dict[str, Any]:
    caption = CAPTIONS[entry.name](data)
    numbers = {part.name: getattr(data, part.name) for part in fields(data)}
    return {
        "title": caption.title,
        "caption": caption.text,
        "alternative": caption.alternative,
        "command": plot_command(entry, f"{entry.name}.svg", **given),
        "files": [f"{entry.name}.svg", f"{entry.name}.png"],
        "data": {name: table(value) if hasattr(value, "columns") else value for name, value in numbers.items()},
    }


def _report_command(bases: Sequence[str] | None, seed: int, quick: bool, **given: str | None) -> str:
    chosen = [word for base in bases or () for word in ("--base", base)]
    more = ["--quick"] if quick else []
    more += [word for name, value in given.items() if value is not None for word in (f"--{name}", value)]
    return shlex.join(["simtemp", "report", *chosen, "--seed", str(seed), *more])
