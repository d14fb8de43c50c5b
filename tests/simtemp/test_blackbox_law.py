"""The laws of `sample`, `stream` and `sample_many`: enumerated in a tiny case, judged in others, and faults that the judge rejects.

Every judgement has alpha = delta = 1e-6.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice, product
from typing import Any

import numpy as np
import pytest

import simtemp
import verify
from simtemp.blackbox import asking, box, preparation, sample_many, stream
from simtemp.blackbox.playing import Played, Player
from simtemp.errors import SimtempError

PROBS = np.array([0.5, 0.3, 0.2])
ONE_AND_MANY = np.array([0.5] + [0.05] * 10)
TUPLES = [("the", "cat"), ("a", "dog"), ("no", "one")]
ROWS = np.array([[0.5, 1.5, 2.5], [0.5, 1.5, -2.5], [0.0, 0.0, 1.0]])

Box = Callable[[int], Any]


def one_at_a_time(recorded: int, opening: int, max_draws: int) -> int:
    return 1


# ---------------------------------------------------------------- enumeration

LENGTH = 8
WEIGHT = {"a": Fraction(2, 3), "b": Fraction(1, 3)}


def joint_law() -> dict[tuple[str, str], Fraction]:
    """P(first output, second output, both within LENGTH draws) of a stream of collision samplers with n = 2, over all words."""
    law: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for word in product("ab", repeat=LENGTH):
        tape = iter(
            [*word, *range(200)]
        )  # what comes after the word never repeats, so an output that reads it does not end
        outputs = stream(lambda k, tape=tape: list(islice(tape, k)), 0.5, "collision", rng=0, max_draws=2 * LENGTH)  # type: ignore[misc]
        try:
            (first, one), (second, two) = islice(outputs, 2)
        except SimtempError:
            continue
        if one.draws + two.draws <= LENGTH:
            law[first, second] += Fraction(np.prod([WEIGHT[letter] for letter in word]))
    return law


def expected_joint_law() -> dict[tuple[str, str], Fraction]:
    """A trial is two draws and fails with probability r; the two outputs take t trials in all, in t - 1 ways."""
    r = 2 * WEIGHT["a"] * WEIGHT["b"]
    ways = sum((t - 1) * r ** (t - 2) for t in range(2, LENGTH // 2 + 1))
    return {(x, y): WEIGHT[x] ** 2 * WEIGHT[y] ** 2 * ways for x in "ab" for y in "ab"}


@pytest.mark.parametrize("schedule", [None, one_at_a_time, lambda recorded, opening, max_draws: 5])
def test_two_outputs_of_a_stream_have_the_joint_law_that_they_should(
    schedule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal as fractions: right law, independent outputs, whatever is drawn at a time."""
    if schedule:
        monkeypatch.setattr(asking, "shortfall", schedule)
    assert joint_law() == expected_joint_law()


# ---------------------------------------------------------------- the judge


def tuples(rng: np.random.Generator) -> Box:
    return lambda k: [TUPLES[x] for x in rng.choice(3, size=k, p=PROBS)]


def texts(rng: np.random.Generator) -> Box:
    return lambda k: rng.choice(np.array(["x", "yy", "zzz"]), size=k, p=PROBS)


def rows(rng: np.random.Generator) -> Box:
    return lambda k: ROWS[rng.choice(3, size=k, p=PROBS)]


def index_of(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(np.flatnonzero((value == ROWS).all(axis=1))[0])
    return TUPLES.index(value) if isinstance(value, tuple) else len(value) - 1


def judged(
    kind: Callable[[np.random.Generator], Box],
    target: Any,
    temperature: float,
    method: str,
    epsilon: float = 0.03,
    **options: Any,
) -> str:
    """One stream, whose box draws from the generator that is also given to the stream."""
    endless: Iterator[tuple[Any, Any]] | None = None

    def sampler(size: int, rng: np.random.Generator) -> np.ndarray:
        nonlocal endless
        endless = endless or stream(kind(rng), temperature, method, rng=rng, **options)
        return np.array([index_of(value) for value, _ in islice(endless, size)])

    return verify.check_sampler(sampler, target, epsilon=epsilon, max_samples=100_000, rng=17).status


@pytest.mark.slow
def test_a_duel_over_a_box_of_tuples() -> None:
    assert judged(tuples, simtemp.temper(PROBS, 0.5), 0.5, "duel", epsilon=0.05) == "EQUIVALENT"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "method", "temperature", "options"),
    [
        (texts, "collision", 0.4, {}),
        (rows, "duel", 0.3, {}),
        (tuples, "duel", 0.75, {}),
        (rows, "accepted", 0.3, {}),
        (texts, "duel", 0.4, {"budget": 150}),
    ],
)
def test_exact_methods_over_a_box(
    kind: Callable[[np.random.Generator], Box], method: str, temperature: float, options: dict[str, Any]
) -> None:
    assert judged(kind, simtemp.temper(PROBS, temperature), temperature, method, **options) == "EQUIVALENT"


