"""Sentences that must start with given letters: one character of each wants precision, the others variety."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simtemp.adaptive.claims import better_than_best, colder_where_bound
from simtemp.adaptive.response import Response
from simtemp.adaptive.tasks import grammar
from simtemp.adaptive.tasks.grammar import LENGTH, STOP, begun, is_grammatical, sentences, words_of
from simtemp.adaptive.tasks.task import Prompt
from simtemp.adaptive.tasks.variety import variety
from simtemp.adaptive.tasks.word_law import WordLaw, mixture
from simtemp.adaptive.tasks.writer import Laws
from simtemp.adaptive.tasks.written_task import WrittenTask

LETTERS = 3
"""In a prompt, all different; so many sentences are wanted."""

SLIPS = 0.3
"""Share of the sentences of the training text that start with the next letter of the prompt (after the last comes the first)."""

MISWRITTEN = 0.01
"""Share of its words in whose place is any word of the language, right or wrong."""

EXPONENT = 1.5
"""Of the Zipf law of its words."""


class ConstrainedTask(WrittenTask):
    """As many sentences of `grammar` as the prompt has letters, sentence i with letter i as its first; a token is a character.

    ``adb:`` wants e.g. ``ann fed the cat.dan got her hat.bob saw his dog.`` The reward is the product of three shares: of the sentences
    that start with their letters, of those that are grammatical (both of three sentences, or of those written if they are more), and
    `variety` of the verbs and nouns of the grammatical ones, a mean of (different words - 1) / 2: one sentence with three
    names earns nothing.

    Notes
    -----
    The training text is noisy, as real text is: `SLIPS` of its sentences start with another letter, `MISWRITTEN` of its words are out of
    place, and words follow a Zipf law. So a model that has learned this text needs a temperature near 0 at the first character of a
    sentence, and of about 1 where it picks verb and noun: greedy, it takes the same ones for every sentence. No single temperature
    does both; `writer.write` with `laws` gives the rewards of a model that has learned the laws exactly.

    Examples
    --------
    >>> import numpy as np
    >>> prompt = ConstrainedTask().prompts("learn", 1, np.random.default_rng(0))[0]
    >>> len(prompt.text), prompt.facts["letters"] + ":" == prompt.text
    (4, True)
    """

    name = "constrained"
    level = "token"
    temperatures = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2)
    block_temperatures = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    max_tokens = LETTERS * grammar.CHARACTERS + 4
    kinds = ("letters",)
    claims = (colder_where_bound, better_than_best)

    def random_prompt(self, kind: str, rng: np.random.Generator) -> Prompt:
        """A prompt of any split."""
        initials = list(grammar.NAMES)
        letters = "".join(initials[index] for index in rng.permutation(len(initials))[:LETTERS])
        return Prompt(f"{letters}:", kind, {"letters": letters})

    def laws(self, prompt: Prompt) -> Laws:
        """The law of each word of a response, after the words before it, in the training text (noise included)."""
        return lambda written: _next_word(written, prompt.facts["letters"])

    def measures(self, prompt: Prompt, response: Response) -> dict[str, float]:
        """The three factors of the reward: "letters", "grammatical" and "variety"."""
        letters = prompt.facts["letters"]
        written = sentences(response.text)
        right = [words_of(sentence) for sentence in written if is_grammatical(sentence)]
        met = sum(sentence.startswith(letter) for sentence, letter in zip(written, letters, strict=False))
        wanted = max(len(written), LETTERS)
        return {
            "letters": met / wanted,
            "grammatical": len(right) / wanted,
            "variety": variety([[verb, noun] for _, verb, _, noun in right], LETTERS),
        }

    def labels(self, prompt: Prompt, response: Response) -> list[str]:
        """Of each character of the text: "constrained" where a sentence starts, "free" elsewhere."""
        text = response.text
        return ["constrained" if before in ("", STOP) else "free" for before in ["", *text[:-1]][: len(text)]]


def _next_word(written: Sequence[str], letters: str) -> WordLaw | None:
    sentence = len(written) // LENGTH
    if sentence == LETTERS:
        return None
    before = begun(written)
    law = grammar.next_word(before, EXPONENT) if before else _name(letters[sentence], letters[(sentence + 1) % LETTERS])
    return grammar.miswritten(law, MISWRITTEN)


def _name(letter: str, other: str) -> WordLaw:
    right, slip = (grammar.next_word((), EXPONENT, grammar.NAMES[first]) for first in (letter, other))
    return mixture((1 - SLIPS, right), (SLIPS, slip))
