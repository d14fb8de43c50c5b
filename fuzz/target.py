"""What is fuzzed: a reader, files to begin with, how to damage them, and what must hold whatever the file is."""

from __future__ import annotations

import random
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class Fault(AssertionError):
    """What must hold does not."""


@dataclass(frozen=True)
class Target:
    """A reader to fuzz.

    Attributes
    ----------
    seeds : callable
        Inputs to begin with: the first byte says which kind of file it is, the rest is the file.
    check : callable
        Reads an input, and raises whatever it should not: `Fault` for a wrong answer, anything else for an exception that the reader
        does not promise, and for a warning.
    damage : callable
        Structured damage of an input, or None where it cannot be done.
    """

    seeds: Callable[[], list[bytes]]
    check: Callable[[bytes], None]
    damage: Callable[[bytes, random.Random], bytes | None]


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder, in memory where there is such a place."""
    memory = Path("/dev/shm")
    place = Path(tempfile.mkdtemp(prefix="simtemp-fuzz-", dir=memory if memory.is_dir() else None))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def one_line(error: BaseException) -> None:
    """What is said of a bad file is one line of text."""
    said = str(error)
    if not said or len(said) > 3000 or "\n" in said or "\r" in said:
        raise Fault(f"not one line: {said[:300]!r}") from error


def must(holds: bool, what: str) -> None:
    """Raise a fault where something does not hold."""
    if not holds:
        raise Fault(what)
