"""A sweep on a Dask cluster: the same results, through workers that die, and one line for a cluster that is not as it should be."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from simtemp import cli
from simtemp.sweep import (
    Cell,
    SweepInterrupted,
    WorkerDied,
    WorkersUnavailable,
    cluster_connection,
    make_cell,
    read_store,
    run_sweep,
)
from simtemp.sweep.cluster import ClusterWorkers
from simtemp.sweep.cluster_address import scheduler_address
from simtemp.sweep.cluster_process import Lease
from simtemp.sweep.cluster_versions import PACKAGES, other_versions
from simtemp.sweep.store import stored_rows


def cells(kind: str, numbers: range | list[int]) -> list[Cell]:
    return [make_cell(kind, f"sweep_test_kinds:{kind}", 1, {"number": number}) for number in numbers]


def compared(store: Path) -> list[tuple[str, ...]]:
    return [(row.key, row.kind, row.parameters, row.status, row.result) for row in stored_rows(store)]


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("tcp://10.0.0.1:8786", "tcp://10.0.0.1:8786"),
        (" head-node:8786 ", "tcp://head-node:8786"),
        ("tls://[::1]:8786", "tls://[::1]:8786"),
    ],
)
def test_addresses(given: str, address: str) -> None:
    assert scheduler_address(given) == address


def test_the_file_of_a_scheduler(tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    with pytest.raises(FileNotFoundError):
        scheduler_address(str(file))
    file.write_text('{"type": "Scheduler", "address": "tcp://127.0.0.1:40001"}')
    assert scheduler_address(str(file)) == "tcp://127.0.0.1:40001"
    for wrong in ("", "[1]", "{}", "\xff", '{"address": 3}'):
        file.write_bytes(wrong.encode("latin-1"))
        with pytest.raises(ValueError, match="scheduler must be tcp://HOST:PORT or a"):
            scheduler_address(str(file))


@pytest.mark.parametrize("given", ["", "head-node", "http://head-node:8787/status", "tcp://head-node", "tcp://:port"])
def test_what_is_no_address(given: str) -> None:
    with pytest.raises(ValueError, match="scheduler must be tcp://HOST:PORT"):
        scheduler_address(given)


def versions(**others: str | None) -> dict[str, Any]:
    return {"packages": {"python": "3.11.7.final.0", **dict.fromkeys(PACKAGES, "1.0"), **others}}


def test_versions() -> None:
    here = versions()
    assert other_versions({"client": here, "scheduler": versions(python="3.11.9.final.0"), "workers": {}}) is None
    for place, found in [
        ("the scheduler", {"client": here, "scheduler": versions(dask="2.0"), "workers": {}}),
        ("worker tcp://h:1", {"client": here, "scheduler": here, "workers": {"tcp://h:1": versions(dask="2.0")}}),
    ]:
        assert (other_versions(found) or "").startswith(f"{place} has dask 2.0, and here it is 1.0")
    without = {"client": here, "scheduler": here, "workers": {"tcp://h:1": versions(simtemp=None)}}
    assert "worker tcp://h:1 has no simtemp: install there" in (other_versions(without) or "")
    old = {"client": here, "scheduler": versions(python="3.12.1.final.0"), "workers": {}}
    assert "the scheduler has python 3.12, and here it is 3.11" in (other_versions(old) or "")


class Ended(ThreadPoolExecutor):
    ended = False

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.ended = True
        super().shutdown(wait=wait, cancel_futures=cancel_futures)


def test_processes_on_a_worker_end_when_no_call_comes() -> None:
    made: list[Ended] = []

    def make() -> Executor:
        made.append(Ended(2))
        return made[-1]

    lease = Lease(0.05, make)
    with lease.executor() as first:
        with lease.executor() as second:
            assert first is second
        time.sleep(0.2)
        assert not made[0].ended  # one call is still there
    time.sleep(0.3)
    assert made[0].ended
    with lease.executor() as third:
        assert third is made[1]
        lease.end()  # in the middle of a call, as Ctrl-C asks for
        assert made[1].ended
    with pytest.raises(WorkerDied, match="over"), lease.executor():
        pass  # pragma: no cover


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scheduler", "head-node"], "scheduler must be tcp://HOST:PORT or a scheduler file, got 'head-node'"),
        (["--scheduler", "none.json"], "none.json: No such file or directory"),
        (["--scheduler", "h:8786", "--threads", "2"], "give --processes, --threads or --scheduler, not two of them"),
        (["--scheduler", "h:8786", "--wait", "0"], "wait must be in (0, 1e+07] seconds, got 0.0"),
        (["--scheduler", "h:8786", "--wait", "nan"], "wait"),
        (["--scheduler", "h:8786", "--wait", "inf"], "wait must be in (0, 1e+07] seconds, got inf"),
        (
            ["--scheduler", "h:8786"],
            '--scheduler needs distributed, which is not installed: pip install "simtemp[cluster]"',
        ),
    ],
)
def test_bad_input_is_one_line(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "distributed", None)
    Path("grid.toml").write_text('[[cells]]\nkind = "law"\nbase = "two"\ntemperature = 0.5\n')
    assert cli.run(["sweep", "grid.toml", "--store", "r.sqlite", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err
    assert not Path("r.sqlite").exists()


class Cluster:
    """A scheduler and its workers, each a process."""

    def __init__(self, folder: Path, kinds: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.environment = {**os.environ, "PYTHONPATH": str(kinds), "OMP_NUM_THREADS": "2"}
        self._processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file)
        )
        until(lambda: self.file.exists() and self.file.stat().st_size > 0)

    def worker(self, *program: str, path: str = "") -> "subprocess.Popen[bytes]":
        """A worker without Dask's nanny, which would start another in place of one that dies."""
        environment = {
            **self.environment,
            "PYTHONPATH": os.pathsep.join([*filter(None, [path]), self.environment["PYTHONPATH"]]),
        }
        return self._start(
            "worker", "--scheduler-file", str(self.file), "--nthreads", "1", "--no-nanny", "--no-dashboard",
            environment=environment, program=program or ("-m", "dask"),
        )  # fmt: skip

    def _start(
        self, *words: str, environment: dict[str, str] | None = None, program: tuple[str, ...] = ("-m", "dask")
    ) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, *program, *words],
            env=environment or self.environment,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    def end(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def children(process: "subprocess.Popen[bytes]") -> int:
    tasks = Path(f"/proc/{process.pid}/task")
    return sum(len((task / "children").read_text().split()) for task in tasks.iterdir())


WITHOUT_SIMTEMP = """
import importlib.metadata

version = importlib.metadata.version


def without(name):
    if name == "simtemp":
        raise importlib.metadata.PackageNotFoundError(name)
    return version(name)


importlib.metadata.version = without
from dask.__main__ import main

main()
"""

BLAS_THREADS = """
import os
from simtemp.arguments import whole_number
from simtemp.sweep import Parameter, cell_kind


@cell_kind(version=1, parameters={"number": Parameter(whole_number)})
def blas_threads(parameters, seed_sequence):
    return {"threads": os.environ["OMP_NUM_THREADS"]}
"""


@pytest.fixture
def cluster(tmp_path: Path, kinds: Path, kinds_folder: Path) -> Iterator[Cluster]:
    (kinds_folder / "cluster_test_kinds.py").write_text(BLAS_THREADS)
    one = Cluster(tmp_path, kinds_folder)
    yield one
    one.end()


@pytest.mark.slow
def test_two_workers_one_killed_and_then_the_scheduler(cluster: Cluster, tmp_path: Path) -> None:
    """The life of a cluster, in one test because processes take seconds to start."""
    law = {"base": "two:0.8", "temperature": 0.5, "batch_size": 10, "rule": "published"}
    sample = {
        "base": "near",
        "temperature": 0.5,
        "method": "duel",
        "seed": 0,
        "size": 300,
        "max_draws": 10**9,
        "split": 2,
    }
    several = [
        *cells("nap", range(30, 70)),
        *cells("broken", range(4)),
        make_cell("law", "simtemp.sweep.law_cell:law_cell", 1, law),
        make_cell("sample", "simtemp.sweep.sample_cell:sample_cell", 1, sample),
    ]
    run_sweep(several, tmp_path / "threads.sqlite", threads=1)
    run_sweep(several, tmp_path / "processes.sqlite", processes=2)
    first, second = cluster.worker(), cluster.worker()

    def kill(done: int, total: int) -> None:
        if done >= 10 and first.poll() is None:
            assert children(first)
            first.kill()
            first.wait()

    with ClusterWorkers(str(cluster.file)) as workers:
        summary = run_sweep(
            several, tmp_path / "cluster.sqlite", executor=workers, in_flight=workers.in_flight, progress=kill
        )
    assert (summary.computed, summary.failed) == (46, 2)
    assert first.returncode == -signal.SIGKILL
    assert compared(tmp_path / "threads.sqlite") == compared(tmp_path / "processes.sqlite")
    assert compared(tmp_path / "threads.sqlite") == compared(tmp_path / "cluster.sqlite")
    assert second.poll() is None
    until(lambda: children(second) == 0, 5)  # at once, not after a while

    # A cell that crashes leaves the Dask worker as it was; linear algebra has one thread whatever the worker was started with.
    dying = [*cells("deadly", range(8)), make_cell("blas_threads", "cluster_test_kinds:blas_threads", 1, {"number": 9})]
    with ClusterWorkers(str(cluster.file)) as workers:
        summary = run_sweep(dying, tmp_path / "dying.sqlite", executor=workers, in_flight=workers.in_flight)
    table = read_store(tmp_path / "dying.sqlite")
    assert (summary.computed, summary.failed) == (9, 1)
    assert "3 workers died of it" in table.set_index("number").loc[3, "error"]
    assert table["threads"].dropna().tolist() == ["1"]
    assert second.poll() is None

    # Ctrl-C: what was finished is kept, what was under way ends at once, on the cluster too.
    long = cells("nap", [1, 2, 60_000, 60_001])
    pressed = 0.0

    def press(done: int, total: int) -> None:
        nonlocal pressed
        if done == 2:
            until(lambda: children(second) == 1)
            pressed = time.monotonic()
            os.kill(os.getpid(), signal.SIGINT)

    with (
        pytest.raises(SweepInterrupted, match="2 of 4 cells"),
        ClusterWorkers(str(cluster.file)) as workers,
    ):
        run_sweep(long, tmp_path / "long.sqlite", executor=workers, in_flight=workers.in_flight, progress=press)
    assert time.monotonic() - pressed < 8
    until(lambda: children(second) == 0, 5)

    def stop(done: int, total: int) -> None:
        if done == 2:
            cluster.scheduler.kill()

    with (
        pytest.raises(
            WorkersUnavailable, match=r"the connection to the scheduler tcp://\S+ was lost; the same command goes on"
        ),
        ClusterWorkers(str(cluster.file)) as workers,
    ):
        run_sweep(long[:2] + long[3:], tmp_path / "lost.sqlite", executor=workers, in_flight=64, progress=stop)
    assert len(compared(tmp_path / "lost.sqlite")) == 2


@pytest.mark.slow
def test_a_cluster_without_workers_and_with_wrong_ones(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        pytest.raises(WorkersUnavailable, match=r"has had no workers for 0\.5 seconds"),
        ClusterWorkers(str(cluster.file), wait=0.5),
    ):
        pass  # pragma: no cover

    # The last worker dies, and no other comes.
    only = cluster.worker()

    def kill(done: int, total: int) -> None:
        if done == 2:
            only.kill()

    with (
        pytest.raises(WorkersUnavailable, match="has had no workers for 1 seconds; the same command goes on"),
        ClusterWorkers(str(cluster.file), wait=30) as workers,
    ):
        workers._wait = 1.0
        run_sweep(cells("nap", [1, 2, 60_000]), tmp_path / "s.sqlite", executor=workers, in_flight=8, progress=kill)
    assert len(compared(tmp_path / "s.sqlite")) == 2

    # A frozen scheduler keeps its connections, and never answers.
    cluster.worker()
    with (
        pytest.raises(WorkersUnavailable, match="has been silent for 1 seconds"),
        ClusterWorkers(str(cluster.file), wait=30) as workers,
    ):
        workers._wait = 1.0
        monkeypatch.setattr("simtemp.sweep.cluster.CONNECT_SECONDS", 0.5)
        monkeypatch.setattr("simtemp.sweep.cluster._CLOSE_SECONDS", 1.0)
        cluster.scheduler.send_signal(signal.SIGSTOP)
        run_sweep(cells("nap", [3]), tmp_path / "s.sqlite", executor=workers, in_flight=8)
    cluster.scheduler.send_signal(signal.SIGCONT)
    monkeypatch.undo()

    other = tmp_path / "other"
    (other / "simtemp-9.9.dist-info").mkdir(parents=True)
    (other / "simtemp-9.9.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: simtemp\nVersion: 9.9\n")
    worker = cluster.worker(path=str(other))
    with pytest.raises(WorkersUnavailable, match=r"worker tcp://\S+ has simtemp 9.9, and here it is"):
        for _ in range(100):
            with ClusterWorkers(str(cluster.file)):
                time.sleep(0.2)
    worker.kill()

    (tmp_path / "without.py").write_text(WITHOUT_SIMTEMP)
    cluster.worker(str(tmp_path / "without.py"))
    with pytest.raises(
        WorkersUnavailable, match=r"worker tcp://\S+ has no simtemp: install there what is installed here"
    ):
        for _ in range(100):
            with ClusterWorkers(str(cluster.file)):
                time.sleep(0.2)


@pytest.mark.slow
def test_what_is_no_scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_connection, "CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        with pytest.raises(WorkersUnavailable, match=r"no Dask scheduler has answered at tcp://.* within 0\.5 seconds"):
            ClusterWorkers(f"{host}:{port}").__enter__()
    with pytest.raises(WorkersUnavailable, match="no Dask scheduler has answered"):
        ClusterWorkers(f"{host}:{port}").__enter__()  # nobody listens there any more


@pytest.mark.slow
def test_the_command_on_a_cluster(cluster: Cluster, tmp_path: Path) -> None:
    """In a process of its own: nothing of Dask's may reach its stderr."""
    cluster.worker()
    (tmp_path / "grid.toml").write_text('[[cells]]\nkind = "nap"\nnumber = { from = 0, to = 30 }\n')
    words = ["sweep", "grid.toml", "--store", "r.sqlite", "--scheduler", str(cluster.file), "--json"]
    command = [sys.executable, "-c", "from simtemp.cli import main; main()", *words]
    environment = cluster.environment
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["computed"] == 31
    (tmp_path / "grid.toml").write_text('[[cells]]\nkind = "nap"\nnumber = [1, 2, 33, 60000]\n')
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as going:
        until(lambda: len(compared(tmp_path / "r.sqlite")) == 32)
        cluster.scheduler.kill()
        out, err = going.communicate(timeout=60)
    assert (going.returncode, out) == (2, "")
    assert err.count("\n") == 1
    assert "was lost; the same command goes on" in err
