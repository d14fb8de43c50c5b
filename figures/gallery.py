"""The pictures by name: how each gets its numbers and is drawn, which settings it has, and the command that draws it again."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from figures import choice, cost, draws, error, rejection, rules, shapes, spread


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
        Which of bases, temperatures, batch_sizes, size, seed and threads the numbers depend on.
    bases : tuple of str or None
        The bases it shows unless told otherwise; None: the suite and the text.
    quick : dict
        Settings of ``--quick``.
    """

    name: str
    data: Callable[..., Any]
    draw: Callable[..., Any]
    takes: tuple[str, ...]
    bases: tuple[str, ...] | None
    quick: dict[str, Any]

    @property
    def simulates(self) -> bool:
        """Whether it runs samplers (and has a seed, and takes time)."""
        return "seed" in self.takes


_SIMULATED = ("bases", "temperatures", "size", "seed", "threads")

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
    )
}
"""By name, in the order of the report."""


def settings(
    entry: Entry,
    *,
    bases: Sequence[str] | None = None,
    temperatures: Sequence[float] | None = None,
    batch_sizes: Sequence[int] | None = None,
    size: int | None = None,
    seed: int = 0,
    quick: bool = False,
    threads: int | None = None,
) -> dict[str, Any]:
    """The keyword arguments of a picture's data: what is given, else those of ``--quick``, else its own.

    Raises
    ------
    ValueError
        For a setting that the picture does not have.
    """
    from simtemp import SUITE

    given: dict[str, Any] = {"temperatures": temperatures, "batch_sizes": batch_sizes, "size": size}
    given = {name: value for name, value in given.items() if value is not None and value != []}
    for name, value in given.items():
        if name not in entry.takes:
            raise ValueError(f"{name.removesuffix('s')} is no setting of the picture {entry.name!r}, got {value!r}")
    chosen: dict[str, Any] = dict(entry.quick) if quick else {}
    chosen.update(given)
    chosen["bases"] = tuple(bases) if bases else entry.bases or (*SUITE, "text")
    if entry.simulates:
        chosen.update(seed=seed, threads=threads)
    return chosen


def plot_command(
    entry: Entry, output: str, *, bases: Sequence[str] | None = None, seed: int = 0, quick: bool = False
) -> str:
    """The command that draws a picture of a report again."""
    words = ["simtemp", "plot", entry.name]
    for base in bases or ():
        words += ["--base", base]
    if entry.simulates:
        words += ["--seed", str(seed)]
    if quick and entry.quick:
        words += ["--quick"]
    return shlex.join([*words, "-o", output])
