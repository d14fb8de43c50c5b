"""The duel sampler's exact law and cost by a recursion without sampling: that of its algorithm, step by step, not that of its theory.

What a step has seen is a Markov chain on its stream: the proposal's count, and for each rival whether it is unseen, undecided (with
the proposal's lead over it) or beaten. The chain ends when the algorithm stops reading. Solved as an absorbing chain, it gives

    c[y]     the probability that a step is constant, with proposal y;
    Q[x, z]  the probability that a step is not constant and sends x to z, on its stream resumed where it stopped.

Coupling from the past meets k steps that are not constant and then one that is; the output is that one's proposal sent through the k
others. So its law is ``c (I - Q)**-1``. No fact about gambler's ruin or detailed balance goes in.
"""

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

import simtemp
from simtemp.samplers import fill
from simtemp.samplers.collision import Collision
from simtemp.samplers.duel import Duel, DuelStream, duel_state
from simtemp.sources import buffer_source

UNSEEN, BEATEN = "unseen", "beaten"
Status = str | int  # of a rival: unseen, beaten, or (undecided) the proposal's lead over it
Probs = tuple[float, ...]


class Seen(NamedTuple):
    """What one step has seen: the proposal's count (m stands for all counts from m on) and every category's status as a rival."""

    own: int
    status: tuple[Status, ...]


class Steps(NamedTuple):
    """One step, summed over all streams: see the module's docstring; `cost` is the mean draws of the first pass, and `resumed[x]`
    those of sending x through a step that is not constant (times the probability that it is not)."""

    c: np.ndarray
    Q: np.ndarray
    cost: float
    resumed: np.ndarray


def read(seen: Seen, x: int, proposal: int, m: int) -> Seen | None:
    """What has been seen after one more draw, x; None when a rival is m ahead, which ends the step as not constant."""
    own, status = seen.own, list(seen.status)
    if x == proposal:
        own = min(own + 1, m)
        for rival, lead in enumerate(status):
            if isinstance(lead, int):
                status[rival] = lead + 1 if lead + 1 < m else BEATEN
    elif status[x] == UNSEEN and own < m:
        # A rival unseen when the proposal reaches m is beaten at that moment: not followed any more.
        status[x] = own - 1
        if own - 1 == -m:
            return None
    elif isinstance(lead := status[x], int):
        status[x] = lead - 1
        if lead - 1 == -m:
            return None
    return Seen(own, tuple(status))


def is_constant(seen: Seen, m: int) -> bool:
    return seen.own >= m and not any(isinstance(lead, int) for lead in seen.status)


def lead_over(seen: Seen, x: int, m: int) -> int:
    """Where the duel against x stands when its stream stops being read; an unseen rival has count 0."""
    lead = seen.status[x]
    if lead == BEATEN:
        return m
    return lead if isinstance(lead, int) else seen.own


class Pass(NamedTuple):
    """The first pass over one step's stream, as an absorbing chain: states, their transitions, and what ends it."""

    states: list[Seen]
    moves: np.ndarray  # [state, state]
    constant: np.ndarray  # [state], chance that the next draw ends the pass with a constant step
    lost: list[
        list[tuple[Seen, int, float]]
    ]  # [state], the draws that end it otherwise: what was seen, the draw, its chance


@cache
def first_pass(probs: Probs, proposal: int, m: int, constant: Callable[[Seen, int], bool], own: int = 0) -> Pass:
    start = Seen(min(own, m), (UNSEEN,) * len(probs))
    index = {start: 0}
    states, moves, to_constant, lost = [start], [], {}, []
    for seen in states:
        lost.append([])
        for x, p in enumerate(probs):
            after = read(seen, x, proposal, m)
            if after is None:
                lost[index[seen]].append((seen, x, p))
            elif constant(after, m):
                to_constant[index[seen]] = to_constant.get(index[seen], 0.0) + p
            else:
                if after not in index:
                    index[after] = len(states)
                    states.append(after)
                moves.append((index[seen], index[after], p))
    matrix = np.zeros((len(states), len(states)))
    for i, j, p in moves:
        matrix[i, j] += p
    ends = np.zeros(len(states))
    for i, p in to_constant.items():
        ends[i] = p
    return Pass(states, matrix, ends, lost)


