"""Streams of workers: seeds that are narrowed, shared or reused."""

import numpy as np
import pytest

from verify import check_streams
from verify.intervals import interval
from verify.replay import Replay


def fair(size, rng):
    return rng.integers(6, size=size)


def narrowed(bits):
    return lambda size, rng: fair(size, np.random.default_rng(int(rng.integers(2**bits))))


def test_right_streams_are_not_rejected() -> None:
    check = check_streams(fair, [1 / 6] * 6)
    assert (check.status, check.distinct) == ("INCONCLUSIVE", 1000)
    assert 30_000 < check.at_least < 40_000
    assert "not proved" in check.sentence


@pytest.mark.parametrize(("bits", "streams"), [(0, 2), (8, 130), (16, 2000)])
def test_narrow_seeds_are_rejected(bits, streams) -> None:
    check = check_streams(narrowed(bits), [1 / 6] * 6, streams)
    assert check.status == "REJECT"
    assert check.distinct < streams
    assert f"only {check.distinct:,} different" in check.sentence


def test_alarms_stay_below_alpha() -> None:
    """Over 200 null runs at alpha = 0.2; the bound is broken by chance with probability 1e-6."""
    alarms = sum(check_streams(fair, [1 / 6] * 6, 20, alpha=0.2, rng=seed).status == "REJECT" for seed in range(200))
    assert interval(alarms, 200, 2e-6)[0] <= 0.2
    assert alarms > 0  # a level of 0.2 is not far from being used up


@pytest.mark.parametrize("alpha", [1e-6, 0.01])
@pytest.mark.parametrize("streams", [2, 3, 20, 1000])
def test_what_is_compared_and_what_it_proves(streams, alpha) -> None:
    """The shortest beginning in which any pair agrees with probability alpha at most; the birthday bound on how many streams there are."""
    law = [0.5, 0.3, 0.2]
    check = check_streams(lambda size, rng: rng.choice(3, size=size, p=law), law, streams, alpha)
    pairs = streams * (streams - 1) / 2
    assert pairs * 0.38**check.length <= alpha < pairs * 0.38 ** (check.length - 1)
    assert (check.distinct, check.at_least) == (streams, pytest.approx(-pairs / np.log(alpha), rel=1e-12))


def test_bad_calls_are_named() -> None:
    with pytest.raises(ValueError, match="two categories"):
        check_streams(fair, [1.0])
    with pytest.raises(ValueError, match="streams must be"):
        check_streams(fair, [0.5, 0.5], 1)
    with pytest.raises(ValueError, match="from 0 to 1"):
        check_streams(lambda size, rng: np.full(size, 2), [0.5, 0.5])


def test_a_rejection_is_of_streams_of_the_targets_law() -> None:
    """Independent streams of a wrong law, all but constant, begin alike: the sentence must not say that independent streams do not."""
    check = check_streams(lambda size, rng: rng.choice(6, size=size, p=[0.99, *[0.002] * 5]), [1 / 6] * 6)
    assert check.status == "REJECT"
    assert "independent streams of the target's law" in check.sentence


def test_a_long_beginning_is_not_kept() -> None:
    check = check_streams(lambda size, rng: (rng.random(size) < 1e-4).astype(int), [1 - 1e-4, 1e-4], 20)
    assert (check.status, check.distinct) == ("INCONCLUSIVE", 20)
    assert 90_000 < check.length < 100_000


@pytest.mark.parametrize("alpha", [1e-300, 1e-321, 5e-324])
def test_repeats_are_found_at_the_smallest_alpha(alpha) -> None:
    replay = Replay(np.array([0.5, 0.5]), alpha)
    replay.add(np.tile(np.random.default_rng(0).integers(2, size=4096), 2))
    assert replay.log_e() > -np.log(alpha)
