"""The judge as an assertion: who passes, who fails, and what the failure says."""

import pickle
import re

import numpy as np
import pytest

import simtemp
from verify.assertion import BiasError, assert_unbiased
from verify.errors import SamplerError

LAW = np.array([0.5, 0.3, 0.2])
COIN = simtemp.Categorical([0.5, 0.5, 0.0], labels=("heads", "tails", "edge"), name="coin")


def sampler_of(law):
    return lambda size, rng: rng.choice(len(law), size, p=law)


def failure(*args, **options) -> BiasError:
    with pytest.raises(BiasError) as caught:
        assert_unbiased(*args, **options)
    return caught.value


def test_a_right_sampler_passes_in_every_form() -> None:
    """Right samplers: each fails with probability at most alpha = 1e-6."""
    outputs = np.random.default_rng(5).choice(3, 20_000, p=LAW)
    words = np.array(["x", "y", "z"])
    for sampler, target, options in [
        (sampler_of(LAW), LAW, {}),
        (sampler_of(LAW), "probs:0.5,0.3,0.2", {}),
        (sampler_of(LAW), simtemp.Categorical(LAW), {"rng": np.random.default_rng(3)}),
        (outputs, LAW, {}),
        (outputs.tolist(), LAW, {}),
        (iter(outputs.tolist()), LAW, {}),
        (words[outputs], LAW, {"labels": words}),
        (lambda size, rng: words[rng.choice(3, size, p=LAW)], LAW, {"labels": words, "returns": "labels"}),
    ]:
        verdict = assert_unbiased(sampler, target, epsilon=0.05, **options)
        assert verdict.status == "EQUIVALENT"
        assert verdict.tv_upper <= 0.05


def test_a_biased_sampler_is_named_with_its_evidence() -> None:
    """Planted: 'heads' at 0.55 for 0.5; found at alpha = 1e-6 by the e-value on the law."""
    error = failure(sampler_of([0.55, 0.45, 0.0]), COIN, rng=123)
    verdict, message = error.verdict, str(error)
    assert verdict.status == "REJECT"
    assert message.startswith("REJECT: ")
    rows = [line.split() for line in message.splitlines()]
    assert ["category", "observed", "expected", "residual"] in rows
    (heads,) = (row for row in rows if row and row[0] == "'heads'")
    observed = int(heads[1].replace(",", ""))
    assert observed == verdict.witness.observed[verdict.witness.labels.index("heads")]
    assert float(heads[2].replace(",", "")) == pytest.approx(verdict.n / 2, abs=0.06)
    z = (observed - verdict.n / 2) / np.sqrt(verdict.n / 2)  # Pearson's residual, near the signed root of G
    assert float(heads[3]) == pytest.approx(z, abs=0.5)
    assert re.search(r"found by: law \(e-value 10\^\d+\.\d, enough is 10\^6\.0\)", message)
    assert f"n = {verdict.n:,} outputs, epsilon = 0.01, alpha = 1e-06, delta = 1e-06" in message
    assert message.endswith("same outputs again: rng=123")


def test_the_seed_that_is_named_gives_the_same_outputs() -> None:
    parent = np.random.SeedSequence(7)
    parent.spawn(2)
    for seed in (5, 2**100, np.random.SeedSequence(7, spawn_key=(3, 1)), parent):
        first = failure(sampler_of([0.6, 0.4]), "two", rng=seed)
        named = re.search(r"same outputs again: rng=(.*)", str(first))[1]
        again = failure(sampler_of([0.6, 0.4]), "two", rng=eval(named, {"numpy": np}))
        assert str(again) == str(first)
    generator = failure(sampler_of([0.6, 0.4]), "two", rng=np.random.default_rng(5))
    assert "give a seed as rng" in str(generator)


