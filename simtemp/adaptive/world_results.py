"""What every loss comes to in the known worlds: exact regret of trained heads over several seeds, and the exact reasons for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from simtemp.adaptive.known_worlds import length_world, mixed_world
from simtemp.adaptive.losses import LOSSES
from simtemp.adaptive.world import World
from simtemp.adaptive.world_limits import chosen_shares, limit_policy
from simtemp.adaptive.world_training import WorldRecipe, WorldTraining, train_in_world, uniform_pairs
from simtemp.adaptive.world_values import achievable, best_actions, certain, optimal_policy, regret
from simtemp.arguments import whole_number
from simtemp.console import Progress

LARGEST_REGRET = 0.02
"""Share of the range of achievable reward that latent preference optimization may lose."""

_MIXED = WorldRecipe()
_LENGTH = WorldRecipe(rounds=10, prompts=200)


def world_results(seeds: int = 20, seed: int = 0, *, progress: Progress = lambda done, total: None) -> dict[str, Any]:
    """Train a head by each loss in each known world from several seeds.

    Parameters
    ----------
    seeds : int
        Heads a loss, >= 1.
    seed : int
        From which theirs are derived.
    progress : callable, optional
        Called with (heads trained, heads).

    Returns
    -------
    dict
        Of the mixed world: "temperatures", "range" of achievable reward, "contexts" (name, "expected_reward" at each temperature with the
        best picks after it, "optimal" index, "chosen_share": what negative log-likelihood converges to), "losses" ("regret" and
        "agreement" of each seed, "picked": share of the seeds by context and temperature), "learning" (mean over the seeds, smallest and
        largest). "length" is the same of the world of responses of different lengths, without "learning" and with "limits": by loss the
        exact limit of the first pick and its regret when the likeliest is taken. "claims" are what must hold.

    Raises
    ------
    ValueError
        For no seed.

    Notes
    -----
    About 2 seconds a seed on one thread.
    """
    children = (
        np.random.SeedSequence(whole_number(seed, "seed")).generate_state(whole_number(seeds, "seeds", 1)).tolist()
    )
    worlds = {"mixed": (mixed_world(), _MIXED), "length": (length_world(), _LENGTH)}
    done, total = 0, len(worlds) * len(children) * len(LOSSES)
    trained: dict[str, dict[str, list[WorldTraining]]] = {name: {loss: [] for loss in LOSSES} for name in worlds}
    progress(done, total)
    for name, (world, recipe) in worlds.items():
        for child in children:
            pairs = uniform_pairs(world, child, recipe)
            for loss in LOSSES:
                trained[name][loss].append(train_in_world(world, loss, child, recipe, pairs))
                done += 1
                progress(done, total)
    mixed, length = (_record(world, recipe, trained[name]) for name, (world, recipe) in worlds.items())
    length["limits"] = _limits(*worlds["length"])
    learning = [row for loss, heads in trained["mixed"].items() for row in _learning(loss, heads)]
    return {
        "task": "world",
        "seeds": seeds,
        **mixed,
        "learning": learning,
        "length": length,
        "claims": _claims(mixed, length),
    }


def _record(world: World, recipe: WorldRecipe, trained: dict[str, list[WorldTraining]]) -> dict[str, Any]:
    lowest, highest = achievable(world)
    actions, optimal, shares = (
        best_actions(world),
        optimal_policy(world),
        chosen_shares(world, world.uniform(), recipe.samples),
    )
    contexts = [
        {"name": name, "expected_reward": reward.tolist(), "optimal": int(best), "chosen_share": share.tolist()}
        for name, reward, best, share in zip(world.names, actions, optimal, shares, strict=True)
    ]
    losses = [
        {
            "loss": loss,
            "regret": [head.regret for head in heads],
            "agreement": [head.agreement for head in heads],
            "picked": np.mean([certain(world, head.picks) for head in heads], axis=0).tolist(),
        }
        for loss, heads in trained.items()
    ]
    return {"temperatures": list(world.temperatures), "range": highest - lowest, "contexts": contexts, "losses": losses}


def _limits(world: World, recipe: WorldRecipe) -> list[dict[str, Any]]:
    policies = {loss: limit_policy(world, loss, world.uniform(), recipe.samples, recipe.beta) for loss in LOSSES}
    return [
        {"loss": loss, "first_pick": policy[0].tolist(), "regret": regret(world, certain(world, policy.argmax(1)))}
        for loss, policy in policies.items()
    ]


def _learning(loss: str, heads: list[WorldTraining]) -> list[dict[str, Any]]:
    rows = []
    for moments in zip(*(head.curve for head in heads), strict=True):
        regrets = [moment.regret for moment in moments]
        rows.append(
            {
                "loss": loss,
                "step": moments[0].step,
                "regret": float(np.mean(regrets)),
                "low": min(regrets),
                "high": max(regrets),
            }
        )
    return rows


def _claims(mixed: dict[str, Any], length: dict[str, Any]) -> list[dict[str, Any]]:
    regrets = {row["loss"]: np.array(row["regret"]) for row in mixed["losses"]}
    longer = {row["loss"]: np.array(row["regret"]) for row in length["losses"]}
    small = [
        (
            f"mean regret of the {loss} loss is at most 2 % of the range",
            values[loss].mean() <= LARGEST_REGRET,
            values[loss],
        )
        for loss, values in (("reference-free", regrets), ("latent", regrets), ("uniform-reference", longer))
    ]
    large = [
        (
            "negative log-likelihood loses more than 2 % with every seed",
            regrets["nll"].min() > LARGEST_REGRET,
            regrets["nll"],
        ),
        (
            "where lengths differ, the reference-free loss loses more than the uniform reference",
            longer["reference-free"].mean() > longer["uniform-reference"].mean() + LARGEST_REGRET,
            longer["reference-free"],
        ),
    ]
    return [
        {
            "claim": claim,
            "holds": bool(holds),
            "figure": f"mean {values.mean():.2%}, from {values.min():.2%} to {values.max():.2%}",
        }
        for claim, holds, values in (*small, *large)
    ]
