"""``python -m mutation simtemp/exact --tests tests/simtemp/exact``: which small faults of the code do the tests not notice?"""

from __future__ import annotations

import fnmatch
import json
import random
import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer

from mutation.mutants import mutants_of
from mutation.session import Session

QUIET = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib --strict-markers"]


def main(
    sources: Annotated[list[str], typer.Argument(help="Modules or packages, as paths.")],
    tests: Annotated[list[str], typer.Option(help="Test files or folders.")],
    results: Annotated[Path, typer.Option(help="JSON lines, one for each mutant; appended to.")],
    skip: Annotated[list[str], typer.Option(help="Patterns of paths that are left out.")] = [],  # noqa: B006
    measured: Annotated[
        Path | None, typer.Option(help="Where to keep what the unchanged package's tests take and reach.")
    ] = None,
    minutes: Annotated[float, typer.Option(help="Stop then; the order is random, so what has run is a sample.")] = 1e9,
    seed: Annotated[int, typer.Option(help="For the order.")] = 0,
    only: Annotated[Path | None, typer.Option(help="Run the mutants again that survived in this file.")] = None,
    longest: Annotated[float, typer.Option(help="Leave out tests that take longer, in seconds.")] = 5.0,
    budget: Annotated[float, typer.Option(help="Seconds of tests for a mutant.")] = 10.0,
    keyword: Annotated[str, typer.Option(help="Which tests, as pytest's -k.")] = "",
    fresh: Annotated[bool, typer.Option(help="Empty the tests' own caches for every mutant.")] = False,
) -> None:
    """Run the tests against mutants of the sources, in the working directory."""
    root = Path.cwd()
    chosen = [mutant for path in _files(root, sources, skip) for mutant in mutants_of(root, path)]
    if only is not None:
        alive = {record["name"] for record in map(json.loads, only.read_text().splitlines()) if not record["killed_by"]}
        chosen = [mutant for mutant in chosen if mutant.name in alive]
    random.Random(seed).shuffle(chosen)
    session = Session(chosen, results, 60.0 * minutes, longest, budget, fresh, root, measured)
    pytest.main([*QUIET, "-k", keyword, *tests], plugins=[_NoExamplesKept(), session])


class _NoExamplesKept:
    """Hypothesis: the same examples for every mutant, none remembered from another, no shrinking."""

    def pytest_configure(self) -> None:
        from hypothesis import Phase, settings

        settings.register_profile("mutation", database=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
        settings.load_profile("mutation")


def _files(root: Path, sources: list[str], skip: list[str]) -> list[str]:
    found = [
        path
        for source in sources
        for path in ([root / source] if source.endswith(".py") else (root / source).glob("*.py"))
    ]
    names = sorted(str(path.relative_to(root)) for path in found)
    return [name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in skip)]


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    typer.run(main)
