"""Faults planted in a plain statement of the duel sampler: each looks right, and the judge rejects each of them.

The law of an output is what the judge sees. What it cannot see is in the two tests at the end: faults that change outputs and not their
law are caught by test_duel (output by output on the same draws), faults too small for the judge by test_duel_exact (1e-9).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

import simtemp
import verify

PROBS = np.array([0.4, 0.2, 0.2, 0.2])
M = 2  # with proposals that are single draws the exponent is 3: about 25 draws an output
TARGET = simtemp.temper(PROBS, 1 / 3)


@dataclass
class Step:
    """A proposal, its count, and its lead over every rival that has been seen while it could not be beaten unseen."""

    proposal: int
    own: int = 0
    leads: dict[int, int] = field(default_factory=dict)
    position: int = 0
    stream: list[int] = field(default_factory=list)


class PlainDuel:
    """The duel as it should be: docs/exact.md."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.draws = self.endless(rng)

    def endless(self, rng: np.random.Generator) -> Iterator[int]:
        while True:
            yield from rng.choice(PROBS.size, p=PROBS, size=10_000).tolist()

    def begin(self) -> Step:
        return Step(next(self.draws))

    def read(self, step: Step) -> int:
        """The next draw of the step's own stream."""
        return next(self.draws)

    def wins(self, step: Step) -> bool:
        return step.own >= M and all(lead >= M for lead in step.leads.values())

    def is_constant(self, step: Step) -> bool:
        """The first pass. A beaten rival stays beaten; one that is unseen when the proposal has M draws is beaten too."""
        leads = step.leads
        while not self.wins(step):
            x = self.read(step)
            if x == step.proposal:
                step.own += 1
                for rival, lead in leads.items():
                    if lead < M:
                        leads[rival] = lead + 1
            elif (lead := leads.get(x, step.own)) < M:
                leads[x] = lead - 1
                if lead - 1 == -M:
                    return False
        return True

    def image(self, step: Step, x: int) -> int:
        """The second pass: the stream goes on where it stopped."""
        if x == step.proposal:
            return x
        lead = step.leads.get(x, step.own)
        while -M < lead < M:
            y = self.read(step)
            lead += (y == step.proposal) - (y == x)
        return step.proposal if lead >= M else x

    def output(self) -> int:
        later = []
        step = self.begin()
        while not self.is_constant(step):
            later.append(step)
            step = self.begin()
        x = step.proposal
        for step in reversed(later):
            x = self.image(step, x)
        return x


class FreshStreams(PlainDuel):
    """Trap 1: in the second pass every duel starts again on fresh draws. The pass then forgets what made the step not constant."""

    def image(self, step: Step, x: int) -> int:
        return super().image(Step(step.proposal), x)


class ReverseOrder(PlainDuel):
    """Trap 2: the steps are applied in the order in which they were drawn, the constant one last. That is coupling to the future: the
    output is the state at the moment of coalescence, the constant step's own proposal."""

    def output(self) -> int:
        x = 0
        while True:
            step = self.begin()
            if self.is_constant(step):
                return step.proposal
            x = self.image(step, x)


class Capped(PlainDuel):
    """Trap 3: after three steps without a constant one the third counts as constant: stopping at a cap, returning what is there."""

    def output(self) -> int:
        later = []
        step = self.begin()
        while not self.is_constant(step) and len(later) < 2:
            later.append(step)
            step = self.begin()
        x = step.proposal
        for step in reversed(later):
            x = self.image(step, x)
        return x


class SlowRunsDropped(PlainDuel):
    """Trap 3 again: an output with more than three steps is thrown away and begun anew."""

    def output(self) -> int:
        while True:
            later = []
            step = self.begin()
            while not self.is_constant(step):
                later.append(step)
                step = self.begin()
            if len(later) < 3:
                x = step.proposal
                for step in reversed(later):
                    x = self.image(step, x)
                return x


class SharedStream(PlainDuel):
    """Trap 4: two consecutive steps of an output read one stream, each from its beginning."""

    begun = 0

    def output(self) -> int:
        self.begun = 0
        return super().output()

    def begin(self) -> Step:
        step = super().begin()
        if self.begun % 2 == 0:
            self.stream = step.stream
        step.stream = self.stream
        self.begun += 1
        return step

    def read(self, step: Step) -> int:
        if step.position == len(step.stream):
            step.stream.append(next(self.draws))
        step.position += 1
        return step.stream[step.position - 1]


class OwnDrawsCounted(PlainDuel):
    """Trap 5: the draw that made the proposal counts in its duel."""

    def begin(self) -> Step:
        return Step(next(self.draws), own=1)


class Impatient(PlainDuel):
    """Trap 6: a step counts as constant as soon as the proposal has M draws, with rivals still undecided."""

    def wins(self, step: Step) -> bool:
        return step.own >= M


class NobodyUnseen(PlainDuel):
    """Trap 7: the image of a state that the stream has not met is taken to be decided like that of the rival who won."""

    def image(self, step: Step, x: int) -> int:
        return super().image(step, x) if x in step.leads else x


FAULTS = [FreshStreams, ReverseOrder, Capped, SlowRunsDropped, SharedStream, OwnDrawsCounted, Impatient, NobodyUnseen]


def judged(kind: type[PlainDuel]) -> verify.Verdict:
    sampler: PlainDuel | None = None

    def draw(size: int, rng: np.random.Generator) -> np.ndarray:
        nonlocal sampler
        sampler = sampler or kind(rng)
        return np.array([sampler.output() for _ in range(size)])

    return verify.check_sampler(draw, TARGET, epsilon=0.02, max_samples=200_000, rng=91)


def test_the_plain_statement_is_accepted() -> None:
    assert judged(PlainDuel).status == "EQUIVALENT"


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_the_judge_rejects(fault: type[PlainDuel]) -> None:
    assert judged(fault).status == "REJECT"


# ---------------------------------------------------------------- what the judge does not see


class LaterStepsReversed(PlainDuel):
    """The constant step first, then the others from the latest backwards. They are independent and alike, so the law stays what it was."""

    def output(self) -> int:
        later = []
        step = self.begin()
        while not self.is_constant(step):
            later.append(step)
            step = self.begin()
        x = step.proposal
        for step in later:
            x = self.image(step, x)
        return x


class SecondChance(PlainDuel):
    """A beaten rival gets its last draw back when its step is applied: 0.0025 in total variation by the recursion of test_duel_exact."""

    def image(self, step: Step, x: int) -> int:
        if step.leads.get(x) == M:
            step.leads[x] = M - 1
        return super().image(step, x)


@pytest.mark.slow
@pytest.mark.parametrize("harmless", [LaterStepsReversed, SecondChance])
def test_the_judge_sees_laws_only_and_differences_within_epsilon_are_equivalent(harmless: type[PlainDuel]) -> None:
    """Both verdicts are true. The first fault changes outputs, which test_duel compares with a plain statement's one by one; the second
    is planted in its recursion too, where the law is compared to 1e-9."""
    assert judged(harmless).status == "EQUIVALENT"
