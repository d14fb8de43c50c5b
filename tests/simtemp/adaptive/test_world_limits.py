"""What the losses converge to: the law of pairs against going through all samples, and the failures that the limits prove."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from simtemp.adaptive.known_worlds import length_world, mixed_world
from simtemp.adaptive.losses import LOSSES
from simtemp.adaptive.pairs import best_and_worst
from simtemp.adaptive.world import END, World, rows_of
from simtemp.adaptive.world_choices import choices_of
from simtemp.adaptive.world_limits import chosen_shares, every_response, limit_policy
from simtemp.adaptive.world_values import best_actions, certain, optimal_policy, regret

torch.set_num_threads(1)


def small_world():
    """Two outcomes, of which one goes on: 2 x 2 + 2 responses; two of its rewards are equal."""
    return World(
        names=("first", "second"),
        temperatures=(0.5, 1.0),
        states=np.eye(2, dtype=np.float32),
        base=np.array([[0.6, 0.4], [0.3, 0.7]]),
        rewards=np.array([[0.3, 0.1], [0.2, 0.8]]),
        following=np.array([[END, 1], [END, END]]),
        starts=np.array([0]),
    )


def every_pair(world, policy, samples):
    """Chosen and rejected response of all N-tuples of responses, each pair once, with the probability of its tuples together."""
    episodes, probs = every_response(world, policy, 0)
    tuples = np.array(list(product(range(len(probs)), repeat=samples)))
    pairs = np.array(best_and_worst(episodes.rewards[tuples]))
    rows = tuples[pairs[:, 0]]
    weights = probs[rows].prod(1)
    sides = np.take_along_axis(rows, pairs[:, 1:], 1)  # [tuples, 2]: numbers of the chosen and of the rejected response
    different, which = np.unique(sides, axis=0, return_inverse=True)
    together = np.bincount(which.ravel(), weights / weights.sum())
    return rows_of(episodes, different[:, 0]), rows_of(episodes, different[:, 1]), together


@pytest.mark.parametrize("samples", [2, 4])
def test_chosen_shares_are_those_of_all_samples(samples):
    world = small_world()
    policy = np.array([[0.3, 0.7], [0.6, 0.4]])
    chosen, _, weights = every_pair(world, policy, samples)
    expected = np.zeros((2, 2))
    np.add.at(expected, (chosen.contexts, chosen.picked), weights[:, None] * chosen.present)
    np.testing.assert_allclose(
        chosen_shares(world, policy, samples), expected / expected.sum(1, keepdims=True), rtol=1e-12
    )


@pytest.mark.parametrize("loss", ["reference-free", "uniform-reference", "latent", "nll"])
def test_at_the_limit_the_mean_loss_over_all_samples_has_no_slope(loss):
    world, samples = small_world(), 3
    chosen, rejected, weights = every_pair(world, world.uniform(), samples)
    logits = torch.as_tensor(limit_policy(world, loss, world.uniform(), samples)).log().requires_grad_()
    table = logits.log_softmax(-1)
    total = torch.zeros((), dtype=torch.float64)
    for number, weight in enumerate(weights.tolist()):
        sides = [choices_of(world, rows_of(side, np.array([number])), table) for side in (chosen, rejected)]
        total = total + weight * LOSSES[loss](sides[0], sides[1], 1.0)
    total.backward()
    assert float(logits.grad.abs().max()) < 1e-5


def gamble():
    world = mixed_world()
    index = world.names.index("gamble")
    return replace(world, starts=np.array([index])), index


def test_the_baseline_prefers_the_temperature_that_wins_most_often_though_its_mean_is_the_worst():
    """Best of 16: T = 1 is picked by 30.5 % of the chosen responses, T = 0 by 8.4 %, and has the smallest mean reward, 0.38 against 0.6."""
    world, index = gamble()
    shares = chosen_shares(world, world.uniform(), 16)[index]
    rewards = best_actions(world)[index]
    np.testing.assert_allclose(rewards[[0, 4]], [0.6, 0.38], atol=1e-12)
    np.testing.assert_allclose(shares[[0, 4]], [0.0840, 0.3054], atol=5e-5)
    assert (np.diff(rewards) < 0).all()
    assert (np.diff(shares) > 0).all()
    mixed = mixed_world()
    picks = chosen_shares(mixed, mixed.uniform(), 16).argmax(1)
    assert np.flatnonzero(picks != optimal_policy(mixed)).tolist() == [index]
    assert regret(mixed, certain(mixed, picks)) == pytest.approx(0.1073, abs=5e-5)


def test_on_its_own_samples_the_baseline_collapses_to_one_temperature():
    world, index = gamble()
    policy = world.uniform()
    for _ in range(100):
        policy[index] = chosen_shares(world, policy, 16)[index]
    assert policy[index, -1] > 0.99


@pytest.mark.parametrize("loss", ["reference-free", "latent"])
def test_preferences_are_not_taken_in_by_the_gamble(loss):
    world, index = gamble()
    policy = limit_policy(world, loss, world.uniform(), 16)[index]
    rewards = best_actions(world)[index]
    assert rewards[policy.argmax()] > rewards.max() - 0.02
    assert policy @ rewards > chosen_shares(world, world.uniform(), 16)[index] @ rewards + 0.05


def test_without_a_reference_longer_responses_win_although_they_are_worse():
    """Going on costs up to 0.14 of 0.6; without a reference it is preferred all the same: three more steps are worth 3 log 3."""
    world = length_world()
    limits = {
        loss: limit_policy(world, loss, world.uniform(), 16)
        for loss in ("reference-free", "uniform-reference", "latent")
    }
    picks = {loss: policy.argmax(1) for loss, policy in limits.items()}
    assert regret(world, certain(world, picks["uniform-reference"])) == 0.0
    assert regret(world, certain(world, picks["latent"])) == 0.0
    assert regret(world, certain(world, picks["reference-free"])) == 1.0
    assert limits["uniform-reference"][0, 0] > 0.8 > 0.2 > limits["reference-free"][0, 0]


def test_a_preference_is_not_a_mean():
    """What no preference loss can see: winning often by little, losing seldom by much. At N = 2 the worse mean is preferred."""
    world = World(
        names=("insurance",),
        temperatures=(0.0, 1.0),
        states=np.ones((1, 2), np.float32),
        base=np.array([[0.4, 0.35, 0.25]]),
        rewards=np.array([[0.5, 0.55, 0.0]]),
        following=np.full((1, 3), END),
        starts=np.array([0]),
    )
    assert optimal_policy(world).tolist() == [0]
    assert limit_policy(world, "reference-free", world.uniform(), 2)[0].argmax() == 1


def test_bad_input_is_one_clear_line():
    world = small_world()
    with pytest.raises(
        ValueError, match="loss must be one of nll, reference-free, uniform-reference, latent, got 'ppo'"
    ):
        limit_policy(world, "ppo", world.uniform(), 2)
    with pytest.raises(ValueError, match="samples must be an integer >= 2, got 1"):
        chosen_shares(world, world.uniform(), 1)
    mixed = mixed_world()
    with pytest.raises(ValueError, match="has too many pairs to go through"):
        limit_policy(mixed, "reference-free", mixed.uniform(), 2)
