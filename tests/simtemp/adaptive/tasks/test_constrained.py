"""The constrained task: rewards and labels by hand, prompts kept apart, noise as stated, and no single temperature does it."""

import numpy as np
import pytest
from scipy import stats

from simtemp.adaptive.response import Response
from simtemp.adaptive.tasks import constrained
from simtemp.adaptive.tasks.constrained import LETTERS, MISWRITTEN, SLIPS, ConstrainedTask
from simtemp.adaptive.tasks.grammar import NAMES, sentences
from simtemp.adaptive.tasks.splits import split_of
from simtemp.adaptive.tasks.task import Prompt
from simtemp.adaptive.tasks.writer import write

ALPHA = 1e-6
TASK = ConstrainedTask()
ADB = Prompt("adb:", "letters", {"letters": "adb"})


def response(text, ended=True):
    return Response(text, np.zeros(len(text), np.int64), ended, np.zeros(len(text)), 0.0, None, len(text))


@pytest.mark.parametrize(
    ("text", "letters", "grammatical", "variety"),
    [
        ("ann fed the cat.dan got our cup.bob saw his dog.", 1, 1, 1),
        ("ann fed the cat.ben got our cup.dan saw his dog.", 1 / 3, 1, 1),
        ("ann fed the cat.dan fed the cat.bob fed the cat.", 1, 1, 0),
        ("ann fed the cat.dan fed the dog.bob fed the pig.", 1, 1, 1 / 2),
        ("ann fed the cat.dqn got our cup.bob saw his dog.", 1, 2 / 3, 1 / 2),
        ("ann fed the cat.dan got our cup.bob saw h", 1, 2 / 3, 1 / 2),
        ("ann fed the cat.dan got our cup.", 2 / 3, 2 / 3, 1 / 2),
        ("ann fed the cat.dan got our cup.bob saw his dog.ann", 3 / 4, 3 / 4, 1),
        ("", 0, 0, 0),
        (".....", 0, 0, 0),
    ],
)
def test_the_reward_is_the_product_of_its_measures(text, letters, grammatical, variety) -> None:
    measures = {"letters": letters, "grammatical": grammatical, "variety": variety}
    assert TASK.measures(ADB, response(text)) == pytest.approx(measures)
    assert TASK.reward(ADB, response(text)) == pytest.approx(letters * grammatical * variety)


def test_labels_are_one_a_character() -> None:
    text = "ann fed the cat.dan"
    labels = TASK.labels(ADB, response(text))
    assert [index for index, label in enumerate(labels) if label == "constrained"] == [0, 16]
    assert len(labels) == len(text) and set(labels) == {"constrained", "free"}
    assert TASK.labels(ADB, response("")) == []
    assert TASK.labels(ADB, response(".a")) == ["constrained", "constrained"]


def test_splits_are_disjoint_and_large() -> None:
    rng = np.random.default_rng(0)
    texts = {split: {prompt.text for prompt in TASK.prompts(split, 1000, rng)} for split in ("learn", "evaluate")}
    trained = {example.prompt for example in TASK.examples(1000, rng)}
    assert all(len(found) == 1000 and {split_of(text) for text in found} == {split} for split, found in texts.items())
    assert not texts["learn"] & texts["evaluate"] and not trained & (texts["learn"] | texts["evaluate"])
    for text in texts["learn"]:
        assert len(text) == LETTERS + 1 and len(set(text)) == LETTERS + 1 and set(text) <= {*NAMES, ":"}


def test_every_split_has_the_prompts_that_can_be_asked_for() -> None:
    letters = "".join(NAMES)
    every = [f"{a}{b}{c}:" for a in letters for b in letters for c in letters if len({a, b, c}) == 3]
    found = [split_of(text) for text in every]
    assert min(found.count("learn"), found.count("evaluate")) >= TASK.most_prompts


def test_the_same_seed_gives_the_same_prompts_and_examples() -> None:
    for make in (lambda rng: TASK.prompts("learn", 30, rng), lambda rng: TASK.examples(30, rng)):
        assert make(np.random.default_rng(3)) == make(np.random.default_rng(3)) != make(np.random.default_rng(4))


def test_more_prompts_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="count must be an integer from 1 to 1000, got 1001"):
        TASK.prompts("learn", 1001, np.random.default_rng(0))


def test_the_noise_of_the_training_text_is_the_stated_one() -> None:
    """Binomial tests at alpha = 1e-6; a share that is 0.05 off is refused."""
    examples = TASK.examples(1500, np.random.default_rng(6))
    slips = 0
    for prompt, text in examples:
        written = sentences(text)
        assert len(written) == LETTERS and len(text) <= TASK.max_tokens
        slips += sum(sentence[0] != letter for sentence, letter in zip(written, prompt, strict=False))
    share = SLIPS * (1 - MISWRITTEN)  # of the words that are out of place, those that start otherwise: nearly all
    low, high = share, share + MISWRITTEN
    size = LETTERS * len(examples)
    assert stats.binomtest(slips, size, low, "less").pvalue > ALPHA
    assert stats.binomtest(slips, size, high, "greater").pvalue > ALPHA
    assert stats.binomtest(slips, size, low - 0.05, "greater").pvalue < ALPHA
    assert stats.binomtest(slips, size, high + 0.05, "less").pvalue < ALPHA


def rewards(prompts, temperature, unit):
    """Of the noisy writer after each prompt."""
    rng = np.random.default_rng(8)
    texts = [write(TASK.laws(prompt), rng, temperature, unit) for prompt in prompts]
    return np.array([TASK.reward(prompt, response(text)) for prompt, text in zip(prompts, texts, strict=True)])


def low_where_a_sentence_starts(text):
    return 0.2 if text[-1:] in ("", ".") else 1.0


def surely_above(differences, margin):
    """Whether their mean exceeds the margin, by a one-sided z-test at alpha = 1e-6."""
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return bool(differences.mean() - stats.norm.isf(ALPHA) * error > margin)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["character", "word"])
def test_low_at_the_constraint_and_high_elsewhere_beats_every_temperature(unit, monkeypatch) -> None:
    """By 0.05 with the writer's exact laws, z-tests at alpha = 1e-6. Planted: without slips there is no such margin against T = 1."""
    prompts = TASK.prompts("learn", 600, np.random.default_rng(7))
    adaptive = rewards(prompts, low_where_a_sentence_starts, unit)
    for temperature in TASK.temperatures if unit == "character" else TASK.block_temperatures:
        assert surely_above(adaptive - rewards(prompts, temperature, unit), 0.05), temperature
    monkeypatch.setattr(constrained, "SLIPS", 0.0)
    monkeypatch.setattr(constrained, "MISWRITTEN", 0.0)
    assert not surely_above(rewards(prompts, low_where_a_sentence_starts, unit) - rewards(prompts, 1.0, unit), 0.05)
