"""Three kinds of prompt, each of which wants another temperature for its whole response."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simtemp.adaptive.claims import better_than_all
from simtemp.adaptive.response import Response
from simtemp.adaptive.tasks import grammar
from simtemp.adaptive.tasks.grammar import LENGTH, begun, is_grammatical, sentences, words_of
from simtemp.adaptive.tasks.task import Prompt
from simtemp.adaptive.tasks.variety import variety
from simtemp.adaptive.tasks.word_law import WordLaw, law_of, mixture
from simtemp.adaptive.tasks.writer import Laws
from simtemp.adaptive.tasks.written_task import WrittenTask

WRONG_SUMS = 0.4
"""Share of the sums of the training text that are off, by -1, +1 or +10 in equal shares."""

LOST_KEYWORDS = 0.35
"""Share of its sentences that should keep a noun and have another one of the same class."""

MISWRITTEN = 0.02
"""Share of the words of its sentences in whose place is any word of the language, right or wrong."""

FREE_EXPONENT = 1.8
"""Of the Zipf law of words in free sentences: a few are everywhere, and only a high temperature finds the others."""

KEEPING_EXPONENT = 0.7
"""The same in sentences that keep a noun: varied enough at a middle temperature."""

SENTENCES = 3
"""In a response that is no sum."""

_ADDENDS = 4
_LEAST_SUM = 11
"""So that every answer has two digits, one that is off too (least: 10)."""


class MixedTask(WrittenTask):
    """One model, three kinds of prompt: exact sums, free sentences, and sentences that keep a noun.

    "arithmetic"
        ``3+8+2+5=`` wants ``18``. Reward: 1 when the response is the sum, else 0.
    "creative"
        ``ann lit our box.new:`` wants three sentences of `grammar`, as different as can be.
        Reward: share of right sentences x variety of their names, verbs and nouns.
    "between"
        ``ann lit our box.cat:`` wants three sentences that keep the noun ("bob fed her cat."), names and verbs as different as can be.
        Reward: share of right sentences x variety of their names and verbs.

    The sentence that opens a prompt is drawn at random; nothing is asked of it. A right sentence is grammatical (and keeps the noun).
    The share is right sentences (three count at most) over sentences written (three at least). `variety` is a mean of
    (different words - 1) / 2 over the places compared, so a response that says one thing three times earns nothing.

    Notes
    -----
    The training text is noisy, as real text is: `WRONG_SUMS` of the sums are wrong, `LOST_KEYWORDS` of the nouns to keep are lost,
    `MISWRITTEN` of the words are out of place, and words follow Zipf laws. A model that has learned this text makes its errors at T = 1;
    at a lower temperature it makes fewer, and repeats itself; greedy, every sentence is the same. So sums want T = 0, free sentences
    about T = 1, and sentences that keep a noun a temperature in the middle; `writer.write` with `laws` gives the rewards
    of a model that has learned the laws exactly.

    Examples
    --------
    >>> import numpy as np
    >>> task = MixedTask()
    >>> [prompt.kind for prompt in task.prompts("learn", 4, np.random.default_rng(0))]
    ['arithmetic', 'between', 'creative', 'arithmetic']
    """

    name = "mixed"
    level = "sequence"
    temperatures = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2)
    block_temperatures = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    max_tokens = SENTENCES * grammar.CHARACTERS + 4
    kinds = ("arithmetic", "between", "creative")
    claims = (better_than_all,)

    def random_prompt(self, kind: str, rng: np.random.Generator) -> Prompt:
        """A prompt of a kind, of any split; four addends from 1 to 9, or a sentence of equally likely words."""
        if kind == "arithmetic":
            addends = rng.integers(1, 10, _ADDENDS)
            while addends.sum() < _LEAST_SUM:
                addends = rng.integers(1, 10, _ADDENDS)
            return Prompt("+".join(map(str, addends.tolist())) + "=", kind, {"sum": int(addends.sum())})
        opening = grammar.generate(rng, exponent=0.0)
        if kind == "creative":
            return Prompt(f"{opening}new:", kind)
        keyword = grammar.ALL_NOUNS[int(rng.integers(len(grammar.ALL_NOUNS)))]
        return Prompt(f"{opening}{keyword}:", kind, {"keyword": keyword})

    def laws(self, prompt: Prompt) -> Laws:
        """The law of each word of a response, after the words before it, in the training text (noise included)."""
        if prompt.kind == "arithmetic":
            return lambda written: None if written else _answer(prompt.facts["sum"])
        return lambda written: _next_word(written, prompt.facts.get("keyword"))

    def measures(self, prompt: Prompt, response: Response) -> dict[str, float]:
        """Of a sum "exact"; of sentences "right", the share of right ones, and "variety"."""
        if prompt.kind == "arithmetic":
            return {"exact": float(response.text == str(prompt.facts["sum"]))}
        keyword = prompt.facts.get("keyword")
        written = sentences(response.text)
        right = [words_of(sentence) for sentence in written if is_grammatical(sentence)]
        if keyword is not None:
            right = [words for words in right if words[-1] == keyword]
        compared = [[name, verb] if keyword else [name, verb, noun] for name, verb, _, noun in right]
        return {
            "right": min(len(right), SENTENCES) / max(len(written), SENTENCES),
            "variety": variety(compared, SENTENCES),
        }


def _answer(right: int) -> WordLaw:
    wrong = (right - 1, right + 1, right + 10)
    return law_of([(str(right), 1 - WRONG_SUMS), *((str(value), WRONG_SUMS / len(wrong)) for value in wrong)])


def _next_word(written: Sequence[str], keyword: str | None) -> WordLaw | None:
    if len(written) == SENTENCES * LENGTH:
        return None
    before = begun(written)
    law = grammar.next_word(before, FREE_EXPONENT) if keyword is None else _keeping(before, keyword)
    return grammar.miswritten(law, MISWRITTEN)


def _keeping(before: Sequence[str], keyword: str) -> WordLaw:
    """The law of a word of a sentence that should end with the keyword."""
    kind = next(kind for kind, nouns in grammar.NOUNS.items() if keyword in nouns)
    if len(before) == 1:
        return grammar.next_word(before, KEEPING_EXPONENT, grammar.VERBS[kind])
    if len(before) < LENGTH - 1:
        return grammar.next_word(before, KEEPING_EXPONENT)
    others = tuple(noun for noun in grammar.NOUNS[kind] if noun != keyword)
    kept, lost = (grammar.next_word(before, KEEPING_EXPONENT, nouns) for nouns in ((keyword,), others))
    return mixture((1 - LOST_KEYWORDS, kept), (LOST_KEYWORDS, lost))
