"""The error of an estimated target, by its formula and by what it must bound."""

import math

import numpy as np
import pytest

from simtemp import temper, total_variation
from verify.certificate import allowance
from verify.estimated_target import estimated_target

COUNTS = [50_000, 20_000, 8_000, 0, 700, 90, 7, 1]


def radius(counts, delta: float) -> float:
    return (1.0 + math.sqrt(math.log(1.0 / delta))) / math.sqrt(sum(counts))


@pytest.mark.parametrize("counts", [COUNTS, [30, 20, 10], [1000, 1000], [5]])
@pytest.mark.parametrize("temperature", [1.0, 0.95, 0.7, 0.55])
def test_error_is_that_of_the_best_truncation(counts, temperature) -> None:
    """The formula of the docstring, for every number J of categories that are kept."""
    s, r = 1.0 / temperature, radius(counts, 1e-3)
    falling = sorted((count / sum(counts) for count in counts if count), reverse=True)
    errors = []
    for j in range(1, len(falling) + 1):
        rest = min(1.0, max(0.0, 1.0 - math.fsum(falling[:j])) + math.sqrt(j) * r)
        largest = min(1.0, ([*falling, 0.0])[j] + r)
        distance = j ** (1 / s - 0.5) * r + rest ** (1 / s) * largest ** (1 - 1 / s)
        errors.append(s * distance / math.fsum(p**s for p in falling[:j]) ** (1 / s))
    target = estimated_target(counts, temperature, 1e-3)
    assert target.error == pytest.approx(min(1.0, *errors), rel=1e-9)
    kept = falling[: int(np.argmin(errors)) + 1] if temperature < 1.0 else falling
    tempered = [p**s / math.fsum(q**s for q in kept) for p in kept]
    assert sorted(target.probs[target.probs > 0], reverse=True) == pytest.approx(tempered, rel=1e-9)


@pytest.mark.parametrize("temperature", [0.5, 0.3, 0.05])
def test_error_at_half_and_below(temperature) -> None:
    s = 1.0 / temperature
    target = estimated_target(COUNTS, temperature, 1e-6)
    frequencies = np.array(COUNTS) / sum(COUNTS)
    norm = float((frequencies**s).sum()) ** (1 / s)
    assert target.error == target.allowance == pytest.approx(s * radius(COUNTS, 1e-6) / norm, rel=1e-9)
    assert target.probs == pytest.approx(temper(frequencies, temperature), rel=1e-12)


def test_at_temperature_one_the_certificate_adds_one_bound_of_a_binomial() -> None:
    target = estimated_target(COUNTS, 1.0, 1e-6)
    assert target.allowance == allowance(sum(COUNTS), 1e-6, max(COUNTS)) < target.error


def test_the_error_is_an_error_bound() -> None:
    """198 estimates at delta = 1e-6 each: none is further off than its bound, and no bound is beyond 0.6."""
    rng, law = np.random.default_rng(5), np.array([0.6, 0.25, 0.1, 0.05])
    for temperature in (0.9, 0.6, 0.4):
        truth = temper(law, temperature)
        for _ in range(66):
            target = estimated_target(rng.multinomial(20_000, law), temperature, 1e-6)
            assert total_variation(target.probs, truth) <= target.error < 0.6
