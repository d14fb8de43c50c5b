"""Worker processes as an executor that knows which call ended which process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, Final

from simtemp.errors import WorkerDied
from simtemp.sweep.blas import ONE_THREAD
from simtemp.sweep.errors import WorkersUnavailable
from simtemp.sweep.worker import READY

START_ATTEMPTS: Final = 5
"""Processes in a row that may end before they are ready."""


class ProcessWorkers(Executor):
    """So many worker processes, each with one call at a time.

    `concurrent.futures.ProcessPoolExecutor` gives up all calls when one process dies, and cannot say which call it was
    that killed it; here that call's future raises `WorkerDied`, the others go on, and another process takes its place.
    Processes begin in sessions of their own, so that Ctrl-C reaches only the one that started them, and end with it.

    Parameters
    ----------
    processes : int
        They are started when they are first needed.

    Raises
    ------
    WorkersUnavailable
        By a future: the processes that should have computed it ended before they were ready.
    """

    def __init__(self, processes: int) -> None:
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="sweep")
        self._local = threading.local()
        self._workers: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Call a function of an importable module in a worker process."""
        if named:
            raise ValueError(f"arguments must be given by position, got {', '.join(named)}")
        return self._threads.submit(self._call, function, arguments)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes: after the calls that were submitted, or with `cancel_futures` at once."""
        if cancel_futures:
            self._end()
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        self._end()

    def _end(self) -> None:
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, set()
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.end()

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        worker: _Worker | None = getattr(self._local, "worker", None)
        if worker is None or worker.process.poll() is not None:  # killed while it was idle: no call is to blame
            worker = self._local.worker = self._start()
        try:
            worker.connection.send((function, arguments))
            succeeded, result = worker.connection.recv()
        except (EOFError, OSError):
            self._local.worker = None
            self._workers.discard(worker)
            raise WorkerDied(f"its worker process ended with {_ending(worker.end())}") from None
        if not succeeded:
            raise result
        return result

    def _start(self) -> _Worker:
        for _ in range(START_ATTEMPTS):
            with self._lock:
                if self._closed:
                    raise WorkerDied("the workers have been stopped")
                worker = _Worker()
                self._workers.add(worker)
            try:
                if worker.connection.recv() == READY:
                    return worker
            except (EOFError, OSError):
                self._workers.discard(worker)
                code = worker.end()
        raise WorkersUnavailable(
            f"worker processes cannot be started: {START_ATTEMPTS} in a row ended before they were ready, the last with "
            f"{_ending(code)}; try --threads 1"
        )


class _Worker:
    """One process and this end of its connection."""

    def __init__(self) -> None:
        ours, theirs = Pipe()
        self.connection: Connection = ours
        importable = os.pathsep.join(path for path in sys.path if path)  # there what is importable here
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "simtemp.sweep.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # what a cell prints is not our answer
                env={**os.environ, **ONE_THREAD, "PYTHONPATH": importable},
                start_new_session=True,
            )

    def end(self) -> int:
        """End the process, if it has not ended, and give its exit code."""
        self.process.kill()
        return self.process.wait()


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
