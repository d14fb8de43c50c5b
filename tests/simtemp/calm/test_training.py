"""Training runs of micro models: determinism, resumption, checkpoints, curves, bad input."""

import json
import math

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from simtemp.calm import from_pretrained, tiny_config
from simtemp.calm.corpus import make_corpus
from simtemp.calm.learner import Learner, TrainingDiverged
from simtemp.calm.recipe import Recipe
from simtemp.calm.run_directory import RunDirectory
from simtemp.calm.tokenizer import character_tokenizer, load_tokenizer
from simtemp.calm.training import Seeds, reconstruction
from simtemp.calm.training_run import Plan, TrainingInterrupted, TrainingRun

TEXT = "".join(f"{number} and {number * number} are numbers, {number % 7} is small\n" for number in range(80))
TOKENIZER = character_tokenizer(TEXT)
CORPUS = make_corpus([TEXT], TOKENIZER, 4)


def _config(head: str = "energy"):
    return tiny_config(
        TOKENIZER.vocab_size,
        head=head,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        latent_size=6,
        noise_size=5,
        num_mlp_layers=1,
        autoencoder={"hidden_size": 16, "intermediate_size": 24},
    )


def _plan(head: str = "energy", seed: int = 0) -> Plan:
    return Plan(
        _config(head),
        Recipe(steps=6, batch_size=16, learning_rate=1e-2, warmup=2),
        Recipe(steps=6, batch_size=3, window=4, learning_rate=1e-2, warmup=2, average=0.5),
        seed,
    )


def _weights(directory) -> dict[str, torch.Tensor]:
    return load_file(directory / "model.safetensors")


def _same(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    directory = tmp_path_factory.mktemp("undisturbed")
    record = TrainingRun(RunDirectory(directory), _plan(), CORPUS, TOKENIZER).train()
    return directory, record


class TestRun:
    def test_the_record_and_the_files(self, finished):
        directory, record = finished
        assert {"reconstruction", "brier_lm", "unigram_brier_lm", "bigram_brier_lm", "parameters", "seconds"} <= set(
            record
        )
        assert 0 <= record["reconstruction"] <= 1
        assert record["steps"] == 6
        assert json.loads((directory / "training" / "record.json").read_text())["parameters"] == record["parameters"]
        assert (directory / "training" / "curve.png").read_bytes().startswith(b"\x89PNG")

    def test_the_curve_has_both_phases(self, finished):
        lines = (finished[0] / "training" / "curve.jsonl").read_text().splitlines()
        rows = [json.loads(line) for line in lines]
        assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6] * 2
        assert [row["phase"] for row in rows] == ["autoencoder"] * 6 + ["model"] * 6
        assert all(math.isfinite(row["loss"]) for row in rows)
        assert "held_out_loss" in rows[5]
        assert "held_out_loss" in rows[11]

    def test_the_model_can_be_loaded_and_drawn_from(self, finished):
        model = from_pretrained(finished[0])
        tokenizer = load_tokenizer(finished[0])
        block = torch.from_numpy(tokenizer.encode("1 an")).view(1, 1, 4)
        states, _ = model.hidden(block)
        drawn = model.draw_blocks(states[:, -1], 3, torch.Generator().manual_seed(0))
        assert len(tokenizer.decode(drawn[0, 0].numpy())) <= 4

    @pytest.mark.slow
    def test_same_seed_same_weights_another_seed_others(self, finished, tmp_path):
        torch.manual_seed(12345)  # the global generator has no part in it
        TrainingRun(RunDirectory(tmp_path / "again"), _plan(), CORPUS, TOKENIZER).train()
        TrainingRun(RunDirectory(tmp_path / "other"), _plan(seed=1), CORPUS, TOKENIZER).train()
        assert _same(_weights(finished[0]), _weights(tmp_path / "again"))
        assert not _same(_weights(finished[0]), _weights(tmp_path / "other"))

    def test_a_finished_run_gone_on_with_is_the_same(self, finished):
        before = _weights(finished[0])
        record = TrainingRun(RunDirectory(finished[0]), _plan(), CORPUS, TOKENIZER).train()
        assert _same(before, _weights(finished[0]))
        assert record["brier_lm"] == finished[1]["brier_lm"]

    @pytest.mark.slow
    @pytest.mark.parametrize("head", ["flow", "diffusion"])
    def test_other_heads_train_by_the_same_loop(self, head, tmp_path):
        record = TrainingRun(RunDirectory(tmp_path), _plan(head), CORPUS, TOKENIZER).train()
        assert record["head"] == head
        assert from_pretrained(tmp_path).config.head == head


