"""Jobs of an experiment on several processes.

Each is a pure function of its arguments, on one thread, so that figures do not depend on how many processes there are.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, NamedTuple

import torch

from simtemp.console import Progress
from simtemp.errors import WorkerDied

_LOOK_SECONDS = 0.3
"""How often the progress of running jobs is looked at."""

_shares: Any = None
_stopped: Any = None
"""In a worker, memory shared with the parent: the share done of each job, and whether to stop."""


class Job(NamedTuple):
    """``run(*arguments, progress=...)``; run is a function of a module."""

    run: Callable[..., None]
    arguments: tuple[Any, ...]


def run_jobs(jobs: Sequence[Job], workers: int, progress: Progress = lambda done, total: None) -> None:
    """Run all jobs; their results are what they write to disk.

    Parameters
    ----------
    jobs : sequence of Job
        In any order: none needs another.
    workers : int
        Processes; 1 runs them here, one after another.
    progress : callable, optional
        Called with (percent done, 100).

    Raises
    ------
    WorkerDied
        When a process is killed.
    Exception
        The first one that a job raises; the others are stopped.
    """
    if workers == 1 or len(jobs) <= 1:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            for number, job in enumerate(jobs):
                job.run(*job.arguments, progress=_ticks(number, len(jobs), progress))
        finally:
            torch.set_num_threads(threads)
        return
    context = multiprocessing.get_context("spawn")
    shares, stopped = context.RawArray("d", len(jobs)), context.RawValue("b", 0)
    with ProcessPoolExecutor(min(workers, len(jobs)), context, _begin_worker, (shares, stopped)) as pool:
        running: set[Future[None]] = {pool.submit(_run, number, job) for number, job in enumerate(jobs)}
        try:
            while running:
                done, running = wait(running, _LOOK_SECONDS, FIRST_COMPLETED)
                progress(round(100 * sum(shares) / len(jobs)), 100)
                for future in done:
                    future.result()
        except BrokenProcessPool:
            raise WorkerDied(
                "a worker process was killed, perhaps for want of memory: the same command goes on"
            ) from None
        finally:
            stopped.value = 1
            pool.shutdown(wait=False, cancel_futures=True)
    progress(100, 100)


def _ticks(number: int, count: int, progress: Progress) -> Progress:
    return lambda done, total: progress(round(100 * (number + done / max(total, 1)) / count), 100)


def _begin_worker(shares: Any, stopped: Any) -> None:
    global _shares, _stopped
    _shares, _stopped = shares, stopped
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C, and stops its workers
    torch.set_num_threads(1)


def _run(number: int, job: Job) -> None:
    def progress(done: int, total: int) -> None:
        parent = multiprocessing.parent_process()
        if parent is not None and not parent.is_alive():
            os._exit(1)  # it was killed, and nobody is left to stop its workers
        if _stopped.value:
            raise InterruptedError("stopped")
        _shares[number] = done / max(total, 1)

    job.run(*job.arguments, progress=progress)
    _shares[number] = 1.0
