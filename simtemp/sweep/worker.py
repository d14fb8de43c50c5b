"""A worker process: computes what it is sent, one call at a time, and ends when whoever started it is gone.

python -m simtemp.sweep.worker DESCRIPTOR
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

READY = "ready"


def serve(connection: Connection) -> None:
    """Answer calls (function, arguments) with (True, result) or (False, error), in turn."""
    calls: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, calls), daemon=True).start()
    answer: Any = READY
    while True:
        try:
            connection.send(answer)
        except OSError:
            return
        function, arguments = calls.get()
        try:
            answer = (True, function(*arguments))
        except Exception as error:
            answer = (False, error)


def _receive(connection: Connection, calls: SimpleQueue[Any]) -> None:
    """Hand on calls; end the process, in the middle of a call too, as soon as nobody is there to take its result."""
    try:
        while True:
            calls.put(connection.recv())
    except (EOFError, OSError):
        os._exit(0)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of cells: a thousand of them would say it a thousand times
    import simtemp.sweep.outcome  # noqa: F401  (the slow import, before READY)

    serve(Connection(int(sys.argv[1])))
