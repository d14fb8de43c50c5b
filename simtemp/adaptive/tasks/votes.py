"""A vote, and what one response is worth to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

_DIGITS = 12
"""Answers that are worth the same must not differ by how a sum was rounded: a pair would be made of them."""


def vote_credit(answers: Sequence[int | None], right: int) -> float:
    """What a vote earns: 1 when the answer with the most votes is the right one; answers that tie for it share.

    Parameters
    ----------
    answers : sequence of int or None
        None is no vote.
    right : int
        The right answer.

    Examples
    --------
    >>> vote_credit([6, 6, 7, None], right=6), vote_credit([6, 6, 7, 7, 8], right=6), vote_credit([None], right=6)
    (1.0, 0.5, 0.0)

    References
    ----------
    .. [1] Wang et al. (2023), Self-Consistency Improves Chain of Thought Reasoning in Language Models, arXiv:2203.11171.
    """
    votes = Counter(answer for answer in answers if answer is not None)
    most = max(votes.values(), default=0)
    winners = [answer for answer, count in votes.items() if count == most]
    return 1.0 / len(winners) if right in winners else 0.0


def worth_to_votes(answers: Sequence[int | None], right: int, voters: int) -> list[float]:
    """The mean credit of all votes of so many of the answers that an answer is part of, for each answer.

    The expected credit of a vote of independent responses grows along the mean, over responses, of this times the gradient of
    their log-probability. So it tells good responses from bad ones where a vote is what counts: a rare error costs less than a common one,
    and nothing is at stake where every vote comes out the same.

    Parameters
    ----------
    answers : sequence of N int or None
        N > 1.
    right : int
        The right answer.
    voters : int
        At most; with fewer than twice as many answers, half of them.

    Notes
    -----
    All subsets are counted: O(C(N - 1, n - 1)) for each different answer, n voters.

    Examples
    --------
    >>> worth_to_votes([6, 6, 7, 7], right=6, voters=2)  # 6 with 6, with 7, with 7
    [0.666666666667, 0.666666666667, 0.333333333333, 0.333333333333]
    >>> worth_to_votes([6, 6, 6, 7], right=6, voters=1)
    [1.0, 1.0, 1.0, 0.0]
    """
    size = max(1, min(voters, len(answers) // 2))
    different = [answer for answer in dict.fromkeys(answers) if answer is not None]
    worth: dict[int | None, float] = {}
    for index, answer in enumerate(answers):
        if answer not in worth:
            others = [other for place, other in enumerate(answers) if place != index]
            rows = np.array([[other == one for one in different] for other in others], np.int64)
            counts = _subsets(len(others), size - 1) @ rows  # int64[subsets, different answers]
            counts += np.array([answer == one for one in different], np.int64)
            worth[answer] = _mean_credit(counts, different, right)
    return [round(worth[answer], _DIGITS) for answer in answers]


def _mean_credit(counts: npt.NDArray[np.int64], different: Sequence[int], right: int) -> float:
    if right not in different:
        return 0.0
    most = counts.max(1)
    votes = counts[:, different.index(right)]
    winners = (counts == most[:, None]).sum(1)
    return float(np.mean(np.where((votes == most) & (most > 0), 1.0 / winners, 0.0)))


@cache
def _subsets(count: int, size: int) -> npt.NDArray[np.int64]:
    """Every subset of a size as a row of zeros and ones."""
    chosen = list(combinations(range(count), size))
    table = np.zeros((len(chosen), count), np.int64)
    for row, places in enumerate(chosen):
        table[row, list(places)] = 1
    return table
