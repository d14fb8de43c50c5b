"""What counting alone predicts: unigram and bigram models of blocks, whose Brier scores are exact."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from simtemp.arguments import Floats, Integers
from simtemp.calm.brier import LONGEST, BrierScore, score


def score_baselines(training: torch.Tensor, held_out: torch.Tensor, patch_size: int) -> tuple[BrierScore, BrierScore]:
    """BrierLM of the unigram and of the bigram block model on a held-out text.

    Parameters
    ----------
    training, held_out : int64 [tokens]
        Streams of tokens, each of more than K + max(K, 4).
    patch_size : int
        K, tokens in a block.

    Returns
    -------
    unigram, bigram : BrierScore

    Raises
    ------
    ValueError
        For a stream too short.

    Notes
    -----
    Counted at every offset of the training text, not only at multiples of K. The unigram model knows how often each block is; the
    bigram model how often it follows the block before, backed off to the unigram model by Witten and Bell's weights [1]_: after a block
    met c times with t different successors, the counts weigh c / (c + t). O(training tokens).

    References
    ----------
    .. [1] Witten & Bell (1991), The zero-frequency problem, IEEE Transactions on Information Theory 37(4).
    """
    ahead = max(patch_size, LONGEST)
    seen = _windows(training.numpy(force=True), patch_size + ahead, 1)
    met = _windows(held_out.numpy(force=True), patch_size + ahead, patch_size)
    context = _identities(np.concatenate([seen[:, :patch_size], met[:, :patch_size]]))
    before, here = context[: len(seen)], context[len(seen) :]
    unigram, bigram = np.empty((len(met), LONGEST)), np.empty((len(met), LONGEST))
    for n in range(1, LONGEST + 1):
        following = _identities(np.concatenate([seen[:, patch_size:][:, :n], met[:, patch_size:][:, :n]]))
        unigram[:, n - 1], bigram[:, n - 1] = _brier(before, following[: len(seen)], here, following[len(seen) :])
    return score(unigram), score(bigram)


def _brier(before: Integers, after: Integers, here: Integers, truth: Integers) -> tuple[Floats, Floats]:
    """Exact Brier scores of both models at every held-out position, for n-grams named by integers.

    `before` and `after` are the context and the continuation at every place of the training text; `here` and `truth` in the held-out one.
    """
    law = np.bincount(after, minlength=int(truth.max()) + 1) / len(after)
    power = float(np.square(law).sum())
    contexts = 1 + max(int(before.max()), int(here.max()))
    pairs, counts = np.unique(before * len(law) + after, return_counts=True)
    left, right = np.divmod(pairs, len(law))
    total = np.bincount(left, counts, contexts)
    kinds = np.bincount(left, minlength=contexts)
    share = np.divide(counts, total[left])  # of each successor among those of its context
    weight = np.divide(total, total + kinds, out=np.zeros(contexts), where=total > 0)
    own = np.bincount(left, share**2, contexts)
    mixed = np.bincount(left, share * law[right], contexts)
    collision = weight**2 * own + 2 * weight * (1 - weight) * mixed + (1 - weight) ** 2 * power
    wanted = here * len(law) + truth
    found = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    counted = np.where(pairs[found] == wanted, share[found], 0.0)
    likelihood = weight[here] * counted + (1 - weight[here]) * law[truth]
    return 2 * law[truth] - power, 2 * likelihood - collision[here]


def _windows(stream: npt.NDArray[np.int64], length: int, step: int) -> npt.NDArray[np.int64]:
    if len(stream) < length:
        raise ValueError(f"the stream must have at least {length} tokens, got {len(stream)}")
    return np.lib.stride_tricks.sliding_window_view(stream, length)[::step]


def _identities(rows: npt.NDArray[np.int64]) -> Integers:
    """One integer, below the number of rows, for each different row."""
    identity = np.unique(rows[:, 0], return_inverse=True)[1]
    for column in rows.T[1:]:  # sorting integers is ten times as fast as sorting rows
        identity = np.unique(identity * (int(rows.max()) + 1) + column, return_inverse=True)[1]
    return np.asarray(identity, np.int64)
