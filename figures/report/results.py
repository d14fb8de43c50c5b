"""Everything a report found, as one object that JSON can hold; its keys are stable."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar

from figures.adaptive_results import AdaptiveResults
from figures.explorer import ExplorerBase
from figures.report.measure import Record
from figures.report.plan import ALPHA, DELTA, Effort
from figures.report.planted import gallery_command
from figures.report.summary import summarise

if TYPE_CHECKING:
    import pandas as pd

    from verify.gallery import GalleryRow

FORMAT = 1
"""Raised when a key changes its meaning or goes away."""


@dataclass
class Results:
    """What is known so far; filled while the report runs.

    Attributes
    ----------
    command : str
        Makes this report again.
    seed, quick, threads, bases, effort
        What it was asked.
    records : dict
        By key of the cell, in the order of the page.
    figures : dict
        By name: command, files, alt, caption and the numbers drawn.
    adaptive : AdaptiveResults, optional
        Of adaptive decoding, as read.
    planted : dict
        By name of the fault: what the judge made of it.
    faults : int
        How many there were to be; for fewer rows, time was up.
    explored : dict
        By base: the numbers of the explorer.
    seconds : float
        Wall-clock time so far.
    complete : bool
        False while it runs, and for ever if it was interrupted.
    """

    command: str
    seed: int
    quick: bool
    threads: int
    bases: Mapping[str, int]
    effort: Effort
    records: dict[str, Record] = field(default_factory=dict)
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    planted: dict[str, GalleryRow] = field(default_factory=dict)
    faults: int = 0
    adaptive: AdaptiveResults | None = None
    explored: dict[str, ExplorerBase] = field(default_factory=dict)
    seconds: float = 0.0
    complete: bool = False

    alpha: ClassVar[float] = ALPHA
    delta: ClassVar[float] = DELTA

    def plain(self) -> dict[str, Any]:
        """For `json.dumps` after `simtemp.console.plain`."""
        found = summarise(list(self.records.values()))
        return {
            "format": FORMAT,
            "complete": self.complete,
            "command": self.command,
            "seed": self.seed,
            "quick": self.quick,
            "threads": self.threads,
            "seconds": self.seconds,
            "alpha": self.alpha,
            "delta": self.delta,
            "effort": asdict(self.effort),
            "bases": [{"base": name, "categories": size} for name, size in self.bases.items()],
            "versions": versions(),
            "summary": {
                "certified": [
                    {
                        "bases": list(bound.bases),
                        "epsilon": bound.epsilon,
                        "cells": [record.key for record in bound.records],
                    }
                    for bound in found.certified
                ],
                "exact_run": found.exact_run,
                "exact_rejected": [record.key for record in found.exact_rejected],
                "exact_open": [record.key for record in found.exact_open],
                "worst_batch": [record.key for record in found.worst],
                "batch_run": found.batch_run,
                "batch_rejected": found.batch_rejected,
                "unbiased_batch": list(found.unbiased_batch),
                "not_run": [record.key for record in found.out_of_reach],
                "out_of_time": found.out_of_time,
            },
            "cells": [record.plain() for record in self.records.values()],
            "figures": self.figures,
            "gallery": self.gallery(),
            **({"explorer": [asdict(own) for own in self.explored.values()]} if self.explored else {}),
            **({} if self.adaptive is None else {"adaptive": asdict(self.adaptive)}),
        }

    def gallery(self) -> dict[str, Any] | None:
        """The judge on planted faults: a sentence, the command that judges them again, a record of each; None if there was none."""
        if not self.planted:
            return None
        from verify.faults import GALLERY
        from verify.gallery import summary

        rows = list(self.planted.values())
        # Seconds are this machine's, and everything else here is the seed's.
        records = [{key: value for key, value in row.record().items() if key != "seconds"} for row in rows]
        return {
            "summary": summary(rows),
            "command": gallery_command(self.seed),
            "out_of_time": self.faults - len(rows),
            "others": len(GALLERY) - self.faults,
            "rows": records,
        }


def versions() -> dict[str, str]:
    """What made the numbers."""
    packages = ("numpy", "scipy", "numba", "matplotlib", "pandas")
    return {
        "simtemp": version("simtemp"),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
        "system": f"{platform.system()} {platform.machine()}",
        "byte_order": sys.byteorder,
    }


def table(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """A data frame by columns; curves are kept to seven digits, which is more than a picture shows."""
    return {
        str(name): [float(f"{x:.7g}") if isinstance(x, float) else x for x in column.tolist()]
        for name, column in frame.items()
    }
