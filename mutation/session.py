"""A pytest session that collects and runs the tests once, and then runs them against one mutant after another, each in a fork."""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import coverage
import pytest
from _pytest.runner import runtestprotocol

from mutation.installed import PACKAGES, clear_caches, install
from mutation.mutants import Mutant

MEMORY = 32 << 30
"""A mutant that asks for more is killed by the failure of that."""


class TookTooLong(BaseException):
    """Raised in a test that runs into its time limit; no handler of the package under test swallows it."""


@dataclass
class Session:
    """The plugin.

    Attributes
    ----------
    mutants : list of Mutant
        What to run.
    results : Path
        One JSON line for each.
    most : float
        Seconds in all: no mutant is begun later.
    longest : float
        Seconds: slower tests of the unchanged package are left out.
    budget : float
        Seconds of tests, as the unchanged package takes, for one mutant.
    fresh : bool
        Whether the tests' own caches are emptied as well: slower, and right where a test remembers what the package gave.
    """

    mutants: list[Mutant]
    results: Path
    most: float
    longest: float
    budget: float
    fresh: bool
    root: Path
    measured: Path | None
    seconds: dict[str, float] = field(default_factory=dict)
    covering: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    killers: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running the tests once."""
        end = time.monotonic() + self.most
        _warm_up(self.root)
        items = {item.nodeid: item for item in session.items}
        self._measure(session.items)
        with self.results.open("a", encoding="utf-8") as out:
            for mutant in self.mutants:
                if time.monotonic() > end:
                    break
                chosen = self._chosen(mutant)
                began = time.perf_counter()
                tests = [(items[name], self.seconds[name]) for name in chosen]
                most = 15.0 + 2.0 * sum(_limit(seconds) for _, seconds in tests)
                killed_by = _in_fork(partial(_killer, mutant, tests, self.fresh), most) if tests else ""
                if killed_by:
                    self.killers.setdefault(_place(mutant), []).insert(0, killed_by.partition(" ")[2])
                record = {
                    "name": mutant.name,
                    "killed_by": killed_by,
                    "tests": len(chosen),
                    "covering": len(self._covering(mutant)),
                    "seconds": round(time.perf_counter() - began, 2),
                }
                print(json.dumps(record, ensure_ascii=False), file=out, flush=True)
        return True

    def _measure(self, items: list[pytest.Item]) -> None:
        """Run the unchanged package once: how long each test takes, and which lines it reaches."""
        known: dict[str, Any] = {}
        if self.measured is not None and self.measured.exists():
            known = json.loads(self.measured.read_text(encoding="utf-8"))
        sources = [str(self.root / path) for path in {mutant.path for mutant in self.mutants}]
        for item in items:
            if item.nodeid not in known:
                known[item.nodeid] = self._one_measured(item, sources)
            seconds, reached = known[item.nodeid]
            self.seconds[item.nodeid] = seconds
            for path, lines in reached.items():
                for line in lines:
                    self.covering.setdefault((path, line), set()).add(item.nodeid)
        if self.measured is not None:
            self.measured.write_text(json.dumps(known), encoding="utf-8")

    def _one_measured(self, item: pytest.Item, sources: list[str]) -> tuple[float, dict[str, list[int]]]:
        began = time.perf_counter()
        if os.environ.get(
            "NUMBA_DISABLE_JIT"
        ):  # many tests run into the limit, and one that is cut short may leave a lock taken
            text = _in_fork(lambda: json.dumps(self._reached(item, sources)), 4.0 * self.longest + 5.0)
            said = json.loads(text) if text.startswith("{") else text
        else:  # what it has compiled and computed is there for all mutants
            said = self._reached(item, sources)
        seconds = time.perf_counter() - began
        if isinstance(said, str):
            sys.stderr.write(f"left out: {item.nodeid} ({said})\n")
            return seconds, {}
        return seconds, said

    def _reached(self, item: pytest.Item, sources: list[str]) -> dict[str, list[int]] | str:
        """The lines of the sources that a test runs, or how it fails."""
        tracer = coverage.Coverage(data_file=None, include=sources, config_file=False, messages=False)
        tracer.start()
        failed = _failed(item, self.longest)
        tracer.stop()
        if failed:
            return failed
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nothing of the sources was run
            data = tracer.get_data()
        files = {str(Path(file).relative_to(self.root)): file for file in data.measured_files()}
        return {path: data.lines(file) or [] for path, file in files.items()}

    def _covering(self, mutant: Mutant) -> set[str]:
        """Tests that run the mutant's statement; for what runs at import, those that run anything in the module."""
        if mutant.at_import:
            return set().union(*(names for (path, _), names in self.covering.items() if path == mutant.path))
        return set().union(*(self.covering.get((mutant.path, line), set()) for line in mutant.lines))

    def _chosen(self, mutant: Mutant) -> list[str]:
        """What has killed a neighbour comes first, then the tests of the module's own file, then the quickest."""
        known = self.killers.get(_place(mutant), [])
        own = f"test_{Path(mutant.path).stem}"
        order = sorted(
            self._covering(mutant),
            key=lambda name: (
                known.index(name) if name in known else len(known),
                self.seconds[name] > 0.5,
                own not in name,
                self.seconds[name],
            ),
        )
        chosen: list[str] = []
        spent = 0.0
        for name in order:
            spent += self.seconds[name]
            if spent <= self.budget or not chosen:
                chosen.append(name)
        return chosen


