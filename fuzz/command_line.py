"""Fuzz the command line with Hypothesis for a time: ``python -m fuzz.command_line --minutes 5 --findings DIR``.

Every command line, however odd, must end with exit code 0, 1, 2 or 3; with 2 it says one line; with ``--json`` it prints one object without
NaN; and it takes no longer than a bounded piece of work. It runs in this process, in a folder that has one of everything (`fuzz.world`).
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzz import world
from fuzz.commands import COMMANDS, command_lines
from simtemp import cli

_BUILD = cli.build_app

SLOW, HANG = 20.0, 180
"""Seconds of this process's own, and of the clock: longer is a finding, and the end of this process."""

_MEMORY = 14 << 30
_BATCH = 150.0
"""Seconds of one process: what a command leaves behind does not pile up."""

_VERDICTS = {"verify": {0, 1, 2, 3}, "sweep": {0, 1, 2}}
_KNOWN_WARNINGS = ("leaves", "has no cores", "not available")


def fault(words: list[str], code: object, out: str, err: str, seconds: float) -> str | None:
    """What is wrong with how a command ended, in a few words; None where nothing is."""
    lines = err.splitlines()
    if "Traceback (most recent" in err or "panicked" in err:
        return f"traceback: {lines[-1] if lines else ''}"
    allowed = next((codes for name, codes in _VERDICTS.items() if name in words), {0, 2})
    if code not in allowed:
        return f"exit code {code}"
    said = [line for line in lines if not line.startswith("simtemp: warning: ") and line != "hello"]  # of judge.py
    odd = [
        line
        for line in lines
        if line.startswith("simtemp: warning: ") and not any(known in line for known in _KNOWN_WARNINGS)
    ]
    if odd:
        return f"warning: {odd[0][:100]}"
    if code == 2 and (len(said) != 1 or not said[0].startswith("simtemp: ") or len(said[0]) < 15):
        return f"not one line: {said[:2]}"
    if (
        code == 2 and out and "decode" not in words and "Usage:" not in out
    ):  # text is printed as it comes; a group alone shows its help
        return "an answer and an error"
    if code != 2 and said:
        return f"on stderr: {said[0][:100]}"
    if code != 2 and "--json" in words and "--help" not in words and "-h" not in words and "--version" not in words:
        wrong = _bad_json(out) or _other_echo(words, json.loads(out))
        if wrong is not None:
            return wrong
    return "slow" if seconds > SLOW else None


def _bad_json(out: str) -> str | None:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} in JSON")

    try:
        found = json.loads(out, parse_constant=refuse)
    except ValueError as error:
        return f"not JSON: {str(error)[:60]}"
    return None if isinstance(found, dict) else "JSON, but no object"


def _other_echo(words: list[str], record: dict[str, Any]) -> str | None:
    """What was asked for is what is answered: the last of every repeated option."""
    if words[0] not in ("sample", "law", "verify") or "--" in words:
        return None
    for name, options in (("base", ("--base",)), ("temperature", ("-T", "--temperature"))):
        asked = None
        for word, after in zip(words, [*words[1:], ""], strict=True):
            if word in options:
                asked = after
            elif word.startswith("--") and word.partition("=")[0] in options:
                asked = word.partition("=")[2]
        found = record.get(name)
        if asked is None or (
            asked.strip() != found if name == "base" else (found is not None and float(asked) != found)
        ):
            return f"{name} is {found!r}, asked was {asked!r}"
    return None


@cache
def _built_once() -> Any:
    from typer.main import get_command

    return get_command(_BUILD())


def run_captured(words: list[str]) -> tuple[object, str, str, float]:
    """Exit code, stdout, stderr and seconds of this process for a command line."""
    streams = [
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors=errors) for errors in ("strict", "backslashreplace")
    ]
    began = time.process_time()
    code: object
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        try:
            code = cli.run(words)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            code = f"raised {type(error).__name__}"
            traceback.print_exc()
    texts = []
    for stream in streams:
        stream.flush()
        texts.append(stream.buffer.getvalue().decode("utf-8", "replace"))  # type: ignore[attr-defined]
    return code, texts[0], texts[1], time.process_time() - began


def _batch(number: int, seconds: float, findings: Path) -> None:
    """One process: examples until its time is up."""
    cli.build_app = _built_once  # type: ignore[assignment]  # which takes longer than most commands
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    ends = time.monotonic() + seconds
    tally: Counter[str] = Counter()
    seen: set[tuple[str, ...]] = set()
    place = Path(tempfile.mkdtemp(prefix="simtemp-commands-")) / "a" / "b" / "c"
    place.mkdir(parents=True)
    world.make_world(place)
    os.chdir(place)
    journal = findings / f"last-{number}.json"

    @settings(
        max_examples=10**9,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @seed(number)
    @given(command_lines())
    def examples(words: list[str]) -> None:
        if time.monotonic() > ends:
            raise TimeoutError
        if tuple(words) in seen:
            return
        seen.add(tuple(words))
        journal.write_text(json.dumps(words))
        if "torch" in sys.modules:  # the threads that an earlier command asked for
            sys.modules["torch"].set_num_threads(1)
        faulthandler.dump_traceback_later(HANG, exit=True)
        os.chdir(place)
        code, out, err, took = run_captured(words)
        faulthandler.cancel_dump_traceback_later()
        tally["commands"] += 1
        tally[f"{_name(words)} {code}"] += 1
        wrong = fault(words, code, out, err, took)
        if wrong is not None:
            _keep(
                findings,
                words,
                f"{_name(words)}: {wrong}",
                f"exit code {code}, {took:.1f} s\n\n{out[-2000:]}\n\n{err[-6000:]}",
            )

    with suppress(TimeoutError):
        examples()
    (findings / f"tally-{number}.json").write_text(json.dumps(tally))
    journal.unlink(missing_ok=True)


def _name(words: list[str]) -> str:
    named = next((name for name in COMMANDS if words[: len(name.split())] == name.split()), "other")
    return " ".join(named.split()[:2])


def _keep(findings: Path, words: list[str], where: str, said: str) -> None:
    place = findings / f"{hashlib.sha256(where.encode(errors='backslashreplace')).hexdigest()[:12]}.txt"
    if not place.exists():
        sys.stderr.write(f"FINDING {place.name}: {where!a}\n")
        place.write_text(f"{where}\n{json.dumps(words)}\n{said}", encoding="utf-8", errors="backslashreplace")


def main() -> None:
    """Batches until time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--findings", type=Path, default=Path("findings"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=float, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.findings.mkdir(parents=True, exist_ok=True)
    if asked.batch is not None:
        _batch(asked.seed, asked.batch, asked.findings.resolve())
        return
    ends = time.monotonic() + 60 * asked.minutes
    number = 1000 * asked.seed
    while (left := ends - time.monotonic()) > 3:
        number += 1
        words = [
            sys.executable,
            "-m",
            "fuzz.command_line",
            "--batch",
            str(min(_BATCH, left)),
            "--seed",
            str(number),
            "--findings",
            str(asked.findings),
        ]
        done = subprocess.run(words, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False)
        last = asked.findings / f"last-{number}.json"
        if done.returncode or last.exists():
            _keep(
                asked.findings,
                json.loads(last.read_text()) if last.exists() else [],
                f"died with {done.returncode} in batch {number}",
                "",
            )
    total: Counter[Any] = Counter()
    for tally in asked.findings.glob("tally-*.json"):
        total.update(json.loads(tally.read_text()))
    sys.stderr.write("\n".join(f"{count:8d} {name}" for name, count in sorted(total.items())) + "\n")


if __name__ == "__main__":
    main()
