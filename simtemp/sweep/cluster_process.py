"""A call on a Dask worker: computed in a process of its own beside it, as on one machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, Final

from simtemp.errors import WorkerDied
from simtemp.sweep.processes import ProcessWorkers

IDLE_SECONDS: Final = 30.0
"""How long the processes of a sweep outlive its last call on a worker: a sweep that was killed leaves nothing behind."""

MOST_PROCESSES: Final = 1024
"""More than a Dask worker has threads; each of its threads that makes a call has one."""


class Lease:
    """Processes of one sweep on one Dask worker: started when they are needed, ended when no call has come for a while."""

    def __init__(
        self, idle_seconds: float, make: Callable[[], Executor] = lambda: ProcessWorkers(MOST_PROCESSES)
    ) -> None:
        self._idle_seconds = idle_seconds
        self._make = make
        self._lock = threading.Lock()
        self._executor: Executor | None = None
        self._calls = 0
        self._timer: threading.Timer | None = None
        self._over = False

    @contextmanager
    def executor(self) -> Iterator[Executor]:
        """The processes, for one call."""
        with self._lock:
            if self._over:
                raise WorkerDied("the sweep is over")
            self._calls += 1
            if self._timer is not None:
                self._timer.cancel()
            if self._executor is None:
                self._executor = self._make()
            executor = self._executor
        try:
            yield executor
        finally:
            with self._lock:
                self._calls -= 1
                if self._calls == 0 and not self._over:
                    self._timer = threading.Timer(self._idle_seconds, self._end)
                    self._timer.daemon = True
                    self._timer.start()

    def end(self) -> None:
        """End the processes and what they compute, for good: calls of the sweep may still stand in the worker's queue."""
        with self._lock:
            self._over = True
            self._calls = 0
        self._end()

    def _end(self) -> None:
        with self._lock:
            if self._calls:  # one came as the time ran out
                return
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)


_leases: dict[str, Lease] = {}


def call(sweep: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns, called for a sweep on a Dask worker.

    A cell that crashes takes its own process with it, and neither the worker nor the cells beside it; linear algebra has one thread
    whatever the worker was started with; and what is under way can be stopped (`stop`), which Dask itself cannot do.

    Raises
    ------
    WorkerDied
        If that process ended.
    """
    with _leases.setdefault(sweep, Lease(IDLE_SECONDS)).executor() as processes:
        return processes.submit(function, *arguments).result()


def stop(sweep: str) -> None:
    """End what a sweep has on this Dask worker, now."""
    _leases.setdefault(sweep, Lease(IDLE_SECONDS)).end()
