"""A training run from text to checkpoint: both phases, their curve, and what the finished model reaches."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from simtemp.calm.baselines import score_baselines
from simtemp.calm.brier import BrierScore, blocks_ahead, score_model
from simtemp.calm.checkpoint import save_checkpoint
from simtemp.calm.config import CalmConfig
from simtemp.calm.corpus import Corpus
from simtemp.calm.learner import torch_generator
from simtemp.calm.loss_picture import draw_curve
from simtemp.calm.model import CalmModel
from simtemp.calm.recipe import Recipe
from simtemp.calm.run_directory import RunDirectory
from simtemp.calm.tokenizer import Tokenizer
from simtemp.calm.training import Phase, Seeds, autoencoder_phase, model_phase, reconstruction, trained_model
from simtemp.console import Progress
from simtemp.errors import SimtempError

ProgressBar = Callable[[str], AbstractContextManager[Progress]]
"""Opens a bar of that name; what it yields is called with (done, total)."""

_ROWS = 100
"""Rows of the curve a phase."""

_ROWS_A_HELD_OUT_LOSS = 5

_TRIAL_STEPS = 4


class TrainingInterrupted(SimtempError):
    """A run was stopped; its last checkpoint is where it stands."""


@dataclass(frozen=True)
class Plan:
    """What, with the text, decides every weight."""

    config: CalmConfig
    autoencoder: Recipe
    model: Recipe
    seed: int


class TrainingRun:
    """A run in a directory, begun or gone on with.

    Parameters
    ----------
    files : RunDirectory
        Where its checkpoint is, if it was begun before.
    plan : Plan
        The one it was begun with.
    corpus : Corpus
    tokenizer : Tokenizer
        Saved with the model.
    bar : callable, optional
        Opens a progress bar.
    should_stop : callable, optional
        Asked after every step; True saves a checkpoint and raises `TrainingInterrupted`.
    checkpoint_seconds : float, optional
        How often a checkpoint is saved; the weights do not depend on it.
    """

    def __init__(
        self,
        files: RunDirectory,
        plan: Plan,
        corpus: Corpus,
        tokenizer: Tokenizer,
        *,
        bar: ProgressBar = lambda name: nullcontext(lambda done, total: None),
        should_stop: Callable[[], bool] = lambda: False,
        checkpoint_seconds: float = 20.0,
    ) -> None:
        self._files, self._plan, self._corpus, self._tokenizer = files, plan, corpus, tokenizer
        self._bar, self._should_stop, self._checkpoint_seconds = bar, should_stop, checkpoint_seconds
        self._seeds = Seeds.of(plan.seed)
        self._curve: list[dict[str, Any]] = []
        self._pending: list[float] = []  # losses since the last row of the curve
        self._seconds = 0.0
        self._clock = time.perf_counter()

    def train(self) -> dict[str, Any]:
        """Train to the end of the plan, save the model, and give the record of what it reaches.

        Returns
        -------
        dict
            reconstruction, brier_lm, unigram, bigram, parameters, seconds, steps, ...

        Raises
        ------
        TrainingInterrupted
            When asked to stop.
        TrainingDiverged
            When a loss is not finite.
        OSError
            When a file cannot be written.
        """
        checkpoint = self._files.load()
        phase = self._resume(*checkpoint) if checkpoint else self._autoencoder()
        self._clock = time.perf_counter()
        if phase.name == "autoencoder":
            self._finish(phase)
            phase = self._model(phase.learner.averaged_weights())
        self._finish(phase)
        return self._record(self._save_model(phase))

    def _autoencoder(self) -> Phase:
        return autoencoder_phase(self._plan.config, self._plan.autoencoder, self._corpus, self._seeds)

    def _model(self, autoencoder: Mapping[str, Tensor] | None) -> Phase:
        return model_phase(self._plan.config, self._plan.model, self._corpus, autoencoder, self._seeds)

    def _resume(self, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> Phase:
        try:
            phase = self._autoencoder() if notes["phase"] == "autoencoder" else self._model(None)
            phase.learner.load(tensors)
            self._curve = [{**row, "loss": float(row["loss"])} for row in notes["curve"]]
            self._pending, self._seconds = list(map(float, notes["pending"])), float(notes["seconds"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"the checkpoint in {self._files.folder} does not fit: {error}: --fresh starts over"
            ) from None
        return phase

    def _finish(self, phase: Phase) -> None:
        """Train to the last step of a phase."""
        learner, steps = phase.learner, phase.learner.recipe.steps
        saved = time.perf_counter()
        with self._bar(f"training the {phase.name}") as tick:
            tick(learner.step, steps)
            while learner.step < steps:
                self._pending.append(learner.advance(phase.loss))
                self._add_row(phase)
                tick(learner.step, steps)
                stopped = self._should_stop()
                if stopped or time.perf_counter() - saved >= self._checkpoint_seconds:
                    self._checkpoint(phase)
                    saved = time.perf_counter()
                if stopped:
                    raise TrainingInterrupted(
                        f"stopped at step {learner.step} of {steps} of the {phase.name}; the same command goes on from there"
                    )
        self._checkpoint(phase)

    def _add_row(self, phase: Phase) -> None:
        learner, steps = phase.learner, phase.learner.recipe.steps
        interval = max(1, steps // _ROWS)
        if learner.step % interval and learner.step != steps:
            return
        row = {
            "phase": phase.name,
            "step": learner.step,
            "loss": float(np.mean(self._pending)),
            "learning_rate": learner.recipe.rate(learner.step - 1),
            "seconds": self._elapsed(),
        }
        if learner.step % (interval * _ROWS_A_HELD_OUT_LOSS) == 0 or learner.step == steps:
            row["held_out_loss"] = phase.held_out_loss()
        self._curve.append(row)
        self._pending = []

    def _elapsed(self) -> float:
        return self._seconds + time.perf_counter() - self._clock

    def _checkpoint(self, phase: Phase) -> None:
        notes = {"phase": phase.name, "seconds": self._elapsed(), "curve": self._curve, "pending": self._pending}
        self._files.save(phase.learner.state(), notes)
        self._files.write_curve(self._curve)

    def _save_model(self, phase: Phase) -> CalmModel:
        model = trained_model(self._plan.config, phase.learner.averaged_weights())
        save_checkpoint(model, self._files.model)
        self._tokenizer.save(self._files.model)
        return model

    def _record(self, model: CalmModel) -> dict[str, Any]:
        seconds, plan, corpus = self._elapsed(), self._plan, self._corpus
        with self._bar("scoring") as tick:
            windows = corpus.held_out_windows(1 + max(plan.model.window, blocks_ahead(corpus.patch_size)))
            brier = score_model(model, windows, generator=torch_generator(self._seeds.score), progress=tick)
        unigram, bigram = score_baselines(corpus.training, corpus.held_out, corpus.patch_size)
        record = {
            "head": plan.config.head,
            "reconstruction": reconstruction(model.ae_model, corpus.held_out_blocks()),
            **_of("", brier),
            **_of("unigram_", unigram),
            **_of("bigram_", bigram),
            "brier": brier.brier,
            "positions": brier.positions,
            "parameters": model.num_parameters,
            "vocabulary": plan.config.vocab_size,
            "training_tokens": len(corpus.training),
            "held_out_tokens": len(corpus.held_out),
            "steps": plan.model.steps,
            "autoencoder_steps": plan.autoencoder.steps,
            "seed": plan.seed,
            "seconds": seconds,
            "seconds_with_scores": self._elapsed(),
        }
        self._files.write_record(record)
        self._files.replace_picture(lambda path: draw_curve(self._curve, path))
        return record


def _of(name: str, score: BrierScore) -> dict[str, float]:
    return {f"{name}brier_lm": score.brier_lm, f"{name}standard_error": score.standard_error}


def seconds_a_step(phase: Phase) -> float:
    """What a step of a phase takes on this machine, from a few steps of it: give one that is not needed any more."""
    phase.learner.advance(phase.loss)  # the first step allocates
    start = time.perf_counter()
    for _ in range(_TRIAL_STEPS):
        phase.learner.advance(phase.loss)
    return (time.perf_counter() - start) / _TRIAL_STEPS
