"""Which responses to a prompt are set against each other: the best one against the worst."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simtemp.errors import SimtempError


class Pair(NamedTuple):
    """Two responses to one prompt, by their sample numbers."""

    prompt: int
    chosen: int
    rejected: int


class NoPreference(SimtempError, ValueError):
    """The responses to every prompt have equal rewards: there is nothing to learn from."""


def best_and_worst(rewards: Any) -> list[Pair]:
    """The best response to each prompt against the worst; a prompt whose responses are all equal is dropped [1]_.

    Parameters
    ----------
    rewards : array_like, shape (P, N)
        Of N >= 2 responses to each of P >= 1 prompts; finite.

    Returns
    -------
    list of Pair
        In the order of the prompts. Of several best (or worst) responses the first is taken: independent samples come in no order.

    Raises
    ------
    ValueError
        For another shape, fewer than two responses a prompt, or a reward that is NaN or infinite.
    NoPreference
        When no pair is left. A `ValueError` too.

    References
    ----------
    .. [1] Dhuliawala et al. (2024), Adaptive Decoding via Latent Preference Optimization, arXiv:2411.09661, section 3.2.

    Examples
    --------
    >>> best_and_worst([[0.1, 0.9, 0.5], [0.5, 0.5, 0.5]])
    [Pair(prompt=0, chosen=1, rejected=0)]
    """
    try:
        table = np.asarray(rewards, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("rewards must be a table of numbers with a row of N responses for each prompt") from None
    if table.ndim != 2 or len(table) == 0:
        raise ValueError(f"rewards must have shape (prompts >= 1, responses >= 2), got {table.shape}")
    if table.shape[1] < 2:
        raise ValueError(f"a pair needs at least 2 responses a prompt, got {table.shape[1]}")
    wrong = ~np.isfinite(table)
    if wrong.any():
        prompt, sample = np.argwhere(wrong)[0].tolist()
        raise ValueError(f"rewards must be finite, got rewards[{prompt}, {sample}] = {float(table[prompt, sample])!r}")
    differ = np.flatnonzero(table.max(1) > table.min(1))
    if differ.size == 0:
        raise NoPreference(
            f"all {table.shape[1]} responses have equal rewards for each of {len(table)} prompts: no pair is left"
        )
    best, worst = table.argmax(1)[differ], table.argmin(1)[differ]
    return [Pair(*indices) for indices in np.stack([differ, best, worst], 1).tolist()]
