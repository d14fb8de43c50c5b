"""One child seed a role: a cell's randomness depends on the seed and on what the cell is, not on which others there are."""

from __future__ import annotations

import hashlib

import numpy as np

from simtemp.arguments import whole_number


def child_seed(seed: int, *role: object) -> int:
    """A 32-bit seed for one role, the same on every machine; roles that read differently get unrelated seeds.

    Examples
    --------
    >>> child_seed(0, "cost", "near", 0.5) == child_seed(0, "cost", "near", 0.5) != child_seed(0, "cost", "near", 0.1)
    True
    """
    parent = whole_number(seed, "seed")
    key = hashlib.blake2b("\x1f".join(map(str, role)).encode(), digest_size=16).digest()
    words = np.frombuffer(key, dtype="<u4")
    return int(np.random.SeedSequence(parent, spawn_key=tuple(map(int, words))).generate_state(1)[0])
