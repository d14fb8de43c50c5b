"""Text from a model of blocks, at the temperatures of a policy: no logits, the likelihood-free sampler alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from simtemp.adaptive.response import Response
from simtemp.arguments import Integers, whole_number
from simtemp.blackbox.preparation import generators
from simtemp.calm.decode import Decoded, decode
from simtemp.calm.model import CalmModel
from simtemp.calm.prompts import as_blocks
from simtemp.calm.tokenizer import Tokenizer
from simtemp.console import Progress
from simtemp.decoding_step import DecodingStep, Policy

BATCH = 256
"""Prompts decoded together: their keys, values and draws bound the memory."""

DEFAULT_BUDGET = 64
"""Draws of the head that a block is given."""


class BlockText:
    """A frozen model of blocks that continues prompts (a `TextModel`); a policy picks a temperature for each block.

    Parameters
    ----------
    model : CalmModel
        Put into evaluation mode.
    tokenizer : Tokenizer
        The one it was trained with.
    budget : int or None
        Draws of the head that a block is given, >= 1: see `simtemp.calm.decode.decode`.
    method : str
        As there: ``"duel"`` takes temperatures up to 1.
    batch : int
        Prompts decoded together, >= 1; responses do not depend on it but for rounding.

    Attributes
    ----------
    model, tokenizer, budget, method, batch
    hidden_size : int
    has_logits : bool
        False.
    tokens_per_step : int
        K, tokens in a block.

    Raises
    ------
    ValueError
        For a bad budget or batch; when called, as `simtemp.calm.decode.decode`.

    Notes
    -----
    With a budget a block costs one draw of the head at T = 1, and the whole budget at any lower temperature. A block whose duel the budget
    ends comes from a batch rule over the same draws: it is not exactly tempered.

    Examples
    --------
    >>> from simtemp.adaptive import BlockText, FixedTemperature
    >>> from simtemp.calm import CalmModel, tiny_config
    >>> from simtemp.calm.tokenizer import character_tokenizer
    >>> tokenizer = character_tokenizer("0123456789+=")
    >>> text = BlockText(CalmModel(tiny_config(tokenizer.vocab_size)), tokenizer, budget=16)
    >>> [response] = text.respond(["1+1="], FixedTemperature(0.5), max_tokens=8)
    >>> len(response.temperatures) <= 2
    True
    """

    has_logits = False

    def __init__(
        self,
        model: CalmModel,
        tokenizer: Tokenizer,
        budget: int | None = DEFAULT_BUDGET,
        method: str = "duel",
        batch: int = BATCH,
    ) -> None:
        self.model, self.tokenizer, self.method = model.eval(), tokenizer, method
        self.budget = None if budget is None else whole_number(budget, "budget", 1)
        self.batch = whole_number(batch, "batch", 1)
        self.hidden_size, self.tokens_per_step = model.config.hidden_size, model.config.patch_size

    def respond(
        self,
        prompts: Sequence[str],
        policy: Policy,
        *,
        max_tokens: int,
        rng: Any = 0,
        scored_at: Sequence[float] | None = None,
        progress: Progress = lambda done, total: None,
    ) -> list[Response]:
        """One response a prompt, in their order.

        Parameters
        ----------
        prompts : sequence of B str
            Not empty.
        policy : Policy
            Sees the states of the sequences block by block.
        max_tokens : int
            Of a response with its end token, >= 1. Whole blocks are decoded, and what is too much is cut off.
        rng : int, SeedSequence or Generator
            Prompt i draws from its child i.
        scored_at : None
            A model without logits scores nothing.
        progress : callable, optional
            Called with (done, total) in blocks, those that an early end saves counted as done.

        Raises
        ------
        ValueError
            For a bad prompt or argument, a temperature out of the range of the method, or `scored_at`.
        """
        if scored_at is not None:
            raise ValueError("scored_at must be None for a model of blocks: it has no logits to score a text by")
        tokens = whole_number(max_tokens, "max_tokens", 1)
        steps = -(-tokens // self.tokens_per_step)
        streams = generators(rng, len(prompts))
        encoded = [self.tokenizer.encode(prompt) for prompt in prompts]
        _, present = as_blocks(encoded, self.tokens_per_step, self.tokenizer.pad_id, self.model.config.vocab_size)
        order = np.argsort(present.sum(1), kind="stable")  # prompts of similar lengths together need less padding
        responses: dict[int, Response] = {}
        for start in range(0, len(order), self.batch):
            members = np.sort(order[start : start + self.batch])
            decoded = decode(
                self.model,
                self.tokenizer,
                [prompts[i] for i in members.tolist()],
                _among(policy, members),
                method=self.method,
                budget=self.budget,
                max_blocks=steps,
                rng=[streams[i] for i in members.tolist()],
                progress=_after(progress, start * steps, len(order) * steps),
            )
            responses |= {i: self._response(own, tokens) for i, own in zip(members.tolist(), decoded, strict=True)}
            progress((start + len(members)) * steps, len(order) * steps)
        return [responses[i] for i in range(len(prompts))]

    def _response(self, decoded: Decoded, most: int) -> Response:
        fits = len(decoded.tokens) + decoded.ended <= most
        tokens = decoded.tokens[:most]
        return Response(
            text=decoded.text if fits else self.tokenizer.decode(tokens),
            tokens=tokens,
            ended=decoded.ended and fits,
            temperatures=np.array([step.temperature for step in decoded.steps]),
            log_prob=math.nan,
            text_log_probs=None,
            draws=sum(step.draws for step in decoded.steps),
        )


def _among(policy: Policy, members: Integers) -> Policy:
    """A policy that is told which of all prompts the sequences of a batch are; decoding counts them from 0 in each batch."""

    def degrees(step: DecodingStep) -> Any:
        return policy(step._replace(sequences=members[step.sequences]))

    return degrees


def _after(progress: Progress, before: int, total: int) -> Progress:
    """Progress of one batch as that of all."""
    return lambda done, _: progress(before + done, total)
