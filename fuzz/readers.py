"""Fuzz one reader with Atheris for a time, going on after findings: ``python -m fuzz.readers TARGET --minutes 5 --findings DIR``."""

from __future__ import annotations

import argparse
import hashlib
import importlib
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import atheris

from fuzz.mutation import mutator

TARGETS = ("base_files", "recorded_outputs", "grids", "stores", "checkpoints", "results", "experiments")
_PACKAGES = ("simtemp", "verify", "figures")
_SLOW = 5.0
"""Seconds; an input that takes longer is a finding. It is broken off after three times as long (of this process alone)."""


class _Hang(BaseException):
    """An input took far too long."""


class _Findings:
    """One input kept for each different fault: its type, and the line of ours that it came from."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._met: set[str] = set()

    def keep(self, data: bytes, said: str, where: str) -> None:
        if where in self._met:
            return
        self._met.add(where)
        self._place.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(where.encode()).hexdigest()[:12]
        (self._place / name).write_bytes(data)
        (self._place / f"{name}.txt").write_text(f"{where}\n\n{said}", encoding="utf-8", errors="backslashreplace")
        sys.stderr.write(f"FINDING {name}: {where}\n")


def _compiled() -> list[str]:
    """Modules with compiled functions: instrumented, they could not be read by Numba any more."""
    root = Path(__file__).parents[1]
    found = [
        path
        for package in _PACKAGES
        for path in (root / package).rglob("*.py")
        if re.search(r"numba|simtemp\.jit", path.read_text())
    ]
    return [".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__") for path in found]


def _where(error: BaseException) -> str:
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if any(f"/{package}/" in frame.filename for package in _PACKAGES)
    ]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    detail = (
        re.sub(r"/dev/shm\S*|/tmp/\S*|[\d.]+", "", str(error)).split(" ", 4)[:4]
        if isinstance(error, AssertionError)
        else []
    )
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} in {last.name} {' '.join(detail)}"


def main() -> None:
    """Make the first inputs, and fuzz until time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--findings", type=Path, default=Path("findings"))
    parser.add_argument("--corpus", type=Path, help="Inputs to begin with and to add to (default: a new folder).")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"

    given.findings.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=[*_PACKAGES, "tomllib"], exclude=_compiled()):
        target = importlib.import_module(f"fuzz.{given.target}").TARGET
    findings = _Findings(given.findings / given.target)
    corpus = given.corpus or Path(tempfile.mkdtemp(prefix="simtemp-corpus-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target.seeds()):
        target.check(data)  # what is valid is read
        (corpus / f"seed-{number}").write_bytes(data)

    def once(data: bytes) -> None:
        began = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, 3 * _SLOW)
        try:
            target.check(data)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            findings.keep(data, "".join(traceback.format_exception(error)), _where(error))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if time.process_time() - began > _SLOW:
            findings.keep(
                data, f"{time.process_time() - began:.1f} seconds", f"slow, kind {data[0] if data else 'none'}"
            )

    def hang(number: int, frame: object) -> None:
        raise _Hang

    signal.signal(signal.SIGVTALRM, hang)
    random.seed(given.seed)
    atheris.Setup(
        [
            sys.argv[0], f"-max_total_time={round(60 * given.minutes)}", "-timeout=300", "-rss_limit_mb=6000", f"-seed={given.seed}",
            "-max_len=65536", "-len_control=0", "-print_final_stats=1", f"-artifact_prefix={given.findings}/{given.target}-", str(corpus),
        ],
        once,
        custom_mutator=mutator(target.damage, lambda data, size: atheris.Mutate(data, size)),
    )  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    main()
