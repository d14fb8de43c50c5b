"""A sweep's store as a picture: one number of its finished cells against another, a line a group, a panel a base."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from figures import style
from simtemp.arguments import shown

if TYPE_CHECKING:
    import pandas as pd

USUAL = {
    "law": ("batch_size", "tv", "temperature"),
    "sample": ("temperature", "mean_draws", "method"),
    "verify": ("temperature", "tv_upper", "method"),
}
"""What is drawn of a kind of cells (x, y, by) unless told otherwise; the first of these kinds that the store has."""

REPEATED = frozenset({"seed", "base_sha256"})
"""Parameters that may differ between the cells of one point: repetitions of the same."""


@dataclass(frozen=True)
class SweepData:
    """The points.

    Attributes
    ----------
    cells : DataFrame
        base, group (its name), x, y; one row a cell, sorted.
    points : DataFrame
        base, group, x, mean, cells (how many); the mean over the repetitions of one point.
    x, y, by : str
        Names of the columns.
    left_out : int
        Cells of these that failed or have no such number.
    """

    cells: pd.DataFrame
    points: pd.DataFrame
    x: str
    y: str
    by: str
    left_out: int


def sweep_data(
    store: str, *, x: str | None = None, y: str | None = None, by: str | None = None, bases: Sequence[str] | None = None
) -> SweepData:
    """Numbers of a store's finished cells; nothing is computed, and a sweep may be writing to it.

    Parameters
    ----------
    store : str
        Path of the store.
    x, y : str, optional
        Columns of numbers (default: `USUAL`).
    by : str, optional
        A column, or several with commas between them: one line for each of their values.
    bases : sequence of str, optional
        Only these.

    Returns
    -------
    SweepData

    Raises
    ------
    StoreError
        For a file that is not there or is no store.
    ValueError
        For an empty store, one without a finished cell, a column that is not there or holds no numbers, and where a
        parameter that is neither x nor by differs between cells of one point: their mean would mean nothing.
    """
    import pandas as pd

    from simtemp.sweep.store import stored_rows
    from simtemp.sweep.tables import read_store

    table = read_store(store)
    if table.empty:
        raise ValueError(f"store {store} is empty: nothing has been computed yet")
    if bases is not None:
        known = [] if "base" not in table else sorted(table["base"].dropna().unique())
        for base in bases:
            if base not in known:
                raise ValueError(f"store {store} has no cells of base {shown(base)}; it has {', '.join(known)}")
        table = table[table["base"].isin(bases)]
    done = table[table["status"] == "done"].dropna(axis="columns", how="all")
    if done.empty:
        raise ValueError(
            f"store {store} has no finished cell: all {len(table):,} have failed, the first: {_why(table)}"
        )
    x, y, by = _columns(done, store, x, y, by)
    groups = by.split(",")
    drawn = done.dropna(subset=[x, y, *groups])
    if drawn.empty:
        raise ValueError(f"store {store} has no finished cell with {x}, {y} and {by}")
    kinds = set(drawn["kind"])
    parameters = {
        "kind",
        *(name for row in stored_rows(store) if row.kind in kinds for name in json.loads(row.parameters)),
    }
    several = sorted(parameters & set(drawn) - {x, y, "base", *groups} - REPEATED)
    panel = drawn["base"] if "base" in drawn else pd.Series("", index=drawn.index)
    for name in several:
        values = drawn[name].astype(str).groupby([panel, *(drawn[group] for group in groups), drawn[x]]).nunique()
        if (values > 1).any():
            raise ValueError(f"{name} differs between cells of one point of the picture: draw --by {by},{name}")
    cells = pd.DataFrame(
        {
            "base": panel,
            "group": [", ".join(_named(n, v) for n, v in zip(groups, row, strict=True)) for row in drawn[groups].to_numpy().tolist()],
            "x": drawn[x].astype(float),
            "y": drawn[y].astype(float),
        }
    )  # fmt: skip
    order = drawn.assign(_panel=panel).sort_values(["_panel", *groups, x], kind="stable").index
    cells = cells.loc[order].reset_index(drop=True)
    points = cells.groupby(["base", "group", "x"], sort=False)["y"].agg(mean="mean", cells="size").reset_index()
    mine = table[table["kind"].isin(kinds)]
    return SweepData(cells, points, x, y, by, len(mine) - len(drawn))


def _columns(done: pd.DataFrame, store: str, x: str | None, y: str | None, by: str | None) -> tuple[str, str, str]:
    """The columns asked for, and the usual ones of the first kind of cells that has them."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    numbers = [
        str(name)
        for name in done
        if is_numeric_dtype(done[name])
        and not is_bool_dtype(done[name])
        and (name not in ("version", "seconds") or name in (x, y))
    ]
    every: list[str] = [str(name) for name in done if name not in ("key", "status", "error")]
    asked: list[tuple[str, str | None, list[str]]] = [
        ("x", x, numbers),
        ("y", y, numbers),
        *(("by", n, every) for n in ([] if by is None else by.split(","))),
    ]
    for label, name, allowed in asked:
        if name is not None and name not in allowed:
            raise ValueError(f"{label} must be a column of {store}: one of {', '.join(allowed)}, got {shown(name)}")
    fitting = [kind for kind in USUAL if y is None and (done["kind"] == kind).any()]
    if y is not None:
        fitting = [kind for kind in USUAL if done.loc[done["kind"] == kind, y].notna().any()]
    if not fitting and (x is None or y is None or by is None):
        raise ValueError(
            f"x, y and by must be given for cells of kind {', '.join(done['kind'].unique())}; there are {', '.join(every)}"
        )
    usual = USUAL[fitting[0]] if fitting else ("", "", "")
    mine = done[done["kind"] == fitting[0]] if fitting else done
    chosen_y = y or usual[1]
    chosen_x = x or next(
        (name for name in (usual[0], usual[2]) if name != by and name in numbers and mine[name].nunique() > 1), usual[0]
    )
    chosen_by = by or next(name for name in (usual[2], usual[0]) if name != chosen_x)
    return chosen_x, chosen_y, chosen_by


def _why(table: pd.DataFrame) -> str:
    return str(table["error"].dropna().iloc[0])


def _named(name: str, value: object) -> str:
    if name == "temperature" and isinstance(value, float):
        return style.temperature_name(value)
    if isinstance(value, float):
        return f"{name} {value:g}"
    return str(value) if isinstance(value, str) else f"{name} {value}"
