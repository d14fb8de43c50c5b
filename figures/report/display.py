"""What a person sees while a report is made: bars on a terminal, a few plain lines elsewhere. Always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Watcher = Callable[[str, int, int], None]
"""Called with (stage, done, total) from the thread that makes the report."""


def silent(stage: str, done: int, total: int) -> None:
    """A watcher that says nothing."""


@contextmanager
def display() -> Iterator[Watcher]:
    """A watcher that shows one bar a stage on a terminal, and one line at the end of each stage where there is none."""
    if not sys.stderr.isatty():
        yield plain_lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<42}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def watch(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage)
            bars.update(tasks[stage], completed=done, total=total)

        yield watch


def plain_lines() -> Watcher:
    """One line for each stage that has ended."""
    began = time.monotonic()
    told: set[str] = set()

    def watch(stage: str, done: int, total: int) -> None:
        if done >= total > 0 and stage not in told:
            told.add(stage)
            sys.stderr.write(f"{time.monotonic() - began:6.1f} s  {stage}: {total} done\n")
            sys.stderr.flush()

    return watch
