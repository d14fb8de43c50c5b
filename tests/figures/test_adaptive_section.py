"""The section of the report on adaptive decoding: claims first, pictures, every number, commands; absent without results."""

import pytest

from figures.adaptive_results import read_results
from figures.report.adaptive import adaptive_pictures, adaptive_section, world_claims
from figures.report.adaptive_tables import adaptive_tables
from figures.report.captions import CAPTIONS
from figures.report.write import write_report


def world(losses):
    return {"losses": [{"loss": loss, "regret": regret} for loss, regret in losses.items()]}


def test_claims_of_the_known_world() -> None:
    found = world({"latent": [0.0, 0.02], "reference-free": [0.0, 0.022], "nll": [0.3, 0.0]})
    good, late, failing = world_claims(found)
    (lucky,) = world_claims(world({"nll": [0.02, 0.0]}))
    assert (good["holds"], late["holds"], failing["holds"], lucky["holds"]) == (True, False, True, False)
    assert late["figure"] == "mean 1.1 %, largest 2.2 % over 2 seeds; 1 of them within 2 %"


def test_the_section(adaptive_results) -> None:
    results = read_results(adaptive_results)
    section = adaptive_section(results, [{"name": "adaptive-scores"}])
    assert [claim["task"] for claim in section["claims"]] == ["known world"] * 2 + [
        "mixed",
        "constrained",
        "mixed, CALM",
    ]
    assert section["missing"] == ["repeats", "voting", "constrained, CALM"]
    assert len(section["pictures"][0]["tables"]) == 6
    assert adaptive_section(None, []) is None


def test_tables_hold_every_number(adaptive_results) -> None:
    tables = adaptive_tables(read_results(adaptive_results))
    for own in tables.values():
        assert all(len(row) == len(table.columns) for table in own for row in table.rows)
        assert all(table.command.startswith("simtemp adapt evaluate") for table in own)
    scores = tables["adaptive-scores"][0]
    assert "draws a block" not in scores.columns  # of a model with logits there are none
    assert scores.rows[2][:3] == ("T = 0", "0.730 [0.700, 0.750]", "+0.070 [−0.020, 0.090]")
    assert tables["adaptive-scores"][4].rows[1][-1] == "61.5"
    assert tables["adaptive-places"][0].rows[1] == ("1", "–", "0.900 (300)")
    assert tables["adaptive-world"][0].rows[1] == ("NLL", "32 %", "40 %", "0 of 4", "50 %")
    assert tables["adaptive-world"][1].rows[0] == ("a: expected reward", "0.800 ★", "0.500", "0.400")


def test_captions_say_the_numbers(adaptive_results) -> None:
    said = {entry.name: CAPTIONS[entry.name](data) for entry, data in adaptive_pictures(str(adaptive_results))}
    assert len(said) == 5
    assert all(len(caption.alternative) > 80 for caption in said.values())
    assert "mixed: adaptive 0.800, best fixed, T = 0, 0.730" in said["adaptive-scores"].alternative
    assert "mixed, creative: T = 1 in 75 %" in said["adaptive-kinds"].alternative
    assert "constrained 0.122, free 0.846" in said["adaptive-places"].alternative
    assert "mixed from 0.500 to 0.650" in said["adaptive-learning"].alternative
    assert "NLL: mean 32 %, largest 40 %" in said["adaptive-world"].alternative


def test_pictures_of_what_was_not_evaluated_are_left_out(adaptive_results, tmp_path) -> None:
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "results.json").write_text((adaptive_results / "world" / "results.json").read_text())
    assert [entry.name for entry, _ in adaptive_pictures(str(tmp_path))] == ["adaptive-world"]


def test_a_directory_without_results_is_refused_before_the_work(tiny, tmp_path) -> None:
    with pytest.raises(ValueError, match="no results"):
        write_report(tmp_path / "without", bases=["two:0.8"], quick=True, effort=tiny, adapt=str(tmp_path))
    assert not (tmp_path / "without").exists()
