"""Right draws from wrongly tempered probabilities."""

from __future__ import annotations

from typing import Final

import numpy as np

from simtemp.arguments import Floats, Integers
from simtemp.base import parse_base
from simtemp.tempering import temper
from verify.faults.fault import Fault, normalised
from verify.faults.restarts import table

NEAR: Final = parse_base("near")
PEAKED: Final = parse_base("peaked9")
HUNDRED: Final = parse_base("zipf:100,1.1")
THOUSAND: Final = parse_base("zipf:1000,1.1")


def drafted(*, draft_tempered: bool, residual_tempered: bool) -> Fault:
    """Speculative sampling: a draft from another model, accepted by a ratio, else a draw from what the ratio left over."""
    draft = np.full(NEAR.size, 0.25)
    draft[0], draft[3] = 0.1, 0.4
    temperature = 0.5
    target = temper(NEAR.probs, temperature)
    drawn = temper(draft, temperature) if draft_tempered else draft
    residual = normalised(np.maximum((target if residual_tempered else NEAR.probs) - draft, 0.0))

    def sampler(size: int, rng: np.random.Generator) -> Integers:
        x = rng.choice(NEAR.size, size, p=drawn)
        rejected = rng.random(size) * draft[x] >= target[x]
        x[rejected] = rng.choice(NEAR.size, int(rejected.sum()), p=residual)
        return x.astype(np.int64)

    def law() -> Floats:
        accepted = drawn * np.minimum(1.0, target / draft)
        return np.asarray(accepted + (1.0 - accepted.sum()) * residual)

    if draft_tempered:
        name, mistake = "draft-tempered-acceptance-not", "drafts are tempered, the ratio that accepts them is not"
    else:
        name, mistake = (
            "residual-not-tempered",
            "rejected drafts are replaced from the residual of the untempered model",
        )
    return Fault(name, mistake, "law", NEAR, temperature, sampler, "a test of the acceptance rate", law)


def _unnormalised(size: int, rng: np.random.Generator) -> Integers:
    edges = np.cumsum(PEAKED.probs**2)
    return np.minimum(np.searchsorted(edges, rng.random(size), side="right"), PEAKED.size - 1)


def _last_gets_the_rest() -> Floats:
    law = np.square(PEAKED.probs)
    law[-1] = 1.0 - law[:-1].sum()
    return law


def _half_precision(size: int, rng: np.random.Generator) -> Integers:
    logits = (np.log(NEAR.probs) + 20.0).astype(np.float16)
    scores = (logits / np.float16(0.1)).astype(np.float64)
    return np.asarray(np.argmax(scores[:, None] + rng.gumbel(size=(scores.size, size)), axis=0))


def _to_eleven_bits(x: Floats) -> Floats:
    mantissa, exponent = np.frexp(x)
    return np.asarray(np.ldexp(np.round(mantissa * 2**11), exponent - 11))


def _half_precision_law() -> Floats:
    logits = _to_eleven_bits(np.log(NEAR.probs) + 20.0)
    scores = _to_eleven_bits(logits / _to_eleven_bits(np.array(0.1)))
    return normalised(np.exp(scores - scores.max()))


def _top_k(probs: Floats, k: int) -> Floats:
    return np.where(probs >= np.sort(probs)[-k], probs, 0.0)


def _top_p(probs: Floats, p: float) -> Floats:
    order = np.argsort(-probs)
    kept = probs.copy()
    kept[order[np.cumsum(probs[order]) - probs[order] >= p]] = 0.0
    return kept


def _first(count: int, probs: Floats) -> Floats:
    """On a base that falls, its first categories are its most probable ones."""
    return normalised(np.where(np.arange(probs.size) < count, probs, 0.0))


def _to_the_power(probs: Floats, exponent: float) -> Floats:
    return np.asarray(probs**exponent)


