"""The noisy writer: at T = 1 its texts follow their laws in both units, at other temperatures the tempered ones; and variety."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from simtemp.adaptive.tasks.variety import variety
from simtemp.adaptive.tasks.word_law import law_of, mixture, zipf_law
from simtemp.adaptive.tasks.writer import write
from simtemp.tempering import temper

ALPHA = 1e-6
LAW = law_of({"ab ": 0.4, "ac ": 0.2, "bc ": 0.3, "ca ": 0.1})


def counts(temperature, unit, size=3000):
    rng = np.random.default_rng(5)
    texts = [write(lambda written: None if written else LAW, rng, temperature, unit) for _ in range(size)]
    return np.array([texts.count(word) for word in LAW.words])


def by_characters(temperature):
    """a, b, c first, then b or c after a: by hand."""
    a, b, c = temper([0.6, 0.3, 0.1], temperature)
    ab, ac = temper([2 / 3, 1 / 3], temperature)
    return np.array([a * ab, a * ac, b, c])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_words_follow_the_tempered_law_of_words_or_of_characters(temperature) -> None:
    """Chi-square at alpha = 1e-6. Planted: either unit's texts against the other unit's law are refused at T = 0.5 and 2."""
    laws = {"word": temper(LAW.probs, temperature), "character": by_characters(temperature)}
    for unit, other in (("word", "character"), ("character", "word")):
        found = counts(temperature, unit)
        assert stats.chisquare(found, found.sum() * laws[unit]).pvalue > ALPHA
        if temperature != 1.0:
            assert stats.chisquare(found, found.sum() * laws[other]).pvalue < ALPHA
    if temperature == 1.0:
        np.testing.assert_allclose(laws["word"], laws["character"])


def test_zero_is_greedy_and_a_policy_sees_the_text_so_far() -> None:
    seen = []

    def policy(text):
        seen.append(text)
        return 0.0

    laws = lambda written: LAW if len(written) < 2 else None  # noqa: E731
    assert write(laws, np.random.default_rng(0), policy, "character") == "ab ab "
    assert seen == ["", "a", "ab", "ab ", "ab a", "ab ab"]
    seen.clear()
    assert write(laws, np.random.default_rng(0), policy) == "ab ab "
    assert seen == ["", "ab "]


def test_a_bad_temperature_is_refused() -> None:
    with pytest.raises(ValueError, match="temperature"):
        write(lambda written: LAW, np.random.default_rng(0), -1.0)


def test_laws_add_up() -> None:
    assert zipf_law(["a", "b"], 1.0).probs.tolist() == pytest.approx([2 / 3, 1 / 3])
    mixed = mixture((0.25, zipf_law(["a"], 1.0)), (0.75, zipf_law(["b", "a"], 0.0)))
    assert dict(zip(mixed.words, mixed.probs.tolist(), strict=True)) == pytest.approx({"a": 0.625, "b": 0.375})


def test_variety_counts_different_words_by_place() -> None:
    assert variety([], 3) == variety([["a", "b"]], 3) == 0.0
    assert variety([["a", "b"]] * 3, 3) == 0.0
    assert variety([["a", "x"], ["b", "x"], ["c", "x"]], 3) == 0.5
    assert variety([["a", "x"], ["b", "y"], ["c", "z"]], 3) == 1.0
    assert variety([["a", "x"], ["b", "y"]], 3) == 0.5
    assert variety([["a"], ["b"], ["c"], ["d"]], 3) == 1.0
    growing = [variety([[word] for word in "abcde"[:size]], 5) for size in range(1, 6)]
    assert all(low < high for low, high in pairwise(growing))
