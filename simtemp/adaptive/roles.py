"""A stream of randomness for each role of an experiment, all from one seed."""

from __future__ import annotations

import numpy as np

_ROLES = ("examples", "prompts", "entropy rule", "texts", "bootstrap", "head")
_FIRST_KEY = 16
"""Lower keys are those of children that others spawn from a bare seed: the training of a base model."""


def role_seed(seed: int, role: str) -> np.random.SeedSequence:
    """The seed sequence of a role.

    Examples
    --------
    >>> role_seed(0, "head").spawn_key
    (21,)
    """
    return np.random.SeedSequence(seed, spawn_key=(_FIRST_KEY + _ROLES.index(role),))
