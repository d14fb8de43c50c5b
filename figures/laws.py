"""Exact laws of the batch sampler, each computed once in a process: a report meets the same law in a table and in a picture."""

from __future__ import annotations

import threading
from collections import defaultdict
from functools import lru_cache

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats
from simtemp.tempering import split_exponent

MOST_WORK = 1.5e5
"""Distinct probabilities times the root of N, up to which a law is a matter of seconds."""

_Key = tuple[bytes, int, int]
_busy: defaultdict[_Key, threading.Lock] = defaultdict(threading.Lock)


def exact_batch_law(probs: Floats, temperature: float, batch_size: int) -> Floats:
    """The law of the published batch rule over `probs` at T = 1/n: float64[K], read-only. Seconds where K and N are in the thousands.

    Raises
    ------
    ValueError
        For a temperature that is not 1/n for a whole n.
    """
    n, alpha = split_exponent(arguments.temperature(temperature, maximum=1.0, zero=False))
    if alpha != 0:
        raise ValueError(f"temperature must be 1/n for a whole n with the published batch rule, got {temperature!r}")
    key = (probs.tobytes(), n, int(batch_size))
    with _busy[key]:  # a second thread waits for the first one's answer
        return _law(*key)


def law_at_hand(probs: Floats, batch_size: int) -> bool:
    """Whether the exact law takes no more than seconds; on wide supports without equal probabilities it takes minutes."""
    return bool(np.unique(probs).size * np.sqrt(batch_size) <= MOST_WORK)


@lru_cache(maxsize=256)
def _law(probs: bytes, n: int, batch_size: int) -> Floats:
    from simtemp import batch_law

    law = batch_law(np.frombuffer(probs), n, batch_size)
    law.setflags(write=False)
    return law
