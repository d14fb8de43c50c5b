"""Recorded outputs as samplers: lists, arrays, streams, files; what is no output is refused in one line."""

import itertools
import json
from collections import UserList, deque
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from simtemp import Categorical, SpecificationError
from verify.errors import OutputsEnded
from verify.label_index import LabelIndex
from verify.recorded import Recorded, as_sampler
from verify.recorded_file import load_outputs, recorded_file

THIRDS = np.full(3, 1 / 3)
WORDS = Categorical(THIRDS, labels=("a", "b", "c"))
NUMERALS = Categorical(THIRDS, labels=("10", "20", "30"))  # as a CSV gives them
EXPECTED = [2, 0, 0, 1, 2]


def everything(sampler, size: int = 2) -> list[int]:
    """All outputs, asked for a few at a time."""
    got: list[int] = []
    for _ in range(100):
        try:
            got.extend(sampler(size, None).tolist())
        except OutputsEnded as end:
            assert end.values.dtype == np.int64
            assert len(end.values) < size
            return got + end.values.tolist()
    raise AssertionError("the outputs do not end")


@pytest.mark.parametrize(
    ("target", "labels", "outputs"),
    [
        (THIRDS, None, [2, 0, 0, 1, 2]),
        (THIRDS, ["a", "b", "c"], ["c", "a", "a", "b", "c"]),
        (WORDS, None, ("c", "a", "a", "b", "c")),
        (WORDS, None, [2, 0, 0, 1, 2]),  # no label is a number: category indices
        (WORDS, None, np.array(["c", "a", "a", "b", "c"])),
        (WORDS, None, np.array(["c", "a", "a", "b", "c"], dtype=object)),
        (NUMERALS, None, np.array([30, 10, 10, 20, 30])),
        (NUMERALS, None, ["30", "10", "10", "20", "30"]),
        (THIRDS, [10, 20, 30], [30.0, 10.0, 10.0, 20.0, 30.0]),
        (THIRDS, [10, 20, 30], np.array([30, 10, 10, 20, 30], np.uint8)),
        (THIRDS, [0.1, 1 / 3, 1e-9], np.array([1e-9, 0.1, 0.1, 1 / 3, 1e-9])),
        (THIRDS, [False, True, 7], [7, False, False, True, 7]),
        (THIRDS, range(5, 8), np.array([7.0, 5.0, 5.0, 6.0, 7.0])),
        (THIRDS, range(-1, 2), [1, -1, -1, 0, 1]),
        (THIRDS, [(0, 0), "b", 3], [3, (0, 0), (0, 0), "b", 3]),
        (THIRDS, [2**70, 2**71, 2**72], [2**72, 2**70, 2**70, 2**71, 2**72]),
    ],
)
def test_labels_and_indices_of_all_kinds(target, labels, outputs) -> None:
    recorded = as_sampler(outputs, target, labels)
    assert isinstance(recorded, Recorded)
    assert recorded.remaining == 5
    assert everything(recorded) == EXPECTED
    assert recorded.remaining == 0
    assert everything(recorded) == []
    assert everything(as_sampler(iter(outputs), target, labels)) == EXPECTED


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([True, False], [0, 1]),
        (["true", "false"], [0, 1]),
        (["False", "True"], [1, 0]),
        (["true", True, False], [1, 2]),
    ],
)
def test_truth_values_have_the_labels_that_are_theirs(labels, expected) -> None:
    for outputs in ([True, False], np.array([True, False]), np.array([True, False], object)):
        assert LabelIndex(labels).find(outputs).tolist() == expected


@pytest.mark.parametrize("labels", [["heads", "tails"], range(2), [1, 0], ["1", "0"], [1, "x"]])
def test_truth_values_are_neither_indices_nor_numbers(labels) -> None:
    for outputs in ([True, False], np.array([True, False])):
        with pytest.raises(SpecificationError, match=r"outputs\[0\] is True, which is no label"):
            as_sampler(outputs, [0.5, 0.5], labels)(2)


@pytest.mark.parametrize("labels", [["nan", "1", "2"], [np.nan, 1, 2]])
def test_no_label_is_a_catch_all(labels) -> None:
    """pandas finds NaN where NaN is looked up, as which everything passed that is no number."""
    index = LabelIndex(labels)
    assert index.find([1, 2]).tolist() == [1, 2]
    for wrong in ("garbage", None, (), 10**400, 3):
        with pytest.raises(SpecificationError, match=r"outputs\[1\] is .*, which is no label"):
            index.find([1, wrong])


