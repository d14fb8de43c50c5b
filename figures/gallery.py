"""The pictures by name: how each gets its numbers and is drawn, which settings it has, and the command that draws it again."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from figures import (
    adaptive_kinds,
    adaptive_learning,
    adaptive_places,
    adaptive_scores,
    adaptive_world,
    calm_curve,
    calm_points,
    certificate,
    choice,
    cost,
    detection,
    draws,
    error,
    evidence,
    nulls,
    rejection,
    rules,
    shapes,
    spread,
    store_lines,
    store_sweep,
)
from simtemp.arguments import shown


@dataclass(frozen=True)
class Entry:
    """One kind of picture.

    Attributes
    ----------
    name : str
        As in ``simtemp plot NAME``.
    data, draw : callable
        The numbers, and the figure made of them.
    takes : tuple of str
        Which of bases, temperatures, batch_sizes, method, model, text, results, store, x, y, by, size, seed and threads they take.
    bases : tuple of str or None
        The bases it shows unless told otherwise; None: the suite and the text. Without a meaning where it takes none.
    quick : dict
        Settings of ``--quick``.
    of_judge : bool
        Whether it is about the judge and not about the samplers.
    """

    name: str
    data: Callable[..., Any]
    draw: Callable[..., Any]
    takes: tuple[str, ...]
    bases: tuple[str, ...] | None
    quick: dict[str, Any]
    of_judge: bool = False

    @property
    def simulates(self) -> bool:
        """Whether it runs samplers (and has a seed, and takes time)."""
        return "seed" in self.takes

    @property
    def of_model(self) -> bool:
        """Whether it is about a trained model, which must be given."""
        return "model" in self.takes

    @property
    def of_results(self) -> bool:
        """Whether it is about results of ``simtemp adapt evaluate``, which must be given."""
        return "results" in self.takes

    @property
    def of_store(self) -> bool:
        """Whether it is about the store of a sweep, which must be given."""
        return "store" in self.takes


MOST_OUTPUTS = 10**9
"""A point that a picture shows has no more; past it a number of outputs is a mistake."""

_COUNTED = ("bases", "temperatures", "size", "seed")
_SIMULATED = (*_COUNTED, "threads")
_EVALUATED = ("results",)

GALLERY = {
    entry.name: entry
    for entry in (
        Entry("shapes", shapes.shapes_data, shapes.draw_shapes, ("bases", "temperatures"), shapes.BASES, {}),
        Entry(
            "rejection",
            rejection.rejection_data,
            rejection.draw_rejection,
            _SIMULATED,
            None,
            {"size": 400, "max_draws": 1e6},
        ),
        Entry("cost", cost.cost_data, cost.draw_cost, _SIMULATED, None, {"size": 400, "max_draws": 1e6}),
        Entry(
            "draws",
            draws.draws_data,
            draws.draw_draws,
            _SIMULATED,
            draws.BASES,
            {"size": 300, "max_draws": 5e5, "batches": False},
        ),
        Entry(
            "error",
            error.error_data,
            error.draw_error,
            (*_SIMULATED, "batch_sizes"),
            error.BASES,
            {"max_draws": 1e7, "batch_sizes": (20, 200)},
        ),
        Entry(
            "rules",
            rules.rules_data,
            rules.draw_rules,
            (*_SIMULATED, "batch_sizes"),
            rules.BASES,
            {"max_draws": 1e6, "batch_sizes": (50, 200)},
        ),
        Entry(
            "spread", spread.spread_data, spread.draw_spread, _SIMULATED, spread.BASES, {"size": 3000, "max_draws": 1e6}
        ),
        Entry(
            "choice",
            choice.choice_data,
            choice.draw_choice,
            (*_SIMULATED, "batch_sizes"),
            choice.BASES,
            {"size": 2000, "max_draws": 2e6},
        ),
        Entry("nulls", nulls.nulls_data, nulls.draw_nulls, _COUNTED, nulls.BASES, {"size": 100, "tables": 199}, True),
        Entry(
            "evidence",
            evidence.evidence_data,
            evidence.draw_evidence,
            (*_SIMULATED, "method"),
            evidence.BASES,
            {"runs": 2},
            True,
        ),
        Entry(
            "certificate",
            certificate.certificate_data,
            certificate.draw_certificate,
            _COUNTED,
            certificate.BASES,
            {"runs": 2},
            True,
        ),
        Entry(
            "detection",
            detection.detection_data,
            detection.draw_detection,
            _COUNTED,
            detection.BASES,
            {"size": 10, "distances": (0.3, 0.1, 0.03)},
            True,
        ),
        Entry(
            "calm",
            calm_points.calm_data,
            calm_curve.draw_calm,
            ("model", "text", "temperatures", "size", "seed"),
            None,
            {"size": 32, "max_draws": 256, "texts": 0},
        ),
        Entry("adaptive-scores", adaptive_scores.scores_data, adaptive_scores.draw_scores, _EVALUATED, None, {}),
        Entry("adaptive-kinds", adaptive_kinds.kinds_data, adaptive_kinds.draw_kinds, _EVALUATED, None, {}),
        Entry("adaptive-places", adaptive_places.places_data, adaptive_places.draw_places, _EVALUATED, None, {}),
        Entry(
            "adaptive-learning", adaptive_learning.learning_data, adaptive_learning.draw_learning, _EVALUATED, None, {}
        ),
        Entry("adaptive-world", adaptive_world.world_data, adaptive_world.draw_world, _EVALUATED, None, {}),
    )
}
"""By name, in the order of the report."""

SWEEP = Entry("sweep", store_sweep.sweep_data, store_lines.draw_sweep, ("store", "x", "y", "by", "bases"), None, {})
"""Drawn from a store, which no report has."""


def entry_of(name: str) -> Entry:
    """A picture by its name: of the report, or of a store."""
    return SWEEP if name == SWEEP.name else GALLERY[name]


def settings(
    entry: Entry,
    *,
    bases: Sequence[str] | None = None,
    temperatures: Sequence[float] | None = None,
    batch_sizes: Sequence[int] | None = None,
    method: str | None = None,
    model: str | None = None,
    text: str | None = None,
    results: str | None = None,
    store: str | None = None,
    x: str | None = None,
    y: str | None = None,
    by: str | None = None,
    size: int | None = None,
    seed: int = 0,
    quick: bool = False,
    threads: int | None = None,
) -> dict[str, Any]:
    """The keyword arguments of a picture's data: what is given, else those of ``--quick``, else its own.

    Raises
    ------
    ValueError
        For a setting that the picture does not have, or a model, results or a store that it needs.
    """
    from simtemp import SUITE

    given: dict[str, Any] = {
        "bases": None if bases is None else tuple(bases),
        "temperatures": temperatures,
        "batch_sizes": batch_sizes,
        "method": method,
        "model": model,
        "text": text,
        "results": results,
        "store": store,
        "x": x,
        "y": y,
        "by": by,
        "size": size,
    }
    given = {name: value for name, value in given.items() if value is not None and value not in ([], ())}
    if size is not None and size > MOST_OUTPUTS:
        raise ValueError(f"size must be at most {MOST_OUTPUTS:,}, got {shown(size)}")
    for name, value in given.items():
        if name not in entry.takes:
            said = name.removesuffix("s") if name in ("bases", "temperatures", "batch_sizes") else name
            raise ValueError(f"{said} is no setting of the picture {entry.name!r}, got {value!r}")
    if entry.of_model and model is None:
        raise ValueError(f"the picture {entry.name!r} is of a trained model: give its directory with --model DIR")
    if entry.of_results and results is None:
        raise ValueError(
            f"the picture {entry.name!r} is of results of `simtemp adapt evaluate`: give their directory with --results DIR"
        )
    if entry.of_store and store is None:
        raise ValueError(f"the picture {entry.name!r} is of the store of a sweep: give its file with --store FILE")
    chosen: dict[str, Any] = dict(entry.quick) if quick else {}
    if "bases" in entry.takes and not entry.of_store:
        chosen["bases"] = entry.bases or (*SUITE, "text")
    chosen.update(given)
    chosen.update({name: value for name, value in (("seed", seed), ("threads", threads)) if name in entry.takes})
    return chosen


def plot_command(
    entry: Entry,
    output: str,
    *,
    bases: Sequence[str] | None = None,
    model: str | None = None,
    results: str | None = None,
    seed: int = 0,
    quick: bool = False,
) -> str:
    """The command that draws a picture of a report again."""
    words = ["simtemp", "plot", entry.name]
    for base in bases or ():
        words += ["--base", base]
    if model is not None:
        words += ["--model", model]
    if results is not None:
        words += ["--results", results]
    if entry.simulates:
        words += ["--seed", str(seed)]
    if quick and entry.quick:
        words += ["--quick"]
    return shlex.join([*words, "-o", output])