def test_an_impossible_category_is_named() -> None:
    error = failure(sampler_of([0.5, 0.499, 0.001]), COIN)
    assert "'edge' came out" in str(error)
    assert re.search(r"'edge' +\d+ +0\.0 +\+inf", str(error))
    assert "found by: zero probability (e-value infinite)" in str(error)


def test_dependence_is_no_matter_of_categories() -> None:
    """Planted: every output twice; the frequencies are right."""
    error = failure(lambda size, rng: np.repeat(rng.choice(3, size, p=LAW), 2)[:size], LAW)
    assert "found by: dependence" in str(error)
    assert "category" not in str(error)


def test_at_a_larger_alpha_the_exact_test_is_run_too() -> None:
    """Planted: 548 of 1000, two-sided p = 0.0024 by the binomial law, at alpha = 0.01."""
    outputs = np.random.default_rng(0).permutation(np.repeat([0, 1], [548, 452]))
    error = failure(outputs, "two", alpha=0.01)
    assert error.verdict.caught_by == "exact test"
    p_value = float(re.search(r"found by: exact test \(p = (\S+)\)", str(error))[1])
    assert 0.0005 < p_value <= 0.005


@pytest.mark.slow
def test_too_few_outputs_fail_and_say_how_many_it_takes() -> None:
    error = failure(sampler_of(LAW), LAW, epsilon=0.03, max_samples=1000)
    assert error.verdict.status == "INCONCLUSIVE"
    needed = int(re.search(r"needs about ([\d,]+) outputs: raise max_samples", str(error))[1].replace(",", ""))
    assert 10_000 < needed < 20_000
    # The number is no empty promise: of 20 right samplers at least 15 are accepted (power 0.95: P(fewer) < 1e-3).
    accepted = [
        assert_unbiased(sampler_of(LAW), LAW, 0.03, max_samples=needed, rng=seed, require="not rejected").status
        for seed in range(20)
    ].count("EQUIVALENT")
    assert accepted >= 15
    recorded = failure(np.random.default_rng(0).choice(3, 1000, p=LAW), LAW)
    assert recorded.verdict.n == 1000
    assert "record more" in str(recorded)
    assert "same outputs again" not in str(recorded)


def test_not_rejected_is_less_than_equivalent() -> None:
    verdict = assert_unbiased(sampler_of(LAW), LAW, max_samples=1000, require="not rejected")
    assert verdict.status == "INCONCLUSIVE"
    failure(sampler_of(LAW[::-1]), LAW, max_samples=1000, require="not rejected")


def test_a_sampler_at_the_very_tolerance_is_told_so() -> None:
    error = failure(sampler_of([0.51, 0.49]), "two", epsilon=0.01, alpha=1e-300, max_samples=150_000)
    assert "may be about 0.01 away" in str(error)


def test_the_error_is_an_assertion_and_travels() -> None:
    error = failure(sampler_of(LAW[::-1]), LAW)
    assert isinstance(error, AssertionError)
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert copy.verdict.n == error.verdict.n


def test_bad_calls() -> None:
    with pytest.raises(ValueError, match="require must be 'equivalent' or 'not rejected', got 'equal'"):
        assert_unbiased(sampler_of(LAW), LAW, require="equal")
    with pytest.raises(ValueError, match="sampler must be callable"):
        assert_unbiased("duel", LAW)
    with pytest.raises(ValueError, match="known bases are"):
        assert_unbiased(sampler_of(LAW), "thirds")
    with pytest.raises(ValueError, match="epsilon must be in"):
        assert_unbiased(sampler_of(LAW), LAW, epsilon=0)
    for labels, fault in [(["x", "y", "x"], "distinct, got 'x' at 0 and at 2"), ({"x", "y", "z"}, "order, got a set")]:
        with pytest.raises(ValueError, match=fault):
            assert_unbiased(sampler_of(LAW), LAW, labels=labels)
    with pytest.raises(SamplerError, match="raised ZeroDivisionError"):
        assert_unbiased(lambda size, rng: 1 // 0, LAW)
