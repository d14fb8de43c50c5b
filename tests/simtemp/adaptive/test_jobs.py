"""Jobs on processes: all run, the first error stops the rest, and a killed worker is one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simtemp.adaptive.jobs import Job, WorkerDied, run_jobs


def write(path: str, *, progress) -> None:
    progress(1, 2)
    Path(path).write_text("done")


def fail(path: str, *, progress) -> None:
    raise ValueError("this job is bad")


def linger(path: str, *, progress) -> None:
    for _ in range(600):
        progress(0, 1)
        time.sleep(0.1)
    Path(path).write_text("done")


def die(path: str, *, progress) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_here_one_after_another(tmp_path) -> None:
    ticks = []
    jobs = [Job(write, (str(tmp_path / name),)) for name in "abc"]
    run_jobs(jobs, 1, lambda done, total: ticks.append((done, total)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]
    assert ticks == [(17, 100), (50, 100), (83, 100)]


def test_nothing_to_do() -> None:
    run_jobs([], 4)


def test_an_error_here() -> None:
    with pytest.raises(ValueError, match="this job is bad"):
        run_jobs([Job(fail, ("",))], 4)


@pytest.mark.slow
def test_on_two_processes(tmp_path) -> None:
    ticks = []
    jobs = [Job(write, (str(tmp_path / name),)) for name in "abc"]
    run_jobs(jobs, 2, lambda done, total: ticks.append((done, total)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]
    assert ticks[-1] == (100, 100)


@pytest.mark.slow
def test_an_error_stops_the_others(tmp_path) -> None:
    with pytest.raises(ValueError, match="this job is bad"):
        run_jobs([Job(linger, (str(tmp_path / "whole"),)), Job(fail, ("",))], 2)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_killed_worker_is_one_line() -> None:
    with pytest.raises(WorkerDied, match="the same command goes on"):
        run_jobs([Job(die, ("",)), Job(linger, ("",))], 2)


_PARENT = """
import time
from simtemp.adaptive.jobs import Job, run_jobs

def touch(path, *, progress):
    while True:
        open(path, "a").write(".")
        time.sleep(0.1)
        progress(0, 1)

if __name__ == "__main__":
    run_jobs([Job(touch, ("first",)), Job(touch, ("second",))], 2)
"""


@pytest.mark.slow
def test_workers_end_with_a_parent_that_is_killed(tmp_path) -> None:
    (tmp_path / "parent.py").write_text(_PARENT)
    parent = subprocess.Popen([sys.executable, "parent.py"], cwd=tmp_path)
    files = [tmp_path / "first", tmp_path / "second"]
    while not all(file.exists() for file in files):
        assert parent.poll() is None
        time.sleep(0.1)
    parent.kill()
    parent.wait()
    time.sleep(3.0)
    before = [file.stat().st_size for file in files]
    time.sleep(1.0)
    assert [file.stat().st_size for file in files] == before
