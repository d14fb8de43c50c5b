"""The mixed task: rewards by hand, prompts kept apart, noise as stated, and no single temperature is right for all three kinds."""

from collections import Counter

import numpy as np
import pytest
from scipy import stats

from simtemp.adaptive.response import Response
from simtemp.adaptive.tasks import mixed
from simtemp.adaptive.tasks.grammar import ALL_WORDS, CHARACTERS, is_grammatical, sentences, words_of
from simtemp.adaptive.tasks.mixed import LOST_KEYWORDS, MISWRITTEN, WRONG_SUMS, MixedTask
from simtemp.adaptive.tasks.splits import split_of
from simtemp.adaptive.tasks.task import Prompt
from simtemp.adaptive.tasks.writer import write

ALPHA = 1e-6
TASK = MixedTask()
SUM = Prompt("3+8+2+5=", "arithmetic", {"sum": 18})
FREE = Prompt("ann lit our box.new:", "creative")
CAT = Prompt("ann lit our box.cat:", "between", {"keyword": "cat"})


def response(text, ended=True):
    return Response(text, np.zeros(len(text), np.int64), ended, np.zeros(len(text)), 0.0, None, len(text))


@pytest.mark.parametrize(
    ("text", "reward"), [("18", 1), ("19", 0), ("", 0), ("18.", 0), ("018", 0), (" 18", 0), ("1", 0)]
)
def test_a_sum_is_right_or_wrong(text, reward) -> None:
    assert TASK.reward(SUM, response(text)) == reward


@pytest.mark.parametrize(
    ("text", "right", "variety"),
    [
        ("ann fed the cat.bob got our cup.deb saw his dog.", 1, 1),
        ("ann fed the cat.ann fed our cat.ann fed his cat.", 1, 0),  # determiners do not count
        ("ann fed the cat.bob fed our cat.deb fed his cat.", 1, 1 / 3),
        ("ann fed the cup.bob got our cup.deb saw his dog.", 2 / 3, 1 / 2),
        ("ann fed the cat.bob got our cup.deb saw his do", 2 / 3, 1 / 2),
        ("ann fed the cat.", 1 / 3, 0),
        ("", 0, 0),
        ("...", 0, 0),
        ("ann fed the cat.bob got our cup.deb saw his dog.amy", 3 / 4, 1),
        ("ann fed the cat.bob got our cup.deb saw his dog.amy met her pig.", 3 / 4, 1),
    ],
)
def test_free_sentences_are_right_and_varied(text, right, variety) -> None:
    assert TASK.measures(FREE, response(text)) == pytest.approx({"right": right, "variety": variety})
    assert TASK.reward(FREE, response(text)) == pytest.approx(right * variety)


@pytest.mark.parametrize(
    ("text", "right", "variety"),
    [
        ("ann fed the cat.bob met our cat.deb saw his cat.", 1, 1),
        ("ann fed the cat.bob met our dog.deb saw his cat.", 2 / 3, 1 / 2),
        ("ann fed the dog.bob met our dog.deb saw his dog.", 0, 0),
        ("ann fed the cat.bob fed our cat.deb fed his cat.", 1, 1 / 2),
        ("ann got the cat.bob met our cat.deb saw his cat.", 2 / 3, 1 / 2),
    ],
)
def test_sentences_that_keep_a_noun(text, right, variety) -> None:
    assert TASK.measures(CAT, response(text)) == pytest.approx({"right": right, "variety": variety})


def test_splits_are_disjoint_and_large_and_texts_tell_the_kinds_apart() -> None:
    rng = np.random.default_rng(0)
    found = {split: TASK.prompts(split, 600, rng) for split in ("learn", "evaluate")}
    texts = {split: {prompt.text for prompt in prompts} for split, prompts in found.items()}
    trained = {example.prompt for example in TASK.examples(300, rng)}
    assert all(len(text) == 600 for text in texts.values())
    assert not texts["learn"] & texts["evaluate"] and not trained & (texts["learn"] | texts["evaluate"])
    for split, prompts in found.items():
        assert {split_of(prompt.text) for prompt in prompts} == {split}
        assert [prompt.kind for prompt in prompts[:6]] == list(TASK.kinds) * 2
        for prompt in prompts[:90]:
            assert (prompt.kind == "arithmetic") == prompt.text.endswith("=")
            assert (prompt.kind == "creative") == prompt.text.endswith("new:")
            assert len(prompt.text) % 4 == 0
            if prompt.kind == "arithmetic":
                assert sum(map(int, prompt.text[:-1].split("+"))) == prompt.facts["sum"] > 10
            else:
                assert is_grammatical(prompt.text[:CHARACTERS])
                assert prompt.facts.get("keyword", "new") == prompt.text[CHARACTERS:-1]


