"""How far a batch rule is from its target, exactly."""

from __future__ import annotations

import numpy as np

from simtemp.arguments import Floats
from simtemp.exact.batch_law import rule_law
from simtemp.exact.distance import effective_temperature, kl_divergence, total_variation
from simtemp.methods import batch_rule, batch_tables
from simtemp.tempering import temper


def rule_with_law(temperature: float, rule: str | None) -> str:
    """The batch rule that is meant, of those whose law is known: if none is named, the published one where it is defined, else falling.

    Raises
    ------
    ValueError
        For an unknown rule, or the corrected one.
    """
    chosen = batch_rule(temperature, rule)
    if chosen != "corrected":
        return chosen
    if rule is None:
        return "falling"
    raise ValueError(
        "rule must be published, plug-in or falling: no exact law is known of the corrected one (use simtemp verify)"
    )


def batch_error(probs: Floats, temperature: float, batch_size: int, rule: str) -> dict[str, float]:
    """Total variation ("tv") and divergence ("kl") to the target, and the temperature that the law really has.

    Parameters
    ----------
    probs : float[K]
        Of the base.
    temperature : float
        In [0, inf].
    batch_size : int
        Draws an output, N.
    rule : str
        One that has a law (`rule_with_law`).

    Raises
    ------
    ValueError
        For a temperature that the rule is not defined at.
    """
    log_weight, _ = batch_tables(temperature, batch_size, rule)
    law = rule_law(probs, log_weight, batch_size)
    target = temper(np.asarray(probs), temperature)
    return {
        "tv": total_variation(law, target),
        "kl": kl_divergence(law, target),
        "effective_temperature": effective_temperature(law, probs),
    }
