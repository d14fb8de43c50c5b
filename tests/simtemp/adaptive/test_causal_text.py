"""Text of causal language models: against the plain forward pass, whatever shares the batch, and the law of its tokens."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from simtemp.adaptive.causal_text import CausalText
from simtemp.adaptive.head import seeded_head
from simtemp.adaptive.policies import EntropyTemperature, FixedTemperature, HeadPolicy
from simtemp.adaptive.token_law import drawn, mixture_log_probs, tempered_log_probs
from simtemp.calm.errors import ModelOutputError
from simtemp.calm.tokenizer import character_tokenizer

TOKENIZER = character_tokenizer("abcdefgh")
V = TOKENIZER.vocab_size
PROMPTS = ["abc", "d", "efgha", "bb", "hgfedcba", "", "c", "ef"]
TEMPERATURES = (0.0, 0.5, 1.3)
NO_SPECIALS = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}


def _built(name: str):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        if name == "gpt2":
            config = GPT2Config(
                vocab_size=V, n_embd=16, n_layer=2, n_head=2, n_positions=64, initializer_range=0.5, **NO_SPECIALS
            )
            return GPT2LMHeadModel(config)
        sizes = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "initializer_range": 0.4}
        heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
        return LlamaForCausalLM(LlamaConfig(vocab_size=V, max_position_embeddings=64, **sizes, **heads))


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def text(request):
    """In float64: then what shares a batch changes no result that is looked at."""
    return CausalText(_built(request.param).double(), TOKENIZER)


def _plain_pass(text: CausalText, prompt: str, tokens):
    """States and logits before each token, from one pass over all without memory or padding."""
    known = np.concatenate([[TOKENIZER.bos_id], TOKENIZER.encode(prompt), tokens]).astype(np.int64)
    with torch.no_grad():
        output = text.model(torch.from_numpy(known)[None], output_hidden_states=True)
    places = slice(len(known) - len(tokens) - 1, -1)
    return output.hidden_states[-1][0, places], output.logits[0, places]


def _with_end(response):
    return np.append(response.tokens, TOKENIZER.eos_id) if response.ended else response.tokens


def test_it_is_the_plain_forward_pass_of_each_prompt(text) -> None:
    """Prompts of eight lengths in a batch, some of which end early: states, logits, probabilities and scores."""
    seen: dict[int, list] = {}

    def policy(step):
        assert (np.diff(step.sequences) > 0).all()
        for row, sequence in enumerate(step.sequences.tolist()):
            assert len(seen.setdefault(sequence, [])) == step.number
            seen[sequence].append((step.states[row].clone(), step.logits[row].clone()))
        return 3.0  # near uniform: an end token is one of twelve

    responses = text.respond(PROMPTS, policy, max_tokens=20, rng=3, scored_at=(1.3, 0.0, 0.5))
    assert sum(response.ended for response in responses) > 2
    assert len({response.draws for response in responses}) > 3
    for index, (prompt, response) in enumerate(zip(PROMPTS, responses, strict=True)):
        tokens = _with_end(response)
        states, logits = _plain_pass(text, prompt, tokens)
        np.testing.assert_allclose(torch.stack([one for one, _ in seen[index]]), states, atol=1e-9)
        np.testing.assert_allclose(torch.stack([one for _, one in seen[index]]), logits, atol=1e-9)
        places = torch.arange(len(tokens)), torch.from_numpy(tokens)
        assert response.log_prob == pytest.approx(float(logits.log_softmax(-1)[places].sum()))
        for column, temperature in enumerate((1.3, 0.0, 0.5)):
            expected = tempered_log_probs(logits, temperature)[places]
            np.testing.assert_allclose(response.text_log_probs[:, column], expected, rtol=1e-5, atol=1e-6)
        assert len(tokens) == response.draws == len(response.temperatures)
        assert response.ended == (response.draws < 20 or tokens[-1] == TOKENIZER.eos_id)
        assert TOKENIZER.eos_id not in response.tokens
        assert response.text == TOKENIZER.decode(response.tokens)


def test_zero_is_the_likeliest_token_at_every_step(text) -> None:
    for prompt, response in zip(PROMPTS, text.respond(PROMPTS, FixedTemperature(0.0), max_tokens=6), strict=True):
        tokens = _with_end(response)
        assert _plain_pass(text, prompt, tokens)[1].argmax(-1).tolist() == tokens.tolist()


def test_a_response_does_not_depend_on_the_others(text) -> None:
    head = seeded_head(16, TEMPERATURES)
    with torch.no_grad():
        head.layers[-1].weight.mul_(500.0)
    together = text.respond(PROMPTS, HeadPolicy(head, "sampled"), max_tokens=12, rng=1)
    again = CausalText(text.model, TOKENIZER, batch=3).respond(
        PROMPTS, HeadPolicy(head, "sampled"), max_tokens=12, rng=1
    )
    assert [one.text for one in together] == [one.text for one in again]
    assert all((one.temperatures == two.temperatures).all() for one, two in zip(together, again, strict=True))
    alone = text.respond(PROMPTS[:1], HeadPolicy(head, "sampled"), max_tokens=12, rng=1)[0]
    assert alone.text == together[0].text
    assert {round(t, 6) for one in together for t in one.temperatures} == set(TEMPERATURES)
    other = text.respond(PROMPTS, HeadPolicy(head, "sampled"), max_tokens=12, rng=2)
    assert [one.text for one in other] != [one.text for one in together]


def test_progress_ends_at_the_total(text) -> None:
    ticks: list = []
    CausalText(text.model, TOKENIZER, batch=3).respond(
        PROMPTS, FixedTemperature(1.0), max_tokens=9, progress=lambda done, total: ticks.append((done, total))
    )
    assert ticks[-1] == (72, 72)
    assert [done for done, _ in ticks] == sorted(done for done, _ in ticks)


COPIES = 2000


def _first_tokens(picking: str, rng: int):
    """How often each token came first over many copies of a prompt under a head, the exact law of it, and the law at the mean T."""
    text = CausalText(_built("gpt2"), TOKENIZER, batch=COPIES)
    head = seeded_head(16, (0.2, 1.0, 3.0), seed=2)
    with torch.no_grad():
        head.layers[-1].weight.mul_(200.0)
    seen = []

    def policy(step):
        seen.append(step)
        return asked(step)

    asked = HeadPolicy(head, picking)
    responses = text.respond(["ab"] * COPIES, policy, max_tokens=1, rng=rng)
    counts = np.bincount([_with_end(one)[0] for one in responses], minlength=V)
    states, logits = seen[0].states[0], seen[0].logits[0]
    log_probs = head(states).detach()
    law = mixture_log_probs(logits, head.temperatures, log_probs).exp().numpy()
    mean = float(log_probs.exp().double() @ torch.tensor(head.temperatures, dtype=torch.float64))
    return responses, counts, law, tempered_log_probs(logits, mean).exp().numpy(), mean


def _p_value(counts, law) -> float:
    """Chi-square over the tokens, those expected less than 40 times taken together."""
    rare = law * COPIES < 40
    pooled = [np.append(one[~rare], one[rare].sum()) for one in (counts, law * COPIES)]
    keep = pooled[1] > 0
    return float(chisquare(pooled[0][keep], pooled[1][keep] * COPIES / pooled[1][keep].sum()).pvalue)


@pytest.mark.parametrize("picking", ["sampled", "mixture"])
def test_a_mixture_has_the_law_of_sampled_temperatures(picking: str) -> None:
    """Both against the same exact law, alpha = 1e-6; the law at the mean temperature, the planted fault, is refused by the same test."""
    responses, counts, law, at_the_mean, mean = _first_tokens(picking, rng=0)
    assert _p_value(counts, law) > 1e-6
    assert _p_value(counts, at_the_mean) < 1e-6
    drawn_at = np.array([one.temperatures[0] for one in responses])
    if picking == "mixture":
        assert drawn_at == pytest.approx(mean, rel=1e-5)
    else:
        assert set(drawn_at) == {0.2, 1.0, 3.0}


def test_the_law_of_sampled_temperatures_is_the_mixture_by_enumeration() -> None:
    logits = torch.randn(V, generator=torch.Generator().manual_seed(1))
    weights = torch.tensor([0.25, 0.5, 0.25], dtype=torch.float64)
    grid = (np.arange(400) + 0.5) / 400
    picks = drawn(weights.log().expand(400, -1), torch.from_numpy(grid))  # 100, 200 and 100 of them
    laws = torch.stack([tempered_log_probs(logits, TEMPERATURES[pick]).exp() for pick in picks.tolist()])
    np.testing.assert_allclose(laws.mean(0), mixture_log_probs(logits, TEMPERATURES, weights.log()).exp(), rtol=1e-12)


def test_the_entropy_rule_drives_it(text) -> None:
    [response] = text.respond(["ab"], EntropyTemperature(1.5, theta=1.0), max_tokens=8)
    logits = _plain_pass(text, "ab", _with_end(response))[1]
    entropy = torch.special.entr(logits.softmax(-1)).sum(-1)
    np.testing.assert_allclose(response.temperatures, 1.5 * 0.8 ** (1.0 / entropy), rtol=1e-6)


def test_a_model_without_a_begin_token_reads_the_prompt_as_it_is() -> None:
    """Pretrained models have vocabularies that lack the special tokens which the tokenizer adds."""
    config = GPT2Config(vocab_size=5, n_embd=8, n_layer=1, n_head=2, **NO_SPECIALS)

    class Digits:
        pad_id, bos_id, eos_id = 5, 6, 7

        def encode(self, prompt):
            return np.array([int(one) for one in prompt], np.int64)

        def decode(self, tokens):
            return "".join(map(str, tokens))

    text = CausalText(GPT2LMHeadModel(config), Digits())
    assert [len(one.text) for one in text.respond(["0", "123"], FixedTemperature(1.0), max_tokens=4)] == [4, 4]
    with pytest.raises(ValueError, match="prompt 1 is empty"):
        text.respond(["0", ""], FixedTemperature(1.0), max_tokens=4)
    with pytest.raises(ValueError, match="prompt 0 has token 5"):
        text.respond(["5"], FixedTemperature(1.0), max_tokens=4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"prompts": []}, "at least one prompt"),
        ({"max_tokens": 0}, "max_tokens must be an integer >= 1"),
        ({"max_tokens": 62}, "longest prompt has 4 tokens; with the 62 to decode"),
        ({"scored_at": [0.5, -1.0]}, "a temperature must be in"),
        ({"scored_at": []}, "at least one temperature"),
        ({"rng": "x"}, "rng must be"),
        ({"policy": lambda step: np.ones(7)}, "must return 1 temperatures"),
        ({"policy": lambda step: math.nan}, "got nan"),
        ({"policy": HeadPolicy(seeded_head(5, [0.0]))}, "made for states of size 5, the model gives states of size 16"),
    ],
)
def test_bad_input_is_named(text, arguments, message: str) -> None:
    given = {"prompts": ["abc"], "policy": FixedTemperature(1.0), "max_tokens": 3} | arguments
    with pytest.raises(ValueError, match=message) as caught:
        text.respond(given.pop("prompts"), given.pop("policy"), **given)
    assert "\n" not in str(caught.value)


def test_logits_that_are_no_numbers_are_named() -> None:
    text = CausalText(_built("llama"), TOKENIZER)
    with torch.no_grad():
        text.model.lm_head.weight[3, 0] = math.nan
    with pytest.raises(ModelOutputError, match="no numbers"):
        text.respond(["abc"], FixedTemperature(1.0), max_tokens=3)
