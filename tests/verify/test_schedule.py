"""The looks: what they may cost in all, and where they are."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.schedule import FIRST, GROWTH, epoch_delta, schedule, spare_delta

SIZES = st.integers(1, 10**12)


@given(SIZES, SIZES, st.floats(1e-12, 0.999))
def test_looks_cost_no_more_than_delta(planned, max_samples, delta) -> None:
    looks = schedule(planned, delta, max_samples)
    assert math.fsum(look.delta for look in looks) <= delta * (1 + 1e-12)
    assert all(look.delta > 0 for look in looks)


@given(SIZES, SIZES)
def test_looks_grow_to_the_budget(planned, max_samples) -> None:
    looks = schedule(planned, 1e-6, max_samples)
    sizes = [look.n for look in looks]
    assert sizes == sorted(set(sizes))
    assert sizes[0] == min(FIRST, max_samples)
    assert sizes[-1] == max_samples
    assert looks[-1].epoch
    assert all(after <= math.ceil(GROWTH * before) for before, after in pairwise(sizes))
    epochs = [look.n for look in looks if look.epoch]
    assert epochs[0] == min(max(planned, sizes[0]), max_samples)
    assert all(after == min(2 * before, max_samples) for before, after in pairwise(epochs))


def test_shares_of_the_epochs() -> None:
    looks = schedule(1000, 0.01, 3500)
    assert [(look.n, look.delta) for look in looks if look.epoch] == [
        (n, pytest.approx(6 * 0.01 / (math.pi**2 * (j + 1) ** 2))) for j, n in enumerate((1000, 2000, 3500))
    ]
    assert math.fsum(epoch_delta(0.01, j) for j in range(10**5)) == pytest.approx(0.01, rel=1e-4)


def test_what_the_epochs_leave_is_shared_evenly_with_one_look_to_spare() -> None:
    looks = schedule(1000, 0.01, 3500)
    rest = {look.delta for look in looks if not look.epoch}
    assert len(rest) == 1
    assert spare_delta(looks, 0.01) == pytest.approx(rest.pop(), rel=1e-9)
