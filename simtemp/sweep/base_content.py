"""Bases that are read from files: their hash belongs to a cell's identity, their distribution is read once a process."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from simtemp.base import parse_base
from simtemp.categorical import Categorical
from simtemp.sweep.declaration import Parameters
from simtemp.text_blocks import python_manual


def content_hash(spec: str) -> str | None:
    """SHA-256 of what a base specification reads from disk; None if it reads nothing.

    The base `text` is hashed too: the Python manual differs between versions of Python.

    Raises
    ------
    OSError
        For a file that cannot be read.
    """
    name, colon, rest = spec.partition(":")
    if name.strip() == "text" and not colon:
        return hashlib.sha256(python_manual().encode()).hexdigest()
    if name.strip() not in ("file", "text"):
        return None
    place = rest if name.strip() == "file" else rest.rpartition(",")[0]
    with Path(place.strip()).expanduser().open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def with_content(parameters: dict[str, object]) -> dict[str, object]:
    """Parameters with `base_sha256` beside a base that is read from disk, once the base is known to be good."""
    spec = str(parameters["base"])
    digest = content_hash(spec) if _checked(spec) else None
    return parameters if digest is None else {**parameters, "base_sha256": digest}


def base_of(parameters: Parameters) -> Categorical:
    """The base of a cell.

    Raises
    ------
    ValueError
        If it was read from a file that is no longer what it was when the cell was made.
    """
    return _read(parameters["base"], parameters.get("base_sha256"))


@lru_cache(maxsize=4)
def _read(spec: str, digest: str | None) -> Categorical:
    base = parse_base(spec)
    if content_hash(spec) != digest:
        raise ValueError(f"base {spec!r}: what is read from disk has changed since the sweep began")
    return base


@lru_cache(maxsize=4096)
def _checked(spec: str) -> bool:
    parse_base(spec)
    return True
