"""Samplers at a temperature in torch and transformers: right ones end EQUIVALENT, a wrong temperature is rejected.

At alpha = delta = 1e-6 a call; the fixture `assert_unbiased` fixes the seeds by the tests' names. torch and
transformers are imported where they are used: that takes seconds, and only these tests need them.
"""

import numpy as np
import pytest

from verify.assertion import BiasError

EPSILON = 0.05
TEMPERATURE = 0.7


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    scaled = np.exp((logits - logits.max()) / temperature)
    return scaled / scaled.sum()


LOGITS = np.random.default_rng(20).normal(size=20)
TARGET = softmax(LOGITS, TEMPERATURE)


def rejected(assert_unbiased, sampler, target) -> str:
    with pytest.raises(BiasError) as caught:
        assert_unbiased(sampler, target, EPSILON)
    assert caught.value.verdict.status == "REJECT"
    return str(caught.value)


def multinomial(temperature: float):
    import torch

    probs = torch.softmax(torch.tensor(LOGITS) / temperature, 0)

    def sampler(size: int, rng: np.random.Generator):
        generator = torch.Generator().manual_seed(int(rng.integers(2**63)))
        return torch.multinomial(probs, size, replacement=True, generator=generator)

    return sampler


def distribution(temperature: float):
    import torch

    law = torch.distributions.Categorical(logits=torch.tensor(LOGITS, dtype=torch.float32) / temperature)

    def sampler(size: int, rng: np.random.Generator):
        with torch.random.fork_rng(devices=[]):  # it knows the global generator only
            torch.manual_seed(int(rng.integers(2**63)))
            return law.sample((size,))

    return sampler


@pytest.mark.parametrize("make", [multinomial, distribution])
def test_torch_at_a_temperature(assert_unbiased, make) -> None:
    assert assert_unbiased(make(TEMPERATURE), TARGET, EPSILON).status == "EQUIVALENT"
    for wrong in (0.6, 1.0, 1 / TEMPERATURE):  # a little off; forgotten; multiplied in place of divided
        assert 0.5 * np.abs(softmax(LOGITS, wrong) - TARGET).sum() > EPSILON
        rejected(assert_unbiased, make(wrong), TARGET)


@pytest.fixture(scope="module")
def model():
    """A Llama of 1,624 random weights."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = LlamaConfig(
            vocab_size=64,
            hidden_size=8,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=1,
            max_position_embeddings=16,
            initializer_range=0.2,
            bos_token_id=None,
            eos_token_id=None,
            pad_token_id=0,
        )
        return LlamaForCausalLM(config).eval()


def next_token(model, **options):
    """`generate` as a sampler: the token that follows one and the same prompt."""
    import torch

    prompt = torch.tensor([[3, 1, 4]])

    def sampler(size: int, rng: np.random.Generator):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**63)))
            tokens = model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                do_sample=True,
                max_new_tokens=1,
                num_return_sequences=size,
                **options,
            )
        return tokens[:, -1]

    with torch.no_grad():
        return sampler, model(prompt).logits[0, -1].double().numpy()


def most_probable(law: np.ndarray, count: int) -> np.ndarray:
    kept = np.where(law >= np.sort(law)[-count], law, 0.0)
    return kept / kept.sum()


@pytest.mark.slow  # the import of transformers
def test_transformers_generate(assert_unbiased, model) -> None:
    """One forward pass gives the law; the faults planted are a wrong temperature, and truncation left on."""
    sampler, logits = next_token(model, temperature=TEMPERATURE, top_k=0)
    target = softmax(logits, TEMPERATURE)
    assert assert_unbiased(sampler, target, EPSILON).status == "EQUIVALENT"
    nucleus = int(np.sum(np.cumsum(np.sort(target)[::-1]) < 0.9)) + 1
    for law, fault in [
        (softmax(logits, 0.6), {"temperature": 0.6, "top_k": 0}),
        (softmax(logits, 1.0), {"top_k": 0}),
        (most_probable(target, nucleus), {"temperature": TEMPERATURE, "top_k": 0, "top_p": 0.9}),
        (most_probable(target, 50), {"temperature": TEMPERATURE}),  # what generate does unless told otherwise
    ]:
        assert 0.5 * np.abs(law - target).sum() > EPSILON
        faulty, _ = next_token(model, **fault)
        rejected(assert_unbiased, faulty, target)
        assert assert_unbiased(faulty, law, EPSILON).status == "EQUIVALENT"
