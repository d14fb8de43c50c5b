"""Files of labels and numbers: round trips through every format, and errors that name file and line."""

import csv
import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtemp.base import parse_base
from simtemp.errors import SpecificationError

anything_printable = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=6)
labels = st.lists(anything_printable, min_size=1, max_size=12, unique=True)


@pytest.fixture(scope="module")
def new_path(tmp_path_factory):
    """A path that no earlier example has used."""
    folder = tmp_path_factory.mktemp("tables")
    numbers = itertools.count()
    return lambda ending: folder / f"{next(numbers)}{ending}"


def write_delimited(path, rows, **options):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter="\t" if path.suffix == ".tsv" else ",", **options).writerows(rows)


def write_json(path, form, names, numbers, kind):
    document = {
        "object": dict(zip(names, numbers, strict=True)),
        "pairs": list(zip(names, numbers, strict=True)),
        "records": [{"label": name, kind: number} for name, number in zip(names, numbers, strict=True)],
    }[form]
    path.write_text(json.dumps(document, ensure_ascii=bool(len(names) % 2)), encoding="utf-8")


@st.composite
def tables(draw):
    """Labels with counts or with probabilities, and the exact law."""
    names = draw(labels)
    counts = draw(st.lists(st.integers(0, 10**9), min_size=len(names), max_size=len(names)).filter(any))
    law = np.array([count / sum(counts) for count in counts])
    if draw(st.booleans()):
        return names, counts, "count", law
    return names, law.tolist(), "probability", law


def check(path, names, law):
    base = parse_base(f"file:{path}")
    assert list(base.labels) == list(names)
    assert base.name == f"file:{path}"
    np.testing.assert_allclose(base.probs, law, rtol=1e-14, atol=0)


@settings(deadline=None)
@given(
    tables(), st.sampled_from([".csv", ".tsv", ".CSV"]), st.booleans(), st.booleans(), st.sampled_from(["\n", "\r\n"])
)
def test_delimited_round_trip(new_path, table, ending, header, swapped, line_end):
    """Labels with separators, quotes, line ends and every other character come back as they were."""
    names, numbers, kind, law = table
    swapped = swapped and header
    rows = [(name, repr(number)) for name, number in zip(names, numbers, strict=True)]
    rows = [("label", kind), *rows] if header else rows
    path = new_path(ending)
    write_delimited(
        path, [row[::-1] if swapped else row for row in rows], lineterminator=line_end, quoting=csv.QUOTE_ALL
    )
    check(path, names, law)


@settings(deadline=None)
@given(tables(), st.sampled_from(["object", "pairs", "records"]))
def test_json_round_trip(new_path, table, form):
    names, numbers, kind, law = table
    path = new_path(".json")
    write_json(path, form, names, numbers, kind)
    check(path, names, law)


@settings(deadline=None)
@given(tables(), st.sampled_from([".json", ".npy"]))
def test_bare_numbers_are_labelled_by_position(new_path, table, ending):
    _, numbers, _, law = table
    path = new_path(ending)
    if ending == ".npy":
        np.save(path, np.array(numbers))
    else:
        path.write_text(json.dumps(numbers))
    check(path, range(len(numbers)), law)


@settings(deadline=None)
@given(tables(), st.sampled_from([".csv", ".json"]), st.randoms(use_true_random=False))
def test_permuting_the_lines_permutes_the_base(new_path, table, ending, random):
    names, numbers, kind, law = table
    order = random.sample(range(len(names)), len(names))
    path = new_path(ending)
    shuffled = [names[i] for i in order], [numbers[i] for i in order]
    if ending == ".csv":
        write_delimited(path, [("label", kind), *zip(*shuffled, strict=True)], quoting=csv.QUOTE_ALL)
    else:
        write_json(path, "pairs", *shuffled, kind)
    check(path, shuffled[0], law[order])