def _warm_up(root: Path) -> None:
    """Import what a fork would import again and again, and load the compiled samplers."""
    for path in sorted([*(root / "simtemp").rglob("*.py"), *(root / "verify").rglob("*.py")]):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        if not name.startswith(("simtemp.calm", "simtemp.adaptive", "simtemp.sweep")):
            importlib.import_module(name.removesuffix(".__init__"))
    import simtemp

    for method in ("collision", "batch", "duel"):
        simtemp.simulate(method, "two", 0.3, 10)
    simtemp.simulate("duel", "two", 0.3, 10, coupling="stream")


def _place(mutant: Mutant) -> tuple[str, int]:
    return mutant.path, mutant.definition.lineno


def _killer(mutant: Mutant, items: list[tuple[pytest.Item, float]], fresh: bool) -> str:
    """How the first test fails that notices the mutant, and which it is; empty if none does. Run in a fork."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    clear_caches((*PACKAGES, "test_", "tests", "conftest") if fresh else PACKAGES)
    install(mutant)
    for item, seconds in items:
        # Compiled code hears of no alarm: this one ends the process.
        signal.setitimer(signal.ITIMER_VIRTUAL, 2.0 * _limit(seconds))
        failed = _failed(item, _limit(seconds))
        if failed:
            return f"{failed} {item.nodeid}"
    return ""


def _in_fork(function: Callable[[], str], most: float) -> str:
    """What a function returns in a forked process that is given so many seconds, or how that ends."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _child(function, read, write)
    os.close(write)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, most)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    return said if said or status == 0 else f"process ended by {os.waitstatus_to_exitcode(status)}"


def _child(function: Callable[[], str], read: int, write: int) -> NoReturn:
    try:
        os.close(read)
        quiet = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(quiet, descriptor)
        with os.fdopen(write, "w") as pipe:
            try:
                pipe.write(function())
            except BaseException as error:  # a mutant that cannot even be put in place
                pipe.write(type(error).__name__)
    finally:
        os._exit(0)


def _limit(seconds: float) -> float:
    return 6.0 + 8.0 * seconds


def _failed(item: pytest.Item, limit: float) -> str:
    """How a test fails: empty if it passes."""

    def stop(signum: int, frame: FrameType | None) -> NoReturn:
        raise TookTooLong

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        reports = runtestprotocol(item, log=False, nextitem=None)
    except TookTooLong:
        return "time-out"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    for report in reports:
        if report.failed:
            return "time-out" if "TookTooLong" in str(report.longrepr) else "assertion"
    return ""
