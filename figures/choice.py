"""Which method for a temperature and a budget of base draws: chosen by a rule, measured on a base, with the command for every number."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from figures import style
from figures.affordable import affordable_outputs
from figures.duel_runs import duel_outputs
from figures.sampler_colours import SAMPLER_COLOURS
from figures.seeds import child_seed
from simtemp.arguments import whole_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simtemp import Categorical

BASES = ("peaked9", "text")
TEMPERATURES = (0.1, 0.3, 0.5, 0.7, 1.0, 2.0)
BUDGETS = (50, 200, 1000)
NO_BUDGET = 0
"""How a table writes that there is none."""
STEPS = 20
MISS = 1e-6
"""Chance that a bound of an error is wrong."""
FITS = 0.99
"""A budget is enough for an exact method if this share of its outputs stays inside it."""
RULE = (
    "At T = 1 one base draw is exact. Below, take the exact duel if 99 % of its outputs fit the budget, else the duel inside the budget "
    "(exact where it ends in time, the corrected batch rule on the same draws where not). Above 1 no sampler is exact: the corrected batch "
    "rule inside a budget, and without one the chain, whose limit is the target."
)
COLUMNS = (
    "base", "temperature", "budget", "method", "exact", "mean_draws", "draws_q99", "unfinished", "tv_lower", "tv_upper", "seed",
    "outputs", "command",
)  # fmt: skip


@dataclass(frozen=True)
class ChoiceData:
    """What to use.

    Attributes
    ----------
    table : DataFrame
        base, temperature, budget (base draws an output; 0: none), method ("one draw", "duel", "duel in N", "corrected" or "chain"),
        exact, mean_draws, draws_q99 (NaN where every output costs the same), unfinished (of a duel inside a budget), tv_lower and
        tv_upper (bounds of the error; equal where it is known), seed, outputs, command (prints the numbers).
    rule : str
        How the method was chosen.
    miss : float
        Chance that a bound is wrong.
    """

    table: pd.DataFrame
    rule: str
    miss: float


def choice_data(
    bases: Sequence[str] = BASES,
    temperatures: Sequence[float] = TEMPERATURES,
    batch_sizes: Sequence[int] = BUDGETS,
    *,
    size: int = 20_000,
    seed: int = 0,
    max_draws: float = 2e7,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ChoiceData:
    """Choose a method for every temperature and budget, and measure its cost or its error.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        Greater than 0.
    batch_sizes : sequence of int
        Budgets, in base draws an output; the case without one is always added.
    size, max_draws : int, float
        Most outputs, and base draws, of a cell.
    seed, threads, progress
        As in `rejection_data`.

    Returns
    -------
    ChoiceData

    Raises
    ------
    ValueError
        For a temperature that is not positive, or a bad base, budget or size.

    Examples
    --------
    >>> choice_data(["two:0.8"], [1.0, 0.5], [5], size=2000).table["method"].tolist()
    ['one draw', 'one draw', 'duel in N', 'duel']
    """
    import pandas as pd

    from simtemp import parse_base
    from simtemp.arguments import temperature as in_range
    from simtemp.exact.batch_law import MAX_BATCH_SIZE

    whole_number(size, "size", 2)
    budgets = [whole_number(n, "batch_size", 1, MAX_BATCH_SIZE) for n in batch_sizes]
    for temperature in temperatures:
        in_range(temperature, zero=False)
    rows: list[dict[str, Any]] = []
    names = list(dict.fromkeys(bases))
    done, total = 0, len(names) * len(temperatures) * (len(budgets) + 1)
    for name in names:
        base = parse_base(name)
        for temperature in temperatures:
            free = _without_budget(base, name, temperature, size, seed, max_draws, threads)
            for budget in (*budgets, NO_BUDGET):
                fits = free["exact"] and (free["draws_q99"] or free["mean_draws"]) <= budget
                if budget == NO_BUDGET or fits:
                    row = free
                else:
                    row = _inside(base, name, temperature, budget, size, seed, max_draws, threads)
                rows.append({"base": name, "temperature": temperature, **row, "budget": budget})
                done += 1
                if progress is not None:
                    progress(done, total)
    return ChoiceData(pd.DataFrame(rows, columns=list(COLUMNS)), RULE, MISS)


_UNKNOWN = float("nan")
_EXACT: dict[str, Any] = {"exact": True, "unfinished": _UNKNOWN, "tv_lower": 0.0, "tv_upper": 0.0}


def _without_budget(
    base: Categorical, name: str, temperature: float, size: int, seed: int, max_draws: float, threads: int | None
) -> dict[str, Any]:
    own = child_seed(seed, "choice", name, f"{temperature:.12g}")
    if temperature > 1.0:
        return _chain(base, name, temperature)
    words = ["simtemp", "sample", "--base", name, "-T", f"{temperature:.12g}"]
    if temperature == 1.0:
        command = shlex.join([*words, "--size", "1000", "--seed", str(own)])
        row = {"method": "one draw", "mean_draws": 1.0, "draws_q99": 1.0, "seed": own, "outputs": 1000}
        return {**_EXACT, **row, "command": command}
    run = duel_outputs(base, temperature, min(size, 5000), max_draws, own, threads)
    outputs = 0 if run is None else run.size
    return {
        **_EXACT,
        "method": "duel",
        "mean_draws": _UNKNOWN if run is None else run.mean_draws,
        "draws_q99": float("inf") if run is None else float(np.quantile(run.draws, FITS, method="higher")),
        "seed": own,
        "outputs": outputs,
        "command": shlex.join([*words, "--size", str(outputs), "--seed", str(own)]),
    }


def _chain(base: Categorical, name: str, temperature: float) -> dict[str, Any]:
    from simtemp import chain_draws, chain_law, temper, total_variation

    program = (
        f"import simtemp; p = simtemp.parse_base({name!r}).probs; "
        f"print(simtemp.total_variation(simtemp.chain_law(p, {temperature!r}, {STEPS}), simtemp.temper(p, {temperature!r})), "
        f"simtemp.chain_draws(p, {temperature!r}, {STEPS}))"
    )
    try:
        error = total_variation(chain_law(base.probs, temperature, STEPS), temper(base.probs, temperature))
        draws = chain_draws(base.probs, temperature, STEPS)
    except ValueError:  # too many distinct probabilities for its exact law
        error, draws = _UNKNOWN, _UNKNOWN
    row = {"method": "chain", "exact": False, "mean_draws": draws, "draws_q99": _UNKNOWN, "unfinished": _UNKNOWN}
    return {**row, "tv_lower": error, "tv_upper": error, "seed": 0, "outputs": 0, "command": _python(program)}


def _inside(
    base: Categorical,
    name: str,
    temperature: float,
    budget: int,
    size: int,
    seed: int,
    max_draws: float,
    threads: int | None,
) -> dict[str, Any]:
    """The duel inside a budget, and above T = 1 the corrected batch rule, with bounds of the error from a run of fixed length."""
    from simtemp import SupportWarning, simulate, temper
    from verify import tv_lower_bound, tv_upper_bound

    cold = temperature < 1.0
    method, options = ("duel", {"budget": budget}) if cold else ("batch", {"batch_size": budget, "rule": "corrected"})
    outputs = max(2, affordable_outputs(size, float(budget), max_draws))
    own = child_seed(seed, "choice", name, f"{temperature:.12g}", budget)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SupportWarning)  # its extent is what the bounds say
        run = simulate(method, base, temperature, outputs, seed=own, threads=threads, **options)
    target = temper(base.probs, temperature)
    said = ", ".join(f"{key}={value!r}" for key, value in options.items())
    program = (
        f"import simtemp, verify; run = simtemp.simulate({method!r}, {name!r}, {temperature!r}, {outputs}, seed={own}, {said}); "
        f"target = simtemp.temper(run.base.probs, {temperature!r}); "
        f"print(run.unfinished, verify.tv_lower_bound(run.counts, target, {MISS:g}).value, "
        f"verify.tv_upper_bound(run.counts, target, {MISS:g}))"
    )
    return {
        "method": "duel in N" if cold else "corrected",
        "exact": False,
        "mean_draws": float(budget),
        "draws_q99": _UNKNOWN,
        "unfinished": run.unfinished if cold else _UNKNOWN,
        "tv_lower": float(tv_lower_bound(run.counts, target, MISS).value),
        "tv_upper": float(tv_upper_bound(run.counts, target, MISS)),
        "seed": own,
        "outputs": outputs,
        "command": _python(program),
    }


def _python(program: str) -> str:
    awkward = any(character in program for character in '"$`\\!')
    return shlex.join(["python", "-c", program]) if awkward else f'python -c "{program}"'  # the same, easier to read


def draw_choice(data: ChoiceData, *, narrow: bool = False) -> Figure:
    """A board a base: temperature by budget, the method in each field; `narrow` for a phone."""
    from figures.panels import Room, panels

    names = list(data.table["base"].unique())
    across = min(1 if narrow else 2, len(names))
    temperatures, budgets = list(data.table["temperature"].unique()), list(data.table["budget"].unique())
    with style.look():
        room = Room(top=0.35, across=0.35, left=0.75, down=0.85)
        figure, axes = panels(
            len(names), across, width=4.4 if not narrow else 3.6, height=0.42 * len(temperatures), room=room
        )
        for i, (name, panel) in enumerate(zip(names, axes, strict=True)):
            panel.set_title(name)
            panel.grid(False)
            panel.tick_params(length=0)
            panel.spines[["left", "bottom"]].set_visible(False)
            panel.set_xlim(0, len(budgets))
            panel.set_ylim(len(temperatures), 0)
            panel.set_xticks(np.arange(len(budgets)) + 0.5, [f"{n:,}" if n else "no budget" for n in budgets])
            labels = [style.temperature_name(t) for t in temperatures]
            panel.set_yticks(np.arange(len(temperatures)) + 0.5, labels if i % across == 0 else [""] * len(labels))
            panel.set_xlabel("budget (base draws an output)")
            for row in data.table[data.table["base"] == name].to_dict("records"):
                x, y = budgets.index(row["budget"]), temperatures.index(row["temperature"])
                _field(panel, x, y, row)
    return figure


def _field(axes: Axes, x: int, y: int, row: dict[str, Any]) -> None:
    from matplotlib.patches import Rectangle

    colour = SAMPLER_COLOURS[row["method"]]
    axes.add_patch(Rectangle((x + 0.03, y + 0.06), 0.94, 0.88, facecolor=colour, alpha=0.16, linewidth=0))
    title, said = METHOD_NAMES[row["method"]], in_short(row)
    axes.text(x + 0.5, y + 0.34, title, ha="center", va="center", fontsize=7.5, fontweight="bold", color=colour)
    axes.text(x + 0.5, y + 0.7, said, ha="center", va="center", fontsize=7, color=style.INK)


METHOD_NAMES = {
    "one draw": "one draw",
    "duel": "exact duel",
    "duel in N": "duel in budget",
    "corrected": "corrected batch",
    "chain": f"chain, {STEPS} steps",
}


def in_short(row: dict[str, Any]) -> str:
    """The cost of an exact method, the certified error of another.

    Examples
    --------
    >>> in_short({"method": "duel", "exact": True, "mean_draws": 166.2}), in_short({"exact": False, "tv_lower": 0.1, "tv_upper": 0.123})
    ('166 draws', 'TV ≤ 0.13')
    """
    from figures.report.form import at_most, number

    if row["exact"]:
        return "1 draw" if row["mean_draws"] == 1.0 else f"{number(row['mean_draws'])} draws"
    if row["tv_lower"] == row["tv_upper"]:
        return f"TV {number(row['tv_upper'], 2)}"
    return f"TV ≤ {at_most(row['tv_upper'])}"
