"""Cells given to an executor, their outcomes as they complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final

from simtemp.sweep.cell import Cell
from simtemp.sweep.outcome import Outcome, failure, run_cell

ATTEMPTS: Final = 3
"""Workers that one cell may take with it before it is a failed cell."""

_POLL = 0.1  # seconds between looks at the keyboard


def outcomes_of(
    cells: list[Cell],
    executor: Executor,
    width: int,
    lost: tuple[type[BaseException], ...],
    asked: Callable[[], bool],
) -> Iterator[list[Outcome]]:
    """Everything that has finished since the last list was asked for.

    At most `width` cells are with the executor at a time. A cell whose future raises one of `lost` is computed again. Ends early
    once `asked` says so; what is under way then is given up.
    """
    finished: SimpleQueue[Future[Outcome]] = SimpleQueue()
    under_way: dict[Future[Outcome], tuple[Cell, int]] = {}
    waiting = iter(cells)

    def submit(cell: Cell, attempt: int) -> None:
        future = executor.submit(run_cell, cell)
        under_way[future] = (cell, attempt)
        future.add_done_callback(finished.put)

    def more() -> None:
        while len(under_way) < width and (cell := next(waiting, None)) is not None:
            submit(cell, 1)

    more()
    while under_way:
        outcomes = []
        error: BaseException | None = None
        for future in _drain(finished):
            cell, attempt = under_way.pop(future)
            try:
                outcomes.append(future.result())
            except lost as loss:
                if attempt < ATTEMPTS:
                    submit(cell, attempt + 1)
                else:
                    outcomes.append(failure(cell, f"{ATTEMPTS} workers died of it; the last: {loss}"))
            except Exception as other:  # of the executor itself: what was finished beside it is still kept
                error = other
        if error is None and not asked():
            more()  # before the store writes: workers do not wait for the disk
        if outcomes:
            yield outcomes
        if error is not None:
            raise error
        if asked():
            return


def _drain(finished: SimpleQueue[Future[Outcome]]) -> list[Future[Outcome]]:
    """What is in a queue, after a short wait for the first."""
    futures: list[Future[Outcome]] = []
    with suppress(Empty):
        futures.append(finished.get(timeout=_POLL))
        while True:
            futures.append(finished.get_nowait())
    return futures
