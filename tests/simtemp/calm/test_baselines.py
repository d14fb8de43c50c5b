from collections import Counter

import numpy as np
import pytest
import torch

from simtemp.calm.baselines import score_baselines


def _brute(training: list[int], held_out: list[int], patch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Both models written out as dictionaries of probabilities."""
    ahead = max(patch_size, 4)
    places = range(len(training) - patch_size - ahead + 1)
    seen = [(tuple(training[i : i + patch_size]), tuple(training[i + patch_size :][:ahead])) for i in places]
    unigram, bigram = [], []
    for start in range(0, len(held_out) - patch_size - ahead + 1, patch_size):
        context, truth = tuple(held_out[start : start + patch_size]), tuple(held_out[start + patch_size :][:ahead])
        rows = [], []
        for n in range(1, 5):
            counts = Counter(after[:n] for _, after in seen)
            law = {word: count / len(seen) for word, count in counts.items()}
            own = Counter(after[:n] for before, after in seen if before == context)
            weight = own.total() / (own.total() + len(own)) if own else 0.0
            mixed = {word: (1 - weight) * p + weight * own[word] / max(1, own.total()) for word, p in law.items()}
            for model, row in zip((law, mixed), rows, strict=True):
                assert sum(model.values()) == pytest.approx(1)
                row.append(2 * model.get(truth[:n], 0.0) - sum(p * p for p in model.values()))
        unigram.append(rows[0])
        bigram.append(rows[1])
    return np.mean(unigram, 0), np.mean(bigram, 0)


@pytest.mark.parametrize("patch_size", [1, 2, 4, 5])
def test_exact_scores_are_those_of_the_models_written_out(patch_size):
    rng = np.random.default_rng(3)
    training, held_out = (np.cumsum(rng.integers(0, 3, size)) % 4 for size in (300, 80))
    held_out[5:9] = 7  # never seen in training
    unigram, bigram = score_baselines(torch.from_numpy(training), torch.from_numpy(held_out), patch_size)
    exact = _brute(training.tolist(), held_out.tolist(), patch_size)
    np.testing.assert_allclose(unigram.brier, exact[0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(bigram.brier, exact[1], rtol=0, atol=1e-12)


def test_a_text_that_repeats_itself_is_known_from_the_block_before():
    text = torch.arange(8).repeat(500)
    unigram, bigram = score_baselines(text, text[:400], 4)
    assert bigram.brier_lm > 99
    assert unigram.brier_lm == pytest.approx(12.5, abs=0.1)


def test_a_text_too_short():
    with pytest.raises(ValueError, match="at least 8 tokens"):
        score_baselines(torch.arange(100), torch.arange(7), 4)
