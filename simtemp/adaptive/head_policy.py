"""The temperatures that a trained head picks, step by step or once for each sequence."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import torch
from torch import Tensor

from simtemp.adaptive.head import TemperatureHead
from simtemp.adaptive.recorded_picks import Picks, RecordedPicks
from simtemp.adaptive.token_law import drawn
from simtemp.adaptive.uniforms import Uniforms
from simtemp.arguments import Floats, Integers, shown
from simtemp.blackbox.preparation import generators
from simtemp.decoding_step import DecodingStep

Picking = Literal["argmax", "sampled", "mixture"]
"""The likeliest temperature; one drawn from the head; or no pick at all, where a model draws tokens from the mixture."""

_CHILD = 2**32 - 1
"""Of the seed of a policy: no model has so many prompts, so that a model with the same seed never spends the same uniforms."""


class Mixture(NamedTuple):
    """What a policy returns in place of temperatures when each token is to come from a mixture of them.

    Attributes
    ----------
    temperatures : tuple of M float
    log_probs : float[b, M]
        Of each, for each sequence.
    """

    temperatures: tuple[float, ...]
    log_probs: Tensor


class HeadPolicy:
    """The temperatures that a head picks.

    A head of token level is asked at every step; one of sequence level at the last place of the prompt, and its pick is kept.

    Parameters
    ----------
    head : TemperatureHead
        For states of the model's size.
    picking : str
        ``"argmax"`` (of equals the lowest temperature), ``"sampled"``, or ``"mixture"``: for a head of token level and a model with logits,
        each token comes from ``sum_m P(m) softmax(logits / T_m)``. That is the law of a token under ``"sampled"``, and as steps pick on
        their own, the law of the whole text is the same too: the two differ in what is known afterwards.
    rng : int, SeedSequence or Generator
        Of the sampled picks: sequence i picks by its own child i, whatever the others are. A policy that decodes again picks by the same
        uniforms again: make one for each call of `respond`.
    recording : bool
        Keep states and picks for `choices_of`.

    Raises
    ------
    ValueError
        For another picking, a mixture at sequence level or of a recorded policy; when called, for states of another size than the head's,
        states that are not finite, or a mixture over a model without logits.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from simtemp.adaptive.head import seeded_head
    >>> from simtemp.decoding_step import DecodingStep
    >>> policy = HeadPolicy(seeded_head(4, [0.0, 0.5, 1.0]), "sampled", rng=0)
    >>> policy(DecodingStep(torch.zeros(3, 4), 0, np.arange(3))).shape
    (3,)
    """

    def __init__(
        self, head: TemperatureHead, picking: Picking = "argmax", rng: Any = 0, recording: bool = False
    ) -> None:
        if picking not in get_args(Picking):
            raise ValueError(f"picking must be one of {', '.join(get_args(Picking))}, got {shown(picking)}")
        if picking == "mixture" and head.level == "sequence":
            raise ValueError("picking must be argmax or sampled for a head of sequence level: one pick has many tokens")
        if picking == "mixture" and recording:
            raise ValueError(
                "picking must be argmax or sampled for a policy that records its picks: a mixture has none"
            )
        self.head, self.picking = head, picking
        self._temperatures: Floats = np.array(head.temperatures)
        self._root: Any = generators(rng, 1)[0].bit_generator.seed_seq
        self._record = RecordedPicks() if recording else None
        self._sequences: Integers = np.empty(0, np.int64)  # of the batch that is being decoded
        self._uniforms = Uniforms([])
        self._kept: Integers = np.empty(0, np.int64)  # what was picked for them at sequence level

    def __call__(self, step: DecodingStep) -> Floats | Mixture:
        """float64[b]; a `Mixture` under that picking."""
        if step.number == 0:
            self._begin(step.sequences)
        rows = np.searchsorted(self._sequences, step.sequences)
        if self.head.level == "sequence" and step.number > 0:
            return self._of(self._kept[rows])
        log_probs = self._asked(step)
        if self.picking == "mixture":
            if step.logits is None:
                raise ValueError(
                    "a mixture of temperatures needs logits, and this model has none: use argmax or sampled"
                )
            return Mixture(self.head.temperatures, log_probs)
        if self.picking == "argmax":
            picked = log_probs.numpy().argmax(-1)
        else:
            picked = drawn(log_probs, torch.from_numpy(self._uniforms.at(rows, step.number))).numpy()
        if self.head.level == "sequence":
            self._kept = picked
        if self._record is not None:
            self._record.add(step.sequences, step.states.float().cpu().numpy().copy(), picked)
        return self._of(picked)

    def choices_of(self, sequence: int) -> Picks:
        """What the head saw and picked for a sequence, the last time it was decoded.

        Returns
        -------
        states : float32[L, h]
        picked : int64[L]
            Indices of the head's temperatures; L = 1 at sequence level.

        Raises
        ------
        ValueError
            For a policy that does not record, or a sequence that it has not seen.
        """
        if self._record is None:
            raise ValueError("recording must be True for a policy whose choices are asked for")
        return self._record.of(sequence)

    def _of(self, picked: Integers) -> Floats:
        temperatures: Floats = self._temperatures[picked]
        return temperatures

    def _begin(self, sequences: Integers) -> None:
        self._sequences = sequences
        if self.picking == "sampled":
            self._uniforms = Uniforms([self._generator(sequence) for sequence in sequences.tolist()])
        if self._record is not None:
            self._record.begin()

    def _generator(self, sequence: int) -> np.random.Generator:
        root = self._root
        return np.random.default_rng(
            np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, _CHILD, sequence))
        )

    def _asked(self, step: DecodingStep) -> Tensor:
        """Log-probabilities of the temperatures, float64[b, M]."""
        if not bool(torch.isfinite(step.states).all()):
            raise ValueError(f"the model gave a hidden state that is not finite, at step {step.number}")
        with torch.no_grad():
            log_probs: Tensor = self.head(step.states.to(next(self.head.parameters()).device))
        if bool(torch.isnan(log_probs).any()):
            raise ValueError("the head gave a probability that is no number: its weights are not finite")
        return log_probs.double().cpu()