class _Kill(Exception):
    """Stands for the end of the process at any moment: nothing is saved on the way out."""


@pytest.mark.slow
@pytest.mark.parametrize("moment", [7, *(pytest.param(m, marks=pytest.mark.slow) for m in (1, 4, 6, 10))])
def test_a_run_killed_and_gone_on_with_is_the_undisturbed_one_bit_for_bit(finished, moment, tmp_path):
    asked = 0

    def kill() -> bool:
        nonlocal asked
        asked += 1
        if asked == moment:
            raise _Kill
        return False

    with pytest.raises(_Kill):
        TrainingRun(RunDirectory(tmp_path), _plan(), CORPUS, TOKENIZER, should_stop=kill, checkpoint_seconds=0).train()
    (tmp_path / "training" / ".unfinished-state.safetensors").write_bytes(b"half a file")
    TrainingRun(RunDirectory(tmp_path), _plan(), CORPUS, TOKENIZER).train()
    assert _same(_weights(finished[0]), _weights(tmp_path))
    steps = [json.loads(line)["step"] for line in (tmp_path / "training" / "curve.jsonl").read_text().splitlines()]
    assert steps == [1, 2, 3, 4, 5, 6] * 2


@pytest.mark.parametrize("moment", [9, pytest.param(3, marks=pytest.mark.slow)])
def test_a_run_stopped_saves_and_goes_on_bit_for_bit(finished, moment, tmp_path):
    answers = iter([False] * (moment - 1) + [True])
    with pytest.raises(TrainingInterrupted, match=r"stopped at step 3 of 6 of the (autoencoder|model)"):
        TrainingRun(RunDirectory(tmp_path), _plan(), CORPUS, TOKENIZER, should_stop=lambda: next(answers)).train()
    TrainingRun(RunDirectory(tmp_path), _plan(), CORPUS, TOKENIZER).train()
    assert _same(_weights(finished[0]), _weights(tmp_path))


class TestRunDirectory:
    def test_another_plan_is_refused(self, tmp_path):
        files = RunDirectory(tmp_path)
        files.begin({"seed": 0, "text": "a"})
        assert files.begin({"seed": 0, "text": "a"})["seed"] == 0
        with pytest.raises(ValueError, match=r"a run with another seed \(0, not 1\): --fresh starts over"):
            files.begin({"seed": 1, "text": "a"})
        files.clear()
        assert files.begun() is None

    def test_damaged_files_are_named(self, tmp_path):
        files = RunDirectory(tmp_path)
        (tmp_path / "training" / "state.safetensors").write_bytes(b"no tensors")
        (tmp_path / "training" / "plan.json").write_text("{")
        with pytest.raises(ValueError, match=r"state\.safetensors is damaged"):
            files.load()
        with pytest.raises(ValueError, match=r"plan\.json is damaged"):
            files.begun()

    def test_a_state_of_another_model_is_refused(self, tmp_path):
        files = RunDirectory(tmp_path)
        files.save({"step": torch.tensor(1)}, {"phase": "model", "seconds": 0.0, "curve": [], "pending": []})
        with pytest.raises(ValueError, match="does not fit its plan"):
            TrainingRun(files, _plan(), CORPUS, TOKENIZER).train()


