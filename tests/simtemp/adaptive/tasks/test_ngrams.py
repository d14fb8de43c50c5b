"""Share of repeated n-grams, against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtemp.adaptive.tasks.ngrams import repeated_share


@pytest.mark.parametrize(
    ("tokens", "n", "share"),
    [
        ([], 3, 0.0),
        ([1, 2], 3, 0.0),
        ([1, 2, 3], 3, 0.0),
        ([1, 2, 3, 1, 2, 3], 3, 1 / 4),
        ([7] * 10, 3, 7 / 8),
        ([1, 2, 1, 2, 1], 2, 2 / 4),
        ([1, 1, 2], 1, 1 / 3),
        ([12, 3, 1, 23], 1, 0.0),
        ([1, 23, 4, 12, 3, 4], 3, 0.0),  # the same digits in another division are another 3-gram
    ],
)
def test_share_of_known_texts(tokens: list[int], n: int, share: float) -> None:
    assert repeated_share(tokens, n) == pytest.approx(share, abs=1e-15)
    assert repeated_share(np.array(tokens, np.int64), n) == pytest.approx(share, abs=1e-15)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 4))
def test_share_counts_the_ngrams_that_were_there_before(tokens: list[int], n: int) -> None:
    grams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    again = [gram in grams[:i] for i, gram in enumerate(grams)]
    assert repeated_share(tokens, n) == pytest.approx(sum(again) / len(grams) if grams else 0.0)


@pytest.mark.parametrize(
    ("tokens", "n", "named"), [([1, 2], 0, "n must"), ([[1, 2]], 2, "tokens"), ([0.5], 1, "tokens")]
)
def test_bad_input_is_one_clear_line(tokens: list[object], n: int, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        repeated_share(tokens, n)  # type: ignore[arg-type]
