"""The lower bound against full enumeration, and the categories it names."""

import numpy as np
import pytest
from scipy.stats import binom

from verify import tv_lower_bound
from verify.witness import find_witness, lower_bound, residuals


def worst_overstatement(outcomes, outcome_chances, laws, probs, n: int, alpha: float, same_data: bool) -> float:
    """The largest chance, over a grid of laws q, that the bound exceeds TV(q, target)."""
    table = outcomes(n, probs.size)
    if same_data:
        bounds = np.diag([lower_bound(counts, counts, probs, alpha).value for counts in table])
    else:
        bounds = np.array([[lower_bound(a, b, probs, alpha).value for b in table] for a in table])
    worst = 0.0
    for q in laws(probs.size):
        p = outcome_chances(table, q)
        joint = np.diag(p) if same_data else np.outer(p, p)
        worst = max(worst, float(joint[bounds > 0.5 * np.abs(q - probs).sum() + 1e-12].sum()))
    return worst


@pytest.mark.parametrize("probs", [[0.5, 0.5], [0.97, 0.03], [0.2, 0.3, 0.5], [0.0, 0.1, 0.9]])
def test_overstates_at_most_at_rate_alpha(outcomes, outcome_chances, laws, probs) -> None:
    n = 30 if len(probs) == 2 else 7
    for alpha in (0.3, 0.02):
        worst = worst_overstatement(outcomes, outcome_chances, laws, np.array(probs), n, alpha, same_data=False)
        assert worst <= alpha * (1 + 1e-9)


def test_an_event_chosen_on_the_outputs_that_measure_it_overstates(
    outcomes, outcome_chances, laws, monkeypatch
) -> None:
    """Planted fault: one part of the outputs both chooses the event and measures it; all of alpha goes to that event."""
    monkeypatch.setattr("verify.witness.THRESHOLDS", (0.0,))
    worst = worst_overstatement(outcomes, outcome_chances, laws, np.array([0.2, 0.3, 0.5]), 20, 0.05, same_data=True)
    assert worst > 0.06


def test_thinned_counts_overstate_at_most_at_rate_alpha() -> None:
    """1000 runs at the target itself, where any positive bound is wrong; fails by chance with probability 1e-6."""
    rng = np.random.default_rng(11)
    probs = np.array([0.1, 0.2, 0.3, 0.4])
    wrong = sum(tv_lower_bound(rng.multinomial(300, probs), probs, 0.2, rng=rng).value > 0 for _ in range(1000))
    assert wrong <= binom.ppf(1 - 1e-6, 1000, 0.2)


def test_finds_a_fault_of_one_rare_category() -> None:
    probs = np.full(1000, 1e-3)
    law = probs.copy()
    law[[7, 8]] = 2e-3, 0.0
    counts = np.random.default_rng(2).multinomial(200_000, law)
    bound = tv_lower_bound(counts, probs, 1e-6)
    assert 0 < bound.value <= 1e-3
    assert set(bound.categories.tolist()) & {7, 8}
    assert abs(bound.observed - bound.expected) / bound.n >= bound.value


def test_a_shift_of_everything_is_measured_well() -> None:
    probs = np.full(100, 0.01)
    law = probs * np.where(np.arange(100) < 50, 1.1, 0.9)
    rng = np.random.default_rng(3)
    parts = rng.multinomial(10**6, law), rng.multinomial(10**6, law)
    assert 0.045 < tv_lower_bound(parts[0], probs, 1e-6, held_out=parts[1]).value <= 0.05


def test_residuals_are_signed_roots_of_the_g_statistic() -> None:
    probs = np.array([0.2, 0.3, 0.5, 0.0])
    counts = np.array([30, 20, 50, 0])
    r = residuals(counts, probs)
    expected = 100 * probs[:3]
    g = 2 * np.sum(counts[:3] * np.log(counts[:3] / expected))
    assert np.sum(r**2) == pytest.approx(g)
    assert np.sign(r).tolist() == [1, -1, 0, 0]
    assert residuals(np.array([0, 0, 99, 1]), probs)[3] == np.inf
    assert residuals(np.array([0, 0, 100, 0]), probs)[0] == pytest.approx(-np.sqrt(40))


def test_witness_names_the_worst_first() -> None:
    witness = find_witness(np.array([50, 0, 150]), np.array([0.5, 0.01, 0.49]), ["a", "b", "c"])
    assert witness.labels[0] == "a"
    assert witness.observed[0] == 50
    assert witness.expected[0] == 100.0
    assert witness.rows()[0] == {"category": 0, "label": "a", "observed": 50, "expected": 100.0}
    impossible = find_witness(np.array([5, 1]), np.array([1.0, 0.0]), range(2))
    assert impossible.categories == (1, 0)
    assert len(find_witness(np.arange(100), np.full(100, 0.01), range(100)).categories) == 8
