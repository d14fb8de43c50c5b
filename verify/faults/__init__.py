"""A gallery of planted faults: wrong samplers that look right, each an honest statement of a real mistake.

`GALLERY` holds them all, with the changes that leave everything alone at its end. Most are faults of the law of an output,
and that law is known exactly, so that what the judge makes of them can be predicted (`verify.prediction`) and compared
(`verify.gallery`).
"""

from __future__ import annotations

from typing import Final

from verify.faults import batch, coin, collision, cost, duel, preserving, streams, tables, tempering, unfinished
from verify.faults.fault import Fault

__all__ = ["GALLERY", "Fault"]

GALLERY: Final[tuple[Fault, ...]] = (
    *tempering.FAULTS,
    *coin.FAULTS,
    *collision.FAULTS,
    *unfinished.FAULTS,
    *batch.FAULTS,
    *duel.FAULTS,
    *tables.FAULTS,
    *streams.FAULTS,
    *cost.FAULTS,
    *preserving.FAULTS,
)