def lead_after_loss(seen: Seen, last: int, x: int, m: int) -> int:
    """The lead over x when the draw `last` has put that rival m ahead."""
    return -m if x == last else lead_over(seen, x, m)


def ruin(p_up: float, p_down: float, m: int) -> tuple[np.ndarray, np.ndarray]:
    """For each lead -m, ..., m: the chance to reach m before -m, and the mean draws until then (draws of others count too)."""
    size = 2 * m + 1
    system, up, draws = np.eye(size), np.zeros(size), np.zeros(size)
    up[-1] = 1.0
    for i in range(1, size - 1):
        system[i, i] = p_up + p_down
        system[i, i + 1], system[i, i - 1] = -p_up, -p_down
        draws[i] = 1.0
    return np.linalg.solve(system, up), np.linalg.solve(system, draws)


def proposals(probs: Probs, n0: int, alpha: float) -> tuple[np.ndarray, float]:
    """Law and mean draws of a proposal: trials of n0 draws that stop at the first mismatch, then a coin of chance p**alpha (test_coin)."""
    p = np.array(probs)
    accepted = p**n0 * p**alpha
    draws = 1.0 + sum(float((p**j).sum()) for j in range(1, n0))
    if alpha > 0:
        draws += float((p**n0 * p ** (alpha - 1.0)).sum())
    return accepted / accepted.sum(), draws / float(accepted.sum())


def steps(
    probs: Probs,
    n0: int,
    alpha: float,
    m: int,
    *,
    constant: Callable[[Seen, int], bool] = is_constant,
    lead: Callable[[Seen, int, int, int], int] = lead_after_loss,
    own: int = 0,
) -> Steps:
    """Solve one step. The last three arguments are where faults are planted."""
    size = len(probs)
    law, proposal_draws = proposals(probs, n0, alpha)
    c, Q, cost, resumed = np.zeros(size), np.zeros((size, size)), proposal_draws, np.zeros(size)
    for y in range(size):
        if constant(Seen(min(own, m), (UNSEEN,) * size), m):
            c[y] = law[y]
            continue
        chain = first_pass(probs, y, m, constant, own)
        start = np.zeros(len(chain.states))
        start[0] = 1.0
        visits = np.linalg.solve((np.eye(start.size) - chain.moves).T, start)
        c[y] = law[y] * float(visits @ chain.constant)
        cost += law[y] * float(visits.sum())
        for x in range(size):
            if x == y:
                Q[y, y] += law[y] * (1.0 - float(visits @ chain.constant))
                continue
            won, draws = ruin(probs[y], probs[x], m)
            for visit, endings in zip(visits, chain.lost, strict=True):
                for seen, last, p in endings:
                    at = lead(seen, last, x, m) + m
                    chance = law[y] * visit * p
                    Q[x, y] += chance * won[at]
                    Q[x, x] += chance * (1.0 - won[at])
                    resumed[x] += chance * draws[at]
    return Steps(c, Q, cost, resumed)


