"""The cell `sample`: outputs of a method, what they cost and how close to the target they came."""

from __future__ import annotations

from typing import Any

import numpy as np

from simtemp.exact.distance import total_variation
from simtemp.simulation import simulate
from simtemp.sweep.base_content import base_of
from simtemp.sweep.cell import run_seed
from simtemp.sweep.declaration import Parameter, Parameters, cell_kind
from simtemp.sweep.method_parameters import SAMPLER, count, method_options, settle_method
from simtemp.tempering import temper


@cell_kind(
    version=1,
    parameters={**SAMPLER, "size": Parameter(count, 10_000), "max_draws": Parameter(count, 10**10)},
    settle=settle_method,
)
def sample_cell(parameters: Parameters, seed_sequence: np.random.SeedSequence) -> dict[str, Any]:
    """Simulate a method; ``simtemp sample --seed RUN_SEED`` with the same parameters gives the same outputs."""
    base = base_of(parameters)
    temperature = parameters["temperature"]
    run = simulate(
        parameters["method"],
        base,
        temperature,
        parameters["size"],
        seed=run_seed(seed_sequence),
        threads=1,
        max_draws=parameters["max_draws"],
        **method_options(parameters),
    )
    q50, q99, q999 = np.quantile(run.draws, [0.5, 0.99, 0.999], method="inverted_cdf").tolist()
    return {
        "run_seed": run.seed,
        "categories": base.size,
        "mean_draws": run.mean_draws,
        "sd_draws": float(run.draws.std()),
        "draws_q50": q50,
        "draws_q99": q99,
        "draws_q999": q999,
        "unfinished": run.unfinished,
        "tv_empirical": total_variation(run.counts / run.size, temper(base.probs, temperature)),
    }
