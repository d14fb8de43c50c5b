"""The grammar: what it writes it recognises, what is wrong it refuses, and its laws are those it states."""

import numpy as np
import pytest

from simtemp.adaptive.tasks.grammar import (
    ALL_NOUNS,
    ALL_VERBS,
    ALL_WORDS,
    CHARACTERS,
    NAMES,
    NOUNS,
    VERBS,
    begun,
    generate,
    is_grammatical,
    miswritten,
    next_word,
    sentences,
    words_of,
)


def test_words_are_different_and_of_three_letters() -> None:
    assert len(set(ALL_WORDS)) == len(ALL_WORDS) == 18 * 3 + 12 + 4 + 16
    assert all(len(word) == 3 and word.isalpha() and word.islower() for word in ALL_WORDS)
    assert all(name.startswith(letter) for letter, names in NAMES.items() for name in names)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 1.8])
def test_what_is_generated_is_grammatical(exponent) -> None:
    rng = np.random.default_rng(0)
    found = [generate(rng, exponent) for _ in range(500)]
    assert all(is_grammatical(sentence) and len(sentence) == CHARACTERS for sentence in found)
    assert sentences("".join(found)) == found
    assert {words_of(sentence)[1] for sentence in found} <= set(ALL_VERBS)


def test_a_changed_word_is_wrong_unless_it_is_of_the_same_list() -> None:
    rng = np.random.default_rng(1)
    lists = [*VERBS.values(), *NOUNS.values(), tuple(word for names in NAMES.values() for word in names)]
    wrong = 0
    for _ in range(500):
        words = words_of(generate(rng, 0.0))
        place = int(rng.choice([0, 1, 3]))
        other = ALL_WORDS[rng.integers(len(ALL_WORDS))]
        alike = next(words_of_list for words_of_list in lists if words[place] in words_of_list)
        changed = " ".join([*words[:place], other, *words[place + 1 :]]) + "."
        assert is_grammatical(changed) == (other in alike), changed
        wrong += other not in alike
    assert wrong > 300


def test_a_changed_character_that_makes_no_word_is_wrong() -> None:
    rng = np.random.default_rng(2)
    for _ in range(300):
        sentence = generate(rng, 0.0)
        place = int(rng.integers(len(sentence)))
        assert not is_grammatical(sentence[:place] + "q" + sentence[place + 1 :])
        assert not is_grammatical(sentence[:place] + sentence[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", ".", "ann", "ann fed the cat", "ann fed the cat..", " ann fed the cat.", "ann  fed the cat.", "ann fed the cat .",
     "ann fed the cup.", "ann got the cat.", "fed ann the cat.", "ann fed the the cat.", "ann fed cat.", "Ann fed the cat.",
     "ann fed the cat.bob fed the cat."],
)  # fmt: skip
def test_what_is_no_sentence_is_refused(text) -> None:
    assert not is_grammatical(text)


def test_sentences_are_all_of_the_text() -> None:
    assert sentences("") == []
    assert sentences("ann") == ["ann"]
    assert sentences("..a") == [".", ".", "a"]
    assert begun([]) == begun(["ann ", "fed ", "the ", "cat."]) == ()


def test_the_class_of_the_verb_decides_the_noun_and_after_no_verb_any_noun_may_come() -> None:
    assert next_word(("ann", "fed", "the"), 1.0).words == tuple(f"{noun}." for noun in NOUNS["animal"])
    assert next_word(("ann", "got", "the"), 1.0).words == tuple(f"{noun}." for noun in NOUNS["thing"])
    assert next_word(("ann", "cat", "the"), 1.0).words == tuple(f"{noun}." for noun in ALL_NOUNS)
    np.testing.assert_allclose(
        next_word(("ann",), 2.0).probs[:3] * 9, next_word(("ann",), 2.0).probs[2] * np.array([81, 20.25, 9])
    )


def test_miswritten_words_have_their_share() -> None:
    clean = next_word(("ann", "fed", "the"), 1.0)
    law = miswritten(clean, 0.1)
    probs = dict(zip(law.words, law.probs, strict=True))
    assert law.probs.sum() == pytest.approx(1.0)
    assert sum(probs[word] for word in law.words if word not in clean.words) == pytest.approx(
        0.1 * (1 - 8 / len(ALL_WORDS))
    )
    assert probs["ann."] == pytest.approx(0.1 / len(ALL_WORDS))
