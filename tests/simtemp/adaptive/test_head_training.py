"""Preference optimization on a scripted model: the head learns what each prompt wants, and a run may stop after any round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from simtemp.adaptive.attempts import attempt
from simtemp.adaptive.head import seeded_head
from simtemp.adaptive.head_training import fit, train_head
from simtemp.adaptive.losses import LOSSES
from simtemp.adaptive.settings import Settings

SETTINGS = replace(Settings.quick(), rounds=3, prompts=16, responses=6, head_steps=25, learning_rate=0.02)


def trained(task, model, loss, settings=SETTINGS, head=None, level="token", **options):
    head = head or seeded_head(model.hidden_size, task.temperatures, level, seed=0)
    train_head(head, model, task, settings, loss=loss, seed=1, **options)
    return head


@pytest.mark.parametrize("level", ["token", "sequence"])
@pytest.mark.parametrize("loss", ["latent", "reference-free", "uniform-reference"])
def test_the_head_learns_what_each_prompt_wants(scripted_task, scripted_text, loss, level) -> None:
    head = trained(scripted_task, scripted_text(), loss, level=level)
    states = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])  # "x" wants T = 0, "y" wants T = 1
    assert head(states).argmax(-1).tolist() == [0, 2]


def test_a_run_that_stops_after_a_round_ends_with_the_same_head(scripted_task, scripted_text) -> None:
    whole = trained(scripted_task, scripted_text(), "latent")
    head = seeded_head(3, scripted_task.temperatures, "token", seed=0)
    weights = {}

    def keep(number, row):
        weights[number] = {name: tensor.clone() for name, tensor in head.state_dict().items()}

    trained(scripted_task, scripted_text(), "latent", head=head, after_round=keep)
    resumed = seeded_head(3, scripted_task.temperatures, "token", seed=9)
    resumed.load_state_dict(weights[0])
    seen = []
    trained(
        scripted_task, scripted_text(), "latent", head=resumed, first_round=1, after_round=lambda n, row: seen.append(n)
    )
    assert seen == [1, 2]
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name])


def test_rows_tell_the_curve(scripted_task, scripted_text) -> None:
    rows, ticks = [], []
    trained(
        scripted_task,
        scripted_text(),
        "latent",
        after_round=lambda number, row: rows.append(row),
        progress=lambda done, total: ticks.append((done, total)),
    )
    assert [row["round"] for row in rows] == [0, 1, 2]
    assert rows[-1]["reward"] > rows[0]["reward"]
    assert set(rows[0]) == {"round", "loss", "reward", "mean_temperature", "pairs"}
    assert ticks[-1] == (3 * 96, 3 * 96)


def test_bad_input_gets_one_line(scripted_task, scripted_text) -> None:
    with pytest.raises(ValueError, match="loss must be one of"):
        trained(scripted_task, scripted_text(), "dpo")
    with pytest.raises(ValueError, match="the latent loss needs probabilities"):
        trained(scripted_task, scripted_text(has_logits=False), "latent")

    scripted_task.reward = lambda prompt, response: 0.5
    with pytest.raises(ValueError, match="equal"):
        trained(scripted_task, scripted_text(), "latent")
    scripted_task.reward = lambda prompt, response: float("nan")
    with pytest.raises(ValueError, match="a reward must be a finite number, got nan"):
        trained(scripted_task, scripted_text(), "latent")


def test_every_loss_has_a_gradient_that_is_finite(scripted_task, scripted_text) -> None:
    head = seeded_head(3, scripted_task.temperatures, "token", seed=0)
    prompts = scripted_task.prompts("learn", 4, np.random.default_rng(0))
    found = attempt(
        scripted_text(),
        head,
        prompts,
        scripted_task.rewards,
        responses=4,
        max_tokens=4,
        seed=np.random.SeedSequence(0),
    )
    for loss in LOSSES:
        value, pairs = fit(head, found, SETTINGS, loss, 0.02, np.random.default_rng(0))
        assert np.isfinite(value)
        assert 0 < pairs <= 4
        assert all(torch.isfinite(parameter).all() for parameter in head.parameters())
