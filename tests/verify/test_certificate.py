"""The certificate against full enumeration, its allowance against the exact maximum."""

from itertools import chain, combinations

import numpy as np
import pytest

from simtemp.arguments import Floats
from verify import certificate, tv_upper_bound
from verify.certificate import allowance, hoeffding_allowance, upper_bound
from verify.intervals import upper_limit

TARGETS = [
    [0.5, 0.5],
    [0.9, 0.1],
    [0.999, 0.001],
    [0.0, 1.0],
    [0.2, 0.3, 0.5],
    [1 / 3, 1 / 3, 1 / 3],
    [0.05, 0.0, 0.95],
]


def exact_allowance(n: int, delta: float, largest: int = 0) -> float:
    counts = np.arange(n + 1)
    excess = upper_limit(counts, n, delta) - counts / n
    possible = (counts <= n - largest) | (counts >= largest)
    return float(excess[possible].max())


def worst_miss(outcomes, outcome_chances, laws, probs: Floats, n: int, delta: float) -> float:
    """The largest chance, over a grid of laws q, that TV(q, target) exceeds the bound."""
    table = outcomes(n, probs.size)
    bounds = np.array([upper_bound(counts, probs, delta) for counts in table])
    return max(float(outcome_chances(table, q)[0.5 * np.abs(q - probs).sum() > bounds].sum()) for q in laws(probs.size))


@pytest.mark.parametrize("probs", TARGETS)
@pytest.mark.parametrize("delta", [0.2, 0.01])
@pytest.mark.parametrize("closed_form", [False, True])
def test_misses_at_most_at_rate_delta(outcomes, outcome_chances, laws, monkeypatch, probs, delta, closed_form) -> None:
    if closed_form:
        monkeypatch.setattr(certificate, "EXACT_UP_TO", 0)
    n = 60 if len(probs) == 2 else 18
    assert worst_miss(outcomes, outcome_chances, laws, np.array(probs), n, delta) <= delta * (1 + 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("probs", TARGETS)
@pytest.mark.parametrize("n", [7, 30, 60])
def test_misses_at_most_at_rate_delta_for_more_outputs(outcomes, outcome_chances, laws, probs, n) -> None:
    for delta in (0.3, 0.05, 1e-3):
        assert worst_miss(outcomes, outcome_chances, laws, np.array(probs), n, delta) <= delta * (1 + 1e-9)


def test_a_certificate_a_quarter_too_optimistic_misses_too_often(outcomes, outcome_chances, laws, monkeypatch) -> None:
    """Planted fault: the allowance shrunk by a quarter. Then some law escapes at a rate above delta, so the test sees it."""
    monkeypatch.setattr(certificate, "allowance", lambda n, delta, largest: 0.75 * allowance(n, delta, largest))
    assert worst_miss(outcomes, outcome_chances, laws, np.array([0.5, 0.5]), 60, 0.01) > 0.02


def test_covers_every_set_of_categories() -> None:
    """The theorem behind it, on its own: U is at least the Clopper-Pearson bound of every set less the set's target."""
    rng = np.random.default_rng(5)
    for _ in range(50):
        k, n = int(rng.integers(2, 7)), int(rng.integers(1, 6000))
        probs = rng.dirichlet(np.full(k, rng.choice([0.1, 1.0])))
        counts = rng.multinomial(n, rng.dirichlet(np.full(k, rng.choice([0.1, 1.0]))))
        sets = chain.from_iterable(combinations(range(k), size) for size in range(1, k))
        best = max(float(upper_limit(counts[list(a)].sum(), n, 1e-3)) - probs[list(a)].sum() for a in sets)
        assert best <= upper_bound(counts, probs, 1e-3) + 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("delta", [1e-6, pytest.param(0.3, marks=pytest.mark.slow)])
def test_closed_form_is_never_below_the_exact_maximum(monkeypatch, delta) -> None:
    monkeypatch.setattr(certificate, "EXACT_UP_TO", 0)
    for n in range(1, 2001):
        exact = exact_allowance(n, delta)
        bound = allowance(n, delta)
        assert exact <= bound
        if n >= 200:
            assert bound <= exact + 0.7 / n
        assert exact <= hoeffding_allowance(n, delta)


@pytest.mark.slow
@pytest.mark.parametrize("delta", [0.7, 0.5, 0.05, 1e-3, 1e-12])
def test_closed_form_is_never_below_the_exact_maximum_on_either_side(monkeypatch, delta) -> None:
    monkeypatch.setattr(certificate, "EXACT_UP_TO", 0)
    for n in [*range(1, 200), *range(200, 2001, 37), 5000, 30_000]:
        for largest in {0, n // 2, int(0.6 * n), int(0.9 * n), int(0.99 * n), n - 1, n}:
            exact = exact_allowance(n, delta, largest)
            assert exact <= allowance(n, delta, largest)
            assert exact <= hoeffding_allowance(n, delta)


def test_exact_and_closed_form_meet() -> None:
    n = certificate.EXACT_UP_TO
    assert allowance(n, 1e-6) == pytest.approx(allowance(n + 1, 1e-6), rel=0.005)


def test_allowance_of_a_billion_outputs_is_near_the_normal_one() -> None:
    assert allowance(10**9, 1e-6) == pytest.approx(4.7534 / 2 / np.sqrt(1e9), rel=1e-4)
    peaked = allowance(10**9, 1e-6, 98 * 10**7)
    assert peaked == pytest.approx(4.7534 * np.sqrt(0.98 * 0.02 / 1e9), rel=1e-3)


def test_a_closed_form_without_its_last_term_would_be_too_small() -> None:
    """Planted fault: z / (2 sqrt n) alone, the normal approximation, is below the exact maximum."""
    assert allowance(5000, 1e-6) - 1 / 5000 < exact_allowance(5000, 1e-6)


def test_known_values() -> None:
    assert tv_upper_bound([0, 0, 7], [0, 0, 1], 0.01) == pytest.approx(1 - 0.01 ** (1 / 7))
    assert tv_upper_bound([5], [1.0], 0.01) == 0.0
    assert tv_upper_bound([1, 0], [0.5, 0.5], 1e-6) == 1.0
    assert tv_upper_bound(np.array([10**9, 10**9], np.uint64), [0.5, 0.5], 1e-6) == pytest.approx(5.316e-5, rel=1e-3)
    assert tv_upper_bound([500, 500, 0], [0.5, 0.5, 1e-300], 1e-6) < 0.08