def test_a_pandas_export_is_read(tmp_path):
    frame = pd.DataFrame({"label": ["a,b", 'say "x"', "é"], "count": [1, 2, 5]})
    frame.to_csv(tmp_path / "a.csv")  # with an index column in front
    frame.to_csv(tmp_path / "b.tsv", sep="\t", index=False)
    frame.to_json(tmp_path / "c.json", orient="records")
    for name in ("a.csv", "b.tsv", "c.json"):
        check(tmp_path / name, ["a,b", 'say "x"', "é"], [1 / 8, 2 / 8, 5 / 8])


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.int32, np.float32, np.float64])
def test_every_numeric_npy(tmp_path, dtype):
    np.save(tmp_path / "a.npy", np.array([1, 3], dtype))
    check(tmp_path / "a.npy", range(2), [0.25, 0.75])


def test_rounded_probabilities_are_renormalised(tmp_path):
    (tmp_path / "a.csv").write_text("a,0.3333333\nb,0.3333333\nc,0.3333333\n")
    check(tmp_path / "a.csv", "abc", [1 / 3] * 3)


ACCEPTED = {
    "bom": ("a.csv", "\ufefflabel,count\r\na,1\r\nb,3\r\n"),
    "bom before a quoted label": ("a.csv", '\ufeff"a",1\nb,3\n'),
    "no last line end": ("a.csv", "a,1\nb,3"),
    "blank lines": ("a.csv", "\n\na,1\n\n   \nb,3\n\n"),
    "spaces around numbers": ("a.tsv", "a\t 1 \nb\t  3\n"),
    "capital header": ("a.csv", "Label,Count\na,1\nb,3\n"),
    "unknown header words": ("a.csv", "token,times seen\na,1\nb,3\n"),
    "count first": ("a.csv", "count,word\n1,a\n3,b\n"),
    "count named before probability": ("a.csv", "rank,label,probability,count\n1,a,.9,1\n2,b,.1,3\n"),
    "counts written as floats": ("a.csv", "a,1.0\nb,3e0\n"),
    "probabilities": ("a.csv", "label,p\na,0.25\nb,0.75\n"),
    "mixed whole and not": ("a.csv", "a,0.25\nb,0.75\n"),
    "json bom": ("a.json", '\ufeff{"a": 1, "b": 3}'),
    "json probabilities": ("a.json", '[{"label": "a", "probability": 0.25}, {"label": "b", "probability": 0.75}]'),
    "json with more keys": ("a.json", '[{"label": "a", "count": 1, "x": []}, {"count": 3, "label": "b"}]'),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted_spellings(case, tmp_path):
    name, text = ACCEPTED[case]
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    check(tmp_path / name, "ab", [0.25, 0.75])


def test_a_label_that_names_a_column_is_still_data(tmp_path):
    (tmp_path / "a.csv").write_text("count,1\nlabel,3\n")
    check(tmp_path / "a.csv", ["count", "label"], [0.25, 0.75])


def test_json_labels_may_be_numbers(tmp_path):
    (tmp_path / "a.json").write_text('[[7, 1], ["7", 2], [0.5, 1]]')
    check(tmp_path / "a.json", [7, "7", 0.5], [0.25, 0.5, 0.25])


REFUSED = {
    "empty": ("a.csv", "", "the file is empty"),
    "only a mark": ("a.csv", "\ufeff", "the file is empty"),
    "only a header": ("a.csv", "label,count\n", "no categories"),
    "negative": ("a.csv", "a,1\nb,-1\n", "line 2: .* >= 0, got -1.0"),
    "negative after a long label": ("a.csv", 'label,count\n"a\n\nb",1\nc,-2\n', "line 5: .* got -2.0"),
    "nan": ("a.csv", "a,0.5\n\nb,nan\n", "line 3: .* finite .* got nan"),
    "infinite": ("a.csv", "a,inf\n", "line 1: .* finite .* got inf"),
    "too large": ("a.csv", "a,1e999\n", "line 1: .* finite .* got inf"),
    "twice": ("a.csv", "label,count\nb,1\na,1\nb,2\n", "line 4: the label 'b' was given before, at line 2"),
    "one column": ("a.csv", "a\nb\n", "line 1: a label and a number with ',' .* one column"),
    "wrong separator": ("a.tsv", "a,1\nb,2\n", r"line 1: a label and a number with '\\t' .* one column"),
    "missing column": ("a.csv", "a,1\nb\n", "line 2: 2 columns are needed, as in the first row, got 1"),
    "unquoted separator": ("a.csv", "a,1\nb,c,2\n", "line 2: 2 columns are needed, as in the first row, got 3"),
    "blank number": ("a.csv", "a,1\nb,\n", "line 2: the number is blank"),
    "blank number in front": ("a.csv", "a, \nb,1\n", "line 1: the number is blank"),
    "blank label": ("a.csv", "a,1\n,2\n", "line 2: the label is blank"),
    "mistyped number": ("a.csv", "a,1\nb,1O\n", "line 2: '1O' is not a number"),
    "mistyped number in front": ("a.csv", "a,1O\nb,1\n", "line 1: '1O' is not a number"),
    "missing value in front": ("a.csv", "a,NA\nb,1\n", "line 1: 'NA' is not a number"),
    "thousands": ("a.csv", 'a,"1,000"\n', "line 1: '1,000' is not a number"),
    "open quote": ("a.csv", 'a,1\n"b,2\nc,3\n', "line 3: unexpected end of data"),
    "broken quote": ("a.csv", 'a,1\n"b"c,2\n', "line 2: ',' expected after '\"'"),
    "endless field": ("a.csv", "a" * 200_000 + ",1\n", "line 1: field larger than field limit"),
    "unnamed columns": ("a.csv", "id,word,count\n1,a,2\n", "line 1: 3 columns, but no header that names 'label'"),
    "no header": ("a.csv", "1,a,2\n", "line 1: 3 columns, but no header"),
    "half a count": ("a.csv", "label,count\na,1\nb,0.5\n", "line 3: a count must be a whole number, got 0.5"),
    "whole probabilities": (
        "a.csv",
        "label,probability\na,1\nb,2\n",
        "the probabilities must sum to 1 .* got a sum of 3",
    ),
    "sum": ("a.csv", "a,0.5\nb,0.6\n", r"the probabilities \(not all are whole .*\) must sum to 1 .* got a sum of 1.1"),
    "sum just off": ("a.csv", "a,0.5\nb,0.500002\n", "must sum to 1"),
    "zeros": ("a.csv", "a,0\nb,0\n", "counts must have a positive total"),
    "latin-1": ("a.csv", b"a,1\nb\xe9,2\n", "line 2: byte 0xe9 is not UTF-8"),
    "utf-16": ("a.csv", "a,1\n".encode("utf-16"), "line 1: byte 0xff is not UTF-8"),
    "json empty": ("a.json", "", "line 1: Expecting value"),
    "json broken": ("a.json", '{"a": 1,\n"b" 2}', "line 2: Expecting ':' delimiter"),
    "json no entries": ("a.json", "[]", "no categories"),
    "json no keys": ("a.json", "{}", "no categories"),
    "json number": ("a.json", "3", "must hold an object or a list, got 3"),
    "json text": ("a.json", '"a"', "must hold an object or a list, got 'a'"),
    "json nan": ("a.json", "[1, NaN]", "entry 2: .* finite .* got nan"),
    "json negative": ("a.json", '{"a": 1, "b": -2}', "entry 2: .* >= 0, got -2.0"),
    "json true": ("a.json", '{"a": true}', "entry 1: True is not a number"),
    "json text for number": ("a.json", '{"a": "1"}', "entry 1: '1' is not a number"),
    "json huge": ("a.json", "[1" + "0" * 400 + "]", "entry 1: the number is too large"),
    "json digits": ("a.json", "[1" + "0" * 5000 + "]", "4300 digits"),
    "json twice": ("a.json", '{"a": 1, "a": 2}', "entry 2: the label 'a' was given before, at entry 1"),
    "json equal labels": ("a.json", "[[1, 1], [1.0, 2]]", "entry 2: the label 1.0 was given before, at entry 1"),
    "json label null": ("a.json", "[[null, 1]]", "entry 1: a label must be a text or a number, got None"),
    "json label list": ("a.json", "[[[1], 1]]", r"entry 1: a label must be a text or a number, got \[1\]"),
    "json label blank": ("a.json", '{"": 1}', "entry 1: a label must be"),
    "json triple": ("a.json", '[["a", 1], ["b", 1, 2]]', r"entry 2: a \[label, number\] pair is needed"),
    "json mixed": ("a.json", '[1, ["b", 1]]', "entry 2: .* is not a number"),
    "json record without label": ("a.json", '[{"count": 1}]', "entry 1: an object with 'label' is needed"),
    "json record without number": ("a.json", '[{"label": "a"}]', "entry 1: an object with 'count' or 'probability'"),
    "json two kinds": (
        "a.json",
        '[{"label": 1, "count": 1}, {"label": 2, "probability": 1}]',
        "entry 2: an object with",
    ),
    "json record then list": ("a.json", '[{"label": 1, "count": 1}, [2, 1]]', "entry 2: an object with 'label'"),
    "json deep": ("a.json", "[" * 100_000, "nested too deeply"),
    "json bytes": ("a.json", b'["\n\xff"]', "line 2: byte 0xff is not UTF-8"),
    "npy empty": ("a.npy", b"", "not a .npy array of numbers"),
    "npy magic only": ("a.npy", b"\x93NUMPY\x01\x00", "not a .npy array of numbers"),
    "npy broken header": ("a.npy", b"\x93NUMPY\x01\x00\x04\x00{{{{", "not a .npy array of numbers"),
    "npy is text": ("a.npy", "1,2,3", "not a .npy array of numbers"),
    "wrong ending": ("a.xlsx", "a,1\n", r"must end in \.csv, \.tsv, \.json or \.npy, got 'a\.xlsx'"),
    "no ending": ("a", "a,1\n", "must end in"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_file_and_line(case, tmp_path):
    name, content, message = REFUSED[case]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SpecificationError, match=message) as caught:
        parse_base(f"file:{path}")
    assert str(caught.value).startswith(f"base 'file:{path}': ")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "array",
    [
        np.array([["a"]]),
        np.array(["a", "b"]),
        np.array([True, False]),
        np.array([0.5 + 0j, 0.5]),
        np.array(1.0),
        np.full((2, 2), 0.25),
        np.array([]),
        np.array([0.5, -0.5]),
        np.array([0.5, math.nan]),
        np.array([0.5, 0.4]),
        np.zeros(3),
        np.array([("a", 1)], [("label", "U1"), ("count", "i8")]),
    ],
)
def test_refused_arrays(array, tmp_path):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(SpecificationError, match=r"a\.npy"):
        parse_base(f"file:{tmp_path / 'a.npy'}")


def test_pickled_arrays_are_never_loaded(tmp_path):
    np.save(tmp_path / "a.npy", np.array([object()]), allow_pickle=True)
    with pytest.raises(SpecificationError, match="allow_pickle=False"):
        parse_base(f"file:{tmp_path / 'a.npy'}")


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([".csv", ".tsv", ".json", ".npy"]), st.binary(max_size=60), st.booleans())
def test_arbitrary_bytes_end_in_a_base_or_a_specification_error(new_path, ending, content, with_magic):
    path = new_path(ending)
    path.write_bytes(b"\x93NUMPY\x01\x00" * (with_magic and ending == ".npy") + content)
    try:
        base = parse_base(f"file:{path}")
    except SpecificationError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert math.fsum(base.probs) == pytest.approx(1.0, abs=1e-15)


pieces = st.lists(st.sampled_from(['"', *",\t\n\r []{}:ab1", "label", "count", "0.5"]))


@pytest.mark.slow
@settings(deadline=None, max_examples=400)
@given(st.sampled_from([".csv", ".tsv", ".json"]), pieces)
def test_arbitrary_pieces_end_in_a_base_or_a_specification_error(new_path, ending, parts):
    path = new_path(ending)
    path.write_bytes("".join(parts).encode())
    try:
        base = parse_base(f"file:{path}")
    except SpecificationError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert len(set(base.labels)) == base.size


@pytest.mark.slow
def test_a_million_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("label,count\n" + "".join(f"word {i},{i}\n" for i in range(1_000_000)))
    base = parse_base(f"file:{path}")
    assert (base.size, base.labels[-1]) == (1_000_000, "word 999999")
    path.write_text("label,count\n" + "".join(f"word {i % 999_999},{i}\n" for i in range(1_000_000)))
    with pytest.raises(SpecificationError, match="line 1000001: the label 'word 0' was given before, at line 2"):
        parse_base(f"file:{path}")
