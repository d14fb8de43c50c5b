"""Are the streams of several workers different? Seeds that are shared, narrowed or reused repeat outputs."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any

from simtemp import arguments
from verify.outputs import Sampler, ask
from verify.seeds import roles
from verify.target import target_probabilities

MOST_COMPARED = 1 << 20
"""Outputs of a stream that are compared, at most."""


@dataclass(frozen=True)
class StreamsCheck:
    """The outcome of `check_streams`.

    Attributes
    ----------
    status : str
        "REJECT" if two streams begin alike, which independent streams of the target's law do with probability at most `alpha`; else
        "INCONCLUSIVE": that streams are independent no number of them proves.
    streams, distinct : int
        How many were compared, and how many different ones there were.
    length : int
        Outputs of each.
    alpha : float
        What was asked for.
    at_least : float
        With so many different streams in all, equally likely, a repeat would have been seen except with probability
        `alpha`; 0 when one was seen.
    """

    status: str
    streams: int
    distinct: int
    length: int
    alpha: float
    at_least: float

    @property
    def sentence(self) -> str:
        """The outcome for a person."""
        if self.status == "REJECT":
            return (
                f"REJECT: {self.streams:,} streams are only {self.distinct:,} different ones; of independent streams of the "
                f"target's law any two agree in their first {self.length:,} outputs with probability at most {self.alpha:g}."
            )
        return (
            f"No two of {self.streams:,} streams begin alike: if streams repeat, there are more than {self.at_least:,.0f} different "
            f"ones (wrong with probability at most {self.alpha:g}). That they are independent is not proved."
        )


def check_streams(
    sampler: Sampler, target: Any, streams: int = 1000, alpha: float = 1e-6, rng: Any = 0
) -> StreamsCheck:
    """Give each of many workers a generator of its own, and see whether any two of them begin alike.

    How long a beginning is compared follows from the target. Independent streams of another law may agree in it, and are rejected:
    check the law first (`check_sampler`).

    Parameters
    ----------
    sampler : callable
        As in `check_sampler`; called once a stream, with a few outputs asked for and a fresh generator.
    target : array_like of shape (K,), or Categorical
        The law of its outputs.
    streams : int
        Streams to compare, at least 2. A seed of b bits is found out with about 2**(b/2 + 2.4) streams at alpha = 1e-6.
    alpha : float
        Chance of REJECT for independent streams of the target's law, at most.
    rng : int, SeedSequence or Generator
        Each stream gets a child of its own.

    Returns
    -------
    StreamsCheck

    Raises
    ------
    ValueError
        For a target with one category, where all streams are alike, or so near to it that more than 2**20 outputs of each stream would
        have to be compared.

    Notes
    -----
    Two independent streams of the target's law agree in w outputs with probability ``(sum p**2) ** w``; w is the smallest that makes the
    sum of these over all pairs at most alpha. O(streams w); memory O(streams + w), as digests (SHA-256) are compared.

    Examples
    --------
    >>> right = lambda size, rng: rng.integers(6, size=size)
    >>> narrow = lambda size, rng: np.random.default_rng(int(rng.integers(256))).integers(6, size=size)
    >>> check_streams(right, [1 / 6] * 6).status, check_streams(narrow, [1 / 6] * 6).distinct
    ('INCONCLUSIVE', 250)
    """
    probs = target_probabilities(target)
    number = arguments.whole_number(streams, "streams", 2)
    level = arguments.rate(alpha, "alpha")
    agreement = float((probs / probs.sum()) @ (probs / probs.sum()))
    if agreement >= 1.0:
        raise ValueError("target must have at least two categories of positive probability, got one")
    log_pairs = math.log(number) + math.log((number - 1) / 2)
    length = max(1, math.ceil((log_pairs - math.log(level)) / -math.log(agreement)))
    if length > MOST_COMPARED:
        raise ValueError(
            f"target must show streams apart in at most {MOST_COMPARED:,} outputs each, got one that needs {length:.2g}: "
            "check the streams of the same sampler with a target of more even probabilities"
        )
    begins: set[bytes] = set()
    for generator in roles(rng, number):
        values, _ = ask(sampler, length, generator, probs.size)
        begins.add(hashlib.sha256(values.tobytes()).digest())
    distinct = len(begins)
    alike = distinct < number
    return StreamsCheck(
        status="REJECT" if alike else "INCONCLUSIVE",
        streams=number,
        distinct=distinct,
        length=length,
        alpha=level,
        # P(no repeat among s streams of M) <= exp(-s (s - 1) / 2 M)
        at_least=0.0 if alike else math.exp(log_pairs) / -math.log(level),
    )
