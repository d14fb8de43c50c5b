"""Reading a directory of results of adaptive decoding: what is there, and one line for what is wrong."""

import json
import shutil

import pytest

from figures.adaptive_results import ResultsError, read_results


def test_tasks_come_in_order_and_what_is_missing_is_known(adaptive_results) -> None:
    found = read_results(adaptive_results)
    assert list(found.tasks) == ["mixed", "constrained", "mixed-blocks"]
    assert found.missing == ("repeats", "voting", "constrained-blocks")
    assert found.world["losses"][1]["loss"] == "nll"


def test_a_temperature_of_a_sequence_is_that_of_all_its_pieces(adaptive_results) -> None:
    example = read_results(adaptive_results).tasks["mixed"]["examples"][0]
    assert example["temperatures"] == [0.5] * len(example["pieces"])


def test_other_folders_are_let_alone(adaptive_results, tmp_path) -> None:
    shutil.copytree(adaptive_results / "constrained", tmp_path / "constrained")
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "results.json").write_text("{}")
    found = read_results(tmp_path)
    assert list(found.tasks) == ["constrained"]
    assert found.world is None


def put(document, path, value):
    *before, last = path
    for key in before:
        document = document[key]
    if value is None:
        del document[last]
    else:
        document[last] = value


@pytest.mark.parametrize(
    ("task", "path", "value", "said"),
    [
        ("mixed", ["policies", 0, "score"], "high", r"policies\[0\].score must be a finite number, got 'high'"),
        ("mixed", ["policies", 1, "low"], float("nan"), r"policies\[1\].low must be a finite number, got nan"),
        ("mixed", ["policies"], [], "policies must not be empty"),
        ("mixed", ["policies"], {}, "policies must be a list"),
        ("mixed", ["prompts"], True, "prompts must be a whole number, got True"),
        ("mixed", ["command"], None, "command must be a text, got None"),
        ("mixed", ["claims", 0, "holds"], 1, r"claims\[0\].holds must be true or false"),
        (
            "mixed",
            ["temperature_by_kind", "creative"],
            [1.0],
            "temperature_by_kind.creative must have 3 entries, got 1",
        ),
        ("mixed", ["examples", 0, "labels"], [], r"examples\[0\].labels must have 10 entries, got 0"),
        ("constrained", ["temperature_by_place", "rows", 0, "count"], [1], r"rows\[0\].count must have 4 entries"),
        ("world", ["contexts", 0, "optimal"], 3, r"contexts\[0\].optimal must be in \[0, 2\], got 3"),
        ("world", ["losses", 0, "regret"], [], r"losses\[0\].regret must have 4 entries, got 0"),
        ("world", ["losses", 0, "picked", 1], [1.0], r"losses\[0\].picked\[1\] must have 3 entries"),
        ("world", ["losses"], [], "must not be empty"),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(adaptive_results, tmp_path, task, path, value, said) -> None:
    document = json.loads((adaptive_results / task / "results.json").read_text())
    put(document, path, value)
    (tmp_path / task).mkdir()
    (tmp_path / task / "results.json").write_text(json.dumps(document))
    with pytest.raises(ResultsError, match=said) as caught:
        read_results(tmp_path)
    assert str(tmp_path / task / "results.json") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"model": "log', "line 1"),
        (b"", "line 1"),
        (b"[1]", "the file must be an object"),
        (b"\xff", "is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_object(tmp_path, content, said) -> None:
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "results.json").write_bytes(content)
    with pytest.raises(ResultsError, match=said):
        read_results(tmp_path)


def test_a_directory_without_results(tmp_path) -> None:
    with pytest.raises(ResultsError, match="no results of `simtemp adapt evaluate`"):
        read_results(tmp_path)
    with pytest.raises(ResultsError, match="must be a directory"):
        read_results(tmp_path / "nowhere")
