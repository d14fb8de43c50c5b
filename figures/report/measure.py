"""Running one cell: the judge's verdict, the cost against its closed form, the error of a batch sampler against its exact law."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from figures.deviation import draws_deviation
from figures.laws import exact_batch_law
from figures.report.commands import bound_command, cost_command, law_command, pilot_command, verify_command
from figures.report.plan import ALPHA, DELTA, DUEL, Cell, sampler_of
from simtemp.arguments import Integers
from simtemp.base import Categorical
from simtemp.errors import SimtempError
from simtemp.exact.distance import effective_temperature, total_variation
from simtemp.simulation import simulate
from simtemp.tempering import temper
from verify import check_sampler, simulated, tv_lower_bound

NOT_RUN = "NOT RUN"
STOPPED = "STOPPED"
OUT_OF_REACH = "out of reach"
OUT_OF_TIME = "out of time"


class Stopped(SimtempError):
    """A cell was stopped before its verdict: its time is up, or the report was interrupted."""


@dataclass(frozen=True)
class Record:
    """A cell and what came of it; None where it does not apply or was not reached.

    Attributes
    ----------
    key, method, variant, base, temperature, options, epsilon, alpha, delta, seed, expected_draws
        The cell (see `Cell`).
    categories : int
        Support of the base.
    status : str
        "EQUIVALENT", "REJECT", "INCONCLUSIVE", "NOT RUN" or "STOPPED".
    reason : str
        Why it was not run or stopped.
    needed_draws : float
        Base draws a verdict is expected to take.
    n, tv_upper, tv_lower, tv_empirical, log_e, sentence
        Of the verdict.
    mean_draws, draws_error, draws_z
        Mean base draws an output; the exact standard error of that mean; how many of them it is from `expected_draws`.
    tv_exact, effective_temperature
        Of the exact law of a batch sampler.
    tv_bound, bound_outputs
        Lower bound on the error of a batch sampler, wrong with probability `alpha`, from a run of so many outputs.
    commands : dict
        "verify"; for batch samplers "law" and "bound", for the collision sampler "cost", for duels that were not run "pilot".
    seconds : float
        Wall-clock time.
    """

    key: str
    method: str
    variant: str
    base: str
    categories: int
    temperature: float
    options: Mapping[str, Any]
    epsilon: float
    alpha: float
    delta: float
    seed: int
    expected_draws: float
    needed_draws: float
    commands: Mapping[str, str]
    status: str = NOT_RUN
    reason: str = ""
    n: int | None = None
    tv_upper: float | None = None
    tv_lower: float | None = None
    tv_empirical: float | None = None
    log_e: float | None = None
    sentence: str | None = None
    mean_draws: float | None = None
    draws_error: float | None = None
    draws_z: float | None = None
    tv_exact: float | None = None
    effective_temperature: float | None = None
    tv_bound: float | None = None
    bound_outputs: int | None = None
    seconds: float = 0.0

    def plain(self) -> dict[str, Any]:
        """For JSON, with the `sampler` that was run."""
        return asdict(self) | {"sampler": sampler_of(self.method, self.variant)}


def measure(cell: Cell, base: Categorical, threads: int = 1, check: Callable[[], None] = lambda: None) -> Record:
    """Run a cell.

    Parameters
    ----------
    cell : Cell
        What to run.
    base : Categorical
        Its base.
    threads : int
        Worker threads; the record does not depend on them.
    check : callable
        Called before every round of outputs; it raises `Stopped` to end the cell.

    Returns
    -------
    Record
        With status "STOPPED" if `check` ended it.
    """
    began = time.perf_counter()
    known = _exact_error(cell, base)
    try:
        found = _judge(cell, base, threads, check) | _bound(cell, base, threads, check)
    except Stopped as stop:
        found = {"status": STOPPED, "reason": str(stop)}
    return Record(**(_described(cell, base, judged="n" in found) | known | found), seconds=time.perf_counter() - began)


def not_run(cell: Cell, base: Categorical, reason: str) -> Record:
    """The record of a cell that is left out, with its exact expected cost and, for a batch sampler, its exact error."""
    return Record(**(_described(cell, base, judged=False) | _exact_error(cell, base)), reason=reason)


def _described(cell: Cell, base: Categorical, *, judged: bool) -> dict[str, Any]:
    commands = {"verify": verify_command(cell)}
    if cell.method == "batch":
        commands["law"] = law_command(cell)
        if cell.bound_outputs:
            commands["bound"] = bound_command(cell)
    if cell.sampler == "collision":
        commands["cost"] = cost_command(cell)
    if cell.sampler == DUEL and not judged:
        commands["pilot"] = pilot_command(cell)
    shared = ("key", "method", "variant", "base", "temperature", "options", "epsilon", "seed", "expected_draws")
    return {
        **{name: getattr(cell, name) for name in shared},
        "categories": int((base.probs > 0).sum()),
        "alpha": ALPHA,
        "delta": DELTA,
        "needed_draws": cell.weight,
        "commands": commands,
    }


def _judge(cell: Cell, base: Categorical, threads: int, check: Callable[[], None]) -> dict[str, Any]:
    sampler = simulated(cell.sampler, base, cell.temperature, threads=threads, **cell.options)

    def checked(size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        check()
        return sampler(size, rng)

    target = temper(base.probs, cell.temperature)
    verdict = check_sampler(
        checked,
        target,
        cell.epsilon,
        ALPHA,
        DELTA,
        cell.max_samples,
        cell.seed,
        labels=base.labels,
        expected_cost=sampler.cost_law(),
    )
    found = {
        name: getattr(verdict, name)
        for name in ("status", "n", "tv_upper", "tv_lower", "tv_empirical", "log_e", "sentence")
    }
    return found | {"mean_draws": verdict.mean_draws} | _cost(cell, base, verdict.n, verdict.mean_draws)


def _cost(cell: Cell, base: Categorical, n: int, mean: float | None) -> dict[str, Any]:
    if cell.sampler != "collision" or mean is None:
        return {}
    error = draws_deviation(base.probs, cell.temperature, bool(cell.options.get("early_exit"))) / math.sqrt(n)
    return {"draws_error": error, "draws_z": (mean - cell.expected_draws) / error if error > 0 else 0.0}


def _exact_error(cell: Cell, base: Categorical) -> dict[str, Any]:
    if cell.method != "batch":
        return {}
    law = exact_batch_law(base.probs, cell.temperature, cell.options["batch_size"])
    tv = total_variation(law, temper(base.probs, cell.temperature))
    return {"tv_exact": tv, "effective_temperature": effective_temperature(law, base.probs)}


def _bound(cell: Cell, base: Categorical, threads: int, check: Callable[[], None]) -> dict[str, Any]:
    if not cell.bound_outputs:
        return {}
    check()
    run = simulate(
        cell.method, base, cell.temperature, cell.bound_outputs, seed=cell.bound_seed, threads=threads, **cell.options
    )
    bound = tv_lower_bound(run.counts, temper(base.probs, cell.temperature), ALPHA)
    return {"tv_bound": bound.value, "bound_outputs": cell.bound_outputs}