FAULTS: Final = (
    Fault(
        "temperature-twice",
        "probabilities that were already tempered are tempered again",
        "law",
        NEAR,
        0.7,
        table(_to_the_power(normalised(_to_the_power(NEAR.probs, 1 / 0.7)), 1 / 0.7)),
        "a look at the order of the frequencies",
        lambda: temper(NEAR.probs, 0.49),
    ),
    Fault(
        "temperature-for-its-inverse",
        "probabilities are raised to T where 1/T is meant",
        "law",
        HUNDRED,
        0.8,
        table(_to_the_power(HUNDRED.probs, 0.8)),
        "a test at T = 1 only",
        lambda: temper(HUNDRED.probs, 1.25),
    ),
    Fault(
        "exponent-1-percent-high",
        "1/T is 1 % too large",
        "law",
        THOUSAND,
        0.9,
        table(_to_the_power(THOUSAND.probs, 1.01 / 0.9)),
        "chi-square of a few thousand outputs",
        lambda: temper(THOUSAND.probs, 0.9 / 1.01),
    ),
    Fault(
        "exponent-1-percent-low",
        "1/T is 1 % too small",
        "law",
        THOUSAND,
        0.9,
        table(_to_the_power(THOUSAND.probs, 0.99 / 0.9)),
        "chi-square of a few thousand outputs",
        lambda: temper(THOUSAND.probs, 0.9 / 0.99),
    ),
    Fault(
        "exponent-5-percent-high",
        "1/T is 5 % too large",
        "law",
        HUNDRED,
        1.0,
        table(_to_the_power(HUNDRED.probs, 1.05)),
        "chi-square of a few thousand outputs",
        lambda: temper(HUNDRED.probs, 1 / 1.05),
    ),
    Fault(
        "exponent-1-percent-high-on-few",
        "1/T is 1 % too large, on nine categories: off by less than 0.01",
        "law",
        PEAKED,
        0.5,
        table(_to_the_power(PEAKED.probs, 2.02)),
        "any test of less than a hundred thousand outputs",
        lambda: temper(PEAKED.probs, 0.5 / 1.01),
    ),
    Fault(
        "normaliser-not-tempered",
        "the powers are cumulated without dividing by their sum, so the last category gets what is missing to 1",
        "law",
        PEAKED,
        0.5,
        _unnormalised,
        "a test that leaves out the last category as redundant",
        _last_gets_the_rest,
    ),
    drafted(draft_tempered=True, residual_tempered=True),
    drafted(draft_tempered=False, residual_tempered=False),
    Fault(
        "softmax-of-probabilities",
        "probabilities are taken for logits: exp(p/T) instead of exp(log(p)/T)",
        "law",
        PEAKED,
        0.4,
        table(np.exp(PEAKED.probs / 0.4)),
        "a look at the order of the frequencies",
        lambda: normalised(np.exp(2.5 * PEAKED.probs)),
    ),
    Fault(
        "top-k-left-on",
        "only the 40 most probable categories can come out",
        "law",
        HUNDRED,
        0.8,
        table(_top_k(_to_the_power(HUNDRED.probs, 1.25), 40)),
        "a test that renormalises over the categories it has seen",
        lambda: _first(40, temper(HUNDRED.probs, 0.8)),
    ),
    Fault(
        "top-p-left-on",
        "only the most probable categories up to 95 % of the mass can come out",
        "law",
        PEAKED,
        0.8,
        table(_top_p(normalised(_to_the_power(PEAKED.probs, 1.25)), 0.95)),
        "a test that renormalises over the categories it has seen",
        lambda: _first(7, temper(PEAKED.probs, 0.8)),
    ),
    Fault(
        "label-smoothing-left-on",
        "two in a hundred outputs are drawn uniformly",
        "law",
        HUNDRED,
        0.5,
        lambda size, rng: np.where(
            rng.random(size) < 0.02,
            rng.integers(HUNDRED.size, size=size),
            rng.choice(HUNDRED.size, size, p=normalised(_to_the_power(HUNDRED.probs, 2.0))),
        ),
        "max |z| over the frequent categories",
        lambda: 0.98 * temper(HUNDRED.probs, 0.5) + 0.02 / HUNDRED.size,
    ),
    Fault(
        "guard-inside-the-logarithm",
        "log(p + 0.0001), against zeros, instead of log(p)",
        "law",
        THOUSAND,
        0.9,
        table(np.exp(np.log(THOUSAND.probs + 1e-4) / 0.9)),
        "a test on a small support",
        lambda: temper(normalised(THOUSAND.probs + 1e-4), 0.9),
    ),
    Fault(
        "half-precision-logits",
        "logits around 20 are divided by T in float16 before the largest is subtracted",
        "law",
        NEAR,
        0.1,
        _half_precision,
        "a test at T = 1, where the rounding is ten times smaller",
        _half_precision_law,
    ),
)
