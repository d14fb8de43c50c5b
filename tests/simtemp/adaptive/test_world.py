"""The known world: what is said of it exactly against going through all that can happen, and its samples against their law."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import stats

from simtemp.adaptive.known_worlds import length_world, mixed_world
from simtemp.adaptive.world import END, World, play
from simtemp.adaptive.world_limits import every_response
from simtemp.adaptive.world_values import (
    achievable,
    agreement,
    best_actions,
    certain,
    expected_reward,
    optimal_policy,
    regret,
)
from simtemp.tempering import temper

ALPHA = 1e-6


def random_world(seed, contexts=4, outcomes=3):
    """What follows depends on the outcome, and two starts."""
    rng = np.random.default_rng(seed)
    following = [
        [rng.choice([END, *range(context + 1, contexts)]) for _ in range(outcomes)] for context in range(contexts)
    ]
    return World(
        names=tuple("abcd"[:contexts]),
        temperatures=(0.0, 0.7),
        states=rng.normal(size=(contexts, 3)).astype(np.float32),
        base=rng.dirichlet(np.ones(outcomes), contexts),
        rewards=rng.random((contexts, outcomes)),
        following=np.array(following),
        starts=np.array([0, 1]),
    )


def random_policy(world, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(len(world.temperatures)), len(world.names))


def by_every_response(world, policy):
    totals = []
    for start in world.starts.tolist():
        episodes, probs = every_response(world, policy, start)
        assert probs.sum() == pytest.approx(1.0)
        totals.append(float(probs @ episodes.rewards))
    return float(np.mean(totals))


@pytest.mark.parametrize("seed", range(3))
def test_expected_reward_is_that_of_all_responses(seed):
    world = random_world(seed)
    policy = random_policy(world)
    assert expected_reward(world, policy) == pytest.approx(by_every_response(world, policy), abs=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_best_and_worst_are_those_of_all_policies(seed):
    world = random_world(seed)
    picks = [np.array(choice) for choice in product(range(2), repeat=4)]
    values = [expected_reward(world, certain(world, pick)) for pick in picks]
    assert achievable(world) == pytest.approx((min(values), max(values)))
    best = optimal_policy(world)
    assert regret(world, certain(world, best)) == pytest.approx(0.0, abs=1e-12)
    assert agreement(world, best) == 1.0
    assert agreement(world, 1 - best) < 1.0
    assert regret(world, certain(world, picks[int(np.argmin(values))])) == pytest.approx(1.0)


def test_actions_are_worth_their_reward_and_the_best_afterwards():
    world = random_world(4)
    actions = best_actions(world)
    for context, pick in product(range(4), range(2)):
        best = certain(world, optimal_policy(world))
        best[context] = np.eye(2)[pick]
        alone = replace(world, starts=np.array([context]))
        assert actions[context, pick] == pytest.approx(expected_reward(alone, best))


def test_laws_are_the_tempered_ones():
    world = mixed_world()
    for context, pick in product(range(len(world.names)), range(len(world.temperatures))):
        law = temper(world.base[context], world.temperatures[pick])
        np.testing.assert_array_equal(world.laws[context, pick], law)
    assert np.isneginf(world.log_laws[0, 0, 1])
    assert world.log_laws[0, -1, 1] == pytest.approx(math.log(0.2))


def p_value(world, policy, played):
    """Chi-square of 20 000 responses under one policy against the law of all responses under another; rare ones together."""
    episodes, probs = every_response(world, policy, 0)
    got = play(world, played, np.zeros(20_000, np.int64), np.random.default_rng(1))

    def keys(of):
        steps = np.stack([of.contexts, of.picked, of.outcomes, of.present], -1).reshape(len(of.rewards), -1)
        return [tuple(row) for row in np.pad(steps, ((0, 0), (0, 4 * 4 - steps.shape[1]))).tolist()]

    index = {key: number for number, key in enumerate(keys(episodes))}
    numbers = [index[key] for key in keys(got)]
    np.testing.assert_allclose(episodes.rewards[numbers], got.rewards, atol=1e-8)
    counts, expected = np.bincount(numbers, minlength=len(probs)), 20_000 * probs
    rare = expected < 10
    cells = [np.append(row[~rare], row[rare].sum()) for row in (counts, expected)]
    return float(stats.chisquare(*cells, sum_check=False).pvalue)


def test_responses_follow_their_law():
    """At alpha = 1e-6. Planted fault: a policy with two of its rows exchanged is rejected."""
    world = random_world(5)
    policy = random_policy(world, 3)
    assert p_value(world, policy, policy) > ALPHA
    assert p_value(world, policy, policy[[1, 0, 2, 3]]) < ALPHA


def test_play_gives_each_response_its_start_and_its_length():
    world = length_world()
    rng = np.random.default_rng(0)
    stopped = play(world, certain(world, np.zeros(4, np.int64)), np.zeros(5, np.int64), rng)
    assert stopped.present.tolist() == 5 * [[True]]
    assert stopped.rewards.tolist() == 5 * [0.6]
    episodes = play(world, world.uniform(), np.zeros(200, np.int64), rng)
    assert set(episodes.present.sum(1).tolist()) == {1, 4}
    assert (episodes.contexts[:, 1:] == np.arange(1, 4))[episodes.present[:, 1:]].all()


def test_the_mixed_world_wants_every_temperature_somewhere():
    world = mixed_world()
    assert optimal_policy(world).tolist() == [0, 2, 4, 0, 0, 4, 0]
    assert achievable(world)[1] - achievable(world)[0] > 0.4
    for pick in range(5):
        assert regret(world, certain(world, np.full(7, pick))) > 0.15  # no fixed temperature is good


def coin(**changes):
    parts = {
        "names": ("coin",),
        "temperatures": (0.0, 1.0),
        "states": np.ones((1, 2), np.float32),
        "base": np.array([[0.5, 0.5]]),
        "rewards": np.array([[0.0, 1.0]]),
        "following": np.array([[END, END]]),
        "starts": np.array([0]),
    }
    return World(**(parts | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"states": np.ones((2, 2))}, r"states must have a row for each of 1 contexts, got shape \(2, 2\)"),
        ({"rewards": np.array([[0.5]])}, r"rewards must have shape \(1, 2\), got \(1, 1\)"),
        ({"rewards": np.array([[0.5, math.nan]])}, r"rewards must be in \[0, 1\]"),
        ({"rewards": np.array([[0.5, 1.5]])}, r"rewards must be in \[0, 1\]"),
        ({"base": np.array([[0.5, 0.4]])}, "base must sum to 1"),
        ({"following": np.array([[0, END]])}, "following must be a context of a higher index, below 1, or -1"),
        ({"following": np.array([[1, END]])}, "following must be a context of a higher index"),
        ({"starts": np.array([1])}, "starts must be contexts from 0 to 0, at least one"),
        ({"starts": np.array([], np.int64)}, "starts must be contexts"),
        ({"temperatures": ()}, "temperatures must be a list of at least one temperature"),
    ],
)
def test_a_world_that_is_none_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        coin(**changes)


def test_policies_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"policy must have shape \(1, 2\), a row for each context, got \(2, 2\)"):
        expected_reward(coin(), np.full((2, 2), 0.5))
    with pytest.raises(ValueError, match="every policy is worth the same"):
        regret(coin(), coin().uniform())
