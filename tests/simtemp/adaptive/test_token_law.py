"""The law of a token at a temperature, in a mixture, and draws from it by one uniform: exact, by enumeration."""

import numpy as np
import pytest
import torch

from simtemp.adaptive.token_law import drawn, mixture_log_probs, tempered_log_probs

LOGITS = torch.tensor([[0.3, -1.0, 2.0, 0.0, -torch.inf], [1.0, 1.0, 1.0, 0.0, 0.0]])


def test_it_is_the_softmax_of_the_quotient() -> None:
    law = tempered_log_probs(LOGITS, torch.tensor([0.5, 2.0])).exp()
    for row, temperature in enumerate((0.5, 2.0)):
        weights = np.exp(LOGITS[row].double().numpy() / temperature)
        np.testing.assert_allclose(law[row], weights / weights.sum(), rtol=1e-12)


def test_zero_is_greedy_and_the_first_of_equals() -> None:
    law = tempered_log_probs(LOGITS, 0.0).exp()
    assert law.tolist() == [[0, 0, 1, 0, 0], [1, 0, 0, 0, 0]]


@pytest.mark.parametrize("temperature", [1e-3, 1e-30, 1e-310])
def test_the_smallest_temperatures_are_stable(temperature: float) -> None:
    law = tempered_log_probs(1e4 * LOGITS, temperature).exp()
    np.testing.assert_allclose(law, [[0, 0, 1, 0, 0], [1 / 3, 1 / 3, 1 / 3, 0, 0]], rtol=1e-12)


def test_the_mixture_is_the_mean_of_the_laws() -> None:
    temperatures = (0.0, 0.5, 1.5)
    weights = torch.tensor([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]])
    mixture = mixture_log_probs(LOGITS, temperatures, weights.log()).exp()
    laws = torch.stack([tempered_log_probs(LOGITS, one).exp() for one in temperatures], 1)  # [2, M, V]
    np.testing.assert_allclose(mixture, (weights[:, :, None] * laws).sum(1), atol=1e-7)  # weights are float32
    np.testing.assert_allclose(mixture.sum(1), 1.0, rtol=1e-6)


def test_draws_follow_the_law() -> None:
    """With every uniform of a fine grid a token comes as often as its probability says, to one of the grid."""
    law = tempered_log_probs(LOGITS, 1.0)
    grid = (torch.arange(10_000, dtype=torch.float64) + 0.5) / 10_000
    for one in law:
        counts = drawn(one.expand(len(grid), -1), grid).bincount(minlength=5)
        assert ((counts - 10_000 * one.exp()).abs() <= 1).all()


def test_a_token_of_probability_zero_never_comes() -> None:
    law = torch.tensor([[0.0, 0.1, 0.0, 0.9, 0.0]]).log().expand(2, -1)
    largest = np.nextafter(1.0, 0.0)
    assert drawn(law, torch.tensor([0.0, largest], dtype=torch.float64)).tolist() == [1, 3]
