"""A JSON file held against the shape it should have: which keys, of which types; the first thing wrong in one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from simtemp.arguments import shown
from simtemp.utf8_file import read_utf8

_LARGEST = 1e300
_SAID = {int: "a whole number", str: "a text", bool: "true or false", list: "a list", dict: "an object"}


class Maybe(NamedTuple):
    """May be null or left out: then it is `default`."""

    shape: Any
    default: Any = None


class Each(NamedTuple):
    """An object with any keys, and values of one shape."""

    shape: Any


def read_shape(file: Path, shape: Mapping[str, Any]) -> dict[str, Any]:
    """Read an object, with what may be left out filled in; keys that the shape does not name are kept.

    Parameters
    ----------
    file : Path
        UTF-8.
    shape : mapping
        By key: ``str``, ``int``, ``bool``, ``float`` (finite), a mapping, a list with the shape of its entries, `Maybe` or `Each`.

    Raises
    ------
    ValueError
        Naming the line of wrong JSON, or the key of a wrong value.
    OSError
        For a file that cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "a.json"
    >>> _ = file.write_text('{"loss": [0.5]}')
    >>> read_shape(file, {"loss": [float], "round": Maybe(int, 0)})
    {'loss': [0.5], 'round': 0}
    """
    try:
        document = json.loads(read_utf8(file))
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    found: dict[str, Any] = _held_against(document, shape, "")
    return found


def _held_against(value: Any, shape: Any, where: str) -> Any:
    if isinstance(shape, Maybe):
        return shape.default if value is None else _held_against(value, shape.shape, where)
    if isinstance(shape, Each):
        return {
            key: _held_against(part, shape.shape, f"{where}.{key}") for key, part in _of(value, dict, where).items()
        }
    if isinstance(shape, Mapping):
        entries, before = _of(value, dict, where), f"{where}." if where else ""
        return {**entries, **{key: _held_against(entries.get(key), part, before + key) for key, part in shape.items()}}
    if isinstance(shape, list):
        return [_held_against(part, shape[0], f"{where}[{i}]") for i, part in enumerate(_of(value, list, where))]
    if shape is float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
            raise ValueError(f"{where} must be a finite number, got {shown(value)}")
        return float(value)
    found = _of(value, shape, where)
    if shape is int and abs(found) > _LARGEST:
        raise ValueError(f"{where} must be at most {_LARGEST:g}, got {shown(found)}")
    return found


def _of(value: Any, kind: type, where: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{where or 'the file'} must be {_SAID[kind]}, got {shown(value)}")
    return value
