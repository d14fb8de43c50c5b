"""One colour a sampler in the pictures that compare them: the collision sampler keeps those it has, red is the batch as published."""

from __future__ import annotations

from figures import style

SAMPLER_COLOURS = {
    **style.METHOD_COLOURS,
    "duel": "#137a5a",
    "accepted": "#d9810f",
    "one draw": style.MUTED,
    "plug-in": "#9b3586",
    "falling": "#2f6db3",
    "corrected": "#b07d00",
    "chain": "#0f94ad",
    "duel in N": "#137a5a",
    "floor": style.INK,
}
