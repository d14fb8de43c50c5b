"""Predictions of when the judge rejects: against the judge itself, and against closed forms."""

import numpy as np
import pytest
from scipy.stats import binom, ks_2samp

from verify import EProcess, check_sampler
from verify.judge import planned_samples
from verify.prediction import SPARSE_FROM, Prediction, _Counts, predicted_outputs
from verify.schedule import schedule

TARGET = np.array([0.4, 0.3, 0.2, 0.1])
LAW = np.array([0.45, 0.3, 0.17, 0.08])
NEARER = np.array([0.42, 0.3, 0.19, 0.09])


def looks(target, max_samples):
    return [look.n for look in schedule(planned_samples(target, 0.01, 1e-6, max_samples), 1e-6, max_samples)]


def observed(law, runs: int):
    """Outputs at which the judge rejects a sampler of this law."""
    edges = np.cumsum(law)[:-1]
    sampler = lambda size, rng: np.searchsorted(edges, rng.random(size), side="right")  # noqa: E731
    verdicts = [check_sampler(sampler, TARGET, rng=seed, max_samples=100_000) for seed in range(runs)]
    assert {verdict.status for verdict in verdicts} == {"REJECT"}
    return np.array([verdict.n for verdict in verdicts])


@pytest.mark.slow
def test_prediction_has_the_distribution_of_the_judge() -> None:
    """Kolmogorov-Smirnov on two samples at 1e-6 (conservative, for there are ties); seeds 0 to 59."""
    seen = observed(LAW, 60)
    guess = predicted_outputs(LAW, TARGET, 1e-6, runs=300, max_samples=100_000)
    assert ks_2samp(seen, guess.outputs).pvalue > 1e-6
    assert guess.low <= np.median(seen) <= guess.high
    wrong = predicted_outputs(NEARER, TARGET, 1e-6, runs=300, max_samples=100_000)
    assert ks_2samp(seen, wrong.outputs).pvalue < 1e-6


def test_impossible_category_is_geometric() -> None:
    """By every look n, 1 - (1 - q)**n of the runs have rejected: 300 runs, all looks at a total of 1e-6."""
    q = 1e-3
    target, law = np.array([0.0, 0.5, 0.5]), np.array([q, 0.5 - q / 2, 0.5 - q / 2])
    guess = predicted_outputs(law, target, 1e-6, runs=300, max_samples=20_000)
    steps = looks(target, 20_000)
    for n in steps:
        done = int((guess.outputs <= n).sum())
        chance = 1 - (1 - q) ** n
        assert min(binom.cdf(done, 300, chance), binom.sf(done - 1, 300, chance)) > 0.5e-6 / len(steps)
    assert set(guess.outputs) <= {*steps, 20_001}


def test_larger_alpha_and_larger_faults_need_fewer_outputs() -> None:
    medians = [
        predicted_outputs(law, TARGET, alpha).median for law, alpha in ((NEARER, 1e-6), (LAW, 1e-6), (LAW, 0.01))
    ]
    assert medians[0] > medians[1] > medians[2]


def test_the_bar_is_the_judges() -> None:
    """From alpha = 1e-4 the judge gives half of it to the exact test: 1.9e-4 is 9.5e-5 to the e-process."""
    two_tests, one = (predicted_outputs(NEARER, TARGET, alpha, runs=50).outputs.tolist() for alpha in (1.9e-4, 9.5e-5))
    assert two_tests == one


def test_a_right_law_is_not_rejected() -> None:
    guess = predicted_outputs(TARGET, TARGET, 1e-6, runs=20, max_samples=3000)
    assert (guess.low, guess.median, guess.high) == (3001, 3001, 3001)


def test_sorted_runs_and_quantiles_on_the_looks() -> None:
    guess = predicted_outputs(LAW, TARGET, 1e-6, runs=50, rng=3)
    again = predicted_outputs(LAW, TARGET, 1e-6, runs=50, rng=3)
    assert guess.outputs.tolist() == sorted(again.outputs.tolist())
    assert {guess.low, guess.median, guess.high} <= set(looks(TARGET, 2_000_000))
    assert guess.quantile(1.0) == guess.outputs[-1]


def test_many_categories_are_counted_output_by_output() -> None:
    """The same law on few and on many categories: the fault is a shift of 0.3 of the mass to the first category."""
    size = SPARSE_FROM
    target = np.full(size, 0.7 / (size - 1))
    target[0] = 0.3
    law = np.full(size, 0.4 / (size - 1))
    law[0] = 0.6
    guess = predicted_outputs(law, target, 1e-6, runs=20)
    assert 100 <= guess.low <= guess.high <= 500


def test_no_e_value_is_above_the_likelihood_ratio_that_screens_looks() -> None:
    rng = np.random.default_rng(0)
    process = EProcess(TARGET)
    for _ in range(200):
        counts = rng.multinomial(rng.integers(2, 5000), rng.dirichlet(np.full(4, 3.0)))
        seen = counts > 0
        bound = (counts[seen] * np.log(counts[seen] / (counts.sum() * TARGET[seen]))).sum()
        assert process.log_e(counts) <= bound + 1e-9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"law": [0.5, 0.5]}, "law must have one probability"),
        ({"alpha": 0.0}, "alpha must be in"),
        ({"runs": 0}, "runs must be"),
        ({"max_samples": 0}, "max_samples must be"),
        ({"epsilon": 1.0}, "epsilon must be"),
        ({"target": [0.5, 0.6]}, "target"),
    ],
)
def test_bad_arguments(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        predicted_outputs(**{"law": LAW, "target": TARGET, "alpha": 1e-6, **arguments})


def test_the_middle_nine_tenths_of_a_hundred_runs() -> None:
    prediction = Prediction(np.arange(1, 101), 1000)
    assert (prediction.low, prediction.median, prediction.high) == (5, 50, 95)


def test_counts_of_very_many_categories_reach_the_last_one() -> None:
    law = np.zeros(SPARSE_FROM)
    law[[0, -1]] = 0.5
    counts = _Counts(law).draw(1000, np.random.default_rng(7))
    assert counts.shape == law.shape
    assert np.flatnonzero(counts).tolist() == [0, SPARSE_FROM - 1]
    assert binom.ppf(1e-6, 1000, 0.5) <= counts[0] <= binom.ppf(1 - 1e-6, 1000, 0.5)
