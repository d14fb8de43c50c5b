"""BrierLM against exact values. A test of a mean states its alpha: 1e-6, two-sided, by the normal law of 2e5 bounded terms."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm

from simtemp.calm.brier import brier_terms, score, score_model

ALPHA = 1e-6
PAIRS = 200_000
WORDS = np.array([[0, 0, 0, 0], [0, 0, 0, 1], [0, 1, 1, 0], [2, 1, 0, 0], [2, 1, 0, 3]])
LAW = np.array([0.1, 1 / 3, 0.05, 0.3, 1 - 0.1 - 1 / 3 - 0.05 - 0.3])
TRUE = WORDS[1]


def _exact(n: int) -> float:
    prefixes = [tuple(word[:n]) for word in WORDS]
    mass = {prefix: sum(p for q, p in zip(prefixes, LAW, strict=True) if q == prefix) for prefix in prefixes}
    return 2 * mass[tuple(TRUE[:n])] - sum(p * p for p in mass.values())


def _pairs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return tuple(WORDS[rng.choice(len(WORDS), PAIRS, p=LAW)] for _ in range(2))


def _p_value(terms: np.ndarray, mean: float) -> float:
    z = (terms.mean() - mean) / (terms.std(ddof=1) / math.sqrt(len(terms)))
    return 2 * norm.sf(abs(z))


class TestTwoSampleEstimate:
    @pytest.mark.parametrize("n", [1, 2, 3, 4])
    def test_its_mean_is_the_exact_score(self, n):
        first, second = _pairs(np.random.default_rng(np.random.SeedSequence([5, n])))
        assert _p_value(brier_terms(first, second, TRUE)[:, n - 1], _exact(n)) > ALPHA

    @pytest.mark.parametrize("n", [1, 2, 3, 4])
    def test_the_plug_in_estimate_is_found_to_be_biased(self, n):
        """Planted fault: the score of the two samples' own frequencies; its collisions are too many by (1 - sum P^2) / 2."""
        first, second = _pairs(np.random.default_rng(np.random.SeedSequence([5, n])))
        terms = brier_terms(first, second, TRUE)[:, n - 1]
        collided = (first[:, :n] == second[:, :n]).all(1)
        plug_in = terms + collided - (1 + collided) / 2  # the sum of squares of frequencies is 1 or 1/2
        assert _p_value(plug_in, _exact(n)) < ALPHA

    @pytest.mark.parametrize("n", [1, 2, 3, 4])
    def test_a_sample_used_twice_is_found(self, n):
        """Planted fault: x2 = x1, as from one generator seeded twice."""
        first, _ = _pairs(np.random.default_rng(6))
        assert _p_value(brier_terms(first, first, TRUE)[:, n - 1], _exact(n)) < ALPHA

    def test_prefixes_count_from_the_first_token(self):
        assert brier_terms(np.array([1, 2, 3]), np.array([1, 0, 3]), np.array([1, 2, 3])).tolist() == [1, 1, 1]
        assert brier_terms(np.array([0, 2, 3]), np.array([0, 2, 3]), np.array([1, 2, 3])).tolist() == [-1, -1, -1]


class TestScore:
    def test_it_is_the_geometric_mean_in_hundredths(self):
        terms = np.tile([0.5, 0.4, 0.2, 0.1], (100, 1))
        found = score(terms)
        assert found.brier_lm == pytest.approx(100 * (0.5 * 0.4 * 0.2 * 0.1) ** 0.25)
        assert found.standard_error == pytest.approx(0, abs=1e-12)
        assert found.positions == 100

    def test_what_is_not_positive_gives_zero(self):
        assert score(np.tile([0.5, 0.4, 0.2, -0.1], (10, 1))).brier_lm == 0.0
        assert math.isnan(score(np.zeros((10, 4))).standard_error)

    def test_the_standard_error_covers(self):
        """Of 400 repetitions, |z| > 1.96 in about a twentieth: Clopper-Pearson at alpha 1e-6; a halved error must be found."""
        from scipy.stats import binomtest

        exact = 100 * np.prod([_exact(n) for n in (1, 2, 3, 4)]) ** 0.25
        rng = np.random.default_rng(8)
        z = []
        for _ in range(400):
            words = [WORDS[rng.choice(len(WORDS), 5000, p=LAW)] for _ in range(2)]
            found = score(brier_terms(*words, TRUE))
            z.append((found.brier_lm - exact) / found.standard_error)
        missed = np.abs(z) > norm.isf(0.025)
        assert binomtest(int(missed.sum()), 400, 0.05).pvalue > ALPHA
        assert binomtest(int((np.abs(z) > norm.isf(0.025) / 2).sum()), 400, 0.05).pvalue < ALPHA

    @pytest.mark.parametrize("shape", [(0, 4), (5, 3), (4,)])
    def test_other_shapes_are_refused(self, shape):
        with pytest.raises(ValueError, match="terms must have shape"):
            score(np.zeros(shape))


class _Memoryless:
    """Stands in for a model: blocks of a known law, whatever the context."""

    def __init__(self, words: np.ndarray, law: np.ndarray) -> None:
        self.words, self.law = torch.from_numpy(words), torch.from_numpy(law)
        self.config = type("Config", (), {"patch_size": words.shape[1]})()

    def hidden(self, blocks, use_cache=True):
        return torch.zeros(*blocks.shape[:2], 1), None

    def draw_blocks(self, state, k, generator=None):
        chosen = torch.multinomial(self.law, len(state) * k, replacement=True, generator=generator)
        return self.words[chosen].view(len(state), k, -1)


class TestScoreModel:
    def test_a_block_model_of_known_law(self):
        windows = torch.from_numpy(np.tile(TRUE, (300, 9, 1)))
        found = score_model(_Memoryless(WORDS, LAW), windows, generator=torch.Generator().manual_seed(0))
        assert found.positions == 300 * 8
        exact = 100 * np.prod([_exact(n) for n in (1, 2, 3, 4)]) ** 0.25
        assert 2 * norm.sf(abs(found.brier_lm - exact) / found.standard_error) > ALPHA

    def test_blocks_of_two_tokens_are_sampled_one_after_another(self):
        words, law = np.array([[0, 0], [0, 1], [1, 1]]), np.array([0.1, 0.6, 0.3])
        truth = np.array([0, 1, 0, 1])
        windows = torch.from_numpy(np.tile(truth, (2000, 3)).reshape(2000, 6, 2))
        found = score_model(_Memoryless(words, law), windows, generator=torch.Generator().manual_seed(0))
        fourgrams = np.outer(law, law)
        exact = [2 * 0.7 - 0.58, 2 * 0.6 - 0.46, 2 * 0.6 * 0.7 - 0.46 * 0.58, 2 * 0.36 - np.square(fourgrams).sum()]
        np.testing.assert_allclose(found.brier, exact, atol=0.06)
        assert found.positions == 2000

    def test_windows_too_short(self):
        with pytest.raises(ValueError, match="windows must be of more than 1 blocks"):
            score_model(_Memoryless(WORDS, LAW), torch.zeros(3, 1, 4, dtype=torch.int64))
