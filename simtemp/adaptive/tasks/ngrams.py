"""Repetition in a text: the share of its n-grams that it has said before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simtemp.arguments import Integers, whole_number


def repeated_share(tokens: Sequence[int] | Integers, n: int = 3) -> float:
    """Share of the n-grams of a text that occur earlier in it, 1 - distinct / all, as in [1]_.

    Parameters
    ----------
    tokens : int64[L]
        Any L; n-grams overlap.
    n : int
        >= 1.

    Returns
    -------
    float
        In [0, 1); 0 for fewer than n tokens, which have no n-gram.

    Raises
    ------
    ValueError
        For tokens that are no vector of integers, or a bad n.

    Examples
    --------
    >>> repeated_share([1, 2, 3, 1, 2, 3])  # 123 231 312 123
    0.25

    References
    ----------
    .. [1] Welleck et al. (2020), Neural Text Generation with Unlikelihood Training, arXiv:1908.04319, section 6 ("seq-rep-n").
    """
    size = whole_number(n, "n", 1)
    array = np.asarray(tokens)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(f"tokens must be a vector of integers, got {array.dtype} of shape {array.shape}")
    values = array.tolist()
    grams = list(zip(*(values[start:] for start in range(size)), strict=False))
    return 1.0 - len(set(grams)) / len(grams) if grams else 0.0
