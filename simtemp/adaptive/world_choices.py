"""Responses in a known world as a loss reads them."""

from __future__ import annotations

import torch
from torch import Tensor

from simtemp.adaptive.choices import Choices
from simtemp.adaptive.world import Episodes, World


def choices_of(world: World, episodes: Episodes, log_probs: Tensor) -> Choices:
    """Choices of B responses, their text scored exactly.

    Parameters
    ----------
    world : World
        Whose laws score the text.
    episodes : Episodes
        Of B responses.
    log_probs : float[C, M]
        log P(temperature) of a head in each context: all that it can say in a world of C contexts.
    """
    text = torch.as_tensor(world.log_laws, dtype=log_probs.dtype)  # [C, M, K]
    contexts, outcomes = torch.as_tensor(episodes.contexts), torch.as_tensor(episodes.outcomes)  # [B, L]
    scored = text.transpose(1, 2)[contexts, outcomes]  # [B, L, M]
    return Choices(log_probs[contexts], torch.as_tensor(episodes.picked), torch.as_tensor(episodes.present), scored)
