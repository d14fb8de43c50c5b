"""Paired bootstrap intervals over prompts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import bootstrap

from simtemp.arguments import Floats, shown

RESAMPLES = 9_999


class Interval(NamedTuple):
    """A figure with its interval."""

    value: float
    low: float
    high: float


def mean_interval(values: Floats, confidence: float, seed: np.random.SeedSequence) -> Interval:
    """The mean of values float[prompts], and its bootstrap interval.

    Of differences that are paired prompt by prompt, this is the paired bootstrap.

    Raises
    ------
    ValueError
        For fewer than two values, values that are not finite, or a confidence outside of (0, 1).
    """
    return _interval([_checked(values)], lambda a, axis: a.mean(axis), confidence, seed)


def reduction_interval(values: Floats, reference: Floats, confidence: float, seed: np.random.SeedSequence) -> Interval:
    """How much smaller the mean of values is than that of a paired reference, as a share: ``1 - mean(values) / mean(reference)``.

    Raises
    ------
    ValueError
        As `mean_interval`; and for a reference whose mean is not positive.
    """
    first, second = _checked(values), _checked(reference)
    if not second.mean() > 0.0:
        raise ValueError(f"the reference must have a positive mean, got {shown(float(second.mean()))}")
    return _interval([first, second], lambda a, b, axis: 1.0 - a.mean(axis) / b.mean(axis), confidence, seed)


def _interval(
    data: list[Floats], statistic: Callable[..., Any], confidence: float, seed: np.random.SeedSequence
) -> Interval:
    """By percentiles: unlike the corrected kinds they exist for any data, also where all resamples are alike."""
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be in (0, 1), got {shown(confidence)}")
    found = bootstrap(
        data,
        statistic,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=RESAMPLES,
        batch=1000,
        confidence_level=confidence,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(float(statistic(*data, axis=-1)), float(found.low), float(found.high))


def _checked(values: Floats) -> Floats:
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or len(array) < 2 or not np.isfinite(array).all():
        raise ValueError(f"at least two finite values are needed, got {shown(array)}")
    return array
