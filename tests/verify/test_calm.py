"""Decoding a model end to end: exact methods are certified in many contexts at once, wrong ones are rejected.

Everything at alpha = delta = 1e-6 in all and fixed seeds.
"""

import json

import numpy as np
import pytest
import torch
import typer
from typer.testing import CliRunner

from simtemp import temper
from simtemp.calm import next_block
from simtemp.calm.random_model import random_model
from verify import check_sampler
from verify.calm import check_decoder, prompts_from
from verify.calm_command import register
from verify.calm_samplers import enumerated_contexts

torch.set_num_threads(1)

PROMPTS = prompts_from(np.random.default_rng(0).integers(12, size=200), 4, 12, np.random.default_rng(1))


@pytest.fixture(scope="module")
def model():
    return random_model(codebook_size=512)


def check(model, temperature, method="duel", budget=None, **options):
    return check_decoder(model, PROMPTS, temperature, method, budget, **{"epsilon": 0.1, "path": "lookup", **options})


def test_the_enumerated_law_is_that_of_the_draws_and_differs_between_contexts(model) -> None:
    contexts = enumerated_contexts(model, PROMPTS)
    for context in contexts:
        blocks, probs = model.block_law(context.state)
        assert np.array_equal(blocks, context.blocks)
        assert np.array_equal(probs, context.probs)
        assert np.array_equal(np.bincount(context.by_vector), probs * 512)
    assert len({context.probs.max() for context in contexts}) > 1


@pytest.mark.parametrize(
    ("method", "temperature", "options"),
    [
        ("collision", 0.7, {}),
        ("collision", 0.5, {}),
        ("duel", 1.0, {}),
        ("duel", 0.7, {}),
        ("duel", 0.5, {}),
        ("duel", 0.2, {}),
        ("duel", 0.2, {"budget": 1024}),
        pytest.param("accepted", 0.2, {}, marks=pytest.mark.slow),
    ],
)
def test_exact_methods_are_equivalent_in_every_context(model, method, temperature, options) -> None:
    verdicts = check(model, temperature, method, **options)
    assert verdicts.status == "EQUIVALENT", verdicts.sentence
    assert len(verdicts.by_context) == 4


@pytest.mark.parametrize(
    ("method", "temperature", "budget"),
    [
        ("duel", 0.5, None),
        pytest.param("duel", 0.3, 256, marks=pytest.mark.slow),
        pytest.param("accepted", 0.5, None, marks=pytest.mark.slow),
        pytest.param("duel", 1.0, 256, marks=pytest.mark.slow),
    ],
)
def test_the_path_that_decoding_takes_is_equivalent(model, method, temperature, budget) -> None:
    """The network evaluated at each draw, by the function that `decode` calls."""
    verdicts = check_decoder(model, PROMPTS[:2], temperature, method, budget, epsilon=0.15)
    assert verdicts.status == "EQUIVALENT", verdicts.sentence
    assert all(verdict.mean_draws >= 1 for verdict in verdicts.by_context.values())


def test_the_published_rule_is_rejected_at_a_small_batch_and_has_its_own_law(model) -> None:
    assert check(model, 0.2, "batch", 50).status == "REJECT"
    assert check(model, 0.2, "batch", 50, own_law=True).status == "EQUIVALENT"
    assert check(model, 0.2, "batch", 50, epsilon=0.15, path="network").status == "REJECT"


def test_a_budget_that_is_too_small_is_rejected(model) -> None:
    assert check(model, 0.2, budget=16).status == "REJECT"


def test_above_1_the_chain_has_its_own_law_and_not_the_target(model) -> None:
    assert check(model, 3.0, "chain", steps=1, own_law=True).status == "EQUIVALENT"
    assert check(model, 3.0, "chain", steps=1).status == "REJECT"


def broken(monkeypatch, **changes):
    """Plant a fault in what the decoder hands to the black box."""
    sound = next_block.sample_many

    def planted(draw, count, temperature, method, **options):
        if "temperature" in changes:
            temperature = changes["temperature"] * np.asarray(temperature)
        if changes.get("shared"):
            own = draw
            draw = lambda which, k: np.repeat(own(which[:1], k), which.size, axis=0)  # noqa: E731
        return sound(draw, count, temperature, method, **options)

    monkeypatch.setattr(next_block, "sample_many", planted)


def test_planted_fault_a_wrong_temperature_is_rejected(model, monkeypatch) -> None:
    """5/4 of the temperature: seen by the law alone."""
    broken(monkeypatch, temperature=1.25)
    verdicts = check_decoder(model, PROMPTS[:1], 0.5, epsilon=0.05, max_samples=20_000)
    assert verdicts.status == "REJECT"


def test_planted_fault_draws_shared_between_sequences_are_rejected(model, monkeypatch) -> None:
    """Every sequence by itself has the right law and cost; but those of a batch all repeat one another."""
    broken(monkeypatch, shared=True)
    assert check_decoder(model, PROMPTS[:1], 0.5, epsilon=0.1, max_samples=20_000).status == "REJECT"


def test_planted_fault_the_state_of_another_context_is_rejected(model) -> None:
    """What a cache that is off by one block would do: the right law of the wrong state, which no check of one state would see."""
    one, other = enumerated_contexts(model, PROMPTS)[:2]
    names = [tuple(block) for block in one.blocks.tolist()]
    names += [name for name in map(tuple, other.blocks.tolist()) if name not in names]
    index = np.array([names.index(tuple(block)) for block in other.blocks.tolist()])
    target = np.append(temper(one.probs, 0.5), np.zeros(len(names) - len(one.blocks)))
    wrong = temper(other.probs, 0.5)
    assert (
        check_sampler(lambda size, rng: index[rng.choice(len(wrong), size, p=wrong)], target, epsilon=0.1).status
        == "REJECT"
    )


def test_bad_calls_are_named(model) -> None:
    for message, changes in {
        "continuous noise": {"model": random_model()},
        "at least one prompt": {"prompts": []},
        "path must be": {"path": "shortcut"},
        "budget is for": {"method": "collision", "budget": 5},
        "own_law is for": {"own_law": True},
        "temperature": {"temperature": 2.0},
    }.items():
        call = {"model": model, "prompts": PROMPTS, "temperature": 0.5, "path": "lookup", **changes}
        with pytest.raises(ValueError, match=message):
            check_decoder(**call)


def run(*words):
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["verify", *map(str, words)])


def test_the_command() -> None:
    result = run(
        "--tiny", "-T", 0.5, "--contexts", 2, "--codebook", 256, "--epsilon", 0.15, "--path", "lookup", "--json"
    )
    record = json.loads(result.stdout)
    assert (result.exit_code, record["status"], len(record["by_context"])) == (0, "EQUIVALENT", 2)
    assert record.keys() >= {
        "n",
        "tv_upper",
        "tv_lower",
        "log_e",
        "alpha",
        "delta",
        "epsilon",
        "mean_draws",
        "contexts",
        "codebook",
    }
    result = run("--tiny", "-T", 0.2, "--method", "batch", "--budget", 50, "--contexts", 2, "--path", "lookup")
    assert result.exit_code == 1
    assert "REJECT" in result.stdout
    result = run("--tiny", "-T", 0.5, "--contexts", 1, "--max-samples", 100, "--path", "lookup")
    assert result.exit_code == 3
    for words in (["-T", 0.5], ["directory", "--tiny", "-T", 0.5], ["--tiny", "-T", 0.5, "--continuous", "--own-law"]):
        assert isinstance(run(*words).exception, ValueError)
