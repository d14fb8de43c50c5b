"""Losses that teach a head which temperatures led to the better response: latent preference optimization and its relatives.

All but the baseline are ``-log sigmoid(margin)``: the margin says by how much the head prefers the chosen response of a pair to the
rejected one. They need the probability of the temperatures that were picked; only the latent form needs that of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor
from torch.nn.functional import logsigmoid

from simtemp.adaptive.choices import Choices
from simtemp.adaptive.margins import (
    check,
    latent_margin,
    picked_log_prob,
    reference_free_margin,
    uniform_reference_margin,
)


def reference_free_loss(chosen: Choices, rejected: Choices, beta: float) -> Tensor:
    """``-log sigmoid(beta log P(t_c) - beta log P(t_r))``, where ``log P(t)`` sums the picked temperatures over the choices [1]_.

    At token level it also rewards length differences, whatever was picked: see `uniform_reference_loss`.

    Parameters
    ----------
    chosen, rejected : Choices
        Of B pairs; the two may be padded to different lengths. What stands in the padding has no influence.
    beta : float
        > 0; the larger, the less the head moves away from uniform.

    Returns
    -------
    Tensor, scalar
        Mean over the pairs.

    Raises
    ------
    ValueError
        For a `beta` that is not positive, shapes that differ, no pair, or a response without a choice.

    Notes
    -----
    O(B L M).

    References
    ----------
    .. [1] Dhuliawala et al. (2024), Adaptive Decoding via Latent Preference Optimization, arXiv:2411.09661, section 3.2.

    Examples
    --------
    >>> import torch
    >>> def one_choice(picked):
    ...     log_probs = torch.tensor([0.25, 0.75]).log().reshape(1, 1, 2)
    ...     return Choices(log_probs, torch.tensor([[picked]]), torch.tensor([[True]]))
    >>> round(float(reference_free_loss(one_choice(1), one_choice(0), beta=1.0)), 4)
    0.2877
    """
    return -logsigmoid(reference_free_margin(chosen, rejected, beta)).mean()


def uniform_reference_loss(chosen: Choices, rejected: Choices, beta: float) -> Tensor:
    """``-log sigmoid(beta log [P(t_c) / U(t_c)] - beta log [P(t_r) / U(t_r)])``, U uniform over the M temperatures at every choice [1]_.

    The margin is that of the reference-free loss plus ``beta (|c| - |r|) log M``, |c| and |r| the numbers of choices. Without that term a
    head that knows nothing has the margin ``-beta (|c| - |r|) log M``: it is pushed hard where the longer response was chosen and hardly
    at all where the shorter one was, so that temperatures which make responses longer win although they are worse. At sequence level
    the two losses are one. Parameters, Returns and Raises as `reference_free_loss`.

    References
    ----------
    .. [1] Dhuliawala et al. (2024), arXiv:2411.09661, section 3.2, with a uniform reference model.
    """
    return -logsigmoid(uniform_reference_margin(chosen, rejected, beta)).mean()


def latent_loss(chosen: Choices, rejected: Choices, beta: float) -> Tensor:
    """Preference optimization of the text itself, the temperature summed out at every choice [1]_.

    ``-log sigmoid(beta S_c - beta S_r)`` with ``S = sum_t log [sum_m P(y_t | m) P(m) / sum_m P(y_t | m) U(m)]`` and U uniform: all
    temperatures that could have given the text share the credit, not only the one that was picked. With one temperature S is 0.

    Parameters, Returns and Raises as `reference_free_loss`; `text_log_probs` are required.

    Raises
    ------
    ValueError
        Also without `text_log_probs` (a model without logits), or where one of them is NaN or +inf.

    Notes
    -----
    Text that temperature 0 cannot give has -inf there. That is exact: such a temperature drops out of both sums, and the gradient stays
    finite. Text that no listed temperature can give (rounding, or 0 alone) would be 0 / 0; it says nothing about the temperature, so the
    log-probabilities of all are floored to one value there, and S gets a term of 0.

    References
    ----------
    .. [1] Dhuliawala et al. (2024), arXiv:2411.09661, section 3.2, the form that treats the temperature as a latent variable.
    """
    return -logsigmoid(latent_margin(chosen, rejected, beta)).mean()


def joint_loss(
    chosen: Choices,
    rejected: Choices,
    beta: float,
    text_chosen: Tensor,
    text_rejected: Tensor,
    reference_chosen: Tensor,
    reference_rejected: Tensor,
) -> Tensor:
    """Preference optimization of temperatures and text together, for a model that learns as well [1]_.

    ``-log sigmoid(beta log [P(t_c) P(y_c) / (U(t_c) Q(y_c))] - beta log [P(t_r) P(y_r) / (U(t_r) Q(y_r))])``: the margin with the
    uniform reference plus the model's own DPO margin [2]_.

    Parameters
    ----------
    chosen, rejected, beta
        As for `reference_free_loss`.
    text_chosen, text_rejected : float[B]
        log P(y) of the responses under the model that learns.
    reference_chosen, reference_rejected : float[B]
        log Q(y) under the frozen reference model.

    Raises
    ------
    ValueError
        As `reference_free_loss`, and for text log-probabilities of another shape than (B,).

    References
    ----------
    .. [1] Dhuliawala et al. (2024), arXiv:2411.09661, section 3.2, the joint form.
    .. [2] Rafailov et al. (2023), Direct Preference Optimization, arXiv:2305.18290, equation 7.
    """
    margin = uniform_reference_margin(chosen, rejected, beta)
    texts = {
        "text_chosen": text_chosen,
        "text_rejected": text_rejected,
        "reference_chosen": reference_chosen,
        "reference_rejected": reference_rejected,
    }
    for name, value in texts.items():
        if value.shape != margin.shape:
            raise ValueError(
                f"{name} must have shape {tuple(margin.shape)}, one of each pair, got {tuple(value.shape)}"
            )
    text = (text_chosen - reference_chosen) - (text_rejected - reference_rejected)
    return -logsigmoid(margin + beta * text).mean()


def negative_log_likelihood(chosen: Choices) -> Tensor:
    """``-log P(t_c)``, the baseline that only imitates the chosen responses [1]_: mean over B responses.

    Its minimum is the share of each temperature among the chosen: the temperature chosen most often wins, even where it was rejected
    more often still. Raises as `reference_free_loss`.

    References
    ----------
    .. [1] Dhuliawala et al. (2024), arXiv:2411.09661, the comparison of LPO with negative log-likelihood.
    """
    check(chosen, "chosen")
    return -picked_log_prob(chosen).mean()


LOSSES: Mapping[str, Callable[[Choices, Choices, float], Tensor]] = {
    "reference-free": reference_free_loss,
    "uniform-reference": uniform_reference_loss,
    "latent": latent_loss,
    "nll": lambda chosen, rejected, beta: negative_log_likelihood(chosen),
}
"""By the name a command gives them; the baseline pays no heed to the rejected responses and to beta."""
