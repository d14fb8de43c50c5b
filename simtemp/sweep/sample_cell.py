"""The cell `sample`: outputs of a method, what they cost and how close to the target they came."""

from __future__ import annotations

from typing import Any

import numpy as np

from simtemp.run_figures import run_figures
from simtemp.simulation import simulate
from simtemp.sweep.base_content import base_of
from simtemp.sweep.cell import run_seed
from simtemp.sweep.declaration import Parameter, Parameters, cell_kind
from simtemp.sweep.method_parameters import SAMPLER, count, method_options, settle_method


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
    return {
        "run_seed": run.seed,
        "categories": base.size,
        "sd_draws": float(run.draws.std()),
        **run_figures(run, base.probs, temperature),
    }
