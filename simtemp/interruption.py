"""Ctrl-C as a question that is asked between two steps, so that no step is cut in half."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interrupted() -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether Ctrl-C was pressed since; a second press interrupts at once.

    Outside of the main thread, where no signal can be caught, it always says no.
    """
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return

    def note(number: int, frame: object) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
