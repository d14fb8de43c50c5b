"""The pictures by name: how each gets its numbers and is drawn, which settings it has, and the command that draws it again."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from figures import (
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
)


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
        Which of bases, temperatures, batch_sizes, method, model, text, size, seed and threads they take.
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


_COUNTED = ("bases", "temperatures", "size", "seed")
_SIMULATED = (*_COUNTED, "threads")

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
    )
}
"""By name, in the order of the report."""


def settings(
    entry: Entry,
    *,
    bases: Sequence[str] | None = None,
    temperatures: Sequence[float] | None = None,
    batch_sizes: Sequence[int] | None = None,
    method: str | None = None,
    model: str | None = None,
    text: str | None = None,
    size: int | None = None,
    seed: int = 0,
    quick: bool = False,
    threads: int | None = None,
) -> dict[str, Any]:
    """The keyword arguments of a picture's data: what is given, else those of ``--quick``, else its own.

    Raises
    ------
    ValueError
        For a setting that the picture does not have, or a model that it needs.
    """
    from simtemp import SUITE

    given: dict[str, Any] = {
        "bases": None if bases is None else tuple(bases),
        "temperatures": temperatures,
        "batch_sizes": batch_sizes,
        "method": method,
        "model": model,
        "text": text,
        "size": size,
    }
    given = {name: value for name, value in given.items() if value is not None and value not in ([], ())}
    for name, value in given.items():
        if name not in entry.takes:
            raise ValueError(f"{name.removesuffix('s')} is no setting of the picture {entry.name!r}, got {value!r}")
    if entry.of_model and model is None:
        raise ValueError(f"the picture {entry.name!r} is of a trained model: give its directory with --model DIR")
    chosen: dict[str, Any] = dict(entry.quick) if quick else {}
    if "bases" in entry.takes:
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
    seed: int = 0,
    quick: bool = False,
) -> str:
    """The command that draws a picture of a report again."""
    words = ["simtemp", "plot", entry.name]
    for base in bases or ():
        words += ["--base", base]
    if model is not None:
        words += ["--model", model]
    if entry.simulates:
        words += ["--seed", str(seed)]
    if quick and entry.quick:
        words += ["--quick"]
    return shlex.join([*words, "-o", output])
