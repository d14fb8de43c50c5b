"""All the work of a report on a few threads: cells of the table and numbers of the pictures, the cheapest first."""

from __future__ import annotations

import functools
import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Literal

from figures.explorer import Grid, explorer_base
from figures.gallery import Entry
from figures.report.measure import OUT_OF_REACH, OUT_OF_TIME, Stopped, measure, not_run
from figures.report.plan import Cell, Effort, batch_cells, exact_cells
from figures.report.planted import judge_fault
from simtemp.base import Categorical

POLL = 0.2
"""Seconds between looks at the keyboard."""
AHEAD = 2
"""Tasks handed out beyond one a worker, so that none waits while a picture is drawn."""
PICTURES, LAWS, FAULTS, EXPLORER = 1e7, 1.1e7, 1.2e7, 2e7
"""Urgency of the pictures (drawn while dear cells run), of what takes exact laws first (the batch sampler's cells and its picture), of
the planted faults and of the explorer. That of a cell is its expected number of base draws, smallest first: when a slow machine runs out
of time, the few dear cells are missing and not the many cheap ones, and the verdicts of those come before anything else."""
WIDE_DRAWS, WIDE_OUTPUTS = 2e8, 200_000
"""A cell of so many draws and outputs may use all threads itself; most cells have too few outputs to share."""


@dataclass(frozen=True)
class Outcome:
    """Something that has ended.

    Attributes
    ----------
    kind : str
        "plan": the cells of a base have been laid out (`result` is their list). "figure": the numbers of a picture are there.
        "cell": a cell has been run, or left out. "fault": the judge was put on a planted fault, or time was up. "explorer": a base of
        the explorer is known.
    key : str
        Of the base, the picture, the cell or the fault.
    result : Any
        A list of `Cell`, the picture's data, a `Record`, a `GalleryRow` (None: no time), or an `ExplorerBase` (None: no time).
    """

    kind: Literal["plan", "figure", "cell", "fault", "explorer"]
    key: str
    result: Any


def run(
    bases: Mapping[str, Categorical],
    pictures: Sequence[tuple[Entry, Mapping[str, Any]]],
    faults: Sequence[str],
    seed: int,
    effort: Effort,
    workers: int,
    explored: Sequence[tuple[Categorical, Grid]] = (),
) -> Iterator[Outcome]:
    """Run everything and give each outcome as it comes.

    Parameters
    ----------
    bases : mapping
        Base by its specification.
    pictures : sequence of (Entry, settings)
        Whose numbers are wanted.
    faults : sequence of str
        Planted faults that the judge is put on.
    seed : int
        Cells and pictures take children of it: outcomes depend neither on `workers` nor on their order, unless time runs out.
    effort : Effort
        Sizes and limits.
    workers : int
        Threads; every cell runs on one.
    explored : sequence of (Categorical, Grid)
        Bases of the explorer, and what can be chosen there.

    Yields
    ------
    Outcome

    Notes
    -----
    Closing the iterator (as Ctrl-C does) ends what is running at the next round of outputs, within seconds.
    """
    began = time.monotonic()
    stopping = threading.Event()

    def check(limit: float) -> None:
        if stopping.is_set():
            raise Stopped("interrupted")
        if time.monotonic() > limit:
            raise Stopped(f"stopped after {effort.cell_seconds:g} seconds")

    def cell_task(cell: Cell) -> Outcome:
        base = bases[cell.base]
        if not cell.within_reach:
            return Outcome("cell", cell.key, not_run(cell, base, OUT_OF_REACH))
        now = time.monotonic()
        if stopping.is_set() or now > began + effort.seconds:
            return Outcome("cell", cell.key, not_run(cell, base, OUT_OF_TIME))
        wide = cell.weight > WIDE_DRAWS and cell.planned > WIDE_OUTPUTS
        return Outcome(
            "cell", cell.key, measure(cell, base, workers if wide else 1, lambda: check(now + effort.cell_seconds))
        )

    def plan_task(name: str, cells: Callable[..., Any]) -> Outcome:
        return Outcome("plan", name, list(cells(name, bases[name], seed, effort)))

    def figure_task(entry: Entry, settings: Mapping[str, Any]) -> Outcome:
        def watch(done: int, total: int) -> None:
            check(float("inf"))

        more: dict[str, Any] = {"progress": watch} if entry.simulates else {}
        if "threads" in entry.takes:
            more["threads"] = 1
        return Outcome("figure", entry.name, entry.data(**{**settings, **more}))

    def fault_task(name: str) -> Outcome:
        now = time.monotonic()
        if stopping.is_set() or now > began + effort.seconds:
            return Outcome("fault", name, None)
        try:
            return Outcome("fault", name, judge_fault(name, seed, lambda: check(now + effort.cell_seconds)))
        except Stopped:
            return Outcome("fault", name, None)

    def explorer_task(base: Categorical, grid: Grid) -> Outcome:
        now = time.monotonic()
        if stopping.is_set() or now > began + effort.seconds:
            return Outcome("explorer", base.name, None)
        try:
            found = explorer_base(base, grid, seed=seed, progress=lambda done, total: check(now + effort.cell_seconds))
        except Stopped:
            return Outcome("explorer", base.name, None)
        return Outcome("explorer", base.name, found)

    queue: list[tuple[float, int, Callable[[], Outcome]]] = []  # the most urgent, then the oldest
    tickets = itertools.count()

    def ask(urgency: float, task: Callable[..., Outcome], *arguments: Any) -> None:
        ready: Callable[[], Outcome] = functools.partial(task, *arguments)
        heapq.heappush(queue, (urgency, next(tickets), ready))

    def ask_for_cells(outcome: Outcome) -> None:
        for cell in outcome.result:
            ask(cell.weight * cell.within_reach, cell_task, cell)

    with ThreadPoolExecutor(workers) as pool:
        pending: set[Future[Outcome]] = set()
        try:
            for name in bases:
                outcome = plan_task(name, exact_cells)
                ask_for_cells(outcome)
                yield outcome
                ask(LAWS, plan_task, name, batch_cells)
            for entry, settings in pictures:
                ask(LAWS if "batch_sizes" in entry.takes else PICTURES, figure_task, entry, settings)
            for base, grid in explored:
                # The widest first, because the last one is waited for alone.
                ask(EXPLORER - base.size, explorer_task, base, grid)
            for fault in faults:
                ask(FAULTS, fault_task, fault)
            while queue or pending:
                while queue and len(pending) < workers + AHEAD:
                    pending.add(pool.submit(heapq.heappop(queue)[2]))
                ended, pending = wait(pending, timeout=POLL, return_when=FIRST_COMPLETED)
                for outcome in (future.result() for future in ended):
                    if outcome.kind == "plan":
                        ask_for_cells(outcome)
                    yield outcome
        finally:
            stopping.set()
            for future in pending:
                future.cancel()
