"""BrierLM: how well a model of blocks predicts a text, from samples alone.

Brier-n of a position is 2 P(y) - sum of P(x)^2, where P is the model's law of the n tokens that follow its context and y are the n
tokens of the text. Two samples estimate it without bias, no probability needed: 1{x1 = y} + 1{x2 = y} - 1{x1 = x2}.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from simtemp.arguments import Floats, whole_number
from simtemp.console import Progress

if TYPE_CHECKING:
    from simtemp.calm.model import CalmModel

LONGEST = 4
"""BrierLM is of Brier-1 to Brier-4."""

_BATCHES = 50
"""Consecutive positions are dependent: the standard error is taken of the means of so many stretches of text."""

_WINDOWS_AT_ONCE = 32

_ROLLED_OUT_WINDOWS = 2048
"""With blocks of less than four tokens only the end of a window is scored; of so many windows at most."""


@dataclass(frozen=True)
class BrierScore:
    """What `score` found.

    Attributes
    ----------
    brier_lm : float
        100 times the geometric mean of Brier-1 to Brier-4; 0 where one of them is not positive.
    standard_error : float
        Of `brier_lm`, from the text's (and the samples') variation; NaN where one is not positive.
    brier : float64[4]
        Brier-1 to Brier-4, each in [-1, 1].
    positions : int
        Places in the text that were predicted.
    """

    brier_lm: float
    standard_error: float
    brier: Floats
    positions: int


def brier_terms(
    first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], truth: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The two-sample estimate of Brier-n at every position, for n = 1, 2, ...: its mean is Brier-n [1]_.

    Parameters
    ----------
    first, second : int64[..., n]
        Two independent samples of the next n tokens.
    truth : int64[..., n]
        The next n tokens of the text.

    Returns
    -------
    int64[..., n]
        Entry j - 1 is of Brier-j: of the first j tokens.

    Raises
    ------
    ValueError
        When the shapes cannot be broadcast to one.

    References
    ----------
    .. [1] Shao et al. (2025), Continuous Autoregressive Language Models, arXiv:2510.27688, section 4.

    Examples
    --------
    >>> brier_terms(np.array([5, 1]), np.array([5, 2]), np.array([5, 2]))
    array([1, 1])
    """
    return _equal(first, truth) + _equal(second, truth) - _equal(first, second)


def _equal(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Whether the first 1, 2, ... tokens are all equal."""
    return np.asarray(np.logical_and.accumulate(left == right, axis=-1), np.int64)


def score(terms: Floats | npt.NDArray[np.int64]) -> BrierScore:
    """BrierLM of exact or estimated Brier-1 to Brier-4 at every position.

    Parameters
    ----------
    terms : [positions, 4]
        In the order of the text.

    Raises
    ------
    ValueError
        For another shape, or no position.

    Notes
    -----
    The standard error is that of batch means, through the gradient of the geometric mean.
    """
    if terms.ndim != 2 or terms.shape[1] != LONGEST or len(terms) == 0:
        raise ValueError(f"terms must have shape (positions >= 1, {LONGEST}), got {terms.shape}")
    brier = terms.mean(0)
    if (brier <= 0).any():
        return BrierScore(0.0, math.nan, brier, len(terms))
    value = 100.0 * float(np.exp(np.log(brier).mean()))
    batches = [batch.mean(0) for batch in np.array_split(terms, min(_BATCHES, len(terms)))]
    influence = value * (np.array(batches) / brier).mean(1)
    error = float(influence.std(ddof=1)) / math.sqrt(len(batches)) if len(batches) > 1 else math.nan
    return BrierScore(value, error, brier, len(terms))


@torch.no_grad()
def score_model(
    model: CalmModel,
    windows: Tensor,
    *,
    pairs: int = 4,
    generator: torch.Generator | None = None,
    progress: Progress = lambda done, total: None,
) -> BrierScore:
    """BrierLM of a model on windows of text: each block is predicted from all blocks of its window before it.

    Parameters
    ----------
    model : CalmModel
        In evaluation mode.
    windows : int64[windows, L, K]
        In the order of the text, L >= 2; contexts are of 1 to L - 1 blocks. With K < 4, L > ceil(4 / K), and only the last four tokens of
        a window are predicted, by blocks sampled one after another.
    pairs : int
        Pairs of samples a position, >= 1.
    generator : torch.Generator, optional
        Of the samples.
    progress : callable, optional
        Called with (windows done, windows).

    Raises
    ------
    ValueError
        For windows too short.
    """
    pairs = whole_number(pairs, "pairs", 1)
    ahead = blocks_ahead(model.config.patch_size)
    if windows.ndim != 3 or windows.shape[1] <= ahead or len(windows) == 0:
        raise ValueError(f"windows must be of more than {ahead} blocks, got shape {tuple(windows.shape)}")
    if ahead > 1:
        windows = windows[:: -(-len(windows) // _ROLLED_OUT_WINDOWS)]
    terms: list[Floats] = []
    done = 0
    for batch in torch.split(windows, _WINDOWS_AT_ONCE):
        if ahead == 1:
            drawn, truth = _next_blocks(model, batch, 2 * pairs, generator), batch[:, 1:].flatten(0, 1)
        else:
            drawn, truth = _roll_out(model, batch, ahead, 2 * pairs, generator), batch[:, -ahead:].flatten(1)
        tokens = drawn[..., :LONGEST].numpy(force=True)  # [R, 2 * pairs, 4]
        expected = truth[:, None, :LONGEST].numpy(force=True)  # [R, 1, 4]
        terms.append(brier_terms(tokens[:, 0::2], tokens[:, 1::2], expected).mean(1))
        done += len(batch)
        progress(done, len(windows))
    return score(np.concatenate(terms))


def blocks_ahead(patch_size: int) -> int:
    """How many blocks of K tokens hold the four that are scored."""
    return -(-LONGEST // patch_size)


def _next_blocks(model: CalmModel, windows: Tensor, draws: int, generator: torch.Generator | None) -> Tensor:
    """Draws of each next block: int64 [B, L, K] to int64 [B * (L - 1), draws, K]."""
    states, _ = model.hidden(windows[:, :-1], use_cache=False)
    return model.draw_blocks(states.flatten(0, 1), draws, generator)


def _roll_out(model: CalmModel, windows: Tensor, ahead: int, draws: int, generator: torch.Generator | None) -> Tensor:
    """Draws of the last blocks of each window, one after another: int64 [B, L, K] to int64 [B, draws, ahead * K]."""
    rows = windows[:, :-ahead].repeat_interleave(draws, 0)
    for _ in range(ahead):
        states, _ = model.hidden(rows, use_cache=False)
        rows = torch.cat([rows, model.draw_blocks(states[:, -1], 1, generator)], 1)
    return rows[:, -ahead:].reshape(len(windows), draws, -1)
