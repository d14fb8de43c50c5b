"""Evidence against a sampler as its outputs come: e-values of right and of wrong samplers, and which part saw what."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from figures import style
from figures.e_values import PARTS, RIGHT, WRONG, evidence_axes, names
from figures.seeds import child_seed
from simtemp.arguments import Integers, rate, whole_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from verify.outputs import Sampler

BASES = ("peaked9",)
TEMPERATURES = (0.4,)
METHOD = "collision"
ALPHA = 1e-6
SHARE = 0.05
"""Size of the planted faults: of the exponent, of repeated outputs, of draws counted twice."""
FAULTS = {
    "exponent": f"exponent {100 * SHARE:g} % too large",
    "repeats": f"{100 * SHARE:g} % of outputs repeat the one before",
    "cost": f"{100 * SHARE:g} % of draws counted twice",
}
FAR = 1e6
"""Impossible outputs are evidence without end: drawn as a line that leaves the picture at its top."""


@dataclass(frozen=True)
class EvidenceData:
    """E-values after each round.

    Attributes
    ----------
    curves : DataFrame
        base, temperature, sampler ("right" or one of `FAULTS`), run, seed, n, log10_e, and log10_law, log10_dependence,
        log10_cost of the parts by themselves (NaN: not known; inf: what came out is impossible).
    method : str
        The sampler that is run, rightly and with faults.
    alpha : float
        Level of the judge.
    """

    curves: pd.DataFrame
    method: str
    alpha: float


def evidence_data(
    bases: Sequence[str] = BASES,
    temperatures: Sequence[float] = TEMPERATURES,
    *,
    method: str = METHOD,
    runs: int = 10,
    size: int = 30_000,
    seed: int = 0,
    alpha: float = ALPHA,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> EvidenceData:
    """The e-process of the judge over runs of a right sampler, and of the same sampler with a fault.

    Parameters
    ----------
    bases : sequence of str
        Base specifications.
    temperatures : sequence of float
        What is asked for.
    method : str
        A method of `simtemp.simulate`, with its default options.
    runs : int
        Runs with the right sampler, and as many with a wrong exponent; one with each of the other faults.
    size : int
        Outputs of a run at most; it ends when twice the evidence that is needed has been found.
    seed : int
        Every run has its own child.
    alpha : float
        Level of the judge.
    threads : int or None
        Does not change the numbers.
    progress : callable, optional
        Called with (runs done, runs).

    Returns
    -------
    EvidenceData

    Raises
    ------
    ValueError
        For a bad base, temperature, method, size or level.

    Examples
    --------
    >>> data = evidence_data(["two:0.8"], [0.5], runs=1, size=2000)
    >>> sorted(set(data.curves["sampler"]))
    ['cost', 'exponent', 'repeats', 'right']
    """
    import pandas as pd

    from simtemp import parse_base, temper
    from verify import simulated

    most, times = whole_number(size, "size", 1), whole_number(runs, "runs", 1)
    level = rate(alpha, "alpha")
    names = list(dict.fromkeys(bases))
    cells = [(name, temperature) for name in names for temperature in temperatures]
    done, total = 0, len(cells) * (2 * times + len(FAULTS) - 1)
    paths = []
    for name, temperature in cells:
        base = parse_base(name)
        target = temper(base.probs, temperature)
        right = simulated(method, base, temperature, threads=threads)
        colder = simulated(method, base, temperature / (1 + SHARE), threads=threads)
        samplers: dict[str, tuple[Sampler, int]] = {
            "right": (right, times),
            "exponent": (at_the_cost_of(right, colder), times),
            "repeats": (repeating(right), 1),
            "cost": (overcounting(right), 1),
        }
        cost = right.cost_law()
        for sampler, (judged, count) in samplers.items():
            for run in range(count):
                own = child_seed(seed, "evidence", method, name, f"{temperature:.12g}", sampler, run)
                path = evidence_path(judged, target, cost, most, level, own)
                about: dict[str, Any] = {
                    "base": name,
                    "temperature": temperature,
                    "sampler": sampler,
                    "run": run,
                    "seed": own,
                }
                paths.append(pd.DataFrame({**about, **path}))
                done += 1
                if progress is not None:
                    progress(done, total)
    return EvidenceData(pd.concat(paths, ignore_index=True), method, level)


def evidence_path(
    sampler: Sampler, target: Any, cost: Any, size: int, alpha: float, seed: int
) -> dict[str, list[float]]:
    """The judge's e-process after each of its rounds: n, log10_e and the parts by themselves, until it is twice as sure as it must be."""
    from verify.cost import CostProcess
    from verify.evidence import Evidence
    from verify.outputs import Tally
    from verify.schedule import schedule
    from verify.target import target_probabilities

    probs = target_probabilities(target)
    evidence = Evidence(probs, alpha, None if cost is None else CostProcess(cost))
    tally = Tally(sampler, np.random.default_rng(seed), probs.size, evidence.add)
    path: dict[str, list[float]] = {name: [] for name in ("n", "log10_e", *(f"log10_{part}" for part in PARTS))}
    for look in schedule(size, alpha, size):
        tally.grow(look.n, size, None)
        evidence.weigh(tally.counts)
        path["n"].append(tally.n)
        path["log10_e"].append(evidence.log_e / math.log(10))
        for part in PARTS:
            path[f"log10_{part}"].append(evidence.parts.get(part, math.nan) / math.log(10))
        if evidence.log_e > -2 * math.log(alpha):
            break
    return path