class TestLearner:
    @staticmethod
    def _learner(**changes) -> Learner:
        recipe = Recipe(**{"steps": 200, "batch_size": 1, "learning_rate": 0.05, "warmup": 5} | changes)
        return Learner(torch.nn.Linear(2, 1), recipe, np.random.SeedSequence(0))

    def test_it_learns_and_averages(self):
        learner = self._learner()
        for _ in range(200):
            learner.advance(lambda _: (learner.module(torch.ones(2)) - 3).square().sum())
        weights = learner.averaged_weights()
        assert float(weights["weight"].sum() + weights["bias"]) == pytest.approx(3, abs=0.05)

    def test_without_averaging_it_gives_the_last_weights(self):
        learner = self._learner(average=0.0)
        for _ in range(3):
            learner.advance(lambda _: learner.module(torch.ones(2)).sum())
        assert _same(learner.averaged_weights(), learner.module.state_dict())

    def test_a_loss_that_is_no_number_is_refused_before_the_step(self):
        learner = self._learner()
        before = {name: tensor.clone() for name, tensor in learner.module.state_dict().items()}
        with pytest.raises(TrainingDiverged, match="the loss is nan at step 0"):
            learner.advance(lambda _: learner.module(torch.full((2,), math.nan)).sum())
        assert _same(before, learner.module.state_dict())


class TestRecipe:
    def test_the_rate_rises_and_falls(self):
        recipe = Recipe(steps=100, batch_size=1, learning_rate=1.0, warmup=10)
        rates = [recipe.rate(step) for step in range(100)]
        assert rates[0] == pytest.approx(1 / 11)
        assert max(rates) == rates[10] == 1.0
        assert rates[10:] == sorted(rates[10:], reverse=True)
        assert rates[-1] < 0.03

    def test_it_survives_json(self):
        recipe = Recipe(steps=3, batch_size=2, learning_rate=0.1)
        assert Recipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe

    @pytest.mark.parametrize(
        ("entry", "message"),
        [
            ({"steps": 0}, "steps must be an integer >= 1"),
            ({"learning_rate": 0.0}, r"learning_rate must be in \(0, inf\)"),
            ({"average": 1.0}, r"average must be in \[0, 1\)"),
            ({"weight_decay": -1}, r"weight_decay must be in \[0, inf\)"),
            ({"speed": 1}, "a recipe has no entry 'speed'"),
        ],
    )
    def test_bad_values(self, entry, message):
        with pytest.raises(ValueError, match=message):
            Recipe.from_dict({"steps": 1, "batch_size": 1, "learning_rate": 0.1} | entry)


def test_each_role_has_a_stream_of_its_own():
    streams = [tuple(seed.generate_state(4)) for number in range(50) for seed in vars(Seeds.of(number)).values()]
    assert len(set(streams)) == 50 * 6


def test_reconstruction_counts_tokens():
    class Half:
        def encode(self, blocks):
            return blocks, None

        def decode(self, latents):
            return torch.where(torch.arange(4) < 2, latents, -1)

    assert reconstruction(Half(), torch.zeros(10, 4, dtype=torch.int64)) == 0.5


@pytest.mark.slow
def test_a_short_training_on_a_markov_source_beats_the_unigram_model(tmp_path):
    """Words of four letters, each followed by one of two: the unigram model scores about 7, the truth about 50."""
    rng = np.random.default_rng(4)
    words = np.array(["".join(rng.choice(list("abcdefgh"), 4)) for _ in range(12)])
    follows = np.array([rng.choice(12, 2, replace=False) for _ in range(12)])
    chain = [0]
    for coin in rng.integers(0, 2, 6000):
        chain.append(int(follows[chain[-1]][coin]))
    text = "".join(words[chain])
    tokenizer = character_tokenizer(text)
    config = tiny_config(
        tokenizer.vocab_size,
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        latent_size=8,
        noise_size=8,
        num_mlp_layers=1,
        autoencoder={"hidden_size": 48, "intermediate_size": 96},
    )
    plan = Plan(
        config,
        Recipe(steps=200, batch_size=128, learning_rate=5e-3, warmup=20),
        Recipe(
            steps=350, batch_size=16, window=8, learning_rate=5e-3, warmup=20, average=0.95, guide=2.0, model_samples=4
        ),
        seed=0,
    )
    record = TrainingRun(RunDirectory(tmp_path), plan, make_corpus([text], tokenizer, 4), tokenizer).train()
    assert record["reconstruction"] > 0.99
    assert record["brier_lm"] - 5 * record["standard_error"] > 2 * record["unigram_brier_lm"]
