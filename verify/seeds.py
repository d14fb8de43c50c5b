"""One stream of randomness for each role."""

from __future__ import annotations

from typing import Any

import numpy as np

from simtemp import arguments


def generator(rng: Any) -> np.random.Generator:
    """A generator from a seed (an integer >= 0), a SeedSequence or a Generator (returned as it is)."""
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, np.random.SeedSequence):
        return np.random.default_rng(rng)
    return np.random.default_rng(arguments.whole_number(rng, "rng"))


def roles(rng: Any, count: int) -> list[np.random.Generator]:
    """Independent generators, one a role; a SeedSequence or Generator given twice gives new ones the second time."""
    if isinstance(rng, np.random.Generator):
        root = np.random.SeedSequence(int.from_bytes(rng.bytes(16), "little"))
    elif isinstance(rng, np.random.SeedSequence):
        root = rng
    else:
        root = np.random.SeedSequence(arguments.whole_number(rng, "rng"))
    return [np.random.default_rng(child) for child in root.spawn(count)]
