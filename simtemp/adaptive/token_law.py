"""The law of the next token at a temperature, at a mixture of temperatures, and a draw from it by one uniform."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def tempered_log_probs(logits: Tensor, temperatures: Tensor | float) -> Tensor:
    """The log of softmax(logits / T) in float64; at T = 0 the law of greedy decoding: 0 at the (first) largest logit, else -inf.

    Parameters
    ----------
    logits : float[..., V]
        The largest of each law finite; -inf is a token that cannot come.
    temperatures : float, or float[...]
        >= 0 and finite; one for each law.

    Returns
    -------
    float64[..., V]

    Examples
    --------
    >>> import torch
    >>> tempered_log_probs(torch.tensor([0.0, 1.0, 1.0]), 0.0).exp()
    tensor([0., 1., 0.], dtype=torch.float64)
    """
    degrees = torch.as_tensor(temperatures, dtype=torch.float64, device=logits.device)[..., None]
    warm = degrees > 0
    exact = logits.double()
    # With the largest at zero, a quotient by the smallest of temperatures is -inf at worst, never NaN.
    centred = exact - exact.amax(-1, keepdim=True)
    law = (centred / torch.where(warm, degrees, 1.0)).log_softmax(-1)
    if bool(warm.all()):
        return law
    greedy = torch.full_like(law, -torch.inf).scatter_(-1, logits.argmax(-1, keepdim=True), 0.0)
    return torch.where(warm, law, greedy)


def mixture_log_probs(logits: Tensor, temperatures: Sequence[float], log_probs: Tensor) -> Tensor:
    """The log of sum_m P(m) softmax(logits / T_m): the law of a token whose temperature is drawn first, and then the token.

    Parameters
    ----------
    logits : float[..., V]
        At T = 1.
    temperatures : sequence of M float
        >= 0 and finite.
    log_probs : float[..., M]
        log P(m), as a head gives it.

    Returns
    -------
    float64[..., V]

    Notes
    -----
    Time M V a law, memory V: the temperatures are added one after another.

    References
    ----------
    .. [1] Dhuliawala et al. (2024), Adaptive Decoding via Latent Preference Optimization, arXiv:2411.09661, section 3.1.

    Examples
    --------
    >>> import torch
    >>> mixture_log_probs(torch.tensor([1.0, 0.0]), [0.0, 1.0], torch.tensor([0.5, 0.5]).log()).exp()
    tensor([0.8655, 0.1345], dtype=torch.float64)
    """
    weights = log_probs.double()
    total = weights[..., :1] + tempered_log_probs(logits, temperatures[0])
    for index, temperature in enumerate(temperatures[1:], 1):
        total = torch.logaddexp(total, weights[..., index : index + 1] + tempered_log_probs(logits, temperature))
    return total


def drawn(log_probs: Tensor, uniforms: Tensor) -> Tensor:
    """Index drawn from each law by inversion of its distribution function: float[..., V] and uniforms float64[...] to int64[...].

    An index of probability 0 never comes: a uniform is below 1, so that u times the sum of a law is below the sum.
    """
    below = log_probs.double().exp().cumsum(-1)  # [..., V]
    heights = uniforms[..., None] * below[..., -1:]  # [..., 1]
    return torch.searchsorted(below, heights, right=True)[..., 0]
