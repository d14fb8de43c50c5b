"""How much the sentences of a text differ from each other, place by place."""

from __future__ import annotations

from collections.abc import Sequence


def variety(rows: Sequence[Sequence[str]], wanted: int) -> float:
    """Mean over the places of a row of ``(different words - 1) / (wanted - 1)``.

    Parameters
    ----------
    rows : sequence of sequence of str
        The words to compare, a row a sentence, all rows of one length; rows beyond `wanted` do not count.
    wanted : int
        Sentences that the text should have, >= 2.

    Returns
    -------
    float
        In [0, 1]: 0 when all rows are the same, or there is but one or none; 1 when no word comes twice at its place.

    Examples
    --------
    >>> variety([["fed", "cat"], ["saw", "cat"], ["fed", "cat"]], wanted=3)
    0.25
    """
    columns = list(zip(*rows[:wanted], strict=True))
    return sum(len(set(column)) - 1 for column in columns) / (len(columns) * (wanted - 1)) if columns else 0.0
