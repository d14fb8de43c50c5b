"""The writer of the training text, at any temperature: what a model that has learned its laws exactly would write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np

from simtemp.adaptive.tasks.word_law import WordLaw, law_of
from simtemp.tempering import temper

Laws = Callable[[Sequence[str]], WordLaw | None]
"""From the words written so far to the law of the next one; None: the text is complete."""


def write(
    laws: Laws,
    rng: np.random.Generator,
    temperature: float | Callable[[str], float] = 1.0,
    unit: Literal["character", "word"] = "word",
) -> str:
    """A text by the laws of its words, tempered character by character or word by word.

    Parameters
    ----------
    laws : callable
        From the words so far to the law of the next, or None at the end.
    rng : numpy.random.Generator
        Spends one uniform number a unit.
    temperature : float or callable
        >= 0; a callable is asked before each unit, with the text so far. At 1 both units give the same law.
    unit : str
        What a step of the model writes: a ``"character"``, or a ``"word"`` as a model of blocks does.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For a temperature below 0 or NaN.
    """
    at = temperature if callable(temperature) else lambda text: temperature
    text = ""
    written: list[str] = []
    while (law := laws(written)) is not None:
        if unit == "word":
            word = _tempered(law, at(text)).draw(rng)
        else:
            word = ""
            while word not in law.words:
                word = _tempered(_next_character(law, word), at(text + word)).draw(rng)
        written.append(word)
        text += word
    return text


@lru_cache(maxsize=65536)
def _tempered(law: WordLaw, temperature: float) -> WordLaw:
    return law if temperature == 1.0 else WordLaw(law.words, temper(law.probs, temperature))


@lru_cache(maxsize=65536)
def _next_character(law: WordLaw, start: str) -> WordLaw:
    """The law of `start` and one more character, when the word is known to begin with `start`."""
    alike = [
        (word[: len(start) + 1], p)
        for word, p in zip(law.words, law.probs.tolist(), strict=True)
        if word.startswith(start)
    ]
    total = sum(p for _, p in alike)
    return law_of([(beginning, p / total) for beginning, p in alike])
