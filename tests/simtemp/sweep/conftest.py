"""Kinds of cells for tests, in a module that worker processes can import, installed as another package's would be."""

import sys
from pathlib import Path

import pytest

KINDS = """
import os, signal, time
import numpy as np
from simtemp.arguments import real, whole_number
from simtemp.sweep import Parameter, cell_kind

number = {"number": Parameter(whole_number)}


@cell_kind(version=1, parameters=number)
def draw(parameters, seed_sequence):
    return {"draw": float(np.random.default_rng(seed_sequence).random())}


@cell_kind(version=1, parameters=number)
def nap(parameters, seed_sequence):
    time.sleep(parameters["number"] / 1000)
    return {"draw": float(np.random.default_rng(seed_sequence).random())}


@cell_kind(version=1, parameters=number)
def broken(parameters, seed_sequence):
    if parameters["number"] == 3:
        raise SystemExit("three")
    return {"inverse": 1 / parameters["number"]}


@cell_kind(version=1, parameters=number)
def deadly(parameters, seed_sequence):
    if parameters["number"] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"number_again": parameters["number"]}


@cell_kind(version=1, parameters=number)
def bad_result(parameters, seed_sequence):
    return [{"draws": [1, 2]}, {"number": 1}, {"status": "x"}, 7, {"inf": float("inf"), "one": np.int64(1)}][parameters["number"]]


@cell_kind(version=1, parameters={"x": Parameter(real, 0.5), "y": Parameter(real, None)})
def optional(parameters, seed_sequence):
    return {}


no_kind = len
"""


@pytest.fixture(scope="session")
def kinds_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "sweep_test_kinds.py").write_text(KINDS)
    info = folder / "sweep_test_kinds-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sweep-test-kinds\nVersion: 1\n")
    names = ("draw", "nap", "broken", "deadly", "bad_result", "optional", "no_kind")
    lines = [f"{name} = sweep_test_kinds:{name}" for name in names]
    (info / "entry_points.txt").write_text("[simtemp.cells]\ngone = sweep_test_gone:cell\n" + "\n".join(lines) + "\n")
    return folder


@pytest.fixture
def kinds(kinds_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the test kinds, importable here and in worker processes."""
    monkeypatch.setattr(sys, "path", [str(kinds_folder), *sys.path])
    return kinds_folder
