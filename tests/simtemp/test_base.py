"""`parse_base` and `as_base`: every form of specification, names kept, nothing but SpecificationError for anything else."""

import sys
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtemp.base import SPECIFICATIONS, SUITE, Categorical, as_base, parse_base
from simtemp.errors import SpecificationError


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("two", [0.5, 0.5]),
        ("two:0.3", [0.3, 0.7]),
        ("two:0", [0.0, 1.0]),
        ("uniform:4", [0.25] * 4),
        ("uniform:4.0", [0.25] * 4),
        ("uniform:1e1", [0.1] * 10),
        ("geometric:3,0.5", [4 / 7, 2 / 7, 1 / 7]),
        ("geometric:2,1", [0.5, 0.5]),
        ("zipf:3,1", [6 / 11, 3 / 11, 2 / 11]),
        ("zipf:2,0", [0.5, 0.5]),
        ("softmax:4,0,7", [0.25] * 4),
        ("probs:0.3,0.2,0.5", [0.3, 0.2, 0.5]),
        ("probs:1", [1.0]),
        ("probs:.5, 5e-1 ,0", [0.5, 0.5, 0.0]),
        ("peaked9", [0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02]),
        ("near", [0.31, 0.30, 0.29, 0.1]),
        ("  geometric : 3 ,  0.5 ", [4 / 7, 2 / 7, 1 / 7]),
    ],
)
def test_specifications(spec, expected):
    base = parse_base(spec)
    np.testing.assert_allclose(base.probs, expected, rtol=1e-14, atol=0)
    assert base.name == spec.strip()
    assert base.labels == range(len(expected))


def test_the_suite_is_the_one_of_the_methods():
    assert SUITE == ("two", "peaked9", "near", "uniform:10", "geometric:39,0.5", "zipf:1000,1.1")
    assert [parse_base(spec).size for spec in SUITE] == [2, 9, 4, 10, 39, 1000]


@pytest.mark.parametrize("spec", [*SUITE, "text", "dirichlet:50,0.1,3", "softmax:50,2,3"])
def test_a_base_is_named_by_its_specification_and_found_again(spec):
    base = parse_base(spec)
    again = parse_base(base.name)
    assert base.name == spec
    np.testing.assert_array_equal(base.probs, again.probs)
    assert base.labels == again.labels


@pytest.mark.parametrize("form", SPECIFICATIONS)
def test_every_listed_form_is_known(form, tmp_path):
    (tmp_path / "a.csv").write_text("x,1\ny,2\n")
    values = {"K": "3", "r": "0.5", "s": "1", "a": "1", "seed": "0", "sigma": "1", "p": "0.5", "p1": "0.5", "p2": "0.5"}
    name, colon, parameters = form.partition(":")
    if "PATH" in parameters:
        parameters = parameters.replace("PATH", str(tmp_path / "a.csv")).replace(",K", ",3")
    else:
        parameters = ",".join(values[parameter] for parameter in parameters.split(",") if parameter in values)
    assert parse_base(f"{name}{colon}{parameters}").size >= 1


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_probabilities_round_trip_through_their_own_text(weights):
    probs = np.array(weights) / sum(weights)
    base = parse_base("probs:" + ",".join(map(repr, probs.tolist())))
    np.testing.assert_allclose(base.probs, probs, rtol=1e-15)
    assert parse_base(as_base(base.probs).name).size == base.size if base.size <= 10 else True


@settings(deadline=None)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=9).filter(any), st.randoms(use_true_random=False))
def test_permuting_a_specification_permutes_the_base(weights, random):
    probs = (np.array(weights) / sum(weights)).tolist()
    order = random.sample(range(len(probs)), len(probs))
    straight = parse_base("probs:" + ",".join(map(repr, probs)))
    permuted = parse_base("probs:" + ",".join(repr(probs[i]) for i in order))
    np.testing.assert_array_equal(permuted.probs, straight.probs[order])


def test_as_base_takes_every_form(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text("a,1\nb,3\n")
    base = parse_base("near")
    assert as_base(base) is base
    assert as_base("near").name == "near"
    assert as_base(path).labels == ("a", "b")
    assert as_base(np.array([0.25, 0.75])).name == "probs:0.25,0.75"
    assert as_base((1,)).probs.tolist() == [1.0]
    assert as_base(np.full(100, 0.01)).name == "100 probabilities"
    assert isinstance(as_base([0.5, 0.5]), Categorical)


def test_path_objects_are_files(tmp_path):
    path = tmp_path / "a, b.csv"
    path.write_text("a,1\nb,3\n")
    base = parse_base(path)
    assert base.name == f"file:{path}"
    assert parse_base(base.name).probs.tolist() == [0.25, 0.75]


def test_the_home_folder_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.csv").write_text("a,1\nb,3\n")
    assert parse_base("file:~/a.csv").labels == ("a", "b")
    assert parse_base("text: ~/a.csv, 2 ").labels == ("a,", "1\n", "b,", "3\n")


def test_unknown_names_are_answered_with_the_known_ones(tmp_path, monkeypatch):
    with pytest.raises(SpecificationError, match=r"did you mean 'zipf'\?") as caught:
        parse_base("zpif:10,1")
    assert all(form in str(caught.value) for form in SPECIFICATIONS)
    monkeypatch.chdir(tmp_path)
    Path("counts.csv").write_text("a,1\n")
    Path("book.txt").write_text("a,1\n")
    with pytest.raises(SpecificationError, match=r"did you mean 'file:counts\.csv'\?"):
        parse_base("counts.csv")
    with pytest.raises(SpecificationError, match=r"did you mean 'text:book\.txt,4'\?"):
        parse_base("book.txt")


def is_refused_in_one_line(spec):
    """Whether `spec` is refused; when it is, by a SpecificationError of one line and no other exception."""
    try:
        parse_base(spec)
    except SpecificationError as error:
        assert str(error).startswith("base ")
        assert len(str(error).splitlines()) == 1
        return True
    return False


@settings(deadline=None, max_examples=300)
@given(st.text())
def test_arbitrary_text_ends_in_a_specification_error(text):
    is_refused_in_one_line(text)


names = st.sampled_from([form.partition(":")[0] for form in SPECIFICATIONS])
awkward = [*"0 1 3 -1 1e300 1e-300 5e-324 inf nan -0.0 0x3 1_0 ½ ٣".split(" "), "", " ", "9" * 5000]
values = st.one_of(
    st.sampled_from(awkward), st.integers(-5, 50).map(str), st.floats(-2, 2).map(repr), st.text(max_size=3)
)


@pytest.mark.slow
@settings(deadline=None, max_examples=500)
@given(names, st.lists(values, max_size=4))
def test_known_names_with_wrong_values_end_in_a_specification_error(name, parts):
    is_refused_in_one_line(f"{name}:{','.join(parts)}")


@pytest.mark.parametrize("spec", ["uniform:10000000", "zipf:1e7,1.1"])
@pytest.mark.slow
def test_ten_million_categories(spec):
    base = parse_base(spec)
    assert base.size == 10_000_000
    assert base.probs.sum() == pytest.approx(1.0, abs=1e-12)
    assert base.labels == range(10_000_000)


def test_text_alone_is_the_manual_of_this_python():
    manual = "\n".join(topics.values())
    base = parse_base("text")
    assert base.size == len({manual[i : i + 4] for i in range(0, len(manual) - 3, 4)})
    if sys.version_info[:2] == (3, 11):
        assert base.size == 19_566
