"""Bad calls of the public functions: one line that names the argument."""

import numpy as np
import pytest

import verify

HALF = [0.5, 0.5]


def fair(size, rng):
    return rng.integers(2, size=size)


CALLS = [
    (lambda: verify.check_sampler(None, HALF), "sampler must be callable"),
    (lambda: verify.check_sampler("collision", HALF), "sampler must be callable"),
    (lambda: verify.check_sampler(fair, [0.5, 0.4]), "target must sum to 1"),
    (lambda: verify.check_sampler(fair, [-0.5, 1.5]), "target must be finite and >= 0"),
    (lambda: verify.check_sampler(fair, [np.nan, 1.0]), "target must be finite and >= 0"),
    (lambda: verify.check_sampler(fair, []), "target must"),
    (lambda: verify.check_sampler(fair, [HALF]), "target must be one-dimensional"),
    (lambda: verify.check_sampler(fair, "two"), "target must be"),
    (lambda: verify.check_sampler(fair, None), "target must be"),
    (lambda: verify.check_sampler(fair, HALF, epsilon=0), "epsilon must be in (0, 1)"),
    (lambda: verify.detectable_tv(HALF, 10_000, 1e-6, power=1e-9), "power must be in [0.01, 0.99]"),
    (lambda: verify.predicted_outputs(HALF, HALF, 1e-6, max_samples=10**30), "max_samples must be"),
    (lambda: verify.check_sampler(fair, HALF, epsilon=0.1, delta=0.1).plot(3), "path must be a file name"),
    (lambda: verify.test_pairs([], HALF), "outputs must hold category indices"),
    (lambda: verify.check_sampler(fair, HALF, epsilon=1), "epsilon must be in (0, 1)"),
    (lambda: verify.check_sampler(fair, HALF, alpha=-1e-6), "alpha must be in (0, 1)"),
    (lambda: verify.check_sampler(fair, HALF, alpha="small"), "alpha must be a real number"),
    (lambda: verify.check_sampler(fair, HALF, delta=np.nan), "delta must be a real number"),
    (lambda: verify.check_sampler(fair, HALF, delta=2), "delta must be in (0, 1)"),
    (lambda: verify.check_sampler(fair, HALF, max_samples=0), "max_samples must be an integer >= 1"),
    (lambda: verify.check_sampler(fair, HALF, max_samples=10.5), "max_samples must be an integer >= 1"),
    (lambda: verify.check_sampler(fair, HALF, rng=-1), "rng must be an integer >= 0"),
    (lambda: verify.check_sampler(fair, HALF, rng=None), "rng must be an integer >= 0"),
    (lambda: verify.check_sampler(fair, HALF, rng=True), "rng must be an integer >= 0"),
    (lambda: verify.check_sampler(fair, HALF, labels=["a"]), "labels must name the 2 categories"),
    (lambda: verify.check_sampler(fair, HALF, labels=2), "labels must name the 2 categories"),
    (lambda: verify.tv_upper_bound([1, 2, 3], HALF, 0.01), "counts must have one entry for each of the 2 categories"),
    (lambda: verify.tv_upper_bound([[1, 2]], HALF, 0.01), "counts must have one entry"),
    (lambda: verify.tv_upper_bound([0.4, 0.6], HALF, 0.01), "counts must be integers"),
    (lambda: verify.tv_upper_bound([4.0, 6.0], HALF, 0.01), "counts must be integers"),
    (lambda: verify.tv_upper_bound([True, False], HALF, 0.01), "counts must be integers"),
    (lambda: verify.tv_upper_bound(["4", "6"], HALF, 0.01), "counts must be integers"),
    (lambda: verify.tv_upper_bound([-1, 6], HALF, 0.01), "counts must be >= 0, got counts[0] = -1"),
    (lambda: verify.tv_upper_bound([0, 0], HALF, 0.01), "counts must hold at least one output"),
    (lambda: verify.tv_upper_bound([1, 1], HALF, 0), "delta must be in (0, 1)"),
    (lambda: verify.tv_lower_bound([1, 1], HALF, 1), "alpha must be in (0, 1)"),
    (lambda: verify.tv_lower_bound([1, 1], HALF, 0.1, held_out=[1]), "held_out must have one entry"),
    (lambda: verify.tv_lower_bound([1, 1], HALF, 0.1, held_out=[0, 0]), "held_out must hold at least one output"),
    (lambda: verify.tv_lower_bound([1, 1], HALF, 0.1, rng="x"), "rng must be"),
    (lambda: verify.test_counts([0.5, 0.5], HALF), "counts must be integers"),
    (lambda: verify.test_counts([5, 5], HALF, B=0), "B must be an integer >= 1"),
    (lambda: verify.test_counts([5, 5], HALF, bins=1), "bins must be an integer >= 2"),
    (lambda: verify.test_counts([5, 5], HALF, rng=-3), "rng must be an integer >= 0"),
    (lambda: verify.log_e_value([5], HALF), "counts must have one entry"),
    (lambda: verify.log_e_value([0, 0], HALF), "counts must hold at least one output"),
    (lambda: verify.log_e_value([10**12, 1], HALF), "counts must be of at most 1e+12 outputs in all"),
    (lambda: verify.log_e_value([2**62, 2**62], HALF), "counts must be of at most 9e+18 outputs in all"),
    (lambda: verify.test_counts([2**63 - 1, 2**63 - 1], HALF), "counts must be of at most 9e+18 outputs in all"),
    (lambda: verify.tv_upper_bound(np.array([2**64 - 1, 0], np.uint64), HALF, 0.01), "counts must be of at most 9e+18"),
    (
        lambda: verify.check_streams(fair, [1 - 1e-9, 1e-9]),
        "target must show streams apart in at most 1,048,576 outputs",
    ),
    (lambda: verify.required_samples(HALF, 0, 0.01), "epsilon must be in (0, 1)"),
    (lambda: verify.required_samples(HALF, 0.1, 0), "delta must be in (0, 1)"),
    (lambda: verify.required_samples(HALF, 0.1, 0.1, 1), "power must be in (0, 1)"),
    (lambda: verify.simulated("collision", "two", 2), "temperature must be in"),
    (lambda: verify.simulated("collision", "two", 0.5, batch_size=3), "batch_size is no option"),
]


@pytest.mark.parametrize(("call", "message"), CALLS, ids=[f"{i}: {message}" for i, (_, message) in enumerate(CALLS)])
def test_bad_calls(call, message) -> None:
    with pytest.raises(ValueError, match=r"\w") as error:
        call()
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_public_names_are_there() -> None:
    for name in verify.__all__:
        assert name in dir(verify)
        assert getattr(verify, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = verify.nonsense