@pytest.mark.parametrize(
    ("labels", "outputs", "expected"),
    [
        (["1", "2", "three"], [1, 2, 1], [0, 1, 0]),
        (["1", "2", "3+"], np.array([2, 1], np.uint8), [1, 0]),
        (["1", "2", "3+"], np.array([2.0, 1.0], np.float16), [1, 0]),
        (["1", "2", "3+"], np.array(["2", "3+"]), [1, 2]),
        (["3", 3, "x"], [3, "3"], [1, 0]),
    ],
)
def test_numbers_among_other_labels_are_no_indices(labels, outputs, expected) -> None:
    assert LabelIndex(labels).find(outputs).tolist() == expected


@pytest.mark.parametrize(
    "labels",
    [["2", "3", "four"], ["01", "1", "001"], ["0", "x", "y"], [Decimal(2), Decimal(3), Decimal(4)], [True, 2, "x"]],
)
def test_integers_that_name_no_label_or_several_are_refused(labels) -> None:
    index = LabelIndex(labels)
    with pytest.raises(SpecificationError, match=r"outputs\[0\] is [01], which is no label"):
        index.find(np.array([0 if True in labels else 1, 1]))


def test_endless_generators_are_read_as_they_are_asked() -> None:
    recorded = as_sampler(itertools.cycle("ab"), WORDS)
    assert recorded.remaining is None
    assert recorded(5).tolist() == [0, 1, 0, 1, 0]
    assert recorded(2).tolist() == [1, 0]
    assert recorded.used == 7


def test_a_list_is_read_from_its_start_each_time() -> None:
    outputs = ["a", "b"]
    assert everything(as_sampler(outputs, WORDS)) == everything(as_sampler(outputs, WORDS)) == [0, 1]


@pytest.mark.parametrize("kind", [deque, UserList])
def test_sequences_that_may_not_be_sliced(kind) -> None:
    assert everything(as_sampler(kind("cabac"), WORDS)) == [2, 0, 1, 0, 2]
    with pytest.raises(ValueError, match="at least one output"):
        as_sampler(kind(), WORDS)


def test_open_files_are_streams(tmp_path) -> None:
    path = tmp_path / "samples"
    path.write_text("20\n10\n", encoding="utf-8")
    with path.open(encoding="utf-8") as lines:  # it has a detach(), as a tensor has
        assert everything(as_sampler(lines, NUMERALS)) == [1, 0]


def test_tensors_of_all_kinds() -> None:
    import torch

    for tensor in (
        torch.tensor([30, 10]),
        torch.tensor([30.0, 10.0], requires_grad=True),
        torch.tensor([30, 10]).bfloat16(),
    ):
        assert everything(as_sampler(tensor, THIRDS, [10, 20, 30])) == [2, 0]
        labelled = as_sampler(lambda size, rng, given=tensor: given, THIRDS, [10, 20, 30], "labels")
        assert labelled(2, None).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("returned", "fault"),
    [
        (np.ma.array(["a", "b"], mask=[True, False]), "must not be a masked array"),
        (np.array([["a", "b"]]), r"one-dimensional, got shape \(1, 2\)"),
        ({"a", "b"}, "must return an iterable of outputs"),
        ("ab", "must return an iterable of outputs, got 'ab'"),
        (np.int64(1), "must return an iterable of outputs, got 1"),
        (None, "must return an iterable of outputs, got None"),
    ],
)
def test_what_callables_of_labels_may_not_return(returned, fault) -> None:
    with pytest.raises(SpecificationError, match=r"sampler\(2, rng\) .*" + fault):
        as_sampler(lambda size, rng: returned, WORDS, returns="labels")(2, None)


def test_of_an_endless_answer_no_more_is_read_than_tells() -> None:
    assert as_sampler(lambda size, rng: itertools.cycle("ab"), WORDS, returns="labels")(2, None).size == 3


@pytest.mark.parametrize("outputs", [np.ma.array([0, 1], mask=[True, False]), np.ma.array([0, 1])])
def test_masked_arrays_are_refused(outputs) -> None:
    with pytest.raises(SpecificationError, match="outputs must not be a masked array"):
        as_sampler(outputs, THIRDS)