@pytest.mark.slow
def test_the_chain_and_the_batch_have_their_own_exact_laws_over_a_box() -> None:
    chain = simtemp.chain_law(PROBS, 3.0, 4)
    assert judged(tuples, chain, 3.0, "chain", steps=4) == "EQUIVALENT"
    batch = simtemp.batch_law(PROBS, 3, 12)
    assert judged(rows, batch, 1 / 3, "batch", batch_size=12) == "EQUIVALENT"
    assert judged(rows, simtemp.temper(PROBS, 1 / 3), 1 / 3, "batch", batch_size=12) == "REJECT"


@pytest.mark.slow
def test_many_boxes_at_once() -> None:
    """Boxes of two laws in turn, each at a temperature that makes its target the same."""
    target = simtemp.temper(PROBS, 0.4)
    laws = np.array([simtemp.temper(PROBS, 1.0), simtemp.temper(PROBS, 0.8)])

    def sampler(size: int, rng: np.random.Generator) -> np.ndarray:
        def draw(which: np.ndarray, k: int) -> np.ndarray:
            return ROWS[(rng.random((which.size, k, 1)) > laws.cumsum(axis=1)[which % 2, None, :2]).sum(axis=2)]

        pairs = sample_many(draw, size, np.where(np.arange(size) % 2, 0.5, 0.4), rng=rng)
        return np.array([index_of(value) for value, _ in pairs])

    assert verify.check_sampler(sampler, target, epsilon=0.03, max_samples=100_000, rng=3).status == "EQUIVALENT"


# ---------------------------------------------------------------- planted faults


class Rereads(Player):
    """What an output has read is not taken away: the next one starts at the same place of the buffer."""

    def play(self, recorded: Any, distinct: int, rng: np.random.Generator) -> Played | None:
        played = super().play(recorded, distinct, rng)
        return played and played._replace(draws=0)


class RereadsOne(Player):
    """The last draw of an output is the first of the next one."""

    def play(self, recorded: Any, distinct: int, rng: np.random.Generator) -> Played | None:
        played = super().play(recorded, distinct, rng)
        return played and played._replace(draws=played.draws - 1)


class FreshCoins(Player):
    """The output is replayed with other coins than it began with: a coin that would have taken long is thrown again."""

    def play(self, recorded: Any, distinct: int, rng: np.random.Generator) -> Played | None:
        played = super().play(recorded, distinct, rng)
        if played is None:
            rng.random(7)
        return played


class BeginsAnew(Player):
    """An output that does not end within a batch is begun anew on the next one: cheap outputs are preferred."""

    dropped = 0

    def play(self, recorded: Any, distinct: int, rng: np.random.Generator) -> Played | None:
        played = super().play(recorded[self.dropped :], distinct, rng)
        if played is None:
            self.dropped = recorded.size
            return None
        read = self.dropped + played.draws
        self.dropped = 0
        return played._replace(draws=read)


FAULTS: list[tuple[type[Player], int, str, float]] = [
    (Rereads, 3, "duel", 0.4),
    (RereadsOne, 3, "collision", 0.5),
    (FreshCoins, 1, "collision", 0.7),
    (BeginsAnew, 3, "collision", 0.7),
]


def judged_in_batches(batch: int, method: str, temperature: float, monkeypatch: pytest.MonkeyPatch) -> str:
    """A box with one large and ten small values, asked for `batch` draws at a time; all that is judged is which of both comes out."""
    monkeypatch.setattr(asking, "shortfall", lambda recorded, opening, max_draws: batch)
    endless: Iterator[tuple[Any, Any]] | None = None

    def sampler(size: int, rng: np.random.Generator) -> np.ndarray:
        nonlocal endless
        endless = endless or stream(lambda k: rng.choice(11, size=k, p=ONE_AND_MANY), temperature, method, rng=rng)
        return np.array([value > 0 for value, _ in islice(endless, size)], np.int64)

    large = simtemp.temper(ONE_AND_MANY, temperature)[0]
    return verify.check_sampler(sampler, [large, 1.0 - large], epsilon=0.05, max_samples=20_000, rng=17).status


@pytest.mark.parametrize(("fault", "batch", "method", "temperature"), FAULTS)
def test_the_judge_rejects(
    fault: type[Player], batch: int, method: str, temperature: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "Player", fault)
    assert judged_in_batches(batch, method, temperature, monkeypatch) == "REJECT"


def test_the_judge_rejects_coins_from_the_generator_of_the_box(monkeypatch: pytest.MonkeyPatch) -> None:
    """When such an output is replayed, the box is set back as well and draws with the uniforms that the coins have used."""
    monkeypatch.setattr(box, "generators", lambda rng, count: [rng])
    assert judged_in_batches(1, "collision", 0.7, monkeypatch) == "REJECT"


@pytest.mark.slow
@pytest.mark.parametrize(("batch", "method", "temperature"), sorted({fault[1:] for fault in FAULTS}))
def test_the_same_batches_without_the_fault_are_accepted(
    batch: int, method: str, temperature: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judged_in_batches(batch, method, temperature, monkeypatch) == "EQUIVALENT"


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Rereads, RereadsOne, BeginsAnew])
def test_enumeration_sees_the_faults_too(fault: type[Player], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "Player", fault)
    monkeypatch.setattr(asking, "shortfall", lambda recorded, opening, max_draws: 3)
    assert joint_law() != expected_joint_law()
