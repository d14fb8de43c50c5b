"""What a run cost, and how close to its target it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simtemp.arguments import Floats
from simtemp.exact.distance import total_variation
from simtemp.tempering import temper

if TYPE_CHECKING:
    from simtemp.simulation import Run


def run_figures(run: Run, probs: Floats, temperature: float) -> dict[str, Any]:
    """Mean and quantiles of the draws of an output, outputs that a budget left unfinished, and the distance to ``P ** (1/T)``."""
    q50, q99, q999 = np.quantile(run.draws, [0.5, 0.99, 0.999], method="inverted_cdf").tolist()
    return {
        "mean_draws": run.mean_draws,
        "draws_q50": q50,
        "draws_q99": q99,
        "draws_q999": q999,
        "unfinished": run.unfinished,
        "tv_empirical": total_variation(run.counts / run.size, temper(probs, temperature)),
    }
