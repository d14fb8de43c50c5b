"""Heads trained in the known worlds: they come to the limits of their losses, whatever the seed."""

import math

import numpy as np
import pytest
import torch

from simtemp.adaptive.known_worlds import length_world, mixed_world
from simtemp.adaptive.losses import LOSSES
from simtemp.adaptive.world_limits import chosen_shares
from simtemp.adaptive.world_results import LARGEST_REGRET, world_results
from simtemp.adaptive.world_training import WorldRecipe, train_in_world, uniform_pairs

torch.set_num_threads(1)

SHORT = WorldRecipe(rounds=10, steps=4, prompts=100)


@pytest.mark.parametrize(("loss", "regret"), [("uniform-reference", 0.0), ("latent", 0.0), ("reference-free", 1.0)])
def test_length_decides_without_a_reference_and_only_then(loss, regret):
    trained = train_in_world(length_world(), loss, 1, WorldRecipe(rounds=10, prompts=400))
    assert trained.regret == regret
    assert (trained.agreement == 1.0) == (regret == 0.0)


def test_the_same_seed_gives_the_same_head_and_another_does_not():
    first, again, other = (train_in_world(length_world(), "latent", seed, SHORT) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.policy, again.policy)
    assert first.curve[1:] == again.curve[1:]
    assert not np.array_equal(first.policy, other.policy)


def test_pairs_given_are_those_that_it_would_sample():
    world = length_world()
    own = train_in_world(world, "nll", 5, SHORT)
    given = train_in_world(world, "nll", 5, SHORT, uniform_pairs(world, 5, SHORT))
    np.testing.assert_array_equal(own.policy, given.policy)


def test_the_curve_begins_with_an_untrained_head():
    trained = train_in_world(length_world(), "nll", 0, SHORT)
    assert [moment.step for moment in trained.curve] == list(range(0, 41, 4))
    assert math.isnan(trained.curve[0].loss)
    assert trained.curve[-1].regret == trained.regret
    assert trained.policy.sum(1) == pytest.approx(np.ones(4))


def test_the_baseline_comes_to_the_shares_among_the_chosen():
    """Within 0.05 of a limit that is up to 0.28 away from where the head begins."""
    world = mixed_world()
    trained = train_in_world(world, "nll", 0, WorldRecipe(rounds=20, prompts=500))
    limit = chosen_shares(world, world.uniform(), 16)
    assert np.abs(limit - world.uniform()).max() > 0.2
    np.testing.assert_allclose(trained.policy, limit, atol=0.05)


def test_a_head_can_explore_by_itself():
    recipe = WorldRecipe(rounds=10, prompts=100, explorer="head")
    assert train_in_world(length_world(), "uniform-reference", 0, recipe).regret == 0.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"samples": 1}, "samples must be an integer >= 2, got 1"),
        ({"rounds": 0}, "rounds must be an integer >= 1, got 0"),
        ({"explorer": "nobody"}, "explorer must be uniform or head, got 'nobody'"),
        ({"beta": math.nan}, "beta must be a real number, got nan"),
        ({"learning_rate": -1.0}, "learning_rate must be in"),
    ],
)
def test_bad_recipes_are_one_clear_line(changes, message):
    with pytest.raises(ValueError, match=message):
        train_in_world(length_world(), "latent", 0, SHORT._replace(**changes))


def test_an_unknown_loss_is_one_clear_line():
    with pytest.raises(
        ValueError, match="loss must be one of reference-free, uniform-reference, latent, nll, got 'dpo'"
    ):
        train_in_world(length_world(), "dpo", 0, SHORT)


@pytest.mark.slow
def test_results_of_the_known_worlds():
    """Five seeds; the claims are over 20 in the results themselves."""
    seen = []
    found = world_results(5, seed=7, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 40) for done in range(41)]
    assert all(claim["holds"] for claim in found["claims"]), found["claims"]
    regrets = {row["loss"]: row["regret"] for row in found["losses"]}
    assert list(regrets) == list(LOSSES)
    assert max(regrets["reference-free"] + regrets["latent"]) <= LARGEST_REGRET
    assert np.shape([row["picked"] for row in found["losses"]]) == (4, 7, 5)
    assert {row["loss"] for row in found["learning"]} == set(LOSSES)
    assert [row["loss"] for row in found["length"]["limits"]] == list(LOSSES)
