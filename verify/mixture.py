"""Averages of bets in log space."""

from __future__ import annotations

import math

import numpy as np

from simtemp.arguments import Floats


def log_mean(logs: Floats) -> float:
    """The log of the mean of ``exp(logs)``; -inf where all are."""
    top = float(logs.max())
    if math.isinf(top):
        return top
    return top + math.log(float(np.exp(logs - top).sum()) / logs.size)
