"""Points of the accuracy-diversity curve, on a tiny language model whose block laws are known. Tests at alpha = 1e-6, seeds fixed."""

import json

import numpy as np
import pytest
import torch

from figures.calm_outputs import RepeatedDraws, contexts_of, distinct_share, held_out_windows
from figures.calm_points import calm_data, calm_points
from figures.gallery import GALLERY, plot_command, settings
from figures.report.page import calm_table
from figures.report.results import table
from figures.report.write import write_report
from simtemp import temper
from simtemp.calm import save_checkpoint
from simtemp.calm.random_model import random_model
from simtemp.calm.tokenizer import character_tokenizer
from simtemp.cli import run

torch.set_num_threads(1)

ALPHA = 1e-6
SIZE = 300
WINDOWS = torch.from_numpy(np.random.default_rng(0).integers(12, size=(80, 6, 2)))


@pytest.fixture(scope="module")
def model():
    return random_model(codebook_size=128)


@pytest.fixture(scope="module")
def data(model):
    return calm_points(model, WINDOWS, [1.0, 0.5, 0.2], size=SIZE, budget=20, max_draws=2000, level=1 - ALPHA)


def point(data, temperature, way):
    (row,) = data.points[(data.points["temperature"] == temperature) & (data.points["way"] == way)].to_dict("records")
    return row


def expected(model, temperature):
    """Accuracy and collision rate of the exact tempered laws, in the contexts that are taken."""
    places = contexts_of(model, WINDOWS, SIZE, 0)
    accuracy, collisions = [], []
    for state, truth in zip(places.states, places.truth, strict=True):
        blocks, probs = model.block_law(state)
        target = temper(probs, temperature)
        accuracy.append(target[(blocks == truth).all(1)].sum())
        collisions.append(np.square(target).sum())
    return {"accuracy": np.mean(accuracy), "collisions": np.mean(collisions)}


@pytest.mark.slow
@pytest.mark.parametrize(("temperature", "way"), [(1.0, "exact"), (1.0, "batch"), (0.5, "exact"), (0.2, "exact")])
def test_exact_ways_agree_with_the_law(model, data, temperature, way) -> None:
    """The collision rate of exact outputs is the sum of squares of the tempered law, the accuracy its mass on the text."""
    found = point(data, temperature, way)
    for name, value in expected(model, temperature).items():
        assert found[f"{name}_low"] <= value <= found[f"{name}_high"], name


@pytest.mark.slow
def test_planted_fault_the_published_rule_in_few_draws_is_too_flat(model, data) -> None:
    """What the interval of an exact way would show if the sampler were the published rule on 20 draws."""
    assert point(data, 0.2, "batch")["collisions_high"] < expected(model, 0.2)["collisions"]


@pytest.mark.slow
def test_costs(data) -> None:
    assert {point(data, 1.0, way)["draws"] for way in ("batch", "budget", "exact")} == {1.0}
    for way in ("batch", "budget"):
        assert point(data, 0.2, way)["requested"] == 20
    assert point(data, 0.5, "exact")["exact_share"] == 1.0
    assert 0 < point(data, 0.2, "budget")["exact_share"] < 1
    assert (data.points["milliseconds"] > 0).all()
    assert data.points["brier_lm"].isna().all()  # blocks of two tokens


def test_a_seed_decides_all_but_times(model) -> None:
    first, again = (
        calm_points(model, WINDOWS, [0.5], size=20, budget=16, texts=2, blocks=3, seed=4).points for _ in "ab"
    )
    assert first.drop(columns="milliseconds").equals(again.drop(columns="milliseconds"))
    assert first["distinct_2"].notna().tolist() == [True, True, False]  # no text by the exact duel


def test_what_is_too_dear_and_what_has_no_rule_is_left_out(model) -> None:
    data = calm_points(model, WINDOWS, [0.7, 0.1], size=20, budget=16, max_draws=30)
    assert list(zip(data.points["temperature"], data.points["way"], strict=True)) == [
        (0.7, "budget"),
        (0.1, "batch"),
        (0.1, "budget"),
    ]
    assert data.too_dear == (0.1, 0.7)