def test_callables_pass_or_give_labels() -> None:
    def spell(size, rng):
        return rng.choice(["a", "c"], size)

    assert as_sampler(spell, WORDS) is spell
    values = as_sampler(spell, WORDS, returns="labels")(1000, np.random.default_rng(0))
    assert set(values.tolist()) == {0, 2}
    with pytest.raises(SpecificationError, match=r"sampler\(3, rng\)\[0\] is 'x', which is no label"):
        as_sampler(lambda size, rng: ["x"] * size, WORDS, returns="labels")(3, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("outputs", "where"),
    [
        (["a", "b", "x"], r"outputs\[2\] is 'x', which is no label of the target \('a', 'b', 'c'\)"),
        ([0, 1, 2, 3], r"outputs\[3\] is 3, which"),
        ([0, -1], r"outputs\[1\] is -1, which"),
        (np.array([0, 1, 300]), r"outputs\[2\] is 300, which"),
        (np.array([0.0, 1.0]), r"outputs\[0\] is 0.0, which"),
        (["a", None], r"outputs\[1\] is None, which"),
        (["a", ["b"]], r"outputs\[1\] is \['b'\], which"),
        (["a", np.nan], r"outputs\[1\] is nan, which"),
        (["a", 0], r"outputs\[1\] is 0, which"),
    ],
)
def test_unknown_labels_are_named_with_their_place(outputs, where) -> None:
    with pytest.raises(SpecificationError, match=where + ".*add it to the target with probability 0$"):
        everything(as_sampler(outputs, WORDS))
    with pytest.raises(SpecificationError, match=where):
        everything(as_sampler(iter(outputs), WORDS))


@pytest.mark.parametrize("wrong", [2.5, np.nan, np.inf, 3, -1, 1e300, "2.5", "x", None, (0, 1), 10**400])
def test_what_is_no_number_of_a_category_is_refused(wrong) -> None:
    for outputs in ([0, 1, wrong], np.array([0, 1, wrong], object) if not isinstance(wrong, tuple) else [0, 1, wrong]):
        with pytest.raises(SpecificationError, match=r"outputs\[2\] is .*no label of the target \(0, 1, 2\)"):
            everything(as_sampler(outputs, THIRDS))


@pytest.mark.parametrize("source", ["abc", b"abc", {"a": 3}, {"a", "b"}, None, 3, object()])
def test_what_is_no_sampler(source) -> None:
    with pytest.raises(ValueError, match=r"sampler must be callable .* or an iterable of outputs"):
        as_sampler(source, WORDS)


def test_wrong_shapes_and_arguments() -> None:
    for array, fault in [
        (np.zeros((2, 2), int), r"shape \(2, 2\)"),
        (np.array(1), r"shape \(\)"),
        (np.array([1j]), "dtype complex128"),
        (np.array([], int), "at least one output"),
        ([], "at least one output"),
    ]:
        with pytest.raises(ValueError, match=fault):
            as_sampler(array, THIRDS)
    with pytest.raises(ValueError, match="labels must be distinct, got 'a' at 0 and at 2"):
        as_sampler([0], THIRDS, ["a", "b", "a"])
    with pytest.raises(ValueError, match="labels must name the 3 categories"):
        as_sampler([0], THIRDS, ["a", "b"])
    for labels in ({"a", "b", "c"}, {"a": 1, "b": 2, "c": 3}):
        with pytest.raises(
            ValueError, match=r"labels must name the 3 categories of target in their order, got a (set|dict)"
        ):
            as_sampler([0], THIRDS, labels)
    with pytest.raises(ValueError, match="labels must name the 3 categories of target, got array"):
        as_sampler([0], THIRDS, np.array(3))
    with pytest.raises(ValueError, match="returns must be 'indices' or 'labels', got 'words'"):
        as_sampler([0], THIRDS, returns="words")


def test_numerals_that_are_one_number_stay_texts() -> None:
    assert LabelIndex(["1", "01", "2"]).find(["01", "1", "2"]).tolist() == [1, 0, 2]


