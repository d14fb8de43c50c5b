"""The generative heads: the published one against a plain statement, the solvers against known flows, and that each learns a law."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import stats
from torch import Tensor

from simtemp.calm import head as head_module
from simtemp.calm.config import AutoencoderConfig, CalmConfig
from simtemp.calm.diffusion_head import DiffusionHead
from simtemp.calm.energy_head import EnergyHead, energy_score
from simtemp.calm.flow_head import FlowHead
from simtemp.calm.head import GenerativeHead, draw_posterior

HEADS: dict[str, type[GenerativeHead]] = {"energy": EnergyHead, "flow": FlowHead, "diffusion": DiffusionHead}
ALPHA = 1e-6


def config(**changes: object) -> CalmConfig:
    sizes = {"vocab_size": 7, "patch_size": 2, "latent_size": 3}
    entries: dict[str, object] = {
        **sizes,
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "max_position_embeddings": 32,
        "noise_size": 4,
        "num_mlp_layers": 2,
        "autoencoder": AutoencoderConfig(**sizes),
    }
    return CalmConfig.from_dict(entries | changes)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def build(name: str, **changes: object) -> GenerativeHead:
    torch.manual_seed(0)
    head = HEADS[name](config(head=name, **changes))
    for parameter in head.parameters():
        parameter.data += 0.2 * torch.randn(parameter.shape)
    return head


def plain_energy_head(p: dict[str, Tensor], state: Tensor, u: Tensor) -> Tensor:
    """The published equations, one vector at a time."""

    def linear(name: str, x: Tensor) -> Tensor:
        return p[f"{name}.weight"] @ x + p[f"{name}.bias"]

    def norm(name: str, x: Tensor) -> Tensor:
        variance = ((x - x.mean()) ** 2).mean()
        return (x - x.mean()) / (variance + 1e-6).sqrt() * p[f"{name}.weight"] + p[f"{name}.bias"]

    e = norm("norm_noise", linear("noise_embd", u))
    c = norm("norm_hidden", linear("hidden_embd", state))
    for b in ("mlp_blocks.0", "mlp_blocks.1"):
        x = torch.cat([norm(f"{b}.in_ln", e), c])
        x = linear(f"{b}.linears.4", F.silu(linear(f"{b}.linears.2", F.silu(linear(f"{b}.linears.0", x)))))
        e = e + linear(f"{b}.down_proj", F.silu(x[:16]) * x[16:])
    x = norm("final_layer.in_ln", e)
    return linear("final_layer.linears.2", F.silu(linear("final_layer.linears.0", x)))


@torch.no_grad()
def test_the_energy_head_is_the_published_one() -> None:
    head = build("energy", codebook_size=5)
    assert head.codebook is not None
    state = torch.randn(3, 16, generator=seeded(1))
    latents = head.sample_codebook(state)
    plain = torch.stack(
        [torch.stack([plain_energy_head(head.state_dict(), s, u) for u in head.codebook]) for s in state]
    )
    torch.testing.assert_close(latents, plain, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_the_noise_is_uniform_around_zero() -> None:
    head = build("energy")
    drawn = head.draw_noise((20_000, 4), seeded(3), torch.zeros(1)).numpy()
    fixed = head.fixed_noise((20_000, 4), np.random.default_rng(3)).numpy()
    for noise in (drawn, fixed):
        assert stats.kstest(noise.ravel() + 0.5, "uniform").pvalue > ALPHA
        assert stats.kstest(noise.ravel(), "uniform").pvalue < ALPHA  # the planted fault: noise in [0, 1]


@torch.no_grad()
@pytest.mark.parametrize("name", HEADS)
def test_samples_have_their_shape_follow_the_generator_and_are_made_in_pieces(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, state = build(name), torch.randn(2, 16, generator=seeded(1))
    whole = head.sample(state, 6, seeded(5))
    assert whole.shape == (2, 6, 3)
    assert torch.equal(whole, head.sample(state, 6, seeded(5)))
    assert not torch.equal(whole, head.sample(state, 6, seeded(6)))
    monkeypatch.setattr(head_module, "_ROWS_AT_ONCE", 5)
    torch.testing.assert_close(head.sample(state, 6, seeded(5)), whole, rtol=1e-5, atol=1e-5)
    for k in (0, -1, 1.5):
        with pytest.raises(ValueError, match=r"k must be an integer >= 1, got"):
            head.sample(state, k)  # type: ignore[arg-type]


@torch.no_grad()
@pytest.mark.parametrize("name", HEADS)
def test_a_codebook_holds_all_that_can_be_drawn_in_equal_shares(name: str) -> None:
    head, state = build(name, codebook_size=8, codebook_seed=2), torch.randn(2, 16, generator=seeded(1))
    law = head.sample_codebook(state)
    assert law.shape == (2, 8, 3)
    drawn = head.sample(state, 4000, seeded(5))
    distance = torch.cdist(drawn, law, compute_mode="donot_use_mm_for_euclid_dist")
    nearest, which = distance.min(-1)
    assert nearest.max() < 1e-5
    counts = np.bincount(which.numpy().ravel(), minlength=8)
    assert stats.chisquare(counts).pvalue > ALPHA
    shares = np.where(np.arange(8) == 0, 0.5, 1.0)
    assert (
        stats.chisquare(counts, shares / shares.sum() * counts.sum()).pvalue < ALPHA
    )  # the planted fault: one at half weight


@pytest.mark.parametrize("name", HEADS)
def test_a_codebook_depends_on_its_seed_alone_and_is_no_parameter(name: str) -> None:
    first, again, other = (build(name, codebook_size=8, codebook_seed=seed).codebook for seed in (2, 2, 3))
    assert first is not None and again is not None and other is not None
    assert torch.equal(first, again) and not torch.equal(first, other)
    head = build(name, codebook_size=8)
    assert "codebook" not in head.state_dict()
    head.use_codebook(None)
    with pytest.raises(ValueError, match=r"codebook_size must be an integer >= 1, got None"):
        head.sample_codebook(torch.zeros(1, 16))


def test_energy_score_is_its_definition() -> None:
    x, y = torch.randn(4, 8, 3, generator=seeded(1)), torch.randn(4, 100, 3, generator=seeded(2))
    for i, score in enumerate(energy_score(x, y)):
        to_targets = np.mean([math.dist(a, b) for a in x[i].tolist() for b in y[i].tolist()])
        pairs = [math.dist(x[i, a].tolist(), x[i, b].tolist()) for a in range(8) for b in range(8) if a != b]
        assert float(score) == pytest.approx(2 * to_targets - np.mean(pairs), rel=1e-5)


def test_energy_score_is_unbiased_and_smallest_for_the_right_law() -> None:
    """Normal laws in one dimension, mean of |x - y| is 2 sigma / sqrt(pi): the score of the right law is that; of others it is more.

    With a wrong divisor (n^2 for n (n - 1)) the mean would be an eighth of it larger: the first assertion shows that it would be seen.
    """
    m = 8_000
    y = torch.randn(m, 100, 1, generator=seeded(2))
    scores = energy_score(torch.randn(m, 8, 1, generator=seeded(1)), y)
    error = 5 * float(scores.std()) / m**0.5
    right = 2 / math.sqrt(math.pi)
    assert error < right / 8 / 3
    assert abs(float(scores.mean()) - right) < error
    for scale, shift in ((0.5, 0.0), (2.0, 0.0), (1.0, 0.5)):
        wrong = energy_score(scale * torch.randn(m, 8, 1, generator=seeded(1)) + shift, y)
        assert float(wrong.mean()) > right + error


def test_the_posterior_has_its_mean_and_deviation() -> None:
    mean, log_sigma = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.5, -1.0]])
    drawn = draw_posterior(mean, log_sigma, 20_000, seeded(1))[0].numpy()
    for z in range(2):
        law = stats.norm(float(mean[0, z]), math.exp(float(log_sigma[0, z])))
        assert stats.kstest(drawn[:, z], law.cdf).pvalue > ALPHA
        assert stats.kstest(drawn[:, z], stats.norm(float(mean[0, z]), 1.2 * law.std()).cdf).pvalue < ALPHA


MEAN, SIGMA = 0.7, 0.4
"""A normal target, whose best field is known at every time and carries noise u to MEAN + SIGMA u."""


def best_velocity(x: Tensor, time: Tensor, _: Tensor) -> Tensor:
    """E[target - noise | (1 - t) noise + t target = x]."""
    variance = (1 - time) ** 2 + (time * SIGMA) ** 2
    slope = (time * SIGMA**2 - (1 - time)) / variance
    return MEAN + slope * (x - time * MEAN)


def best_noise(x: Tensor, time: Tensor, _: Tensor) -> Tensor:
    """E[noise | cos target + sin noise = x]."""
    cos, sin = torch.cos(math.pi / 2 * time), torch.sin(math.pi / 2 * time)
    return sin * (x - cos * MEAN) / (sin**2 + (cos * SIGMA) ** 2)


@torch.no_grad()
@pytest.mark.parametrize(("name", "field", "order"), [("flow", best_velocity, 2), ("diffusion", best_noise, 1)])
def test_the_solver_follows_a_known_field_and_converges(name: str, field: object, order: int) -> None:
    errors = []
    noise = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None].expand(-1, 3)
    for steps in (16, 32, 64):
        head = build(name, sampling_steps=steps)
        head.field = field  # type: ignore[assignment]
        end = head.push(torch.zeros(9, 16, dtype=torch.float64), noise)
        start = 1.0 if name == "flow" else 0.97
        errors.append(float((end - exact_end(name, noise, start)).abs().max()))
    assert errors[2] < SIGMA / 10
    assert errors[0] / errors[1] > 0.85 * 2**order and errors[1] / errors[2] > 0.85 * 2**order


def exact_end(name: str, noise: Tensor, start: float) -> Tensor:
    """A normal law stays normal on the way: what begins u deviations from its mean stays so."""
    if name == "flow":
        return MEAN + SIGMA * noise
    cos, sin = math.cos(math.pi / 2 * start), math.sin(math.pi / 2 * start)
    return MEAN + SIGMA * (noise - cos * MEAN) / math.sqrt(sin**2 + (cos * SIGMA) ** 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", HEADS)
def test_each_head_learns_a_law_that_depends_on_the_state(name: str) -> None:
    """Two states, each with two narrow posteriors as its targets: samples land near both in equal shares."""
    torch.manual_seed(0)
    head = HEADS[name](config(head=name, hidden_size=48, num_mlp_layers=2))
    states = torch.randn(2, 48)
    points = torch.tensor([[[2.0, 0.0, 0.0], [-2.0, 0.0, 1.0]], [[0.0, 2.0, 0.0], [0.0, -2.0, 1.0]]])
    optimizer = torch.optim.AdamW(head.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 300)
    for _ in range(300):
        which, point = torch.randint(2, (64,)), torch.randint(2, (64,))
        optimizer.zero_grad()
        head.loss(states[which], points[which, point], torch.full((64, 3), math.log(0.1))).backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        drawn = head.sample(states, 1000)
    distance = torch.cdist(drawn, points)
    assert (distance.min(-1).values < 0.6).double().mean() > 0.8
    assert (distance.argmin(-1).double().mean(-1) - 0.5).abs().max() < 0.15
