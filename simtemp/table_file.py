"""A file of labels with counts or probabilities as a base distribution: CSV, TSV, JSON or NumPy's .npy."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simtemp.arguments import shown
from simtemp.categorical import Categorical
from simtemp.delimited_file import read_delimited
from simtemp.json_file import read_json
from simtemp.npy_file import check_npy
from simtemp.table import Table, entry, table_distribution


def read_table(path: Path, name: str = "") -> Categorical:
    """The distribution in a file, its labels kept and in the file's order.

    Parameters
    ----------
    path : Path
        Read by its ending: ``.csv`` and ``.tsv`` (`read_delimited`), ``.json`` (`read_json`), or ``.npy`` (a
        one-dimensional array of numbers). Where the file does not say what its numbers are, whole numbers are counts,
        and others are probabilities that must sum to 1 within 1e-6.
    name : str, optional
        The name of the distribution.

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        For a file that holds no distribution, naming the line or entry.

    Notes
    -----
    O(K): ten million lines of CSV take some ten seconds and 1.3 GB, most of it the labels.
    """
    ending = path.suffix.lower()
    if ending == ".csv":
        table = read_delimited(path, ",")
    elif ending == ".tsv":
        table = read_delimited(path, "\t")
    elif ending == ".json":
        table = read_json(path)
    elif ending == ".npy":
        table = _read_npy(path)
    else:
        raise ValueError(f"the file must end in .csv, .tsv, .json or .npy, got {shown(path.name)}")
    return table_distribution(table, name)


def _read_npy(path: Path) -> Table:
    check_npy(path)
    with path.open("rb") as stream:
        try:
            values = np.lib.format.read_array(stream, allow_pickle=False)
        except OSError:
            raise
        except Exception as error:  # a broken header ends in errors of many kinds
            raise ValueError(f"not a .npy array of numbers: {error}") from None
    if values.dtype.kind not in "iuf" or values.ndim != 1:
        got = f"{values.dtype} of shape {values.shape}"
        raise ValueError(f"a .npy array must be one-dimensional and of numbers, got {got}")
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # what extended precision alone can hold becomes infinite, and is refused
        return Table(range(values.size), values.astype(np.float64), entry)
