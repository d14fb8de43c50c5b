"""Text from any causal language model of `transformers`, at the temperatures of a policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from simtemp.adaptive.causal_backbone import CausalBackbone
from simtemp.adaptive.decoded_tokens import DecodedTokens
from simtemp.adaptive.head import checked_temperatures
from simtemp.adaptive.head_policy import Mixture
from simtemp.adaptive.response import Response
from simtemp.adaptive.token_law import drawn, tempered_log_probs
from simtemp.adaptive.token_law import mixture_log_probs as mixture_log_probs
from simtemp.adaptive.uniforms import Uniforms
from simtemp.arguments import Floats, Integers, whole_number
from simtemp.blackbox.preparation import generators
from simtemp.calm.prompts import as_blocks
from simtemp.calm.tokenizer import Tokenizer
from simtemp.console import Progress
from simtemp.decoding_step import DecodingStep, Policy
from simtemp.policy_answer import as_temperatures

BATCH = 256
"""Sequences decoded together: more do not make a small model quicker, and their keys and values take memory."""


class CausalText:
    """A frozen causal language model that continues prompts (a `TextModel`).

    Parameters
    ----------
    model : transformers.PreTrainedModel
        With `past_key_values` and an output embedding, as GPT-2, Llama and their like; put into evaluation mode.
    tokenizer : Tokenizer
        Its own. Where the model's vocabulary has the tokenizer's `<bos>`, each prompt begins with it. A response ends with `<eos>`.
    batch : int
        Sequences decoded together, >= 1; responses do not depend on it but for rounding.

    Attributes
    ----------
    model, tokenizer
    hidden_size : int
    has_logits : bool
        True.
    tokens_per_step : int
        1.

    Raises
    ------
    ValueError
        When called with a prompt that is empty (to a model without `<bos>`), has tokens outside of the vocabulary, or is too long.
    ModelOutputError
        When the logits are no numbers.

    Notes
    -----
    One pass of the model a step for all sequences of a batch that have not ended. Each token is drawn by one uniform of its sequence's own
    generator, by inversion of the distribution function of softmax(logits / T) in float64; at T = 0 it is the largest logit (of equals the
    first). A policy that returns a `Mixture` gets tokens of the mixture's law, and temperatures that are means under it.

    Examples
    --------
    >>> from transformers import GPT2Config, GPT2LMHeadModel
    >>> from simtemp.adaptive import CausalText, FixedTemperature
    >>> from simtemp.calm.tokenizer import character_tokenizer
    >>> tokenizer = character_tokenizer("0123456789+=")
    >>> model = GPT2LMHeadModel(GPT2Config(vocab_size=tokenizer.vocab_size, n_embd=8, n_layer=1, n_head=2))
    >>> [response] = CausalText(model, tokenizer).respond(["1+1="], FixedTemperature(0.5), max_tokens=3)
    >>> len(response.temperatures) <= 3
    True
    """

    has_logits = True
    tokens_per_step = 1

    def __init__(self, model: Any, tokenizer: Tokenizer, batch: int = BATCH) -> None:
        self.model, self.tokenizer = model.eval(), tokenizer
        self.vocab_size, self.hidden_size = map(int, model.get_output_embeddings().weight.shape)
        self.batch = whole_number(batch, "batch", 1)

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
            At least one.
        policy : Policy
            Asked before every token.
        max_tokens : int
            Of a response with its end token, >= 1.
        rng : int, SeedSequence or Generator
            Prompt i draws from its child i, one uniform a token.
        scored_at : sequence of M float, optional
            Temperatures at which each token is scored.
        progress : callable, optional
            Called with (done, total) in tokens, those that an early end saves counted as done.

        Raises
        ------
        ValueError
            For a bad prompt, argument, or temperature of the policy.
        """
        steps = whole_number(max_tokens, "max_tokens", 1)
        if scored_at is not None:
            checked_temperatures(scored_at)
        tokens, present = as_blocks([self._tokens(prompt) for prompt in prompts], 1, self._padding, self.vocab_size)
        lengths = present.sum(1)
        self._check_room(int(lengths.max()), steps)
        streams = generators(rng, len(prompts))
        order = np.argsort(lengths, kind="stable")  # prompts of similar lengths together need less padding
        responses: dict[int, Response] = {}
        for start in range(0, len(order), self.batch):
            members = np.sort(order[start : start + self.batch])
            longest = lengths[members].max()
            decoded = DecodedTokens(len(members), steps, scored_at)
            self._decode(
                decoded,
                tokens[members, -longest:, 0],
                CausalBackbone(self.model, present[members, -longest:]),
                policy,
                members,
                Uniforms([streams[i] for i in members.tolist()]),
                partial(_progress_from, progress, start * steps, len(order) * steps),
            )
            responses |= zip(members.tolist(), decoded.responses(self.tokenizer), strict=True)
        return [responses[i] for i in range(len(prompts))]

    def _decode(
        self,
        decoded: DecodedTokens,
        tokens: Integers,
        backbone: CausalBackbone,
        policy: Policy,
        members: Integers,
        uniforms: Uniforms,
        progress: Callable[[int], None],
    ) -> None:
        """Fill `decoded` with the continuations of tokens int64[b, L]; `members`: which prompts they are."""
        rows = np.arange(len(members))  # those that have not ended
        for number in range(decoded.steps):
            states, logits = backbone.after(tokens)
            given = policy(DecodingStep(states, number, members[rows], logits))
            with torch.no_grad():
                temperatures, law = _law(given, logits)
                chosen = drawn(law, torch.from_numpy(uniforms.at(rows, number)).to(law.device))  # [b]
                decoded.add(rows, number, chosen, temperatures, logits)
            goes_on = chosen.cpu().numpy() != self.tokenizer.eos_id
            progress(decoded.steps * (len(members) - int(goes_on.sum())) + (number + 1) * int(goes_on.sum()))
            tokens = chosen.cpu().numpy()[goes_on, None]  # [b, 1]
            if not len(tokens):
                return
            if not goes_on.all():
                backbone.keep(np.flatnonzero(goes_on))
                rows = rows[goes_on]

    @property
    def _padding(self) -> int:
        return self.tokenizer.pad_id if self.tokenizer.pad_id < self.vocab_size else 0

    def _tokens(self, prompt: str) -> Integers:
        begin = [self.tokenizer.bos_id] if self.tokenizer.bos_id < self.vocab_size else []
        return np.concatenate([np.array(begin, np.int64), self.tokenizer.encode(prompt)])

    def _check_room(self, longest: int, steps: int) -> None:
        room = getattr(self.model.config, "max_position_embeddings", None)
        if room is not None and longest + steps - 1 > room:  # the last token is not read again
            raise ValueError(
                f"the longest prompt has {longest:,} tokens; with the {steps:,} to decode these are more than the {room:,} that the "
                "model is made for: shorten the prompt or lower max_tokens"
            )


def _progress_from(progress: Progress, before: int, total: int, now: int) -> None:
    progress(before + now, total)


def _law(given: Any, logits: Tensor) -> tuple[Floats, Tensor]:
    """The temperatures of a step, float64[b], and the law of its tokens, log-probabilities float64[b, V]."""
    if isinstance(given, Mixture):
        law = mixture_log_probs(logits, given.temperatures, given.log_probs.to(logits.device))
        return given.log_probs.exp().double().cpu().numpy() @ np.array(given.temperatures), law
    temperatures = as_temperatures(given, len(logits))
    return temperatures, tempered_log_probs(logits, torch.from_numpy(temperatures).to(logits.device))
