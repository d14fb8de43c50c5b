"""Computing the cells of a sweep that its store does not hold yet, on this machine or wherever an executor puts them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from typing import Final

from simtemp.arguments import whole_number
from simtemp.errors import WorkerDied
from simtemp.interruption import interrupted
from simtemp.sweep.cell import Cell
from simtemp.sweep.completion import outcomes_of
from simtemp.sweep.errors import SweepInterrupted
from simtemp.sweep.processes import ProcessWorkers
from simtemp.sweep.store import Store

MOST_WORKERS: Final = 1024


@dataclass(frozen=True)
class Summary:
    """What a sweep did.

    Attributes
    ----------
    cells : int
        Cells of the grid.
    computed : int
        Of these, computed now.
    present : int
        In the store already.
    failed : int
        Cells of the grid that have no result, of both.
    seconds : float
        Wall-clock time.
    """

    cells: int
    computed: int
    present: int
    failed: int
    seconds: float


def run_sweep(
    cells: Iterable[Cell],
    path: str | PathLike[str],
    *,
    processes: int | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    in_flight: int = 1,
    lost: tuple[type[BaseException], ...] = (WorkerDied,),
    fresh: bool = False,
    retry: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Compute the cells that a store does not hold yet, and put each into it as soon as it is finished.

    Parameters
    ----------
    cells : iterable of Cell
        From `read_grid`.
    path : path
        The store; it is created if it is not there.
    processes : int, optional
        Worker processes, from 1 to 1024 (default: one a core).
    threads : int, optional
        Threads of this process instead. Quick to start, but a cell that crashes ends the sweep, and cells that are under way at
        Ctrl-C go on in the background.
    executor : concurrent.futures.Executor, optional
        Anything that computes ``submit(run_cell, cell)`` instead; it is not shut down.
    in_flight : int
        Cells that the executor is given at a time.
    lost : tuple of exception types
        Those by which a future of the executor says that its worker is gone: the cell is computed again, 3 times at most.
    fresh : bool
        Compute and replace what is in the store, too.
    retry : bool
        Compute failed cells again.
    progress : callable, optional
        Called with (cells stored, cells to compute), from the calling thread.

    Returns
    -------
    Summary

    Raises
    ------
    StoreError
        If the store cannot be read or written.
    SweepInterrupted
        After Ctrl-C; every cell that was finished is in the store.
    WorkersUnavailable
        If worker processes cannot be started.

    Notes
    -----
    A cell's result depends on its key alone, so the store is the same for any number of workers and interruptions; with
    threads, and bases of more than 10,000 categories, to the last bit only if linear algebra has one thread
    (OMP_NUM_THREADS=1; the command sees to it). What is finished while the store writes goes into its next
    transaction: cells of a second have one each, cells of a millisecond share one.

    Examples
    --------
    >>> import tempfile
    >>> from simtemp.sweep import make_cell, read_store
    >>> law = make_cell("law", "simtemp.sweep.law_cell:law_cell", 1,
    ...                 {"base": "two:0.8", "temperature": 0.5, "batch_size": 10, "rule": "published"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     summary = run_sweep([law], f"{folder}/results.sqlite", threads=1)
    ...     tv = read_store(f"{folder}/results.sqlite")["tv"][0]
    >>> summary.computed, float(tv.round(4))
    (1, 0.0198)
    """
    began = time.perf_counter()
    wanted = list({cell.key: cell for cell in cells}.values())
    with Store(path) as store:
        before = store.statuses()
        todo = [cell for cell in wanted if fresh or cell.key not in before or (retry and before[cell.key] == "failed")]
        failed = sum(before.get(cell.key) == "failed" for cell in wanted)
        failed -= sum(before.get(cell.key) == "failed" for cell in todo)
        stored = 0
        tell = progress or (lambda done, total: None)
        tell(0, len(todo))
        with (
            interrupted() as asked,
            _workers(processes, threads, executor, in_flight, len(todo)) as (workers, width),
        ):
            for outcomes in outcomes_of(todo, workers, width, lost, asked):
                store.add(outcomes, replace=fresh)
                stored += len(outcomes)
                failed += sum(outcome.status == "failed" for outcome in outcomes)
                tell(stored, len(todo))
            if stored < len(todo):
                raise SweepInterrupted(
                    f"interrupted with {len(wanted) - len(todo) + stored:,} of {len(wanted):,} cells in {store.path}; "
                    + ("the same command without --fresh goes on" if fresh else "the same command goes on")
                )
    return Summary(len(wanted), stored, len(wanted) - len(todo), failed, time.perf_counter() - began)


@contextmanager
def _workers(
    processes: int | None, threads: int | None, executor: Executor | None, in_flight: int, cells: int
) -> Iterator[tuple[Executor, int]]:
    """The executor that was asked for, and how many cells to give it at a time."""
    if sum(given is not None for given in (processes, threads, executor)) > 1:
        raise ValueError("give processes, threads or an executor, not two of them")
    if executor is not None:
        yield executor, whole_number(in_flight, "in_flight", 1)
        return
    if threads is not None:
        width = whole_number(threads, "threads", 1, MOST_WORKERS)
        own: Executor = ThreadPoolExecutor(width, thread_name_prefix="sweep")
    else:
        width = _cores() if processes is None else whole_number(processes, "processes", 1, MOST_WORKERS)
        width = max(1, min(width, cells))
        own = ProcessWorkers(width)
    try:
        yield own, width
    finally:
        # All results are in by now, or nobody waits for them any more.
        own.shutdown(wait=threads is None, cancel_futures=True)


def _cores() -> int:
    from simtemp.simulation import available_cores  # brings Numba with it, which only workers need

    return available_cores()
