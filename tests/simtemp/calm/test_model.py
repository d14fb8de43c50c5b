"""The language model: what its states see, that a cache and padding change nothing, and the exact law with a finite codebook."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import stats
from torch import Tensor

from simtemp.calm import CalmConfig, CalmModel, ModelOutputError, tiny_config
from simtemp.errors import SimtempError

ALPHA = 1e-6
VOCAB = 9


def config(**changes: object) -> CalmConfig:
    small = {"hidden_size": 16, "intermediate_size": 24, "num_attention_heads": 2, "num_key_value_heads": 1}
    sizes = {"vocab_size": VOCAB, "patch_size": 3, "latent_size": 4}
    layers = {"num_hidden_layers": 2, "num_mlp_layers": 1, "noise_size": 3, "max_position_embeddings": 64}
    ae = sizes | {"hidden_size": 16, "intermediate_size": 16}
    return CalmConfig.from_dict(sizes | small | layers | {"autoencoder": ae} | changes)


def build(**changes: object) -> CalmModel:
    torch.manual_seed(0)
    model = CalmModel(config(**changes))
    for parameter in model.parameters():  # far from the start, where everything says the same whatever it sees
        parameter.data += 0.3 * torch.randn(parameter.shape)
    return model.eval()


def some_blocks(*shape: int) -> Tensor:
    return torch.randint(VOCAB, (*shape, 3), generator=seeded(1))


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@torch.no_grad()
def test_the_backbone_sees_the_published_embedding_of_a_block() -> None:
    model, blocks = build(), some_blocks(2, 5)
    p = model.state_dict()
    embedded = torch.zeros(2, 5, 16)
    for b in range(2):
        for i in range(5):
            x = torch.cat([p["transformer.embed_tokens.weight"][t] for t in blocks[b, i]])
            x = F.silu(p["embed_proj.0.weight"] @ x + p["embed_proj.0.bias"])
            x = p["embed_proj.2.weight"] @ x + p["embed_proj.2.bias"]
            x = (x - x.mean()) / (x.var(correction=0) + 1e-6).sqrt()
            embedded[b, i] = x * p["embed_proj.3.weight"] + p["embed_proj.3.bias"]
    plain = model.transformer(inputs_embeds=embedded).last_hidden_state
    states, _ = model.hidden(blocks)
    torch.testing.assert_close(states, plain, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_a_state_sees_its_own_block_and_earlier_ones_only() -> None:
    model, blocks = build(), some_blocks(1, 6)
    states, _ = model.hidden(blocks)
    changed = blocks.clone()
    changed[0, 3, 2] = (changed[0, 3, 2] + 1) % VOCAB
    others, _ = model.hidden(changed)
    difference = (states - others).abs().amax((0, 2))
    assert difference[:3].max() < 1e-6 and difference[3:].min() > 1e-4


@torch.no_grad()
@pytest.mark.parametrize("pieces", [(6,), (1, 1, 1, 1, 1, 1), (3, 1, 2)])
def test_a_cache_changes_nothing(pieces: tuple[int, ...]) -> None:
    model, blocks = build(), some_blocks(2, 6)
    whole, none = model.hidden(blocks, use_cache=False)
    assert none is None
    cache, states = None, []
    for piece in blocks.split(pieces, dim=1):
        state, cache = model.hidden(piece, cache)
        states.append(state)
    torch.testing.assert_close(torch.cat(states, 1), whole, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_padding_on_the_left_changes_nothing_with_and_without_a_cache() -> None:
    model, blocks = build(), some_blocks(2, 5)
    padded = torch.cat([some_blocks(2, 2), blocks], 1)
    mask = torch.ones(2, 7, dtype=torch.bool)
    mask[0, :2] = False  # the second sequence is two blocks longer
    states, _ = model.hidden(padded, attention_mask=mask)
    alone = model.hidden(blocks[:1])[0][0], model.hidden(padded[1:])[0][0]
    torch.testing.assert_close(states[0, 2:], alone[0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(states[1], alone[1], rtol=1e-5, atol=1e-5)
    first, cache = model.hidden(padded[:, :6], attention_mask=mask[:, :6])
    last, _ = model.hidden(padded[:, 6:], cache, attention_mask=mask)
    torch.testing.assert_close(torch.cat([first, last], 1)[mask], states[mask], rtol=1e-5, atol=1e-5)
    unmasked, _ = model.hidden(padded)  # the planted fault: padding that is seen
    assert (unmasked[0, 2:] - alone[0]).abs().max() > 1e-3


@torch.no_grad()
def test_blocks_are_the_decoded_latents() -> None:
    model = build()
    state = model.hidden(some_blocks(2, 4))[0][:, -1]
    latents = model.draw_latents(state, 7, seeded(3))
    assert latents.shape == (2, 7, 4)
    drawn = model.draw_blocks(state, 7, seeded(3))
    assert drawn.shape == (2, 7, 3) and drawn.dtype == torch.int64
    assert torch.equal(drawn, model.ae_model.decode(latents))


@pytest.mark.parametrize("head", ["energy", "flow", "diffusion"])
def test_block_law_is_the_law_of_what_is_drawn(head: str) -> None:
    """20,000 draws against the enumerated law, and against the planted fault: the law of another state."""
    model = build(head=head, codebook_size=64, sampling_steps=4)
    states = 3 * torch.randn(2, 16, generator=seeded(2))
    blocks, probs = model.block_law(states[0])
    assert blocks.dtype == np.int64 and probs.dtype == np.float64 and blocks.shape == (len(probs), 3)
    assert probs.sum() == pytest.approx(1.0, abs=1e-15) and (probs > 0).all()
    assert len({tuple(block) for block in blocks.tolist()}) == len(blocks) > 3
    np.testing.assert_allclose(probs * 64, np.round(probs * 64), atol=1e-12)

    drawn = model.draw_blocks(states[:1], 20_000, seeded(5))[0].numpy()
    expected = {tuple(block): probability for block, probability in zip(blocks.tolist(), probs, strict=True)}
    assert fits(drawn, expected)
    other = {
        tuple(b): p for b, p in zip(model.block_law(states[1])[0].tolist(), model.block_law(states[1])[1], strict=True)
    }
    assert not fits(drawn, other)


def fits(drawn: np.ndarray, law: dict[tuple[int, ...], float]) -> bool:
    seen, counts = np.unique(drawn, axis=0, return_counts=True)
    found = dict(zip(map(tuple, seen.tolist()), counts.tolist(), strict=True))
    if not found.keys() <= law.keys():
        return False
    observed = [found.get(block, 0) for block in law]
    return bool(len(law) == 1 or stats.chisquare(observed, np.array(list(law.values())) * len(drawn)).pvalue > ALPHA)


def test_a_codebook_can_be_given_to_a_model_that_has_none() -> None:
    model = build()
    state = torch.randn(16, generator=seeded(2))
    with pytest.raises(ValueError, match=r"codebook_size must be an integer >= 1, got None"):
        model.block_law(state)
    model.use_codebook(32, seed=4)
    assert (model.config.codebook_size, model.config.codebook_seed) == (32, 4)
    blocks, _ = model.block_law(state)
    again = build(codebook_size=32, codebook_seed=4)
    np.testing.assert_array_equal(again.block_law(state)[0], blocks)
    assert model.codebook_blocks(state[None]).shape == (1, 32, 3)
    with pytest.raises(ValueError, match="codebook_size must be an integer >= 1, got 0"):
        model.use_codebook(0)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_head_that_gives_no_number_is_one_clear_line(bad: float) -> None:
    model = build(codebook_size=8)
    state = torch.zeros(3, 16)
    state[1] = bad
    message = r"the generative head gave a latent that is not finite \(context 1, draw 0\)"
    with pytest.raises(ModelOutputError, match=message) as caught:
        model.draw_blocks(state, 5)
    assert isinstance(caught.value, SimtempError)
    with pytest.raises(ModelOutputError, match="not finite"):
        model.block_law(state[1])


def test_training_reaches_everything_but_the_autoencoder() -> None:
    model = build().train()
    assert not model.ae_model.training and model.mlp_generator.training
    blocks = some_blocks(2, 5)
    states, _ = model.hidden(blocks[:, :-1], use_cache=False)
    mean, log_sigma = model.ae_model.encode(blocks[:, 1:].flatten(0, 1))
    model.mlp_generator.loss(states.flatten(0, 1), mean, log_sigma).backward()
    unused = {name for name, parameter in model.named_parameters() if parameter.grad is None}
    assert unused == {name for name, _ in model.named_parameters() if name.startswith("ae_model.")}


def test_a_padding_token_learns_like_any_other() -> None:
    model = CalmModel(config(pad_token_id=2))
    states, _ = model.hidden(torch.full((1, 2, 3), 2), use_cache=False)
    states.square().sum().backward()
    gradient = model.transformer.embed_tokens.weight.grad
    assert gradient is not None and gradient[2].abs().max() > 0


def test_the_number_of_parameters_is_that_of_the_shapes() -> None:
    model = build()
    assert model.num_parameters == sum(tensor.numel() for tensor in model.state_dict().values())
    assert 1_000_000 < CalmModel(tiny_config(vocab_size=100)).num_parameters < 4_000_000


@pytest.mark.parametrize("head", ["energy", "flow", "diffusion"])
def test_bfloat16(head: str) -> None:
    model, blocks = build(head=head, codebook_size=16, sampling_steps=4), some_blocks(2, 4)
    exact, _ = model.hidden(blocks)
    model.to(torch.bfloat16)
    states, _ = model.hidden(blocks)
    assert states.dtype == torch.bfloat16 and (states - exact).abs().max() < 0.2
    assert model.draw_blocks(states[:, -1], 5).shape == (2, 5, 3)
    assert model.block_law(states[0, -1])[1].sum() == pytest.approx(1.0)
    mean, log_sigma = model.ae_model.encode(blocks.flatten(0, 1))
    assert model.mlp_generator.loss(states.flatten(0, 1), mean, log_sigma).isfinite()
    model.mlp_generator.use_codebook(None)
    assert model.draw_blocks(states[:, -1], 5).shape == (2, 5, 3)


def test_a_change_of_type_rounds_parameters_and_no_buffer() -> None:
    model = build(codebook_size=16)
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    model.to(torch.bfloat16)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}
    after = dict(model.named_buffers())
    assert {"transformer.rotary_emb.inv_freq", "mlp_generator.codebook"} <= before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    model.to("meta")
    assert {buffer.device.type for buffer in model.buffers()} == {"meta"}


@pytest.mark.parametrize(
    ("blocks", "mask", "message"),
    [
        (
            torch.zeros(2, 3, dtype=torch.int64),
            None,
            r"blocks must have three axes \(sequence, block, token\), got shape \(2, 3\)",
        ),
        (
            torch.zeros(1, 2, 4, dtype=torch.int64),
            None,
            r"tokens must have a last axis of 3 \(a block\), got shape \(1, 2, 4\)",
        ),
        (torch.zeros(1, 0, 3, dtype=torch.int64), None, r"tokens must have at least one block, got shape \(1, 0, 3\)"),
        (torch.full((1, 1, 3), VOCAB), None, r"a token must be an integer from 0 to 8, got 9"),
        (
            torch.zeros(1, 2, 3, dtype=torch.int64),
            torch.ones(1, 3),
            r"attention_mask must have shape \(1, 2\) .*, got \(1, 3\)",
        ),
    ],
)
def test_bad_blocks(blocks: Tensor, mask: Tensor | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build().hidden(blocks, attention_mask=mask)
