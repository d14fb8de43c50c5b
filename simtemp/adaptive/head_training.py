"""Latent preference optimization of a head on a frozen model: rounds of responses, pairs and steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from simtemp.adaptive.attempts import Attempt, Attempts, attempt, choices
from simtemp.adaptive.head import TemperatureHead
from simtemp.adaptive.losses import LOSSES
from simtemp.adaptive.pairs import NoPreference, best_and_worst
from simtemp.adaptive.response import TextModel
from simtemp.adaptive.roles import role_seed
from simtemp.adaptive.settings import Settings
from simtemp.adaptive.tasks.task import Task
from simtemp.arguments import shown
from simtemp.console import Progress

_WEIGHT_DECAY = 0.01


def train_head(
    head: TemperatureHead,
    model: TextModel,
    task: Task,
    settings: Settings,
    *,
    loss: str,
    seed: int,
    first_round: int = 0,
    strict: bool = True,
    after_round: Callable[[int, dict[str, Any]], None] = lambda number, row: None,
    progress: Progress = lambda done, total: None,
) -> None:
    """Train a head in place.

    In each round fresh prompts get N responses with temperatures sampled from the head, the best against the worst of each prompt make a
    pair (ties are dropped), and the head takes steps on the loss of these pairs. A round depends on the weights before it and on its own
    seed only, so that a run may stop after any round and go on.

    Parameters
    ----------
    head : TemperatureHead
        Near uniform, or as it was after `first_round` rounds.
    model : TextModel
        Frozen.
    task : Task
        Its prompts, reward and length of a response.
    settings : Settings
        Rounds, prompts and steps.
    loss : str
        Name in `LOSSES`.
    seed : int
        Same seed, same head.
    first_round : int
        Where to go on.
    strict : bool
        Whether rewards that cannot teach in the first round are an error; otherwise a round without a pair leaves the head as it is.
    after_round : callable, optional
        Called with the number of the round and {"round", "loss", "reward", "mean_temperature", "pairs"}.
    progress : callable, optional
        Called with (done, total).

    Raises
    ------
    ValueError
        For an unknown loss, one that the model has no probabilities for, or a reward that is not finite.
    NoPreference
        If `strict`, when all responses to each prompt of the first round have equal rewards. A `ValueError` too.
    """
    check_loss(loss, model.has_logits)
    for number, child in enumerate(role_seed(seed, "head").spawn(settings.rounds)):
        if number < first_round:
            continue
        of_prompts, of_attempts, of_batches = child.spawn(3)
        prompts = task.prompts("learn", settings.prompts, np.random.default_rng(of_prompts))
        done = number * settings.prompts * settings.responses
        attempts = attempt(
            model,
            head,
            prompts,
            task.rewards,
            responses=settings.responses,
            max_tokens=task.max_tokens,
            seed=of_attempts,
            progress=partial(_tick, progress, done, settings.rounds),
        )
        try:
            rate = settings.learning_rate * (
                1.0 - number / settings.rounds
            )  # later rounds see few pairs, of small differences
            mean_loss, pairs = fit(head, attempts, settings, loss, rate, np.random.default_rng(of_batches))
        except NoPreference:
            if strict and number == 0:
                raise
            mean_loss, pairs = math.nan, 0  # later, a head may be so sure that it always does the same
        everyone = [own for several in attempts.by_prompt for own in several]
        after_round(
            number,
            {
                "round": number,
                "loss": mean_loss,
                "reward": float(attempts.rewards.mean()),
                "mean_temperature": float(np.mean(np.concatenate([own.response.temperatures for own in everyone]))),
                "pairs": pairs,
            },
        )


def check_loss(loss: str, has_logits: bool) -> None:
    """Refuse a loss that does not exist, or that a model without logits cannot have.

    Raises
    ------
    ValueError
        In these cases.
    """
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {shown(loss)}")
    if loss == "latent" and not has_logits:
        raise ValueError(
            "the latent loss needs probabilities of the text: choose another one for a model without logits"
        )


def _tick(progress: Progress, before: int, rounds: int, done: int, total: int) -> None:
    progress(before + done, rounds * total)


def fit(
    head: TemperatureHead,
    attempts: Attempts,
    settings: Settings,
    loss: str,
    learning_rate: float,
    rng: np.random.Generator,
) -> tuple[float, int]:
    """Steps of AdamW on the pairs of some attempts; gives the mean loss and the number of pairs."""
    pairs = best_and_worst(attempts.rewards)
    chosen: list[Attempt] = [attempts.by_prompt[pair.prompt][pair.chosen] for pair in pairs]
    rejected: list[Attempt] = [attempts.by_prompt[pair.prompt][pair.rejected] for pair in pairs]
    optimizer = torch.optim.AdamW(head.parameters(), lr=learning_rate, weight_decay=_WEIGHT_DECAY)
    losses = []
    for _ in range(settings.head_steps):
        batch = rng.choice(len(pairs), min(settings.batch_size, len(pairs)), replace=False)
        value = LOSSES[loss](
            choices(head, [chosen[i] for i in batch]), choices(head, [rejected[i] for i in batch]), settings.beta
        )
        optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        losses.append(float(value.detach()))
    return float(np.mean(losses)), len(pairs)
