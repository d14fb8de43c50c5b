"""A store as a table: in memory, as CSV, as Parquet."""

from __future__ import annotations

import json
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from simtemp.arguments import shown
from simtemp.sweep.store import stored_rows
from simtemp.whole_file import replace_whole

if TYPE_CHECKING:
    import pandas as pd


def read_store(path: str | PathLike[str]) -> pd.DataFrame:
    """The cells of a store as a table.

    Parameters
    ----------
    path : path
        A store; a sweep may be writing to it.

    Returns
    -------
    pandas.DataFrame
        One row a cell: key, kind, version, status; one column for each parameter and each result (missing where a kind has no such);
        error (why a cell failed), seconds and simtemp_version. Of a cell that was computed by several versions of its
        kind, the latest. Sorted by kind and parameters.

    Raises
    ------
    StoreError
        For a file that is not there, is no store, or is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from simtemp.sweep import Store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Store(Path(folder, "empty.sqlite")) as store: pass
    ...     len(read_store(store.path))
    0
    """
    import pandas as pd

    latest = {(row.kind, row.parameters): row for row in stored_rows(path)}
    records = [
        {
            "key": row.key,
            "kind": row.kind,
            "version": row.version,
            "status": row.status,
            **json.loads(row.parameters),
            **json.loads(row.result),
            "seconds": row.seconds,
            "simtemp_version": row.simtemp_version,
        }
        for row in latest.values()
    ]
    first = ["key", "kind", "version", "status"]
    last = ["error", "seconds", "simtemp_version"]
    others = dict.fromkeys(name for record in records for name in record if name not in (*first, *last))
    return pd.DataFrame(records, columns=[*first, *others, *last])


def check_export(path: str | PathLike[str]) -> Path:
    """The file of an export, once it is known that it can be written.

    Raises
    ------
    ValueError
        For an ending other than .csv and .parquet, a folder that is not there, or Parquet without pyarrow.
    """
    place = Path(path)
    if place.suffix.lower() not in (".csv", ".parquet"):
        raise ValueError(f"export must end in .csv or .parquet, got {shown(str(place))}")
    if place.is_dir() or not place.parent.is_dir():
        raise ValueError(f"export must be a file in a folder that exists, got {shown(str(place))}")
    if place.suffix.lower() == ".parquet" and find_spec("pyarrow") is None:
        raise ValueError('export to Parquet needs pyarrow, which is not installed: pip install "simtemp[parquet]"')
    return place


def export_store(path: str | PathLike[str], to: str | PathLike[str]) -> int:
    """Write a store's table (`read_store`) to a .csv or .parquet file, and return the number of its rows.

    Whole numbers stay whole where others are missing. A file that was there is replaced when the new one is complete.

    Raises
    ------
    StoreError, ValueError
        As `read_store` and `check_export`.
    OSError
        If the file cannot be written.
    """
    place = check_export(to)
    table = read_store(path).convert_dtypes()
    write = table.to_csv if place.suffix.lower() == ".csv" else table.to_parquet
    replace_whole(place, lambda path: write(path, index=False))
    return len(table)
