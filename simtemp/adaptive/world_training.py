"""A head trained in a known world: sample, pair best against worst, and follow a loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from simtemp.adaptive.head import TemperatureHead, seeded_head
from simtemp.adaptive.losses import LOSSES
from simtemp.adaptive.pairs import best_and_worst
from simtemp.adaptive.world import Episodes, World, play, rows_of
from simtemp.adaptive.world_choices import choices_of
from simtemp.adaptive.world_values import agreement, certain, regret
from simtemp.arguments import Floats, Integers, real, shown, whole_number

_WIDTH = 32

Pairs = tuple[Episodes, Episodes]
"""The chosen and the rejected responses of a round, in the order of their pairs."""


class WorldRecipe(NamedTuple):
    """How a head is trained in a known world.

    Attributes
    ----------
    rounds : int
        Of sampling, each followed by `steps` steps of AdamW on all its pairs.
    steps : int
        A round.
    prompts : int
        A round; starts take turns.
    samples : int
        N responses a prompt, >= 2.
    beta : float
        Of the loss.
    learning_rate : float
        Of the first step; falls to 0 in a straight line.
    explorer : str
        Who picks the temperatures of the responses: ``"uniform"``, each as often, or ``"head"``, the head as it is.
    """

    rounds: int = 20
    steps: int = 5
    prompts: int = 2000
    samples: int = 16
    beta: float = 1.0
    learning_rate: float = 0.01
    explorer: Literal["uniform", "head"] = "uniform"


class Progressed(NamedTuple):
    """Where a training stood: the share of regret of its argmax policy after so many steps, and the loss of the last of them."""

    step: int
    regret: float
    loss: float


@dataclass(frozen=True)
class WorldTraining:
    """A head trained in a known world.

    Attributes
    ----------
    head : TemperatureHead
    policy : float64[C, M]
        Its probability of each temperature in each context.
    picks : int64[C]
        Its likeliest temperature in each context.
    regret : float
        Of always taking that, as a share of the range of achievable reward.
    agreement : float
        Share of contexts in which it is as good as the best.
    curve : list of Progressed
        Before the first round (loss NaN) and after each.
    """

    head: TemperatureHead
    policy: Floats
    picks: Integers
    regret: float
    agreement: float
    curve: list[Progressed]


def train_in_world(
    world: World, loss: str, seed: int = 0, recipe: WorldRecipe | None = None, pairs: Sequence[Pairs] | None = None
) -> WorldTraining:
    """Train a head by a loss on responses sampled in a known world, and judge it exactly.

    Parameters
    ----------
    world : World
        In which the head is trained and judged.
    loss : str
        A name in `LOSSES`.
    seed : int
        Of the head's first weights and of all samples. One seed gives every loss the same samples, where the explorer is uniform.
    recipe : WorldRecipe, optional
        How.
    pairs : sequence of Pairs, optional
        Of each round, as `uniform_pairs` gives them: to train by several losses on the same ones without sampling them anew.

    Raises
    ------
    ValueError
        For an unknown loss or explorer, or numbers out of range.
    NoPreference
        When all responses of a round have equal rewards.

    Examples
    --------
    >>> from simtemp.adaptive.known_worlds import length_world
    >>> train_in_world(length_world(), "uniform-reference", recipe=WorldRecipe(prompts=200)).regret
    0.0
    """
    recipe = _checked(recipe)
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {shown(loss)}")
    head = seeded_head(world.states.shape[1], world.temperatures, width=_WIDTH, seed=seed)
    states = torch.as_tensor(world.states)
    optimizer = torch.optim.AdamW(head.parameters(), lr=recipe.learning_rate)
    total = recipe.rounds * recipe.steps
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 - step / total)
    rng = _sampling(seed)
    curve = [Progressed(0, _regret(world, head, states), math.nan)]
    for number in range(recipe.rounds):
        if pairs is not None:
            chosen, rejected = pairs[number]
        else:
            explorer = world.uniform() if recipe.explorer == "uniform" else _policy(head, states)
            chosen, rejected = sample_pairs(world, explorer, recipe, rng)
        value = torch.zeros(())
        for _ in range(recipe.steps):
            table: Tensor = head(states)  # [C, M]
            value = LOSSES[loss](choices_of(world, chosen, table), choices_of(world, rejected, table), recipe.beta)
            optimizer.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        curve.append(Progressed((number + 1) * recipe.steps, _regret(world, head, states), float(value.detach())))
    policy = _policy(head, states)
    picks = np.asarray(policy.argmax(1), np.int64)
    return WorldTraining(head, policy, picks, curve[-1].regret, agreement(world, picks), curve)


def uniform_pairs(world: World, seed: int, recipe: WorldRecipe | None = None) -> list[Pairs]:
    """The pairs of each round that `train_in_world` samples from this seed where the explorer is uniform."""
    recipe, rng = _checked(recipe), _sampling(seed)
    return [sample_pairs(world, world.uniform(), recipe, rng) for _ in range(recipe.rounds)]


def sample_pairs(world: World, policy: Floats, recipe: WorldRecipe, rng: np.random.Generator) -> Pairs:
    """The best and the worst of N responses to each prompt, sampled under a policy float64[C, M]; starts take turns.

    Raises
    ------
    NoPreference
        When all responses to each prompt have equal rewards.
    """
    starts = world.starts[np.arange(recipe.prompts) % len(world.starts)]
    episodes = play(world, policy, np.repeat(starts, recipe.samples), rng)
    pairs = np.array(best_and_worst(episodes.rewards.reshape(recipe.prompts, recipe.samples)))  # [B, 3]
    prompt, chosen, rejected = pairs.T
    return rows_of(episodes, prompt * recipe.samples + chosen), rows_of(episodes, prompt * recipe.samples + rejected)


def _checked(recipe: WorldRecipe | None) -> WorldRecipe:
    recipe = WorldRecipe() if recipe is None else recipe
    for name in ("rounds", "steps", "prompts"):
        whole_number(getattr(recipe, name), name, 1)
    whole_number(recipe.samples, "samples", 2)
    if not 0.0 < real(recipe.learning_rate, "learning_rate") < math.inf:
        raise ValueError(f"learning_rate must be in (0, inf), got {shown(recipe.learning_rate)}")
    if recipe.explorer not in ("uniform", "head"):
        raise ValueError(f"explorer must be uniform or head, got {shown(recipe.explorer)}")
    return recipe


def _sampling(seed: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(whole_number(seed, "seed")).spawn(1)[0])


def _regret(world: World, head: TemperatureHead, states: Tensor) -> float:
    return regret(world, certain(world, _policy(head, states).argmax(1)))


@torch.no_grad()
def _policy(head: TemperatureHead, states: Tensor) -> Floats:
    """Probabilities that sum to 1 in float64, as sampling by inversion wants them."""
    return np.asarray(head(states).double().softmax(-1).numpy(), np.float64)
