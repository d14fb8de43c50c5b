"""An existing Dask cluster as an executor of cells: it is there, it has the same versions, and it says so when it is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

from simtemp.arguments import real, shown
from simtemp.errors import WorkerDied, describe
from simtemp.sweep.cluster_address import scheduler_address
from simtemp.sweep.cluster_connection import CONNECT_SECONDS, connected
from simtemp.sweep.cluster_process import call, stop
from simtemp.sweep.cluster_versions import PACKAGES, other_versions
from simtemp.sweep.errors import WorkersUnavailable

WAIT_SECONDS: Final = 60.0
"""How long to wait for a first worker, and in mid-run for the next when none is left."""

LONGEST_WAIT: Final = 1e7

FEWEST_IN_FLIGHT: Final = 1024
"""Cells under way however few workers there are: more may come."""

_POLL = 2.0  # seconds between questions to the scheduler whether it is there and has workers
_CLOSE_SECONDS = 5.0


class ClusterWorkers(Executor):
    """The workers of a Dask cluster, for `run_sweep`; entered with ``with``.

    Parameters
    ----------
    address : str
        Of the scheduler, ``tcp://host:port`` (or ``tls://``, with Dask's own configuration), or the path of its scheduler file.
    wait : float
        Seconds in (0, 1e7] to wait for workers at the start and when none is left.

    Attributes
    ----------
    in_flight : int
        Cells to give it at a time.

    Raises
    ------
    ValueError
        For an address that is none, or without the package distributed.
    OSError
        For a scheduler file that cannot be read.
    WorkersUnavailable
        On entry, if the scheduler does not answer, has no workers or other versions; later by a future, if it is lost.
    WorkerDied
        By a future: what computed the cell ended, several times if it was a Dask worker.

    Notes
    -----
    Dask computes a task again when its worker dies, and gives it up when it was on four that died; the sweep then asks again,
    as for processes. A cell has a process of its own on its worker (`simtemp.sweep.cluster_process`), so no cell ends a Dask worker.
    On exit what is under way is cancelled and its processes end; the cluster stays as it was.

    Examples
    --------
    >>> from simtemp.sweep import read_grid, run_sweep
    >>> with ClusterWorkers("tcp://10.0.0.1:8786") as cluster:  # doctest: +SKIP
    ...     run_sweep(read_grid("grid.toml"), "results.sqlite", executor=cluster, in_flight=cluster.in_flight)
    """

    def __init__(self, address: str, *, wait: float = WAIT_SECONDS) -> None:
        self.address = scheduler_address(address)
        self.in_flight = FEWEST_IN_FLIGHT
        self._wait = real(wait, "wait")
        if not 0 < self._wait <= LONGEST_WAIT:
            raise ValueError(f"wait must be in (0, {LONGEST_WAIT:g}] seconds, got {shown(wait)}")
        self._sweep = uuid4().hex
        self._under_way: dict[asyncio.Task[Any], Any] = {}
        self._watching: Future[None] | None = None
        self._why = f"the connection to the scheduler {self.address} was lost; the same command goes on"
        self._client: Any = None

    def __enter__(self) -> Self:
        self._client = connected(self.address)
        try:
            threads = self._client.sync(self._ready, callback_timeout=self._wait + 3 * CONNECT_SECONDS)
            self.in_flight = max(FEWEST_IN_FLIGHT, 2 * threads)
            self._watching = self._on_loop(self._watch())
        except BaseException as error:
            self._close()
            if isinstance(error, OSError):  # TimeoutError is one
                raise WorkersUnavailable(f"the scheduler {self.address} does not answer ({describe(error)})") from error
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Call a function of an importable module on a worker, in a process of its own."""
        if named:
            raise ValueError(f"arguments must be given by position, got {', '.join(named)}")
        try:
            remote = self._client.submit(call, self._sweep, function, *arguments, pure=False)
        except Exception as error:  # the client has closed itself
            raise WorkersUnavailable(self._why) from error
        return self._on_loop(self._answer(remote))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster."""
        self._close()

    def _on_loop(self, work: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._client.loop.asyncio_loop)

    async def _ready(self) -> int:
        """Wait for a worker, and give the number of threads there are."""
        deadline = time.monotonic() + self._wait
        while True:
            found = await asyncio.wait_for(self._client.get_versions(packages=list(PACKAGES)), CONNECT_SECONDS)
            problem = other_versions(found)
            if problem is not None:
                raise WorkersUnavailable(f"{self.address}: {problem}")
            if found["workers"]:
                return sum((await asyncio.wait_for(self._client.nthreads(), CONNECT_SECONDS)).values())
            if time.monotonic() > deadline:
                raise WorkersUnavailable(f"the scheduler {self.address} has had no workers for {self._wait:g} seconds")
            await asyncio.sleep(0.2)

    async def _watch(self) -> None:
        """Give all cells up once the scheduler is silent or without workers for too long: Dask would wait for ever."""
        seen = time.monotonic()
        while True:
            await asyncio.sleep(_POLL)
            fault = "has had no workers"
            try:
                if await asyncio.wait_for(self._client.nthreads(), CONNECT_SECONDS):
                    seen = time.monotonic()
            except OSError:  # TimeoutError is one
                fault = "has been silent"
            if time.monotonic() - seen > self._wait:
                self._why = f"the scheduler {self.address} {fault} for {self._wait:g} seconds; the same command goes on"
                for task in self._under_way:
                    task.cancel()
                return

    async def _answer(self, remote: Any) -> Any:
        from distributed import CancelledError, KilledWorker

        task = asyncio.current_task()
        assert task is not None
        self._under_way[task] = remote
        try:
            return await remote
        except WorkerDied:
            raise
        except KilledWorker as error:
            raise WorkerDied(f"{error.allowed_failures + 1} Dask workers died while they had it") from None
        except (asyncio.CancelledError, CancelledError, OSError) as error:
            raise WorkersUnavailable(self._why) from error
        except Exception as error:
            raise WorkersUnavailable(f"the cluster {self.address} cannot compute cells: {describe(error)}") from error
        finally:
            del self._under_way[task]

    async def _release(self) -> None:
        """Take back from the cluster what is under way: what waits there, and what computes."""
        under_way = dict(self._under_way)
        for task in under_way:
            task.cancel()
        if under_way:
            await self._client.cancel(list(under_way.values()), force=True)
        await self._client.run(stop, self._sweep, on_error="ignore")

    def _close(self) -> None:
        if self._client is None:
            return
        if self._watching is not None:
            self._watching.cancel()
        with suppress(Exception):  # of a cluster that is gone
            if self._client.status == "running":
                self._client.sync(self._release, callback_timeout=_CLOSE_SECONDS)
        with suppress(Exception):
            self._client.close(timeout=_CLOSE_SECONDS)
        self._client = None
