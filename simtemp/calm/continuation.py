"""Decoding step after step: backbone, next blocks, and which sequences have ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simtemp.arguments import Integers, whole_number
from simtemp.blackbox.preparation import generators
from simtemp.calm.backbone import Backbone
from simtemp.calm.next_block import DEFAULT_BUDGET, Seconds, StepInfo, next_blocks
from simtemp.calm.prompts import as_blocks
from simtemp.decoding_step import DecodingStep
from simtemp.policy_answer import as_temperatures

if TYPE_CHECKING:
    from simtemp.calm.model import CalmModel


@dataclass(frozen=True)
class NewBlock:
    """One decoded block of one sequence.

    Attributes
    ----------
    sequence : int
        Which prompt it continues.
    tokens : int64[K]
    info : StepInfo
    last : bool
        Whether the sequence ends here: an end token is in the block, or as many blocks were decoded as asked for.
    """

    sequence: int
    tokens: Integers
    info: StepInfo
    last: bool


def continuations(
    model: CalmModel,
    prompts: Sequence[Integers],
    temperature: Any,
    *,
    max_blocks: int,
    pad_token: int,
    end_token: int | None,
    method: str = "duel",
    budget: int | None = DEFAULT_BUDGET,
    rng: Any = 0,
    seconds: Seconds | None = None,
    **options: Any,
) -> Iterator[NewBlock]:
    """Continue prompts of tokens block after block, as blocks come.

    Parameters
    ----------
    model : CalmModel
        In evaluation mode.
    prompts : sequence of B int64[tokens]
        Not empty; of any length.
    temperature : float, sequence of B, or callable
        One for all, one for each prompt, or a `Policy`.
    max_blocks : int
        Blocks to decode at most, >= 1.
    pad_token : int
        Fills the first block of a prompt whose length is no multiple of K.
    end_token : int or None
        A sequence ends with the block that has it.
    rng : int, SeedSequence, Generator or None
        Prompt i draws from its child i, and each of its blocks from two children of that: coins of the sampler, noise of the head.
    seconds : Seconds, optional
        Added to.
    method, budget, **options
        As in `next_blocks`.

    Yields
    ------
    NewBlock
        Step by step, those of a step in the order of the prompts.

    Raises
    ------
    ValueError
        At once, for prompts that are empty or longer than the model is made for.
    """
    steps = whole_number(max_blocks, "max_blocks", 1)
    blocks, present = as_blocks(prompts, model.config.patch_size, pad_token, model.config.vocab_size)
    longest = blocks.shape[1] + steps - 1  # the last block is not read again
    if longest > model.config.max_position_embeddings:
        raise ValueError(
            f"the longest prompt has {blocks.shape[1]:,} blocks; with the {steps:,} to decode these are more than the "
            f"{model.config.max_position_embeddings:,} that the model is made for: shorten the prompt or lower max_blocks"
        )
    degrees = temperature if callable(temperature) else _fixed(temperature, len(prompts))
    roots = generators(rng, len(prompts))
    return _continued(
        model, blocks, present, degrees, roots, steps, end_token, method, budget, seconds or Seconds(), options
    )


def _continued(
    model: CalmModel,
    blocks: Integers,
    present: Any,
    degrees: Any,
    roots: Sequence[np.random.Generator],
    steps: int,
    end_token: int | None,
    method: str,
    budget: int | None,
    seconds: Seconds,
    options: dict[str, Any],
) -> Iterator[NewBlock]:
    active = np.arange(len(blocks))
    backbone = Backbone(model, present)
    for step in range(steps):
        began = time.perf_counter()
        states = backbone.states(blocks)  # [b, h]
        seconds.backbone += time.perf_counter() - began
        temperatures = (
            as_temperatures(degrees(DecodingStep(states, step, active)), len(states))
            if callable(degrees)
            else degrees[active]
        )
        pairs = [roots[i].spawn(2) for i in active.tolist()]
        chosen = next_blocks(
            model,
            states,
            temperatures,
            method,
            budget,
            coins=[coins for coins, _ in pairs],
            noise=[noise for _, noise in pairs],
            seconds=seconds,
            **options,
        )
        blocks = np.stack([tokens for tokens, _ in chosen])[:, None]  # [b, 1, K]
        going_on = np.array([step + 1 < steps and end_token not in tokens for tokens, _ in chosen])
        for sequence, (tokens, info), goes_on in zip(active.tolist(), chosen, going_on.tolist(), strict=True):
            yield NewBlock(sequence, tokens, info, not goes_on)
        if not going_on.any():
            return
        if not going_on.all():
            kept = np.flatnonzero(going_on)
            backbone.keep(kept)
            active, blocks = active[kept], blocks[kept]


def _fixed(temperature: Any, count: int) -> Any:
    if np.ndim(temperature) not in (0, 1) or np.shape(temperature) not in ((), (count,)):
        raise ValueError(
            f"temperature must be a number, one for each of the {count} prompts, or a policy, "
            f"got shape {np.shape(temperature)}"
        )
    return np.broadcast_to(np.asarray(temperature, np.float64), (count,))