def law_and_cost(
    step: Steps, accepted: np.ndarray | None = None, flips: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """The output's law, and the mean draws of an output.

    Steps before the constant one are counted by ``sum_{j < k} (c Q**j) resumed q**(k-1-j)`` over k, with q = 1 - sum(c) the chance
    that a step is not constant: ``law @ resumed / sum(c)``. First passes are 1 / sum(c) in number. With a coin at the end, an output
    is kept with a chance `accepted` that depends on it, after a mean number of `flips`.
    """
    law = np.linalg.solve((np.eye(step.c.size) - step.Q).T, step.c)
    draws = (step.cost + float(law @ step.resumed)) / float(step.c.sum())
    if accepted is None or flips is None:
        return law, draws
    return law * accepted / (law @ accepted), (draws + float(law @ flips)) / float(law @ accepted)


SUPPORTS: list[Probs] = [
    (0.5, 0.5),
    (0.7, 0.3),
    (0.9, 0.1),
    (1 / 3, 1 / 3, 1 / 3),
    (0.6, 0.3, 0.1),
    (0.4, 0.35, 0.25),
    (0.49, 0.49, 0.02),
]
SPLITS = [
    (1, 0.0, 1),
    (1, 0.0, 2),
    (2, 0.0, 3),
    (2, 0.0, 4),
    (3, 0.0, 1),
    (1, 0.1, 3),
    (1, 1 / 3, 4),
    (2, 0.1, 2),
    (2, 1 / 3, 1),
]
SPLITS += [(1, 0.9, 1), (3, 0.0, 0), (1, 1 / 3, 0)]


@pytest.mark.parametrize(("n0", "alpha", "m"), SPLITS)
@pytest.mark.parametrize("probs", SUPPORTS)
def test_the_algorithm_has_the_target_law(probs: Probs, n0: int, alpha: float, m: int) -> None:
    step = steps(probs, n0, alpha, m)
    assert step.c.sum() + step.Q.sum(axis=1) == pytest.approx(np.ones(len(probs)), abs=1e-12)
    law, _ = law_and_cost(step)
    assert np.abs(law - simtemp.temper(probs, 1.0 / (n0 + alpha + m))).max() <= 1e-9


@pytest.mark.parametrize(("n0", "m", "coin"), [(1, 2, 1 / 3), (2, 2, 0.1), (2, 0, 0.5)])
@pytest.mark.parametrize("probs", SUPPORTS)
def test_a_fraction_left_to_the_last_coin_has_the_target_law(probs: Probs, n0: int, m: int, coin: float) -> None:
    p = np.array(probs)
    law, _ = law_and_cost(steps(probs, n0, 0.0, m), p**coin, p ** (coin - 1.0))
    assert np.abs(law - simtemp.temper(probs, 1.0 / (n0 + m + coin))).max() <= 1e-9


@pytest.mark.parametrize("probs", [(0.6, 0.4), (0.5, 0.3, 0.2)])
def test_the_algorithm_has_the_target_law_at_temperature_a_tenth(probs: Probs) -> None:
    law, _ = law_and_cost(steps(probs, 2, 0.0, 8))
    assert np.abs(law - simtemp.temper(probs, 0.1)).max() <= 1e-9


@pytest.mark.parametrize("coupling", ["past", "stream"])
@pytest.mark.parametrize(
    ("n0", "alpha", "m"), [(1, 0.0, 2), (2, 0.0, 4), (1, 1 / 3, 4), (2, 0.1, 2), (3, 0.0, 0), (1, 0.9, 1)]
)
@pytest.mark.parametrize("probs", [(0.7, 0.3), (0.6, 0.3, 0.1), (0.4, 0.35, 0.25)])
def test_mean_draws_are_those_of_the_recursion(probs: Probs, n0: int, alpha: float, m: int, coupling: str) -> None:
    p, temperature = np.array(probs), 1.0 / (n0 + alpha + m)
    expected = {"proposal": law_and_cost(steps(probs, n0, alpha, m))[1]}
    if alpha > 0.0:
        expected["last"] = law_and_cost(steps(probs, n0, 0.0, m), p**alpha, p ** (alpha - 1.0))[1]
    for fraction, mean in expected.items():
        run = simtemp.simulate(
            "duel", p, temperature, 16_384, seed=71, threads=1, split=n0, coupling=coupling, fraction=fraction
        )
        cost = run.draws[1:]  # the first output of a stream also pays for its first constant step
        # Six standard errors: 2e-9 a cell for a normal mean, below 1e-6 over the grid with the geometric tail of the costs.
        assert abs(cost.mean() - mean) <= 6.0 * cost.std(ddof=1) / math.sqrt(cost.size)


# ---------------------------------------------------------------- the compiled sampler on every string of draws


def on_every_string(sampler: Callable[[], Duel | DuelStream | Collision], probs: Probs, longest: int) -> np.ndarray:
    """P(output = x, draws = d) for d <= longest, by running the kernel on every string of draws (each extended while it asks for more)."""
    law = np.zeros((len(probs), longest + 1))
    rng, unlimited = np.random.default_rng(0), 2**62  # whole exponents spend no uniforms

    def extend(string: list[int], chance: float) -> None:
        value, cost = np.empty(1, np.int64), np.empty(1, np.int64)
        source = buffer_source(np.array(string, np.int64))
        if fill(sampler(), source, rng, value, cost, np.array([unlimited]), np.zeros(1, np.int64)):
            assert cost[0] == len(string)
            law[value[0], len(string)] += chance
        elif len(string) < longest:
            for x, p in enumerate(probs):
                extend([*string, x], chance * p)

    extend([], 1.0)
    return law


def convolve(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.convolve(a, b)[: a.size]


def by_draws(probs: Probs, n0: int, m: int, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """``c[y, d]`` and ``Q[x, z, d]``: as in `steps`, apart by the draws they took, by following the chains for `longest` draws."""
    size = len(probs)
    c, Q = np.zeros((size, longest + 1)), np.zeros((size, size, longest + 1))
    for y in range(size):
        proposal = on_every_string(lambda: Collision(n0, 0.0, True), probs, longest)[y]
        chain = first_pass(probs, y, m, is_constant)
        duels = {x: ruin_by_draws(probs[y], probs[x], m, longest) for x in range(size) if x != y}
        mass = np.zeros(len(chain.states))
        mass[0] = 1.0
        constant, mapped = np.zeros(longest + 1), np.zeros((size, 2, longest + 1))  # of x: to y, to itself
        for d in range(1, longest + 1):
            constant[d] = mass @ chain.constant
            for i, endings in enumerate(chain.lost):
                for seen, last, p in endings:
                    for x, (won, lost) in duels.items():
                        at = lead_after_loss(seen, last, x, m) + m
                        for image, ending in ((0, won[at]), (1, lost[at])):
                            mapped[x, image, d:] += mass[i] * p * ending[: longest + 1 - d]
                    mapped[y, 0, d] += mass[i] * p
            mass = mass @ chain.moves
        c[y] = convolve(proposal, constant)
        for x in range(size):
            Q[x, y] += convolve(proposal, mapped[x, 0])
            Q[x, x] += convolve(proposal, mapped[x, 1])
    return c, Q


def ruin_by_draws(p_up: float, p_down: float, m: int, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """P(reach m before -m at draw d) and the reverse, for each lead -m, ..., m."""
    won, lost = np.zeros((2 * m + 1, longest + 1)), np.zeros((2 * m + 1, longest + 1))
    won[-1, 0] = lost[0, 0] = 1.0
    for d in range(1, longest + 1):
        for ends in (won, lost):
            inner = ends[1:-1, d - 1] * (1.0 - p_up - p_down)
            ends[1:-1, d] = inner + p_up * ends[2:, d - 1] + p_down * ends[:-2, d - 1]
    return won, lost


def through_steps(start: np.ndarray, Q: np.ndarray) -> Iterator[np.ndarray]:
    """`start[x, d]` sent through 0, 1, 2, ... steps that are not constant, until nothing is left below the longest string."""
    while start.any():
        yield start
        size = start.shape[0]
        start = np.array([sum(convolve(start[x], Q[x, z]) for x in range(size)) for z in range(size)])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("probs", "n0", "m", "longest"),
    [
        ((0.7, 0.3), 1, 1, 12),
        ((0.7, 0.3), 1, 2, 12),
        ((0.6, 0.4), 2, 2, 13),
        ((0.6, 0.4), 1, 4, 12),
        ((0.5, 0.3, 0.2), 1, 1, 7),
        ((0.5, 0.3, 0.2), 1, 2, 8),
        ((0.4, 0.35, 0.25), 2, 1, 8),
    ],
)
def test_the_kernel_on_every_string_of_draws(probs: Probs, n0: int, m: int, longest: int) -> None:
    """Its joint law of output and cost is that of the recursion, for every cost up to `longest`, to rounding: both forms."""
    c, Q = by_draws(probs, n0, m, longest)
    expected = sum(through_steps(c, Q))
    past = on_every_string(lambda: Duel(n0, 0.0, m, duel_state(len(probs), m)), probs, longest)
    assert past.sum() > 0.02  # there is something to compare
    assert past == pytest.approx(expected, abs=1e-13)

    # A stream that has just met a constant step: it ends with the next one, whose draws it pays; its own first pass was paid before.
    step = steps(probs, n0, 0.0, m)
    begun = np.zeros_like(c)
    begun[:, 0] = step.c / step.c.sum()
    before_next = sum(through_steps(begun, Q))
    expected = np.array([convolve(before_next[x], c.sum(axis=0)) for x in range(len(probs))])
    stream = np.zeros_like(c)
    for y in range(len(probs)):
        stream += begun[y, 0] * on_every_string(
            lambda y=y: DuelStream(n0, 0.0, m, duel_state(len(probs), m), np.array([y])),  # type: ignore[misc]
            probs,
            longest,
        )
    assert stream == pytest.approx(expected, abs=1e-13)


# ---------------------------------------------------------------- the recursion can tell


def impatient(seen: Seen, m: int) -> bool:
    return seen.own >= m


def fresh(seen: Seen, last: int, x: int, m: int) -> int:
    return 0


def unseen_at_zero(seen: Seen, last: int, x: int, m: int) -> int:
    return 0 if x != last and seen.status[x] == UNSEEN else lead_after_loss(seen, last, x, m)


def beaten_undecided(seen: Seen, last: int, x: int, m: int) -> int:
    return m - 1 if x != last and seen.status[x] == BEATEN else lead_after_loss(seen, last, x, m)


@pytest.mark.parametrize(
    ("fault", "distance"),
    [
        ({"constant": impatient}, 0.0316),  # a step counts as constant while a rival is still undecided
        ({"lead": fresh}, 0.0243),  # the second pass reads a stream of its own
        ({"lead": unseen_at_zero}, 0.0053),  # a rival not seen yet is given the proposal's count
        ({"lead": beaten_undecided}, 0.0009),  # a beaten rival gets another chance when its step is applied
        ({"own": 2}, 0.1113),  # the proposal's own two draws count in the duel
    ],
)
def test_the_recursion_finds_planted_faults(fault: dict[str, object], distance: float) -> None:
    """The faulty laws still sum to 1, so only the comparison shows them: they are `distance` from the target in total variation."""
    probs = (0.4, 0.35, 0.25)
    law, _ = law_and_cost(steps(probs, 2, 0.0, 2, **fault))  # type: ignore[arg-type]
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    assert simtemp.total_variation(law, simtemp.temper(probs, 0.25)) == pytest.approx(distance, abs=1e-4)


def test_the_constant_step_applied_last_is_found() -> None:
    """Steps applied in the order in which they were drawn: then the output is the constant one's proposal, of law c. Reversing only the
    steps that are not constant changes no law, because they are independent and alike (test_duel_faults; test_duel catches it)."""
    probs = (0.4, 0.35, 0.25)
    c = steps(probs, 2, 0.0, 2).c
    assert simtemp.total_variation(c / c.sum(), simtemp.temper(probs, 0.25)) == pytest.approx(0.0065, abs=1e-4)
