"""The cell `verify` of a sweep: the judge's verdict on a method."""

from __future__ import annotations

from typing import Any

import numpy as np

from simtemp.arguments import rate
from simtemp.sweep.base_content import base_of
from simtemp.sweep.cell import run_seed
from simtemp.sweep.declaration import Parameter, Parameters, cell_kind
from simtemp.sweep.method_parameters import SAMPLER, count, method_options, settle_method
from simtemp.tempering import temper
from verify.judge import check_sampler, planned_samples
from verify.sampler import check_affordable, simulated


@cell_kind(
    version=1,
    parameters={
        **SAMPLER,
        "epsilon": Parameter(rate, 0.01),
        "alpha": Parameter(rate, 1e-6),
        "delta": Parameter(rate, 1e-6),
        "max_samples": Parameter(count, 10_000_000),
        "max_draws": Parameter(count, 10**11),
    },
    settle=settle_method,
)
def verify_cell(parameters: Parameters, seed_sequence: np.random.SeedSequence) -> dict[str, Any]:
    """Judge a method; ``simtemp verify --seed RUN_SEED`` with the same parameters gives the same verdict."""
    base = base_of(parameters)
    target = temper(base.probs, parameters["temperature"])
    epsilon, delta, most = parameters["epsilon"], parameters["delta"], parameters["max_samples"]
    seed = run_seed(seed_sequence)
    sampler = simulated(
        parameters["method"],
        base,
        parameters["temperature"],
        threads=1,
        max_draws=parameters["max_draws"],
        **method_options(parameters),
    )
    check_affordable(sampler, planned_samples(target, epsilon, delta, most))
    verdict = check_sampler(sampler, target, epsilon, parameters["alpha"], delta, most, seed, labels=base.labels)
    return {
        "run_seed": seed,
        "verdict": verdict.status,
        "n": verdict.n,
        "tv_upper": verdict.tv_upper,
        "tv_lower": verdict.tv_lower,
        "tv_empirical": verdict.tv_empirical,
        "log_e": verdict.log_e,
        "caught_by": verdict.caught_by,
        "mean_draws": verdict.mean_draws,
    }
