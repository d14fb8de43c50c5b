"""The cell `law`: the exact law of a batch rule, how far from the target it is, and which temperature it really has."""

from __future__ import annotations

from typing import Any

import numpy as np

from simtemp.arguments import whole_number
from simtemp.batch_error import batch_error, rule_with_law
from simtemp.exact.batch_law import MAX_BATCH_SIZE
from simtemp.methods import batch_tables
from simtemp.sweep.base_content import base_of, with_content
from simtemp.sweep.declaration import Parameter, Parameters, cell_kind
from simtemp.sweep.method_parameters import finite_temperature, text


def _batch_size(value: Any, name: str) -> int:
    return whole_number(value, name, 1, MAX_BATCH_SIZE)


def _settle(parameters: dict[str, Any]) -> dict[str, Any]:
    rule = rule_with_law(parameters["temperature"], parameters.get("rule"))
    batch_tables(parameters["temperature"], 1, rule)  # refuses a temperature that the rule is not defined at
    return with_content({**parameters, "rule": rule})


@cell_kind(
    version=1,
    parameters={
        "base": Parameter(text),
        "temperature": Parameter(finite_temperature),
        "batch_size": Parameter(_batch_size, 200),
        "rule": Parameter(text, None),
    },
    settle=_settle,
)
def law_cell(parameters: Parameters, seed_sequence: np.random.SeedSequence) -> dict[str, Any]:
    """What ``simtemp law`` prints; nothing in it is random."""
    base = base_of(parameters)
    return {
        "categories": base.size,
        **batch_error(base.probs, parameters["temperature"], parameters["batch_size"], parameters["rule"]),
    }
