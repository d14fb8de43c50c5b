"""One small report, made once, for every test that reads one."""

from __future__ import annotations

from pathlib import Path

import pytest

from figures.report.plan import Effort
from figures.report.write import write_report

TINY = Effort(
    suite_epsilon=0.1,
    epsilons=(0.05, 0.1, 0.2),
    cell_draws=1e6,
    bound_draws=2e5,
    batches=((20, 1 / 2), (20, 1 / 10)),
    cell_seconds=60.0,
    seconds=300.0,
    faults=("normaliser-not-tempered", "every-output-twice", "inverse-cdf"),
)
BASES = ("two:0.8", "peaked9", "uniform:10")


@pytest.fixture(scope="session")
def tiny() -> Effort:
    return TINY


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports without pictures, which take most of the time of a small one."""
    monkeypatch.setattr("figures.report.write.chosen_pictures", lambda *_arguments: [])


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report on three bases in a few seconds."""
    folder = tmp_path_factory.mktemp("report")
    write_report(folder, bases=BASES, seed=5, quick=True, threads=2, effort=TINY)
    return folder
