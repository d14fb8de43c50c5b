"""What each loss converges to in a known world with pairs without end, by going through every response there is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import logsigmoid

from simtemp.adaptive.margins import latent_margin, reference_free_margin, uniform_reference_margin
from simtemp.adaptive.world import END, Episodes, World, rows_of
from simtemp.adaptive.world_choices import choices_of
from simtemp.arguments import Floats, Integers, whole_number

MARGINS = {
    "reference-free": reference_free_margin,
    "uniform-reference": uniform_reference_margin,
    "latent": latent_margin,
}
"""Of the losses whose limit has no closed form."""

_MOST_RESPONSES = 1_000_000
_MOST_PAIRS = 1_000_000

_DECIMALS = 9
"""Rewards that are sums of the same steps in another order differ by rounding: they are one to so many decimals."""

_STEPS = 200
"""Of L-BFGS; a limit at infinity (a temperature that never wins) is approached, not reached."""


class Responses(NamedTuple):
    """Every response from one start that has a probability, and that probability, float64[R]."""

    episodes: Episodes
    probs: Floats


def every_response(world: World, policy: Floats, start: int) -> Responses:
    """All that can happen from a start under a policy float64[C, M].

    Raises
    ------
    ValueError
        When there are more than a million.
    """
    depth = len(world.names)
    history = np.zeros((3, 1, depth), np.int64)  # context, pick and outcome of each step
    present = np.zeros((1, depth), np.bool_)
    probs, rewards, here = np.ones(1), np.zeros(1), np.array([start])
    ended = []
    for step in range(depth):
        chances = probs[:, None, None] * policy[here][:, :, None] * world.laws[here]  # [R, M, K]
        row, pick, outcome = np.nonzero(chances)
        if len(row) > _MOST_RESPONSES:
            raise ValueError(f"a world of more than {_MOST_RESPONSES} responses is too large to go through")
        context = here[row]
        history, present, probs = history[:, row], present[row], chances[row, pick, outcome]
        history[:, :, step], present[:, step] = (context, pick, outcome), True
        rewards = rewards[row] + world.rewards[context, outcome]
        here = world.following[context, outcome]
        over = here == END
        ended.append((history[:, over], present[over], probs[over], rewards[over]))
        history, present, probs, rewards, here = (
            history[:, ~over],
            present[~over],
            probs[~over],
            rewards[~over],
            here[~over],
        )
    contexts, picked, outcomes = np.concatenate([part for part, _, _, _ in ended], 1)
    presents, chances_of, reward = (np.concatenate([part[field] for part in ended]) for field in (1, 2, 3))
    return Responses(Episodes(contexts, picked, outcomes, presents, reward.round(_DECIMALS)), chances_of)


def chosen_shares(world: World, policy: Floats, samples: int) -> Floats:
    """How often each temperature was picked in each context by the best of N responses, where it is better than the worst.

    This is what negative log-likelihood on the chosen responses converges to: its minimum is the share of each temperature among the
    picks that it sees.

    Parameters
    ----------
    world : World
        With at most a million responses from a start.
    policy : float64[C, M]
        That the responses were sampled with.
    samples : int
        N >= 2 responses a prompt.

    Returns
    -------
    float64[C, M]
        Rows sum to 1; NaN for a context that no chosen response comes to.

    Raises
    ------
    ValueError
        For fewer than two samples, or a world too large.

    Notes
    -----
    The best reward is R with probability ``F(R)^N - F(R-)^N`` (F the distribution function of the reward), of which ``g(R)^N`` are ties
    of all; given R, the chosen response has the law of any response with that reward.
    """
    whole_number(samples, "samples", 2)
    shares = np.zeros_like(policy)
    for start in world.starts.tolist():
        episodes, probs = every_response(world, policy, start)
        level, law = _levels(episodes, probs)
        above = law.cumsum()
        best = above**samples - (above - law) ** samples - law**samples
        weights = (probs * (best / law)[level])[:, None] * episodes.present
        np.add.at(shares, (episodes.contexts, episodes.picked), weights)
    with np.errstate(invalid="ignore"):
        return np.asarray(shares / shares.sum(1, keepdims=True))


def limit_policy(world: World, loss: str, policy: Floats, samples: int, beta: float = 1.0) -> Floats:
    """The policy at which the expected loss over all pairs is least, found by L-BFGS from uniform: float64[C, M].

    Parameters
    ----------
    world : World
        Small: the pairs of its responses are all gone through.
    loss : str
        A name in `LOSSES`.
    policy, samples
        As for `chosen_shares`, which gives the limit of ``"nll"``.
    beta : float
        Of the loss.

    Raises
    ------
    ValueError
        For an unknown loss, fewer than two samples, or a world of more than a million pairs from a start.
    """
    if loss == "nll":
        return chosen_shares(world, policy, samples)
    if loss not in MARGINS:
        raise ValueError(f"loss must be one of nll, {', '.join(MARGINS)}, got {loss!r}")
    pairs = [_pairs(every_response(world, policy, start), samples) for start in world.starts.tolist()]
    logits = torch.zeros(policy.shape, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([logits], max_iter=_STEPS, line_search_fn="strong_wolfe", tolerance_change=1e-12)

    def expected_loss() -> torch.Tensor:
        search.zero_grad()
        table = logits.log_softmax(-1)
        total = torch.zeros((), dtype=torch.float64)
        for chosen, rejected, weights in pairs:
            margin = MARGINS[loss](choices_of(world, chosen, table), choices_of(world, rejected, table), beta)
            total = total - (torch.as_tensor(weights) * logsigmoid(margin)).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    search.step(expected_loss)  # type: ignore[no-untyped-call]
    return np.asarray(logits.detach().softmax(-1).numpy())


def _pairs(responses: Responses, samples: int) -> tuple[Episodes, Episodes, Floats]:
    """Every pair of a chosen and a rejected response, with its probability as best and worst of N."""
    episodes, probs = responses
    level, law = _levels(episodes, probs)
    if len(probs) ** 2 > _MOST_PAIRS:
        raise ValueError(f"a world of {len(probs)} responses has too many pairs to go through")
    above = np.append(0.0, law.cumsum())

    def within(low: Integers, high: Integers) -> Floats:
        """Probability that all N rewards are in levels low to high."""
        return np.asarray(np.clip(above[high + 1] - above[low], 0.0, 1.0) ** samples)

    chosen, rejected = np.nonzero(level[:, None] > level)
    high, low = level[chosen], level[rejected]
    both = within(low, high) - within(low + 1, high) - within(low, high - 1) + within(low + 1, high - 1)
    weights = both * probs[chosen] / law[high] * probs[rejected] / law[low]
    return rows_of(episodes, chosen), rows_of(episodes, rejected), weights


def _levels(episodes: Episodes, probs: Floats) -> tuple[Integers, Floats]:
    """Rank of each response's reward among the different ones, ascending, and the law of that rank."""
    _, level = np.unique(episodes.rewards, return_inverse=True)
    return np.asarray(level, np.int64), np.asarray(np.bincount(level, probs), np.float64)
