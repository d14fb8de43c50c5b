"""A table of bad calls: each ends in a ValueError of one line that names the argument, or the part of the specification."""

import math
from fractions import Fraction

import numpy as np
import pytest

from simtemp.base import Categorical, as_base, parse_base
from simtemp.errors import SpecificationError
from simtemp.tempering import split_exponent, temper

HALVES = [0.5, 0.5]
FROM_COUNTS = Categorical.from_counts

BAD_CALLS = [
    # parse_base: the name
    (parse_base, ("",), "unknown base ''"),
    (parse_base, ("   ",), "unknown base ''"),
    (parse_base, (":",), "unknown base ''"),
    (parse_base, ("zip:10,1",), "unknown base 'zip'; did you mean 'zipf'"),
    (parse_base, ("Uniform:10",), "unknown base 'Uniform'; did you mean 'uniform'"),
    (parse_base, ("0.5,0.5",), "unknown base '0.5,0.5'"),
    (parse_base, ("a\nb",), r"unknown base 'a\\nb'"),
    (parse_base, (None,), "base must be a specification .* got None"),
    (parse_base, (3,), "base must be a specification .* got 3"),
    (parse_base, (b"two",), "base must be a specification .* got b'two'"),
    (parse_base, ([0.5, 0.5],), "base must be a specification"),
    (parse_base, (np.zeros((30, 30)),), "base must be a specification"),
    # parse_base: the values
    (parse_base, ("two:",), "p must be a number, got ''"),
    (parse_base, ("two:heads",), "p must be a number, got 'heads'"),
    (parse_base, ("two:1.01",), r"p must be in \[0, 1\], got 1.01"),
    (parse_base, ("two:-0.1",), r"p must be in \[0, 1\]"),
    (parse_base, ("two:nan",), "p must be a real number, got nan"),
    (parse_base, ("two:0.3,0.7",), "two:p takes 1 value, got 2"),
    (parse_base, ("uniform",), "uniform:K takes 1 value, got 0"),
    (parse_base, ("uniform:0",), "K must be an integer from 1 to 10000000, got 0"),
    (parse_base, ("uniform:-3",), "K must be an integer from 1"),
    (parse_base, ("uniform:2.5",), "K must be an integer .* got 2.5"),
    (parse_base, ("uniform:10000001",), "K must be an integer from 1 to 10000000, got 10000001"),
    (parse_base, ("uniform:1e300",), "K must be an integer from 1 to 10000000"),
    (parse_base, ("uniform:inf",), "K must be an integer .* got inf"),
    (parse_base, ("geometric:39",), "geometric:K,r takes 2 values, got 1"),
    (parse_base, ("geometric:39,0",), r"r must be in \(0, 1\], got 0"),
    (parse_base, ("geometric:39,1.1",), r"r must be in \(0, 1\], got 1.1"),
    (parse_base, ("geometric:39;0.5",), "geometric:K,r takes 2 values, got 1"),
    (parse_base, ("zipf:1000,-1",), r"s must be in \[0, inf\), got -1"),
    (parse_base, ("zipf:1000,inf",), r"s must be in \[0, inf\), got inf"),
    (parse_base, ("zipf:,1.1",), "K must be a number, got ''"),
    (parse_base, ("dirichlet:10,0,1",), "a must be in .* got 0"),
    (parse_base, ("dirichlet:10,1",), "dirichlet:K,a,seed takes 3 values, got 2"),
    (parse_base, ("dirichlet:10,1,-1",), "seed must be an integer >= 0, got -1"),
    (parse_base, ("softmax:10,-1,0",), r"sigma must be in \[0, inf\), got -1"),
    (parse_base, ("softmax:10,1,0.5",), "seed must be an integer >= 0, got 0.5"),
    (parse_base, ("peaked9:1",), "peaked9 takes no values, got '1'"),
    (parse_base, ("near:",), "near takes no values, got ''"),
    (parse_base, ("probs",), r"probs\[0\] must be a number, got ''"),
    (parse_base, ("probs:0.5,x",), r"probs\[1\] must be a number, got 'x'"),
    (parse_base, ("probs:0.5,0.5,",), r"probs\[2\] must be a number, got ''"),
    (parse_base, ("probs:0.5,0.4",), "probs must sum to 1 .* got a sum of 0.9"),
    (parse_base, ("probs:1.5,-0.5",), r"probs must be finite and >= 0, got probs\[1\] = -0.5"),
    (parse_base, ("probs:1,nan",), r"probs\[1\] = nan"),
    (parse_base, ("probs:1e308,1e308",), "probs must sum to 1 .* got a sum of inf"),
    # parse_base: the paths (their contents: test_readers_*.py)
    (parse_base, ("file",), "file:PATH needs a path, got none"),
    (parse_base, ("file: ",), "file:PATH needs a path, got none"),
    (parse_base, ("file:no such.csv",), "'file:no such.csv': cannot read the file: No such file"),
    (parse_base, ("file:~no such user/a.csv",), "home directory"),
    (parse_base, ("file:a\0.csv",), "null byte"),
    (parse_base, ("file:" + "a" * 5000 + ".csv",), "cannot read the file: File name too long"),
    (parse_base, ("file:\ud800.csv",), r"base 'file:\\ud800.csv'"),
    (parse_base, ("file:.",), "the file must end in .csv"),
    (parse_base, ("text:",), "text:PATH,K needs a path"),
    (parse_base, ("text:book.txt",), "text:PATH,K needs a path and the characters to a block"),
    (parse_base, ("text:,4",), "text:PATH,K needs a path, got none"),
    (parse_base, ("text:.,4",), "cannot read the file: Is a directory"),
    (parse_base, ("text:no such.txt,4",), "cannot read the file: No such file"),
    # as_base
    (as_base, (None,), "base must be "),
    (as_base, (0.5,), "base must be one-dimensional"),
    (as_base, ([0.5, 0.6],), "base must sum to 1"),
    (as_base, ({"a": 1},), "base must be a one-dimensional array of numbers"),
    (as_base, (["0.5", "0.5"],), "base must be a one-dimensional array of numbers"),
    # Categorical
    (Categorical, ([],), "probs must have at least one entry"),
    (Categorical, ([[0.5, 0.5]],), r"probs must be one-dimensional, got shape \(1, 2\)"),
    (Categorical, ([[0.5], [0.2, 0.3]],), "probs must be a one-dimensional array"),
    (Categorical, ("0.5",), "probs must be a one-dimensional array"),
    (Categorical, ([0.5, None],), r"probs must be finite .* probs\[1\] = nan"),
    (Categorical, ([True, False],), "probs must be a one-dimensional array of numbers"),
    (Categorical, ([0.5 + 0j, 0.5],), "probs must be a one-dimensional array of numbers"),
    (Categorical, ([10**400, 1],), "probs must be a one-dimensional array of numbers"),
    (Categorical, ([1.1, -0.1],), r"probs must be finite and >= 0, got probs\[1\] = -0.1"),
    (Categorical, ([math.inf],), r"probs\[0\] = inf"),
    (Categorical, ([0.0, 0.0],), "probs must sum to 1 .* got a sum of 0"),
    (Categorical, ([3, 1],), "probs must sum to 1 .* got a sum of 4"),
    (Categorical, (HALVES, ["a"]), r"labels must be as many as probs \(2\), got 1"),
    (Categorical, (HALVES, range(3)), r"labels must be as many as probs \(2\), got 3"),
    (Categorical, (HALVES, range(0)), r"labels must be as many as probs \(2\), got 0"),
    (Categorical, (HALVES, ["a", "a"]), "labels must be distinct, got 'a' at 0 and at 1"),
    (Categorical, (HALVES, [1, True]), "labels must be distinct, got True at 0 and at 1"),
    (Categorical, (HALVES, ["a", []]), r"labels must be hashable, got labels\[1\] = \[\]"),
    (Categorical, (HALVES, None), "labels must be a sequence of 2 distinct hashables, got NoneType"),
    (Categorical, (HALVES, {"a", "b"}), "labels must be a sequence"),
    (Categorical, (HALVES, iter("ab")), "labels must be a sequence"),
    (Categorical, (HALVES, "ab", 3), "name must be text, got 3"),
    (FROM_COUNTS, ([],), "counts must have at least one entry"),
    (FROM_COUNTS, ([0, 0],), "counts must have a positive total"),
    (FROM_COUNTS, ([1, -1],), r"counts must be finite and >= 0, got counts\[1\] = -1.0"),
    (FROM_COUNTS, ([0.5, 0.5],), r"counts must be whole numbers, got counts\[0\] = 0.5"),
    (FROM_COUNTS, (7,), "counts must be one-dimensional"),
    (FROM_COUNTS, ([1, 2], ["a"]), "labels must be as many"),
    # temper
    (temper, (HALVES, -1), r"temperature must be in \[0, inf\], got -1"),
    (temper, (HALVES, -1e-300), r"temperature must be in \[0, inf\], got -1e-300"),
    (temper, (HALVES, -math.inf), r"temperature must be in \[0, inf\], got -inf"),
    (temper, (HALVES, math.nan), "temperature must be a real number, got nan"),
    (temper, (HALVES, "0.5"), "temperature must be a real number, got '0.5'"),
    (temper, (HALVES, None), "temperature must be a real number, got None"),
    (temper, (HALVES, True), "temperature must be a real number, got True"),
    (temper, (HALVES, np.True_), "temperature must be a real number, got True"),
    (temper, (HALVES, 1j), "temperature must be a real number, got 1j"),
    (temper, (HALVES, np.complex128(1)), "temperature must be a real number"),
    (temper, (HALVES, [0.5]), r"temperature must be a real number, got \[0.5\]"),
    (temper, (HALVES, np.array([0.5])), "temperature must be a real number"),
    (temper, (HALVES, np.zeros((40, 40))), "temperature must be a real number"),
    (temper, (HALVES, 10**400), "temperature must be a real number, got 1000"),
    (temper, (HALVES, 10**5000), "temperature must be a real number, got a huge integer"),
    (temper, ([0.5, 0.4], 1.0), "probs must sum to 1"),
    (temper, ([], 1.0), "probs must have at least one entry"),
    (temper, ([[0.5, 0.5]], 1.0), "probs must be one-dimensional"),
    (temper, ([-0.5, 1.5], 1.0), r"probs\[0\] = -0.5"),
    (temper, ("two", 1.0), "probs must be a one-dimensional array of numbers, got 'two'"),
    (temper, (None, 1.0), "probs must be "),
    # split_exponent
    (split_exponent, (0,), r"temperature must be in \(0, inf\], got 0"),
    (split_exponent, (-0.5,), r"temperature must be in \(0, inf\], got -0.5"),
    (split_exponent, (Fraction(-1, 2),), r"temperature must be in \(0, inf\]"),
    (split_exponent, (math.nan,), "temperature must be a real number, got nan"),
    (split_exponent, ("0.5",), "temperature must be a real number, got '0.5'"),
    (split_exponent, (True,), "temperature must be a real number, got True"),
    (split_exponent, (None,), "temperature must be a real number, got None"),
    (split_exponent, (5e-324,), "temperature must be at least 1e-308 to be sampled, got 5e-324"),
    (split_exponent, (np.array([0.5, 0.1]),), "temperature must be a real number"),
]


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    BAD_CALLS,
    ids=[f"{index}-{row[0].__name__}" for index, row in enumerate(BAD_CALLS)],
)
def test_bad_call(function, arguments, message):
    with pytest.raises(ValueError, match=message) as caught:
        function(*arguments)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 1000
    assert isinstance(caught.value, SpecificationError) == (function is parse_base)


def test_too_many_categories(monkeypatch):
    monkeypatch.setattr("simtemp.categorical.MAX_CATEGORIES", 3)
    assert Categorical(np.full(3, 1 / 3)).size == 3
    with pytest.raises(ValueError, match="probs must have at most 3 entries, got 4"):
        Categorical(np.full(4, 0.25))
