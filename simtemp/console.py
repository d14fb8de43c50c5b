"""What every command of simtemp shares: one line for an error, JSON for machines, a table for people, progress on stderr."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

_ANY_WIDTH = 100_000

Progress = Callable[[int, int], None]
"""Called with (done, total) now and then, from the calling thread."""


def fail(message: str) -> int:
    """Print one line to stderr and give the exit code of bad input."""
    if sys.stderr is not None:  # closed by whoever started us: print would write to stdout instead
        print("simtemp: " + " ".join(message.split()), file=sys.stderr)  # noqa: T201
    return 2


def plain(value: Any) -> Any:
    """A value that JSON can hold: numpy scalars and arrays become Python's, infinities and NaN become null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def show(record: Mapping[str, Any], *, as_json: bool, title: str = "") -> None:
    """Print a record to stdout: one JSON object, or a two-column table for a person."""
    if as_json:
        print(_printable(json.dumps(plain(record), ensure_ascii=False)))  # noqa: T201
        return
    show_table([{"": key, title or "value": _cell(value)} for key, value in record.items()])


def show_table(rows: list[dict[str, Any]], title: str | None = None) -> None:
    """Print rows (dicts of the same keys) to stdout as a table for a person."""
    from rich.console import Console
    from rich.table import Table

    # A name in brackets or between colons is a name, no markup and no picture. In a file or a pipe a table is as wide as it must be.
    console = Console(
        markup=False, emoji=False, width=_ANY_WIDTH if sys.stdout is None or not sys.stdout.isatty() else None
    )
    table = Table(title=title, header_style="bold", title_justify="left")
    for column in rows[0] if rows else []:
        table.add_column(column, overflow="fold")  # a narrow terminal cuts no number off
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console.print(table)


def _printable(text: str) -> str:
    """Text that any terminal can be given: of a file name that is no UTF-8, the odd bytes as escapes (which JSON has too)."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _cell(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return f"{value:,}"
    return _printable(str(value))


@contextmanager
def progress(description: str, *, quiet: bool = False) -> Iterator[Progress]:
    """A progress bar on stderr that appears only on a terminal; yields a `(done, total)` callback."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
