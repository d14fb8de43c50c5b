"""Base specifications: a line of text such as ``zipf:1000,1.1`` to the distribution it names."""

from __future__ import annotations

import contextlib
import difflib
import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats, shown
from simtemp.categorical import MAX_CATEGORIES, Categorical
from simtemp.errors import SpecificationError
from simtemp.families import FAMILIES
from simtemp.table_file import read_table
from simtemp.text_blocks import MANUAL_BLOCK_LENGTH, python_manual, read_text_blocks, text_blocks

__all__ = ["MAX_CATEGORIES", "SPECIFICATIONS", "SUITE", "Categorical", "as_base", "parse_base"]

SUITE: Final = ("two", "peaked9", "near", "uniform:10", "geometric:39,0.5", "zipf:1000,1.1")
"""The small suite of bases on which samplers are compared."""

_NAMED: Final = {
    "peaked9": (0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02),
    "near": (0.31, 0.30, 0.29, 0.1),
}

SPECIFICATIONS: Final = (
    "two",
    "two:p",
    *(f"{name}:{','.join(family.parameters)}" for name, family in FAMILIES.items() if not family.optional),
    *_NAMED,
    "probs:p1,p2,...",
    "file:PATH",
    "text",
    "text:PATH,K",
)
"""Every form of specification that `parse_base` knows."""

_NAMES: Final = sorted({form.partition(":")[0] for form in SPECIFICATIONS})


def parse_base(spec: str | os.PathLike[str]) -> Categorical:
    """The base distribution that a specification names.

    Parameters
    ----------
    spec : str
        One of

        - ``two`` or ``two:p``: p and 1 - p; p = 0.5 when left out
        - ``uniform:K``
        - ``geometric:K,r``: proportional to r**i, i = 0, ..., K-1, r in (0, 1]
        - ``zipf:K,s``: proportional to (i+1)**-s, s >= 0
        - ``dirichlet:K,a,seed``: one draw of the symmetric Dirichlet distribution
        - ``softmax:K,sigma,seed``: softmax of normal logits of standard deviation sigma
        - ``probs:0.3,0.2,...``: as given; they sum to 1 within 1e-6
        - ``file:PATH``: labels with counts or probabilities, see `simtemp.table_file.read_table`
        - ``text:PATH,K``: the blocks of K characters of a UTF-8 file, see `simtemp.text_blocks.text_blocks`
        - ``text``: the blocks of 4 characters of the Python manual
        - ``peaked9``, ``near``: two small distributions of the suite

        K is at most 10 million; paths may begin with ``~``. A path object is read as ``file:PATH``.

    Returns
    -------
    Categorical
        Named by the specification; labels are 0, ..., K-1 but for files and text.

    Raises
    ------
    SpecificationError
        A ValueError of one line, naming the part that is wrong.

    Examples
    --------
    >>> parse_base("geometric:3,0.5").probs.round(3).tolist()
    [0.571, 0.286, 0.143]
    """
    if isinstance(spec, os.PathLike):
        spec = f"file:{os.fsdecode(spec)}"
    if not isinstance(spec, str):
        raise SpecificationError(f"base must be a specification such as 'zipf:1000,1.1', got {shown(spec)}")
    name, colon, rest = spec.partition(":")
    try:
        return _build(name.strip(), rest if colon else None, spec.strip())
    except OSError as error:
        raise SpecificationError(f"base {shown(spec)}: cannot read the file: {error.strerror or error}") from None
    except (ValueError, MemoryError) as error:
        raise SpecificationError(f"base {shown(spec)}: {' '.join(str(error).split())}") from None


def as_base(value: Any) -> Categorical:
    """A base in any form: a Categorical as it is, a specification, or a vector of probabilities.

    Raises
    ------
    ValueError
        For anything else, naming `base`.

    Examples
    --------
    >>> as_base("two").probs.tolist(), as_base([0.9, 0.1]).name
    ([0.5, 0.5], 'probs:0.9,0.1')
    """
    if isinstance(value, Categorical):
        return value
    if isinstance(value, str | os.PathLike):
        return parse_base(value)
    probs = arguments.probabilities(value, "base")
    if probs.size > 10:
        return Categorical(probs, name=f"{probs.size} probabilities")
    return Categorical(probs, name="probs:" + ",".join(map(repr, probs.tolist())))


def _build(name: str, rest: str | None, spec: str) -> Categorical:
    if name in FAMILIES:
        return Categorical(_family(name, rest), name=spec)
    if name in _NAMED:
        if rest is not None:
            raise ValueError(f"{name} takes no values, got {shown(rest)}")
        return Categorical(np.array(_NAMED[name]), name=spec)
    if name == "probs":
        fields = (rest or "").split(",")
        probs = [_number(field, f"probs[{index}]") for index, field in enumerate(fields)]
        return Categorical(np.array(probs, np.float64), name=spec)
    if name == "file":
        return read_table(_path(rest or "", "file:PATH"), spec)
    if name == "text" and rest is None:
        return text_blocks(python_manual(), MANUAL_BLOCK_LENGTH, spec)
    if name == "text":
        path, comma, length = rest.rpartition(",") if rest else ("", "", "")
        if not comma:
            raise ValueError(f"text:PATH,K needs a path and the characters to a block, got {shown(rest)}")
        return read_text_blocks(_path(path, "text:PATH,K"), _number(length, "K"), spec)
    raise ValueError(f"{_suggestion(name, spec)}known bases are {', '.join(SPECIFICATIONS)}")


def _family(name: str, rest: str | None) -> Floats:
    family = FAMILIES[name]
    fields = [] if rest is None else rest.split(",")
    needed = len(family.parameters)
    if not needed - family.optional <= len(fields) <= needed:
        form = f"{name}:{','.join(family.parameters)}"
        raise ValueError(f"{form} takes {needed} {'value' if needed == 1 else 'values'}, got {len(fields)}")
    numbers = (_number(field, parameter) for field, parameter in zip(fields, family.parameters, strict=False))
    return family.probabilities(*numbers)


def _number(field: str, parameter: str) -> int | float:
    with contextlib.suppress(ValueError):
        return int(field)
    with contextlib.suppress(ValueError):
        return float(field)
    raise ValueError(f"{parameter} must be a number, got {shown(field.strip())}")


def _path(text: str, form: str) -> Path:
    if not text.strip():
        raise ValueError(f"{form} needs a path, got none")
    try:
        return Path(text.strip()).expanduser()
    except RuntimeError as error:  # the home folder of an unknown user
        raise ValueError(str(error)) from None


def _suggestion(name: str, spec: str) -> str:
    with contextlib.suppress(OSError, ValueError):
        if Path(spec).is_file():
            is_table = Path(spec).suffix.lower() in (".csv", ".tsv", ".json", ".npy")
            return f"did you mean {shown(f'file:{spec}' if is_table else f'text:{spec},4')}? "
    close = difflib.get_close_matches(name.lower(), _NAMES, n=1)
    return f"unknown base {shown(name)}; " + (f"did you mean {close[0]!r}? " if close else "")
