"""Several responses to each prompt under sampled temperatures, with their rewards: what a head learns from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from simtemp.adaptive.choices import Choices
from simtemp.adaptive.head import TemperatureHead
from simtemp.adaptive.policies import HeadPolicy
from simtemp.adaptive.response import Response, TextModel
from simtemp.adaptive.tasks.task import Prompt
from simtemp.arguments import Floats, Integers, shown
from simtemp.console import Progress

Rewards = Callable[[Prompt, Sequence[Response]], Sequence[float]]
"""Of the N responses to a prompt."""


@dataclass(frozen=True)
class Attempt:
    """One response and the temperature choices it was decoded with.

    Attributes
    ----------
    response : Response
    states : float32[L, h]
        What the head saw at each choice; L = 1 at sequence level.
    picked : int64[L]
        Index of the temperature picked.
    text_log_probs : float32[L, M] or None
        As in `Choices`.
    """

    response: Response
    states: npt.NDArray[np.float32]
    picked: Integers
    text_log_probs: npt.NDArray[np.float32] | None


@dataclass(frozen=True)
class Attempts:
    """N attempts at each of P prompts.

    Attributes
    ----------
    by_prompt : list of P lists of N Attempt
    rewards : float64[P, N]
    """

    by_prompt: list[list[Attempt]]
    rewards: Floats


def attempt(
    model: TextModel,
    head: TemperatureHead,
    prompts: Sequence[Prompt],
    rewards: Rewards,
    *,
    responses: int,
    max_tokens: int,
    seed: np.random.SeedSequence,
    progress: Progress = lambda done, total: None,
) -> Attempts:
    """Respond to every prompt `responses` times, each temperature sampled from the head, and score the responses.

    Parameters
    ----------
    model : TextModel
        Frozen.
    head : TemperatureHead
        What temperatures are sampled from.
    prompts : sequence of P Prompt
        Each gets N responses.
    rewards : callable
        ``rewards(prompt, responses)``, a finite number for each.
    responses : int
        N.
    max_tokens : int
        Of a response.
    seed : SeedSequence
        Of the picks and of the texts.
    progress : callable, optional
        Called with (done, total).

    Raises
    ------
    ValueError
        For a reward that is no finite number.
    """
    picks, texts = seed.spawn(2)
    policy = HeadPolicy(head, "sampled", rng=picks, recording=True)
    repeated = [prompt for prompt in prompts for _ in range(responses)]
    answers = model.respond(
        [prompt.text for prompt in repeated],
        policy,
        max_tokens=max_tokens,
        rng=texts,
        scored_at=head.temperatures if model.has_logits else None,
        progress=progress,
    )
    attempts = []
    for index, response in enumerate(answers):
        states, picked = policy.choices_of(index)
        scores = response.text_log_probs
        if scores is not None and head.level == "sequence":
            scores = scores.sum(0, keepdims=True)  # [steps, M] -> [1, M]
        attempts.append(Attempt(response, states, picked, scores))
    groups = [attempts[start : start + responses] for start in range(0, len(attempts), responses)]
    table = [
        [checked_reward(value) for value in rewards(prompt, [own.response for own in group])]
        for prompt, group in zip(prompts, groups, strict=True)
    ]
    return Attempts(groups, np.array(table))


def checked_reward(value: float) -> float:
    """A reward as a float.

    Raises
    ------
    ValueError
        When it is no finite number.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"a reward must be a finite number, got {shown(value)}")
    return number


def choices(head: TemperatureHead, attempts: Sequence[Attempt]) -> Choices:
    """The choices of a batch of attempts under the head as it is now, padded; gradients flow to the head."""
    lengths = torch.tensor([len(own.picked) for own in attempts])
    states = _padded([own.states for own in attempts])  # float[B, L, h]
    picked = _padded([own.picked for own in attempts])  # int64[B, L]
    present = torch.arange(states.shape[1]) < lengths[:, None]  # bool[B, L]
    scores = [own.text_log_probs for own in attempts if own.text_log_probs is not None]
    return Choices(head(states), picked, present, _padded(scores) if len(scores) == len(attempts) else None)


def _padded(arrays: Sequence[npt.NDArray[np.generic]]) -> Tensor:
    return pad_sequence([torch.from_numpy(array) for array in arrays], batch_first=True)
