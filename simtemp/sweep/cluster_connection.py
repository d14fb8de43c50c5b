"""A connection to a Dask scheduler, or one line that says why there is none."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

from simtemp.errors import describe
from simtemp.sweep.errors import WorkersUnavailable

CONNECT_SECONDS: Final = 10.0
"""How long a scheduler may take to answer."""


def connected(address: str) -> Any:
    """A ``distributed.Client`` of a scheduler that answers.

    Raises
    ------
    ValueError
        Without the package distributed.
    WorkersUnavailable
        If nothing answers as a Dask scheduler does.
    """
    try:
        from distributed import Client, Security
        from distributed.core import rpc
        from distributed.versions import VersionMismatchWarning
    except ModuleNotFoundError as error:
        raise ValueError(
            f'--scheduler needs {error.name}, which is not installed: pip install "simtemp[cluster]" -c constraints.txt'
        ) from None

    async def answer() -> None:
        async with proxy(address, connection_args=security().get_connection_args("client")) as scheduler:
            await scheduler.identity()

    client: Any = Client  # half of Dask's types are declared
    proxy: Any = rpc
    security: Any = Security
    try:
        # Client itself waits for ever for the answer of a server that is no scheduler. In a thread: a notebook has a loop of its own.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(asyncio.wait_for(answer(), CONNECT_SECONDS))).result()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # `other_versions` refuses them
            return client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except TimeoutError as error:
        raise WorkersUnavailable(
            f"no Dask scheduler has answered at {address} within {CONNECT_SECONDS:g} seconds"
        ) from error
    except Exception as error:
        raise WorkersUnavailable(f"the scheduler {address} cannot be reached: {describe(error)}") from error


@contextmanager
def quiet_dask() -> Iterator[None]:
    """Without Dask's log on stderr: what goes wrong is an exception of one line."""
    from importlib.util import find_spec

    if find_spec("distributed") is not None:
        import distributed  # noqa: F401  (sets up its log)

    names = [
        name
        for name in logging.root.manager.loggerDict
        if name.partition(".")[0] in ("distributed", "tornado", "asyncio")
    ]
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