def written(folder: Path, ending: str, labels: list) -> Path:
    """The labels in a file of each kind."""
    path = folder / f"samples{ending}"
    if ending == ".npy":
        np.save(path, np.array(labels))
    elif ending == ".json":
        path.write_text(json.dumps(labels), encoding="utf-8")
    elif ending == ".jsonl":
        path.write_text("".join(json.dumps({"id": 7, "output": label}) + "\n" for label in labels), encoding="utf-8")
    elif ending == ".tsv":
        path.write_text("step\tOutput\n" + "".join(f"7\t{label}\n" for label in labels), encoding="utf-8")
    else:
        path.write_text("".join(f"{label}\n" for label in labels), encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", [".npy", ".csv", ".tsv", ".txt", ".json", ".jsonl"])
@pytest.mark.parametrize("labels", [("é", "b b", "    "), (10, 20, 30), (0.1, 1 / 3, 1e-9), ("10", "20", "30")])
def test_files(tmp_path, ending, labels) -> None:
    target = Categorical(THIRDS, labels=labels)
    path = written(tmp_path, ending, [labels[i] for i in EXPECTED])
    recorded = recorded_file(path, target)
    assert recorded.remaining == (5 if ending in (".npy", ".json") else None)
    assert everything(recorded) == EXPECTED
    assert everything(load_outputs(f"file:{path}", target)) == EXPECTED


def test_a_npy_file_is_not_read_whole(tmp_path) -> None:
    path = tmp_path / "samples.npy"
    np.lib.format.open_memmap(path, "w+", np.int64, (10**9,)).flush()  # 8 GB of zeros that take no room
    assert recorded_file(path, THIRDS)(5).tolist() == [0] * 5
    assert path.stat().st_size > 8 * 10**9


@pytest.mark.parametrize("kind", [np.float16, np.longdouble])
def test_whole_numbers_of_any_precision(tmp_path, kind) -> None:
    path = tmp_path / "samples.npy"
    np.save(path, np.array(EXPECTED, kind))
    assert everything(recorded_file(path, THIRDS)) == EXPECTED
    assert LabelIndex([kind(5), kind(7)]).find([7, "5", kind(7)]).tolist() == [1, 0, 1]
    np.save(path, np.array([0, 3], kind))
    with pytest.raises(SpecificationError, match=r"samples.npy: outputs\[1\] is 3.0, which"):
        recorded_file(path, THIRDS)(2)


def test_text_written_by_numpy(tmp_path) -> None:
    path = tmp_path / "samples.txt"
    np.savetxt(path, EXPECTED)  # 2.000000000000000000e+00
    assert everything(recorded_file(path, THIRDS)) == EXPECTED


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.npy", b"", "not a .npy array"),
        ("a.npy", b"\x93NUMPY\x01\x00\x10", "not a .npy array"),
        ("a.npy", np.array(["a", None], object), "not a .npy array"),
        ("a.npy", np.array([], int), "at least one output"),
        ("a.npy", np.zeros((3, 1), int), r"one-dimensional, got shape \(3, 1\)"),
        ("a.npy", np.array([1j]), "numbers or texts, got dtype complex128"),
        ("a.npy", np.array([0.0, 0.5]), r"outputs\[1\] is 0.5, which is no label of the target \(0, 1, 2\)"),
        ("a.npy", np.array([0.0, np.nan]), r"outputs\[1\] is nan, which"),
        ("a.npy", np.array([0, 3]), r"outputs\[1\] is 3, which"),
        ("a.txt", b"", "the file holds no outputs"),
        ("a.txt", b"0\n\n1\n", r"outputs\[1\] is '', which"),
        ("a.txt", b"0\n\xff\n", "line 2: byte 0xff is not UTF-8"),
        ("a.csv", b"\n\n", "the file holds no outputs"),
        ("a.csv", b"output\n", "the file holds no outputs"),
        ("a.csv", b"0,1\n2,1\n", "line 1: 2 columns, but no header that names 'output' or 'label'"),
        ("a.csv", b"0\n1,2\n", "line 2: 1 columns are needed"),
        ("a.csv", b'0\n"1\n', "line 2: "),
        ("a.tsv", b"token\n0\n", r"outputs\[0\] is 'token', which"),
        ("a.json", b"", "line 1: "),
        ("a.json", b"[]", "the file holds no outputs"),
        ("a.json", b'{"output": [1]}', "must hold a list"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.json", b"[0, null]", r"outputs\[1\] is None, which"),
        ("a.jsonl", b"\n", "the file holds no outputs"),
        ("a.jsonl", b"0\n{\n", "line 2: not a JSON value"),
        ("a.jsonl", b'0\n{"x": 1}\n', r"outputs\[1\] is \{'x': 1\}, which"),
        ("a.dat", b"0\n", r"must end in \.npy, \.csv, \.tsv, \.txt, \.json, \.jsonl, got 'a.dat'"),
    ],
)
def test_files_that_hold_something_else(tmp_path, name, content, fault) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    with pytest.raises(SpecificationError, match=fault) as caught:
        everything(recorded_file(path, THIRDS))
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_files_that_are_not_there(tmp_path) -> None:
    for ending in (".npy", ".txt", ".csv", ".json", ".jsonl"):
        with pytest.raises(FileNotFoundError):
            recorded_file(tmp_path / f"missing{ending}", THIRDS)
    with pytest.raises(SpecificationError, match="sampler must be file:PATH"):
        load_outputs("file: ", THIRDS)
    with pytest.raises(SpecificationError, match=r"^file:~nobody-of-this-name/x\.npy: .*home directory"):
        load_outputs("file:~nobody-of-this-name/x.npy", THIRDS)
