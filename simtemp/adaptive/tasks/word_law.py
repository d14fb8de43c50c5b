"""Probabilities of the next word of a text that is written at random."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

import numpy as np

from simtemp.arguments import Floats
from simtemp.families import zipf


@dataclass(frozen=True, eq=False)
class WordLaw:
    """Words and their probabilities; a word carries what separates it from the next one.

    Attributes
    ----------
    words : tuple of K str
        All different, and none the beginning of another.
    probs : float64[K]
    """

    words: tuple[str, ...]
    probs: Floats

    def draw(self, rng: np.random.Generator) -> str:
        """One word, for one uniform number."""
        return self.words[min(bisect_right(self._sums, rng.random()), len(self.words) - 1)]

    @cached_property
    def _sums(self) -> list[float]:
        return list(accumulate(self.probs.tolist()))


def zipf_law(words: Sequence[str], exponent: float) -> WordLaw:
    """The first word is the commonest: ``P(word i) ∝ i**-exponent``.

    Examples
    --------
    >>> zipf_law(["cat", "dog"], 1.0).probs.round(2).tolist()
    [0.67, 0.33]
    """
    return WordLaw(tuple(words), zipf(len(words), exponent))


@lru_cache(maxsize=1024)
def mixture(*parts: tuple[float, WordLaw]) -> WordLaw:
    """The law that follows each of some laws with a given probability; remembered, and so the same object for the same laws.

    Examples
    --------
    >>> mixture((0.5, zipf_law(["cat"], 1.0)), (0.5, zipf_law(["cat", "dog"], 0.0))).probs.tolist()
    [0.75, 0.25]
    """
    return law_of(
        [(word, share * p) for share, law in parts for word, p in zip(law.words, law.probs.tolist(), strict=True)]
    )


def law_of(weights: Mapping[str, float] | Sequence[tuple[str, float]]) -> WordLaw:
    """A law from probabilities of words; those of a word that is there twice are added up."""
    total: dict[str, float] = {}
    for word, weight in weights.items() if isinstance(weights, Mapping) else weights:
        total[word] = total.get(word, 0.0) + weight
    return WordLaw(tuple(total), np.array(list(total.values())))
