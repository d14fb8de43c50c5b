"""From a method's name, a base and a temperature to what a kernel needs: a sampler's parameters and a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.base import Categorical
from simtemp.exact.batch_law import MAX_BATCH_SIZE
from simtemp.samplers.batch import batch_sampler, published_log_weight
from simtemp.samplers.collision import Collision
from simtemp.sources import alias_source, count_source
from simtemp.tempering import split_exponent


@dataclass(frozen=True)
class Plan:
    """What to run: a maker of samplers (each call has its own scratch space, for one thread), the source, and the full options."""

    sampler: Callable[[], Any]
    source: Any
    options: Mapping[str, Any]


def plan(method: str, base: Categorical, temperature: float, options: Mapping[str, Any]) -> Plan:
    """Check the arguments of a method and prepare it for a base distribution."""
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    make, defaults = METHODS[method]
    for name in options:
        if name not in defaults:
            allowed = ", ".join(defaults) or "none"
            raise ValueError(
                f"{name} is no option of method {method!r} (its options: {allowed}), got {name}={options[name]!r}"
            )
    return make(base, temperature, {**defaults, **options})


def _collision(base: Categorical, temperature: float, options: Mapping[str, Any]) -> Plan:
    n, alpha = split_exponent(arguments.temperature(temperature, maximum=1.0, zero=False))
    early_exit = options["early_exit"]
    if not isinstance(early_exit, bool | np.bool_):
        raise ValueError(f"early_exit must be True or False, got {early_exit!r}")
    return Plan(lambda: Collision(n, alpha, bool(early_exit)), alias_source(base.probs), options)


def _batch(base: Categorical, temperature: float, options: Mapping[str, Any]) -> Plan:
    size = arguments.whole_number(options["batch_size"], "batch_size", 1, MAX_BATCH_SIZE)
    log_weight = batch_log_weight(temperature, size, options["rule"])
    categories = len(base)
    # Counts are all that matters: past this size, one binomial a category is cheaper than one look-up a draw (benchmarks/kernels.py).
    source = count_source(base.probs) if size > 16 * categories else alias_source(base.probs)
    return Plan(lambda: batch_sampler(log_weight, categories), source, {**options, "batch_size": size})


def batch_log_weight(temperature: float, size: int, rule: str) -> Any:
    """The batch rule's log-weight of every count 0, ..., size at a temperature."""
    if rule != "published":
        raise ValueError(f"rule must be 'published', got {rule!r}")
    number = arguments.temperature(temperature, maximum=1.0)
    if number == 0.0:
        return np.full(size + 1, -np.inf)  # no count is a candidate: always the largest one
    n, alpha = split_exponent(number)
    if alpha != 0.0:
        raise ValueError(
            f"temperature must be 1/n for a whole n (or 0) with the published batch rule, got {temperature!r}"
        )
    return published_log_weight(n, size)


METHODS: dict[str, tuple[Callable[[Categorical, float, Mapping[str, Any]], Plan], dict[str, Any]]] = {
    "collision": (_collision, {"early_exit": False}),
    "batch": (_batch, {"batch_size": 200, "rule": "published"}),
}
"""Every method: how it is prepared, and its options with their defaults."""
