"""The block autoencoder against a plain statement of its layers, and what its loss does."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from simtemp.calm import autoencoder as module
from simtemp.calm.autoencoder import Autoencoder
from simtemp.calm.config import AutoencoderConfig

CONFIG = AutoencoderConfig(
    vocab_size=11,
    patch_size=3,
    hidden_size=16,
    intermediate_size=24,
    num_encoder_layers=4,
    num_decoder_layers=2,
    latent_size=5,
)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def build(config: AutoencoderConfig = CONFIG) -> Autoencoder:
    torch.manual_seed(0)
    model = Autoencoder(config).eval()
    for parameter in model.parameters():  # norms away from one, the embedding away from small
        parameter.data += 0.3 * torch.randn(parameter.shape)
    return model


def blocks(count: int, config: AutoencoderConfig = CONFIG) -> Tensor:
    return torch.randint(config.vocab_size, (count, config.patch_size), generator=seeded(1))


def rms(x: Tensor, weight: Tensor) -> Tensor:
    return x / (x.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt() * weight


def layer(p: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    n = rms(x, p[f"{name}.layernorm.weight"])
    gate, up, down = (p[f"{name}.mlp.{part}_proj.weight"] for part in ("gate", "up", "down"))
    return x + (F.silu(n @ gate.T) * (n @ up.T)) @ down.T


def plain_encode(p: dict[str, Tensor], tokens: Tensor) -> tuple[Tensor, Tensor]:
    """One block, four layers: two for each token, two for the block."""
    x = torch.stack([p["encoder.embed_tokens.weight"][t] for t in tokens])
    x = layer(p, "encoder.encoder_layers.1", layer(p, "encoder.encoder_layers.0", x))
    x = p["encoder.squeeze_layer.weight"] @ torch.cat(list(x)) + p["encoder.squeeze_layer.bias"]
    x = layer(p, "encoder.encoder_layers.3", layer(p, "encoder.encoder_layers.2", x))
    x = p["encoder.hidden_to_latent.weight"] @ rms(x, p["encoder.norm.weight"]) + p["encoder.hidden_to_latent.bias"]
    return x[:5], x[5:]


def plain_logits(p: dict[str, Tensor], latent: Tensor) -> Tensor:
    x = p["decoder.latent_to_hidden.weight"] @ latent + p["decoder.latent_to_hidden.bias"]
    x = layer(p, "decoder.decoder_layers.0", x)
    x = (p["decoder.expand_layer.weight"] @ x + p["decoder.expand_layer.bias"]).reshape(3, 16)
    x = layer(p, "decoder.decoder_layers.1", x)
    return rms(x, p["decoder.norm.weight"]) @ p["encoder.embed_tokens.weight"].T


@torch.no_grad()
def test_layers_are_the_published_ones() -> None:
    model, tokens = build(), blocks(7)
    p = model.state_dict()
    mean, log_sigma = model.encode(tokens)
    logits = model.decode_logits(mean)
    for i in range(7):
        plain_mean, plain_log_sigma = plain_encode(p, tokens[i])
        torch.testing.assert_close(mean[i], plain_mean, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(log_sigma[i], plain_log_sigma, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(logits[i], plain_logits(p, mean[i]), rtol=1e-5, atol=1e-5)


def test_the_plain_statement_notices_two_layers_swapped() -> None:
    p = build().state_dict()
    right, _ = plain_encode(p, blocks(1)[0])
    first, third = "encoder.encoder_layers.0", "encoder.encoder_layers.2"
    swap = {first: third, third: first}
    faulty = {next((new + n[len(old) :] for old, new in swap.items() if n.startswith(old)), n): t for n, t in p.items()}
    assert (plain_encode(faulty, blocks(1)[0])[0] - right).abs().max() > 1e-3


def test_leading_axes_are_kept_and_decode_is_the_argmax_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build()
    tokens = blocks(12).reshape(2, 6, 3)
    mean, _ = model.encode(tokens)
    whole = model.decode(mean)
    assert whole.shape == (2, 6, 3) and whole.dtype == torch.int64
    assert torch.equal(whole, model.decode_logits(mean).argmax(-1))
    monkeypatch.setattr(module, "_LOGITS_AT_ONCE", 5 * 33)  # five blocks of 3 * 11 logits at once
    assert torch.equal(model.decode(mean), whole)


@torch.no_grad()
def test_loss_is_cross_entropy_of_a_block_plus_the_floored_divergence() -> None:
    model, tokens = build(), blocks(9)
    p = model.state_dict()
    expected = 0.0
    noise = torch.randn(9, 5, generator=seeded(4))
    for i in range(9):
        mean, log_sigma = plain_encode(p, tokens[i])
        log_probs = plain_logits(p, mean + noise[i] * log_sigma.exp()).log_softmax(-1)
        posterior = torch.distributions.Normal(mean, log_sigma.exp())
        divergence = torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0))
        expected += -sum(log_probs[j, tokens[i, j]] for j in range(3)) + 1e-3 * divergence.clamp(min=0.5).sum()
    torch.testing.assert_close(model.loss(tokens, seeded(4)), expected / 9, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_dropout_hides_tokens_and_dimensions_in_training_only() -> None:
    model, tokens = build(), blocks(4000)
    assert model._kept(tokens, 0.15, seeded(2)) is None
    model.train()
    kept = model._kept(tokens, 0.15, seeded(2))
    assert kept is not None and kept.shape == tokens.shape
    share = float((~kept).double().mean())
    assert abs(share - 0.15) < 5 * (0.15 * 0.85 / tokens.numel()) ** 0.5  # five standard deviations: alpha below 1e-6
    hidden, _ = model.encoder(tokens[:5], torch.zeros(5, 3, dtype=torch.bool))
    torch.testing.assert_close(hidden[0].expand(5, -1), hidden)  # nothing of the tokens is seen
    assert model.loss(tokens, seeded(2)) == model.loss(tokens, seeded(2)) != model.loss(tokens, seeded(3))


def test_it_learns_to_reconstruct() -> None:
    config = AutoencoderConfig(vocab_size=6, patch_size=2, hidden_size=24, intermediate_size=24, latent_size=8)
    torch.manual_seed(0)
    model = Autoencoder(config)
    tokens = torch.cartesian_prod(torch.arange(6), torch.arange(6))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(100):
        optimizer.zero_grad()
        model.loss(tokens).backward()
        optimizer.step()
    model.eval()
    assert (model.decode(model.encode(tokens)[0]) == tokens).double().mean() > 0.95


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (torch.zeros(2, 4, dtype=torch.int64), r"tokens must have a last axis of 3 \(a block\), got shape \(2, 4\)"),
        (torch.tensor(3), r"tokens must have a last axis of 3 \(a block\), got shape \(\)"),
        (torch.zeros(0, 3, dtype=torch.int64), r"tokens must have at least one block, got shape \(0, 3\)"),
        (torch.zeros(2, 3), r"tokens must be integers, got torch\.float32"),
        (torch.tensor([[0, 1, 11]]), r"a token must be an integer from 0 to 10, got 11"),
        (torch.tensor([[0, -1, 1]]), r"a token must be an integer from 0 to 10, got -1"),
    ],
)
def test_bad_tokens(tokens: Tensor, message: str) -> None:
    model = build()
    for method in (model.encode, model.loss):
        with pytest.raises(ValueError, match=message):
            method(tokens)