def at_the_cost_of(right: Sampler, wrong: Sampler) -> Sampler:
    """A planted fault: the outputs of a wrong sampler, said to cost what those of the right one do."""

    def faulty(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        return wrong(size, rng)[0], right(size, rng)[1]

    return faulty


def repeating(sampler: Sampler) -> Sampler:
    """A planted fault: an output is now and then the one before. The law and the cost stay."""

    def faulty(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        values, draws = sampler(size, rng)
        fresh = rng.random(size) >= SHARE
        fresh[0] = True
        return values[np.maximum.accumulate(np.where(fresh, np.arange(size), 0))], draws

    return faulty


def overcounting(sampler: Sampler) -> Sampler:
    """A planted fault: a base draw is now and then counted twice. The outputs stay."""

    def faulty(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        values, draws = sampler(size, rng)
        return values, draws + rng.binomial(draws, SHARE)

    return faulty


def draw_evidence(data: EvidenceData, *, narrow: bool = False) -> Figure:
    """Four panels a base and temperature: all runs, then the parts of one run with each fault; `narrow` for a phone."""
    from figures.panels import Room, cells_of, label_edges, panels

    cells = cells_of(data.curves)
    across = 1 if narrow else 2
    with style.look():
        room = Room(across=0.3, right=0.2, down=0.55)
        figure, axes = panels(4 * len(cells), across, width=3.3 if narrow else 4.0, height=2.4, room=room, sharey=True)
        for i, (base, temperature) in enumerate(cells):
            mine = data.curves[(data.curves["base"] == base) & (data.curves["temperature"] == temperature)]
            first, *others = axes[4 * i : 4 * i + 4]
            plot_runs(first, mine, data.alpha)
            first.set_title(f"{data.method} on {base}, {style.temperature_name(temperature)}")
            for panel, (fault, said) in zip(others, FAULTS.items(), strict=True):
                plot_parts(panel, mine, fault, data.alpha)
                panel.set_title(said)
        label_edges(axes, across, "outputs", "evidence, log₁₀ e")
    return figure


def plot_runs(axes: Axes, curves: pd.DataFrame, alpha: float) -> None:
    """The runs of one base at one temperature: right ones and those with a wrong exponent, on given axes."""
    evidence_axes(axes, curves["n"], -math.log10(alpha))
    for sampler, colour in (("right", RIGHT), ("exponent", WRONG)):
        for _, run in curves[curves["sampler"] == sampler].groupby("run"):
            axes.plot(run["n"], run["log10_e"].clip(upper=FAR), color=colour, linewidth=1.0, alpha=0.8)
    times = curves[curves["sampler"] == "right"]["run"].nunique()
    names(axes, {f"{times} runs of a right sampler": RIGHT, f"{times} with an {FAULTS['exponent']}": WRONG})


def plot_parts(axes: Axes, curves: pd.DataFrame, fault: str, alpha: float) -> None:
    """What the first run with a fault is judged by, on given axes: the whole, and its parts by themselves."""
    evidence_axes(axes, curves["n"], -math.log10(alpha))
    run = curves[(curves["sampler"] == fault) & (curves["run"] == 0)]
    axes.plot(run["n"], run["log10_e"].clip(upper=FAR), color=style.INK, linewidth=2.8)
    known = {part: colour for part, colour in PARTS.items() if run[f"log10_{part}"].notna().any()}
    for part, colour in known.items():
        axes.plot(run["n"], run[f"log10_{part}"].clip(upper=FAR), color=colour, linewidth=1.4)
    names(axes, {"all": style.INK, **known})
