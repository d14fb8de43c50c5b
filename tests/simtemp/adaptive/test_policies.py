"""Temperatures that policies pick: fixed, by entropy, and by a head at either level; whose uniforms they spend, and what is recorded."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from simtemp.adaptive import head_policy
from simtemp.adaptive.head import seeded_head
from simtemp.adaptive.policies import EntropyTemperature, FixedTemperature, HeadPolicy, Mixture
from simtemp.blackbox.preparation import generators
from simtemp.decoding_step import DecodingStep
from simtemp.policy_answer import as_temperatures

TEMPERATURES = (0.0, 0.4, 1.0, 1.6)


def head_of(level: str = "token", seed: int = 0):
    """A head that is far from uniform."""
    head = seeded_head(4, TEMPERATURES, level, seed=seed)
    with torch.no_grad():
        head.layers[-1].weight.mul_(500.0)
    return head


def step_of(states, number: int = 0, sequences=None, logits=None) -> DecodingStep:
    return DecodingStep(states, number, np.arange(len(states)) if sequences is None else np.array(sequences), logits)


def states_of(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, 4, generator=torch.Generator().manual_seed(seed))


def test_a_fixed_temperature_is_everywhere() -> None:
    assert FixedTemperature(1.5)(step_of(states_of(3))).tolist() == [1.5] * 3


def test_the_entropy_rule_is_the_published_formula() -> None:
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0], [3.0, 0.0, -torch.inf, -torch.inf], [9.0, *[-torch.inf] * 3]])
    given = EntropyTemperature(1.2, theta=0.3, base=0.7)(step_of(states_of(3), logits=logits))
    p = 1 / (1 + math.exp(-3.0))
    entropy = -p * math.log(p) - (1 - p) * math.log(1 - p)
    assert given == pytest.approx([1.2 * 0.7 ** (0.3 / math.log(4)), 1.2 * 0.7 ** (0.3 / entropy), 0.0], rel=1e-12)


def test_a_vocabulary_of_one_token_has_no_entropy() -> None:
    assert EntropyTemperature(1.0)(step_of(states_of(1), logits=torch.ones(1, 1))).tolist() == [0.0]


def test_argmax_is_the_likeliest_and_of_equals_the_lowest() -> None:
    head, states = head_of(), states_of(50)
    expected = np.array(TEMPERATURES)[head(states).argmax(-1).numpy()]
    assert HeadPolicy(head)(step_of(states)).tolist() == expected.tolist()
    assert len(set(expected)) > 1
    with torch.no_grad():
        head.layers[-1].weight.zero_()
    assert HeadPolicy(head)(step_of(states)).tolist() == [0.0] * 50


def _p_value_of_picks(seed: int) -> float:
    head, states = head_of(), states_of(1).expand(4000, -1)
    probs = head(states[0]).detach().exp().double().numpy()
    assert probs.min() > 0.02  # expected counts of 80 and more
    given = HeadPolicy(head, "sampled", rng=seed)(step_of(states))
    counts = [(given == temperature).sum() for temperature in TEMPERATURES]
    return float(chisquare(counts, probs / probs.sum() * 4000).pvalue)


def test_sampled_picks_follow_the_head() -> None:
    """alpha = 1e-6."""
    assert _p_value_of_picks(0) > 1e-6


def test_picks_by_argmax_are_caught_by_the_test_of_the_picks(monkeypatch) -> None:
    """Planted: the likeliest is picked one time in ten too often. The same statistic, alpha = 1e-6, refuses it."""
    honest = head_policy.drawn
    monkeypatch.setattr(
        head_policy,
        "drawn",
        lambda law, u: torch.where(u < 0.1, law.argmax(-1), honest(law, u.clip(0.1) / 0.9 - 1 / 9)),
    )
    assert _p_value_of_picks(0) < 1e-6


def test_a_pick_does_not_depend_on_the_others() -> None:
    """Sequence 3 alone, or among others that end before it: the same uniforms at every step, past the block they are drawn in."""
    states = states_of(70 * 6).view(70, 6, 4)
    head = head_of()
    crowd, alone = HeadPolicy(head, "sampled", rng=5), HeadPolicy(head, "sampled", rng=5)
    for number in range(70):
        present = [0, 1, 3, 5] if number < 20 else [1, 3] if number < 65 else [3]
        among = crowd(step_of(states[number, present], number, present))[present.index(3)]
        assert among == alone(step_of(states[number, [3]], number, [3]))[0]


def test_a_policy_begins_again_at_step_0() -> None:
    policy = HeadPolicy(head_of(), "sampled", rng=1)
    first = [policy(step_of(states_of(40), number)).tolist() for number in range(3)]
    assert [policy(step_of(states_of(40), number)).tolist() for number in range(3)] == first
    assert HeadPolicy(head_of(), "sampled", rng=2)(step_of(states_of(40))).tolist() != first[0]


def test_a_model_with_the_same_seed_spends_other_uniforms() -> None:
    policy = HeadPolicy(head_of(), "sampled", rng=0)
    own = [policy._generator(i).random() for i in range(5)]
    models = generators(0, 5)
    theirs = [one.random() for one in models] + [child.random() for one in generators(0, 5) for child in one.spawn(5)]
    assert not set(own) & set(theirs)


@pytest.mark.parametrize("picking", ["argmax", "sampled"])
def test_a_head_of_sequence_level_keeps_its_pick(picking: str) -> None:
    policy = HeadPolicy(head_of("sequence"), picking, recording=True)
    first = policy(step_of(states_of(6)))
    assert len(set(first)) > 1
    assert policy(step_of(states_of(3, 1), 1, [1, 2, 5])).tolist() == first[[1, 2, 5]].tolist()
    assert policy(step_of(states_of(1, 2), 2, [5])).tolist() == [first[5]]
    states, picked = policy.choices_of(5)
    assert states.tolist() == states_of(6)[5:].tolist()
    assert TEMPERATURES[picked[0]] == first[5]


def test_states_and_picks_are_recorded_by_sequence() -> None:
    """Batches one after the other, as a model that decodes in batches asks; a second decoding replaces the first."""
    policy = HeadPolicy(head_of(), "sampled", recording=True)
    for seed in (0, 7):
        given = {}
        for batch in ([0, 3], [1, 2]):
            for number in range(3):
                kept = batch if number < 2 else batch[1:]
                states = states_of(len(kept), 100 * seed + 10 * number + batch[0])
                temperatures = policy(step_of(states, number, kept))
                for place, sequence in enumerate(kept):
                    given.setdefault(sequence, []).append((states[place].tolist(), temperatures[place]))
                assert len(policy.choices_of(batch[1])[1]) == number + 1
        for sequence, steps in given.items():
            states, picked = policy.choices_of(sequence)
            assert (states.dtype, picked.dtype) == (np.float32, np.int64)
            assert list(zip(states.tolist(), np.array(TEMPERATURES)[picked], strict=True)) == steps


def test_a_mixture_is_left_to_the_model() -> None:
    head, states = head_of(), states_of(2)
    given = HeadPolicy(head, "mixture")(step_of(states, logits=torch.zeros(2, 5)))
    assert isinstance(given, Mixture)
    assert given.temperatures == TEMPERATURES
    np.testing.assert_allclose(given.log_probs, head(states).detach(), rtol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: FixedTemperature(-1.0), "temperature must be in"),
        (lambda: FixedTemperature(math.inf), "temperature must be in"),
        (lambda: EntropyTemperature(math.nan), "highest must be a real number"),
        (lambda: EntropyTemperature(1.0, theta=0.0), "theta must be in"),
        (lambda: EntropyTemperature(1.0, base=1.0), "base must be in"),
        (lambda: EntropyTemperature(1.0)(step_of(states_of(1))), "needs logits"),
        (lambda: HeadPolicy(head_of(), "best"), "picking must be one of"),
        (lambda: HeadPolicy(head_of("sequence"), "mixture"), "head of sequence level"),
        (lambda: HeadPolicy(head_of(), "mixture", recording=True), "records its picks"),
        (lambda: HeadPolicy(head_of(), "mixture")(step_of(states_of(1))), "needs logits"),
        (lambda: HeadPolicy(head_of())(step_of(torch.zeros(1, 5))), "made for states of size 4"),
        (lambda: HeadPolicy(head_of())(step_of(states_of(1) * math.nan)), "hidden state that is not finite"),
        (lambda: HeadPolicy(head_of()).choices_of(0), "recording must be True"),
        (lambda: HeadPolicy(head_of(), recording=True).choices_of(3), "no recorded choice for sequence 3"),
        (lambda: as_temperatures(np.ones(2), 3), r"must return 3 temperatures, got shape \(2,\)"),
        (lambda: as_temperatures([0.5, math.nan], 2), r"temperatures in \[0, inf\), got nan"),
        (lambda: as_temperatures(-0.5, 2), "got -0.5"),
        (lambda: as_temperatures("warm", 2), "must return numbers"),
    ],
)
def test_bad_input_is_named(wrong, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        wrong()
    assert "\n" not in str(caught.value)


def test_a_head_whose_training_diverged_is_named() -> None:
    head = head_of()
    with torch.no_grad():
        head.layers[0].weight.fill_(math.nan)
    with pytest.raises(ValueError, match="weights are not finite"):
        HeadPolicy(head)(step_of(states_of(2)))
