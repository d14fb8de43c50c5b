"""A small English with a known grammar: sentences of four words of three letters, such as "ann fed the cat.".

    sentence -> name verb determiner noun "."

A verb of the first class takes a noun that is an animal, one of the second class a noun that is a thing: "ann fed the cup." is
wrong. A word has three letters and one character after it, a space or the full stop, so that words are blocks of four characters, for
a model that decodes such blocks; sentences follow each other without a space.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from simtemp.adaptive.tasks.word_law import WordLaw, mixture, zipf_law

NAMES = {
    "a": ("ann", "ada", "amy"),
    "b": ("bob", "ben", "bea"),
    "d": ("dan", "deb", "don"),
    "e": ("eva", "eli", "ern"),
    "f": ("fay", "flo", "fin"),
    "g": ("gus", "gil", "gia"),
    "h": ("hal", "hob", "huw"),
    "i": ("ida", "ian", "ivy"),
    "j": ("jim", "joe", "jan"),
    "k": ("kay", "kim", "ken"),
    "l": ("lou", "lea", "leo"),
    "m": ("max", "mia", "moe"),
    "n": ("ned", "nan", "nic"),
    "p": ("pam", "pia", "pip"),
    "r": ("ray", "roy", "rex"),
    "s": ("sue", "sam", "sal"),
    "t": ("tom", "ted", "tim"),
    "v": ("val", "vic", "viv"),
}
"""By first letter, the commonest first."""

VERBS = {"animal": ("saw", "fed", "met", "led", "bit", "pet"), "thing": ("got", "cut", "won", "hid", "lit", "dug")}
"""By the class of the noun they take, the commonest first."""

DETERMINERS = ("the", "her", "his", "our")

NOUNS = {
    "animal": ("cat", "dog", "pig", "cow", "fox", "owl", "rat", "elk"),
    "thing": ("cup", "hat", "pot", "log", "box", "pie", "jar", "map"),
}
"""By class, the commonest first."""

STOP = "."
LENGTH = 4
"""Words in a sentence."""

CHARACTERS = 4 * LENGTH
"""In a sentence."""


def _in_turns(classes: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The commonest of each class, then the second of each, and so on."""
    return tuple(word for words in zip(*classes, strict=True) for word in words)


ALL_NAMES = _in_turns(list(NAMES.values()))
ALL_VERBS = _in_turns(list(VERBS.values()))
ALL_NOUNS = _in_turns(list(NOUNS.values()))
ALL_WORDS = (*ALL_NAMES, *ALL_VERBS, *DETERMINERS, *ALL_NOUNS)


def is_grammatical(sentence: str) -> bool:
    """Whether a text is one sentence of the grammar, with its full stop and nothing else.

    Examples
    --------
    >>> [is_grammatical(text) for text in ("ann fed the cat.", "ann fed the cup.", "ann fed cat.", "ann fed the cat")]
    [True, False, False, False]
    """
    if not sentence.endswith(STOP):
        return False
    words = sentence.removesuffix(STOP).split(" ")
    return len(words) == LENGTH and all(word in allowed(words[:place]) for place, word in enumerate(words))


def allowed(before: Sequence[str]) -> tuple[str, ...]:
    """What may be the next word of a sentence, the commonest first.

    After a word that is no verb, where a verb should be, any noun may come: the sentence is wrong already.
    """
    if len(before) < LENGTH - 1:
        return (ALL_NAMES, ALL_VERBS, DETERMINERS)[len(before)]
    return next((NOUNS[kind] for kind, verbs in VERBS.items() if before[1] in verbs), ALL_NOUNS)


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with its full stop; what follows the last full stop is one without.

    Examples
    --------
    >>> sentences("ann fed the cat.bob saw")
    ['ann fed the cat.', 'bob saw']
    """
    *whole, rest = text.split(STOP)
    return [sentence + STOP for sentence in whole] + [rest] * bool(rest)


def words_of(sentence: str) -> list[str]:
    """The words of a sentence, without its full stop.

    Examples
    --------
    >>> words_of("ann fed the cat.")
    ['ann', 'fed', 'the', 'cat']
    """
    return sentence.removesuffix(STOP).split(" ")


def begun(written: Sequence[str]) -> tuple[str, ...]:
    """The words of the sentence that is not complete yet, of words with the character after each.

    Examples
    --------
    >>> begun(["ann ", "fed ", "the ", "cat.", "bob ", "saw "])
    ('bob', 'saw')
    """
    return tuple(word[:-1] for word in written[len(written) - len(written) % LENGTH :])


def next_word(before: Sequence[str], exponent: float, choice: tuple[str, ...] | None = None) -> WordLaw:
    """The law of the next word of a sentence.

    Parameters
    ----------
    before : sequence of str
        The words of the sentence so far, at most three.
    exponent : float
        Of the Zipf law of the words that may come: ``P(word i) ∝ i**-exponent``; 0 is uniform.
    choice : tuple of str, optional
        What may come, the commonest first, in place of what the grammar allows.

    Returns
    -------
    WordLaw
        Its words end with a space, or with the full stop at the end of a sentence.
    """
    return _law(allowed(before) if choice is None else choice, exponent, STOP if len(before) == LENGTH - 1 else " ")


@lru_cache(maxsize=1024)
def miswritten(law: WordLaw, share: float) -> WordLaw:
    """The law of a writer who puts any word of the language, right or wrong, instead of the next one, with probability `share`."""
    return mixture((1 - share, law), (share, _law(ALL_WORDS, 0.0, law.words[0][-1])))


@lru_cache(maxsize=1024)
def _law(words: tuple[str, ...], exponent: float, after: str) -> WordLaw:
    return zipf_law([word + after for word in words], exponent)


def generate(rng: np.random.Generator, exponent: float = 1.0) -> str:
    """A grammatical sentence, words by a Zipf law (see `next_word`)."""
    written: list[str] = []
    while len(written) < LENGTH:
        written.append(next_word(begun(written), exponent).draw(rng))
    return "".join(written)