def test_draws_are_the_same_after_rewinding(model) -> None:
    states = contexts_of(model, WINDOWS, 3, 0).states
    draws = RepeatedDraws(model, states, np.random.default_rng(0).spawn(3))
    first = draws(np.array([0, 2]), 5)
    more = draws(np.array([2]), 4)
    draws.rewind()
    assert np.array_equal(draws(np.array([2]), 9)[0], np.concatenate((first[1], more[0])))


def test_distinct_share() -> None:
    assert distinct_share([np.array([1, 2, 1, 2, 1])], 3) == 2 / 3
    assert distinct_share([np.array([1, 2]), np.array([1, 2])], 2) == 0.5
    assert np.isnan(distinct_share([np.array([1])], 2))


@pytest.mark.slow
def test_rows_of_a_table(data) -> None:
    assert calm_table({"data": {"points": table(data.points)}})[0]["name"] == "published rule, N draws"


def test_settings_and_command() -> None:
    entry = GALLERY["calm"]
    assert settings(entry, model="dir", quick=True) == {**entry.quick, "model": "dir", "seed": 0}
    with pytest.raises(ValueError, match="--model DIR"):
        settings(entry)
    with pytest.raises(ValueError, match="base is no setting"):
        settings(entry, model="dir", bases=["two"])
    with pytest.raises(ValueError, match="model is no setting"):
        settings(GALLERY["cost"], model="dir")
    assert plot_command(entry, "a.svg", model="my dir") == "simtemp plot calm --model 'my dir' --seed 0 -o a.svg"


@pytest.fixture
def directory(tmp_path):
    text = "to be or not to be, that is the question:\n" * 30
    tokenizer = character_tokenizer(text)
    folder = tmp_path / "model"
    save_checkpoint(random_model(tokenizer.vocab_size), folder)
    tokenizer.save(folder)
    (tmp_path / "text.txt").write_text("".join(np.random.default_rng(0).permutation(list(text))))
    return folder


def test_from_a_directory_and_a_text(directory) -> None:
    data = calm_data(directory, [0.5], text=directory.parent / "text.txt", size=10, texts=1, blocks=2, budget=8)
    assert (data.contexts, data.patch_size) == (10, 2)
    with pytest.raises(ValueError, match="do not belong together"):
        held_out_windows(random_model(5), directory, directory.parent / "text.txt")


def test_the_command(directory, capsys, monkeypatch) -> None:
    monkeypatch.chdir(directory.parent)
    words = ["plot", "calm", "--model", "model", "--text", "text.txt", "-T", "0.5", "--quick", "--size", "8"]
    assert run([*words, "-o", "a.svg"]) == 0
    capsys.readouterr()
    for more in ([], ["--model", "missing"], ["--model", "model", "-T", "2"], ["--model", "model", "--base", "two"]):
        assert run(["plot", "calm", *more, "-o", "b.svg"]) == 2
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.slow
@pytest.mark.usefixtures("no_pictures")
def test_a_report_has_the_section_where_a_model_is_given(directory, tiny, tmp_path) -> None:
    page = write_report(tmp_path / "with", bases=["two:0.8"], quick=True, effort=tiny, calm=str(directory)).read_text()
    assert "What a temperature buys on text" in page
    assert "simtemp plot calm --model" in page
    assert "published rule, N draws</th>" in page
    results = json.loads((tmp_path / "with" / "results.json").read_text())
    assert "--calm" in results["command"]
    assert set(results["figures"]["calm"]["data"]["points"]) >= {"accuracy", "collisions", "milliseconds", "brier_lm"}
    with pytest.raises(ValueError, match="checkpoint"):
        write_report(tmp_path / "without", quick=True, effort=tiny, calm=str(tmp_path / "nowhere"))
    assert not (tmp_path / "without").exists()