def test_the_same_seed_gives_the_same_prompts_and_examples() -> None:
    for make in (lambda rng: TASK.prompts("learn", 30, rng), lambda rng: TASK.examples(30, rng)):
        assert make(np.random.default_rng(3)) == make(np.random.default_rng(3)) != make(np.random.default_rng(4))


@pytest.mark.parametrize("count", [0, -1, 3001, 1.5])
def test_a_bad_count_or_split_is_refused(count) -> None:
    with pytest.raises(ValueError, match="count must be an integer from 1 to 3000"):
        TASK.prompts("learn", count, np.random.default_rng(0))
    with pytest.raises(ValueError, match="split must be one of learn, evaluate, got 'test'"):
        TASK.prompts("test", 1, np.random.default_rng(0))


def test_the_noise_of_the_training_text_is_the_stated_one() -> None:
    """Binomial tests at alpha = 1e-6; a share that is 0.05 (of the noise in sentences 0.01 of the words) off is refused."""
    examples = TASK.examples(3000, np.random.default_rng(6))
    wrong = lost = odd = words = 0
    for prompt, text in examples:
        if prompt.endswith("="):
            wrong += int(text) != sum(map(int, prompt[:-1].split("+")))
            continue
        assert len(text) <= TASK.max_tokens and len(sentences(text)) == 3
        last = [words_of(sentence)[3] for sentence in sentences(text)]
        lost += 0 if prompt.endswith("new:") else sum(noun != prompt[-4:-1] for noun in last)
        names = [words_of(sentence)[0] for sentence in sentences(text)]
        odd += sum(name not in ALL_WORDS[:54] for name in names)
        words += len(names)
    keeping = LOST_KEYWORDS * (1 - MISWRITTEN) + MISWRITTEN * (1 - 1 / len(ALL_WORDS))
    elsewhere = MISWRITTEN * (1 - 54 / len(ALL_WORDS))
    for found, size, share, off in (
        (wrong, 1000, WRONG_SUMS, 0.09),
        (lost, 3000, keeping, 0.05),
        (odd, words, elsewhere, 0.012),
    ):
        assert stats.binomtest(found, size, share).pvalue > ALPHA
        assert stats.binomtest(found, size, share + off).pvalue < ALPHA


def rewards(prompts, temperatures, unit):
    """Of the noisy writer after each prompt, at a temperature by kind."""
    rng = np.random.default_rng(8)
    texts = [write(TASK.laws(prompt), rng, temperatures[prompt.kind], unit) for prompt in prompts]
    return np.array([TASK.reward(prompt, response(text)) for prompt, text in zip(prompts, texts, strict=True)])


def surely_above(differences, margin):
    """Whether their mean exceeds the margin, by a one-sided z-test at alpha = 1e-6."""
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return bool(differences.mean() - stats.norm.isf(ALPHA) * error > margin)


BEST = {
    "character": {"arithmetic": 0.0, "between": 0.4, "creative": 1.0},
    "word": {"arithmetic": 0.0, "between": 0.6, "creative": 1.0},
}


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["character", "word"])
def test_a_temperature_by_kind_beats_every_temperature_for_all(unit, monkeypatch) -> None:
    """By 0.05 with the writer's exact laws, z-tests at alpha = 1e-6. Planted: without the noise there is no such margin against T = 1."""
    prompts = TASK.prompts("learn", 1200, np.random.default_rng(7))
    adaptive = rewards(prompts, BEST[unit], unit)
    for temperature in TASK.temperatures if unit == "character" else TASK.block_temperatures:
        fixed = rewards(prompts, dict.fromkeys(TASK.kinds, temperature), unit)
        assert surely_above(adaptive - fixed, 0.05), temperature
    for noise in ("WRONG_SUMS", "LOST_KEYWORDS", "MISWRITTEN"):
        monkeypatch.setattr(mixed, noise, 0.0)
    fixed = rewards(prompts, dict.fromkeys(TASK.kinds, 1.0), unit)
    assert not surely_above(rewards(prompts, BEST[unit], unit) - fixed, 0.05)


@pytest.mark.slow
def test_each_kind_wants_another_temperature() -> None:
    """Each kind's own temperature against those of the other two, paired, at alpha = 1e-6."""
    prompts = TASK.prompts("learn", 1500, np.random.default_rng(9))
    kinds = Counter(prompt.kind for prompt in prompts)
    assert set(kinds.values()) == {500}
    at = {
        kind: rewards(prompts, dict.fromkeys(TASK.kinds, BEST["character"][kind]), "character") for kind in TASK.kinds
    }
    for kind in TASK.kinds:
        chosen = np.array([prompt.kind == kind for prompt in prompts])
        for other in set(TASK.kinds) - {kind}:
            if (kind, other) != ("arithmetic", "between"):  # T = 0.4 costs a sum little
                assert surely_above((at[kind] - at[other])[chosen], 0.0), (kind, other)
