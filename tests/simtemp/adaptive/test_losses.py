import math
from itertools import product

import numpy as np
import pytest
import torch

from simtemp.adaptive.choices import Choices
from simtemp.adaptive.losses import (
    LOSSES,
    joint_loss,
    latent_loss,
    negative_log_likelihood,
    reference_free_loss,
    uniform_reference_loss,
)
from simtemp.adaptive.margins import latent_margin, reference_free_margin, uniform_reference_margin

torch.set_num_threads(1)

PAIRS, SIZE = 5, 4


def some_choices(seed, longest=3, *, shortest=1, greedy=True):
    """Responses of different lengths; the first temperature is greedy: it cannot give about half of the tokens."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(shortest, longest + 1, PAIRS)
    present = np.arange(longest) < lengths[:, None]
    logits = rng.normal(size=(PAIRS, longest, SIZE))
    text = np.log(rng.random((PAIRS, longest, SIZE)))
    if greedy:
        text[..., 0] = np.where(rng.random((PAIRS, longest)) < 0.5, 0.0, -np.inf)
    return Choices(
        torch.tensor(logits).log_softmax(-1),
        torch.tensor(rng.integers(0, SIZE, (PAIRS, longest))),
        torch.tensor(present),
        torch.tensor(text),
    )


def steps_of(choices, pair):
    return [step for step in range(choices.present.shape[1]) if choices.present[pair, step]]


def picked_gain(choices, pair, reference):
    """Sum over the steps of log P(pick) - log reference, in plain Python."""
    return sum(
        float(choices.log_probs[pair, step, int(choices.picked[pair, step])]) - math.log(reference)
        for step in steps_of(choices, pair)
    )


def text_gain(choices, pair):
    gain = 0.0
    for step in steps_of(choices, pair):
        weights = [math.exp(float(value)) for value in choices.log_probs[pair, step]]
        text = [math.exp(float(value)) for value in choices.text_log_probs[pair, step]]
        mixed = sum(weight * prob for weight, prob in zip(weights, text, strict=True))
        gain += math.log(mixed / (sum(text) / SIZE))
    return gain


def mean_loss(margins):
    return sum(math.log1p(math.exp(-margin)) for margin in margins) / len(margins)


GAINS = {
    "reference-free": lambda choices, pair: picked_gain(choices, pair, 1.0),
    "uniform-reference": lambda choices, pair: picked_gain(choices, pair, 1.0 / SIZE),
    "latent": text_gain,
}


@pytest.mark.parametrize("name", GAINS)
@pytest.mark.parametrize("beta", [0.1, 1.0, 2.5])
def test_a_loss_is_its_formula(name, beta):
    for seed in range(3):
        chosen, rejected = some_choices(seed), some_choices(seed + 100, longest=4)
        margins = [beta * (GAINS[name](chosen, pair) - GAINS[name](rejected, pair)) for pair in range(PAIRS)]
        assert float(LOSSES[name](chosen, rejected, beta)) == pytest.approx(mean_loss(margins), rel=1e-12)


def test_the_baseline_is_its_formula():
    chosen = some_choices(1)
    expected = -sum(picked_gain(chosen, pair, 1.0) for pair in range(PAIRS)) / PAIRS
    assert float(negative_log_likelihood(chosen)) == pytest.approx(expected, rel=1e-12)
    assert LOSSES["nll"](chosen, some_choices(2), 1.0) == negative_log_likelihood(chosen)


def test_the_joint_loss_adds_the_margin_of_the_text():
    chosen, rejected, beta = some_choices(3), some_choices(4), 0.7
    texts = torch.randn(4, PAIRS, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    own, other, own_reference, other_reference = texts.tolist()
    margins = [
        beta * (GAINS["uniform-reference"](chosen, pair) - GAINS["uniform-reference"](rejected, pair))
        + beta * (own[pair] - own_reference[pair] - other[pair] + other_reference[pair])
        for pair in range(PAIRS)
    ]
    assert float(joint_loss(chosen, rejected, beta, *texts)) == pytest.approx(mean_loss(margins), rel=1e-12)
    with pytest.raises(ValueError, match=r"text_rejected must have shape \(5,\)"):
        joint_loss(chosen, rejected, beta, texts[0], texts[1, :2], texts[2], texts[3])


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_those_of_finite_differences(name):
    chosen, rejected = some_choices(5, 2), some_choices(6, 2)

    def loss(first, second):
        heads = (logits.log_softmax(-1) for logits in (first, second))
        return LOSSES[name](chosen._replace(log_probs=next(heads)), rejected._replace(log_probs=next(heads)), 0.8)

    logits = [
        torch.randn(PAIRS, 2, SIZE, dtype=torch.float64, generator=torch.Generator().manual_seed(s)) for s in (0, 1)
    ]
    assert torch.autograd.gradcheck(loss, [value.requires_grad_() for value in logits])


@pytest.mark.parametrize("name", LOSSES)
def test_padding_has_no_influence(name):
    chosen, rejected = some_choices(7), some_choices(8)

    def padded(choices, text):
        wide = (PAIRS, 2, SIZE)
        return Choices(
            torch.cat([choices.log_probs, torch.full(wide, -3.0, dtype=torch.float64)], 1),
            torch.cat([choices.picked, torch.full(wide[:2], -1)], 1),
            torch.cat([choices.present, torch.zeros(wide[:2], dtype=torch.bool)], 1),
            torch.cat([choices.text_log_probs, torch.full(wide, text, dtype=torch.float64)], 1),
        )

    expected = float(LOSSES[name](chosen, rejected, 1.5))
    for text in (-math.inf, math.nan, 0.0):
        assert float(LOSSES[name](padded(chosen, text), rejected, 1.5)) == pytest.approx(expected, rel=1e-14)
        assert float(LOSSES[name](chosen, padded(rejected, text), 1.5)) == pytest.approx(expected, rel=1e-14)


def test_the_uniform_reference_takes_length_out_of_the_margin():
    chosen, rejected, beta = some_choices(9, 6), some_choices(10, 6), 0.4
    difference = uniform_reference_margin(chosen, rejected, beta) - reference_free_margin(chosen, rejected, beta)
    longer = chosen.present.sum(1) - rejected.present.sum(1)
    assert longer.unique().numel() > 1
    torch.testing.assert_close(difference, beta * longer.double() * math.log(SIZE), rtol=0, atol=1e-12)


def test_at_sequence_level_the_two_references_are_one():
    chosen, rejected = some_choices(11, 1), some_choices(12, 1)
    assert float(reference_free_loss(chosen, rejected, 1.0)) == float(uniform_reference_loss(chosen, rejected, 1.0))


@pytest.mark.parametrize("margin", [reference_free_margin, uniform_reference_margin, latent_margin])
def test_chosen_and_rejected_change_places(margin):
    chosen, rejected = some_choices(13), some_choices(14)
    torch.testing.assert_close(margin(chosen, rejected, 1.0), -margin(rejected, chosen, 1.0))


def test_a_head_that_knows_nothing_is_neutral_but_for_length_without_a_reference():
    def unknowing(length):
        shape = (1, length, SIZE)
        logs = torch.full(shape, -math.log(SIZE), dtype=torch.float64)
        return Choices(logs, torch.zeros(shape[:2], dtype=torch.int64), torch.ones(shape[:2], dtype=torch.bool))

    for ours, theirs in product((1, 3), (1, 4)):
        assert float(uniform_reference_loss(unknowing(ours), unknowing(theirs), 0.5)) == pytest.approx(math.log(2))
        expected = math.log1p(SIZE ** (0.5 * (ours - theirs)))
        assert float(reference_free_loss(unknowing(ours), unknowing(theirs), 0.5)) == pytest.approx(expected)


@pytest.mark.parametrize("wins", [0.1, 0.3])
def test_without_a_reference_k_more_steps_are_worth_k_log_m(wins):
    """Of two temperatures, "long" makes a response k steps longer, steps at which nothing is to be learned, and wins in a share q < 1/2 of
    the pairs. The least loss is where its log-odds are logit(q) / beta with the uniform reference and k log M more without: it is then
    preferred although it loses.
    """
    beta, steps = 0.8, 3
    shift = steps * math.log(2)
    for loss, odds in (
        (uniform_reference_loss, math.log(wins / (1 - wins)) / beta),
        (reference_free_loss, math.log(wins / (1 - wins)) / beta + shift),
    ):
        logit = torch.tensor(odds, dtype=torch.float64, requires_grad=True)
        first = torch.stack([torch.zeros_like(logit), logit]).log_softmax(0)
        rows = torch.cat([first[None], torch.full((steps, 2), -math.log(2), dtype=torch.float64)])[None]
        present = torch.ones(1, steps + 1, dtype=torch.bool)
        long = Choices(rows, torch.tensor([[1, 0, 1, 0]]), present)
        short = Choices(rows, torch.zeros(1, steps + 1, dtype=torch.int64), torch.tensor([[True, False, False, False]]))
        (wins * loss(long, short, beta) + (1 - wins) * loss(short, long, beta)).backward()
        assert float(logit.grad) == pytest.approx(0.0, abs=1e-14)
    assert math.log(wins / (1 - wins)) / beta < 0 < math.log(0.3 / 0.7) / beta + shift


def test_text_that_one_temperature_alone_can_give_says_which_was_picked():
    chosen, rejected = some_choices(15), some_choices(16)
    alone = [
        choices._replace(text_log_probs=torch.nn.functional.one_hot(choices.picked, SIZE).double().mul(0.3).log())
        for choices in (chosen, rejected)
    ]
    torch.testing.assert_close(latent_margin(*alone, 1.2), uniform_reference_margin(chosen, rejected, 1.2))


def test_a_head_certain_of_one_temperature_has_the_margin_of_dpo():
    """The policy is then the model at that temperature, and the reference the model at a temperature picked at random."""
    sure = torch.full((PAIRS, 3, SIZE), -800.0, dtype=torch.float64)
    sure[..., 2] = 0.0
    chosen, rejected = (some_choices(seed, greedy=False)._replace(log_probs=sure) for seed in (17, 18))

    def log_ratio(choices):
        text = choices.text_log_probs
        return ((text[..., 2] - text.exp().mean(-1).log()) * choices.present).sum(-1)

    expected = 0.9 * (log_ratio(chosen) - log_ratio(rejected))
    torch.testing.assert_close(latent_margin(chosen, rejected, 0.9), expected)


def test_with_one_temperature_there_is_nothing_to_prefer():
    def single(seed):
        choices = some_choices(seed, greedy=False)
        return Choices(
            torch.zeros(PAIRS, 3, 1), torch.zeros_like(choices.picked), choices.present, choices.text_log_probs[..., :1]
        )

    for name in ("reference-free", "uniform-reference", "latent"):
        assert float(LOSSES[name](single(19), single(20), 1.0)) == pytest.approx(math.log(2))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_greedy_gives_neither_nan_nor_infinity(dtype):
    """Tokens that T = 0 cannot give, a token that no temperature gives, long texts far below the smallest float, a head that is certain."""
    logits = torch.tensor(
        [[[0.0, 1.0, -1.0], [60.0, -60.0, 0.0], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]], dtype=dtype
    ).requires_grad_()
    text = torch.tensor(
        [[[-math.inf, -3.0, -2.0], [-math.inf, -5.0, -math.inf], 3 * [-math.inf], [-math.inf, -900.0, -901.0]]],
        dtype=dtype,
    )
    one = torch.zeros(1, 4, dtype=torch.int64)
    chosen = Choices(logits.log_softmax(-1), one, one == 0, text)
    rejected = chosen._replace(present=torch.tensor([[True, False, False, False]]))
    loss = latent_loss(chosen, rejected, 1.0) + latent_loss(rejected, chosen, 1.0)
    loss.backward()
    assert bool(loss.isfinite())
    assert bool(logits.grad.isfinite().all())
    assert logits.grad[0, 2].abs().max() <= 1e-7  # rounding of float32
    assert logits.grad[0, 3].abs().max() > 0.01


def lengthless(choices):
    return choices._replace(present=choices.present & (torch.arange(PAIRS)[:, None] != 3))


BAD = {
    "beta must be in (0, inf), got 0": lambda c, r: (c, r, 0),
    "beta must be in (0, inf), got -1.0": lambda c, r: (c, r, -1.0),
    "beta must be in (0, inf), got inf": lambda c, r: (c, r, math.inf),
    "beta must be a real number, got nan": lambda c, r: (c, r, math.nan),
    "a response must have at least one choice, chosen[3] has length 0": lambda c, r: (lengthless(c), r, 1.0),
    "a response must have at least one choice, rejected[3] has length 0": lambda c, r: (c, lengthless(r), 1.0),
    "picked of rejected must have shape (5, 3), got (5, 2)": lambda c, r: (c, r._replace(picked=r.picked[:, :2]), 1.0),
    "picked of chosen must be indices from 0 to 3, got 9 to 9": lambda c, r: (
        c._replace(picked=c.picked * 0 + 9),
        r,
        1.0,
    ),
    "must be as many and of one list of temperatures, got 5 responses with 4": lambda c, r: (
        c,
        Choices(*(v[:2] for v in r)),
        1.0,
    ),
    "log_probs of chosen must have shape (B >= 1, L, M >= 1), got (0, 3, 4)": lambda c, r: (
        Choices(*(v[:0] for v in c)),
        r,
        1.0,
    ),
    "the latent loss needs text_log_probs, rejected has none": lambda c, r: (c, r._replace(text_log_probs=None), 1.0),
    "text_log_probs must be below inf, chosen has nan or inf": lambda c, r: (
        c._replace(text_log_probs=c.log_probs * math.nan),
        r,
        1.0,
    ),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input_is_one_clear_line(message):
    with pytest.raises(ValueError) as caught:
        latent_loss(*BAD[message](some_choices(21), some_choices(22)))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
