"""The main job: plan the cells, run and judge them, draw the pictures, write one page.

``plan`` decides what is run and for how long, ``measure`` runs one cell, ``planted`` puts the judge on a wrong sampler, ``run`` runs them
all, ``summary`` says what was found, ``page`` renders it, ``write`` puts it on disk as it comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from figures.report.write import write_report as write_report

__all__ = ["write_report"]


def __getattr__(name: str) -> Any:
    if name != "write_report":
        raise AttributeError(f"module 'figures.report' has no attribute {name!r}")
    from figures.report.write import write_report

    return write_report
