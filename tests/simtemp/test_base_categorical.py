"""`Categorical`: what is kept, what is refused, and that nothing can change it afterwards."""

import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtemp.categorical import Categorical, first_repeat


def test_keeps_a_read_only_copy():
    given_probs = np.array([0.25, 0.75])
    base = Categorical(given_probs, ["a", "b"], "name")
    given_probs[0] = 9.0
    assert base.probs.tolist() == [0.25, 0.75]
    assert (base.labels, base.name, base.size, len(base)) == (("a", "b"), "name", 2, 2)
    with pytest.raises(ValueError, match="read-only"):
        base.probs[0] = 0.5
    with pytest.raises(dataclasses.FrozenInstanceError):
        base.name = "other"


@pytest.mark.parametrize("total", [1 - 9e-7, 1 + 9e-7])
def test_renormalises_what_rounding_left_off(total):
    base = Categorical(np.array([0.3, 0.7]) * total)
    assert math.fsum(base.probs) == pytest.approx(1.0, abs=3e-16)
    np.testing.assert_allclose(base.probs, [0.3, 0.7], rtol=1e-15)


@settings(deadline=None)
@given(st.lists(st.floats(1e-300, 1.0), min_size=1, max_size=200))
def test_a_second_pass_changes_nothing(weights):
    once = Categorical(np.array(weights) / math.fsum(weights))
    np.testing.assert_array_equal(Categorical(once.probs).probs, once.probs)


def test_support_is_where_probability_is_positive():
    support = Categorical([0.0, 0.5, 0.0, 0.5]).support
    assert support.tolist() == [1, 3]
    assert support.dtype == np.int64


def test_survives_pickling_bit_for_bit():
    base = Categorical.from_counts([1, 2, 4], ["a", ("b", 1), None], "counts")
    again = pickle.loads(pickle.dumps(base))
    np.testing.assert_array_equal(again.probs, base.probs)
    assert (again.labels, again.name) == (base.labels, base.name)


def test_labels_are_numbers_when_left_out():
    assert Categorical([0.5, 0.5]).labels == range(2)
    assert Categorical.from_counts([1, 1, 1]).labels == range(3)


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        (range(5, 7), range(5, 7)),
        (np.array(["x", "y"]), ("x", "y")),
        ("HT", ("H", "T")),
        ([(0, 1), frozenset()], ((0, 1), frozenset())),
        ([-1, -2], (-1, -2)),  # equal hashes in CPython, different labels
    ],
)
def test_labels_are_any_distinct_hashables(labels, kept):
    base = Categorical([0.5, 0.5], labels)
    assert base.labels == kept
    assert type(base.labels) is type(kept)


def test_repr_is_one_short_line():
    assert (
        repr(Categorical([0.25, 0.75], name="two:0.25")) == "<Categorical 'two:0.25', 2 categories, probs [0.25, 0.75]>"
    )
    assert len(repr(Categorical(np.full(10**5, 1e-5)))) < 100


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**60), min_size=1, max_size=30).filter(any))
def test_counts_become_frequencies(counts):
    base = Categorical.from_counts(counts)
    np.testing.assert_allclose(base.probs, [count / sum(counts) for count in counts], rtol=1e-14)


def test_counts_whose_total_overflows():
    np.testing.assert_allclose(Categorical.from_counts([1e308] * 4).probs, 0.25)


@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(-3, 12), st.text(max_size=2), st.sampled_from([1.0, True, None])), max_size=30))
def test_first_repeat_finds_what_a_set_would(labels):
    """-1 and -2 have the same hash and 1, 1.0 and True are the same label."""
    repeat = first_repeat(labels)
    later = next((index for index in range(len(labels)) if labels[index] in labels[:index]), None)
    assert repeat == (None if later is None else (labels.index(labels[later]), later))
