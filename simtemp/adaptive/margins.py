"""By how much a head prefers the chosen response of a pair to the rejected one: what the losses are functions of."""

from __future__ import annotations

import math

from torch import Tensor

from simtemp.adaptive.choices import Choices
from simtemp.arguments import real, shown


def reference_free_margin(chosen: Choices, rejected: Choices, beta: float) -> Tensor:
    """Margin of each pair, float[B], of `reference_free_loss`."""
    scale = _check_pairs(chosen, rejected, beta)
    return scale * (picked_log_prob(chosen) - picked_log_prob(rejected))


def uniform_reference_margin(chosen: Choices, rejected: Choices, beta: float) -> Tensor:
    """Margin of each pair, float[B], of `uniform_reference_loss`."""
    margin = reference_free_margin(chosen, rejected, beta)
    longer = chosen.present.sum(-1) - rejected.present.sum(-1)
    return margin + beta * math.log(chosen.log_probs.shape[-1]) * longer.to(margin.dtype)


def latent_margin(chosen: Choices, rejected: Choices, beta: float) -> Tensor:
    """Margin of each pair, float[B], of `latent_loss`."""
    scale = _check_pairs(chosen, rejected, beta)
    return scale * (_text_gain(chosen, "chosen") - _text_gain(rejected, "rejected"))


def picked_log_prob(choices: Choices) -> Tensor:
    """`log P(t)` of each response, float[B]: the picked temperatures summed over its choices."""
    picked = choices.picked.masked_fill(~choices.present, 0)
    log_probs = choices.log_probs.gather(-1, picked[..., None]).squeeze(-1)  # [B, L, M] -> [B, L]
    return log_probs.masked_fill(~choices.present, 0.0).sum(-1)


def _text_gain(choices: Choices, name: str) -> Tensor:
    """How much likelier the head makes the text of each response than a uniform one, in logarithms: S, [B]."""
    if choices.text_log_probs is None:
        raise ValueError(f"the latent loss needs text_log_probs, {name} has none: the model has no logits")
    text = choices.text_log_probs.masked_fill(~choices.present[..., None], 0.0)
    if not bool((text < math.inf).all()):
        raise ValueError(f"text_log_probs must be below inf, {name} has nan or inf")
    highest = text.amax(-1, keepdim=True)
    # A factor common to all temperatures cancels; taken out, it costs no precision where a response is long.
    text = (text - highest).masked_fill(highest == -math.inf, 0.0)
    gain = (text + choices.log_probs).logsumexp(-1) - (text.logsumexp(-1) - math.log(text.shape[-1]))
    return gain.masked_fill(~choices.present, 0.0).sum(-1)


def _check_pairs(chosen: Choices, rejected: Choices, beta: float) -> float:
    scale = real(beta, "beta")
    if not 0.0 < scale < math.inf:
        raise ValueError(f"beta must be in (0, inf), got {shown(beta)}")
    check(chosen, "chosen")
    check(rejected, "rejected")
    (pairs, _, size), (others, _, other_size) = chosen.log_probs.shape, rejected.log_probs.shape
    if (pairs, size) != (others, other_size):
        raise ValueError(
            f"chosen and rejected must be as many and of one list of temperatures, got {pairs} responses with {size} temperatures "
            f"and {others} with {other_size}"
        )
    return scale


def check(choices: Choices, name: str) -> None:
    """A ValueError for shapes that differ, no response, a response without a choice, or a pick that is no index of a temperature."""
    shape = choices.log_probs.shape
    if len(shape) != 3 or shape[0] == 0 or shape[-1] == 0:
        raise ValueError(f"log_probs of {name} must have shape (B >= 1, L, M >= 1), got {tuple(shape)}")
    for field, value, wanted in (
        ("picked", choices.picked, shape[:2]),
        ("present", choices.present, shape[:2]),
        ("text_log_probs", choices.text_log_probs, shape),
    ):
        if value is not None and value.shape != wanted:
            raise ValueError(f"{field} of {name} must have shape {tuple(wanted)}, got {tuple(value.shape)}")
    lengths = choices.present.sum(-1)
    if not bool(lengths.all()):
        raise ValueError(f"a response must have at least one choice, {name}[{int(lengths.argmin())}] has length 0")
    picked = choices.picked[choices.present]
    if not bool(((picked >= 0) & (picked < shape[-1])).all()):
        raise ValueError(
            f"picked of {name} must be indices from 0 to {shape[-1] - 1}, got {int(picked.min())} to {int(picked.max())}"
        )
