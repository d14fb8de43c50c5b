"""An experiment from nothing to its results: base model, heads of several seeds, and every policy on the same prompts."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, get_args

import numpy as np

from simtemp.adaptive.base_models import Kind, load_base_model, train_base_model
from simtemp.adaptive.evaluation import evaluate_policy
from simtemp.adaptive.experiment_files import RESULTS, ExperimentFiles
from simtemp.adaptive.head import seeded_head
from simtemp.adaptive.head_training import check_loss, train_head
from simtemp.adaptive.jobs import Job, run_jobs
from simtemp.adaptive.policies import EntropyTemperature, FixedTemperature, HeadPolicy
from simtemp.adaptive.policy_name import PolicyName
from simtemp.adaptive.response import TextModel
from simtemp.adaptive.results import summarize
from simtemp.adaptive.roles import role_seed
from simtemp.adaptive.settings import Settings
from simtemp.adaptive.tasks import make_task
from simtemp.adaptive.tasks.task import Prompt
from simtemp.console import Progress
from simtemp.decoding_step import Policy
from simtemp.errors import describe

KINDS: tuple[Kind, ...] = get_args(Kind)

THETAS = (0.1, 1.0)
"""Of the entropy rule: tried with every positive temperature of the list on prompts of the learning split."""

_LOSS = {"logits": "latent", "blocks": "uniform-reference"}


@dataclass(frozen=True)
class Experiment:
    """One task on one kind of model.

    Attributes
    ----------
    folder : Path
    task : str
    kind : str
        "logits" or "blocks".
    settings : Settings
    seed : int
        Of the base model, of prompts and, counted on, of the heads.
    loss : str
    """

    folder: Path
    task: str
    kind: Kind
    settings: Settings
    seed: int
    loss: str

    @classmethod
    def of(
        cls, output: Path, task: str, kind: Kind, settings: Settings, seed: int, loss: str | None = None
    ) -> Experiment:
        """The experiment of a task in its own folder of an output directory, with the default loss of its kind of model."""
        name = task if kind == "logits" else f"{task}-blocks"
        return cls(output / name, task, kind, settings, seed, _LOSS[kind] if loss is None else loss)

    @property
    def files(self) -> ExperimentFiles:
        """Its directory."""
        return ExperimentFiles(self.folder)

    def plan(self) -> dict[str, Any]:
        """What decides its figures."""
        return {
            "task": self.task,
            "model": self.kind,
            "settings": self.settings.to_dict(),
            "seed": self.seed,
            "loss": self.loss,
        }

    @property
    def quick(self) -> bool:
        """Whether its sizes are those of a smoke test."""
        return self.settings == Settings.quick()

    def temperatures(self) -> tuple[float, ...]:
        """The list that its heads pick from."""
        task = make_task(self.task)
        return task.temperatures if self.kind == "logits" else task.block_temperatures


def train(
    experiments: list[Experiment],
    *,
    workers: int,
    fresh: bool = False,
    bar: Callable[[str], AbstractContextManager[Progress]],
) -> None:
    """Base models, then heads, of several experiments; what is there already is not done again.

    Raises
    ------
    ValueError
        When a folder holds another experiment, or rewards cannot teach.
    """
    for experiment in experiments:
        check_loss(experiment.loss, experiment.kind == "logits")
    for experiment in experiments:
        if fresh:
            experiment.files.clear()
        experiment.files.begin(experiment.plan())
    missing = [own for own in experiments if own.files.read("model.json") is None]
    if missing:
        with bar("base models") as progress:
            run_jobs([Job(_train_base, (own,)) for own in missing], workers, progress)
        _model.cache_clear()  # an older one of the same folder may be in it
    unfinished = [
        (own, seed) for own in experiments for seed in _head_seeds(own) if _rounds_done(own, seed) < own.settings.rounds
    ]
    if unfinished:
        with bar("heads") as progress:
            run_jobs([Job(_train_head, one) for one in unfinished], workers, progress)


def evaluate(
    experiments: list[Experiment], *, workers: int, bar: Callable[[str], AbstractContextManager[Progress]]
) -> list[dict[str, Any]]:
    """Every policy of trained experiments on the same prompts; writes and gives their results."""
    with_logits = [own for own in experiments if own.kind == "logits" and own.files.read("policy-entropy.json") is None]
    if with_logits:
        with bar("entropy rule") as progress:
            run_jobs([Job(_tune_entropy, (own,)) for own in with_logits], workers, progress)
    waiting = [
        (own, name, seed)
        for own in experiments
        for seed in _head_seeds(own)
        for name in policy_names(own)
        if own.files.read(name.file(seed)) is None
    ]
    if waiting:
        with bar("policies") as progress:
            run_jobs([Job(_evaluate, one) for one in waiting], workers, progress)
    return [_summary(own) for own in experiments]


def policy_names(experiment: Experiment) -> list[PolicyName]:
    """The policies compared: the heads, the entropy rule where there are logits, and every fixed temperature."""
    fixed = [PolicyName("fixed", temperature) for temperature in experiment.temperatures()]
    return [PolicyName("adaptive"), *([PolicyName("entropy")] if experiment.kind == "logits" else []), *fixed]


def evaluation_prompts(experiment: Experiment) -> list[Prompt]:
    """The prompts that all policies are judged on."""
    seed = role_seed(experiment.seed, "prompts")
    return make_task(experiment.task).prompts("evaluate", experiment.settings.evaluated, np.random.default_rng(seed))


def learning_rows(experiment: Experiment) -> list[dict[str, Any]]:
    """The rounds of every head of a trained experiment: seed, round, loss, reward, mean_temperature, pairs."""
    rows = [row for seed in _head_seeds(experiment) for row in (experiment.files.load_round(seed) or (None, []))[1]]
    return [row | {"rounds": experiment.settings.rounds} for row in rows]


def _head_seeds(experiment: Experiment) -> range:
    return range(experiment.seed, experiment.seed + experiment.settings.seeds)


def _rounds_done(experiment: Experiment, seed: int) -> int:
    found = experiment.files.load_round(seed)
    return 0 if found is None else len(found[1])


def _train_base(experiment: Experiment, *, progress: Progress) -> None:
    record = train_base_model(
        experiment.files.model,
        make_task(experiment.task),
        experiment.kind,
        experiment.settings,
        experiment.seed,
        progress,
    )
    experiment.files.write("model.json", record)


def _train_head(experiment: Experiment, seed: int, *, progress: Progress) -> None:
    task, files = make_task(experiment.task), experiment.files
    model = _model(experiment.files.model, experiment.kind)
    found = files.load_round(seed)
    head, rows = found or (seeded_head(model.hidden_size, experiment.temperatures(), task.level, seed=seed), [])

    def after_round(number: int, row: dict[str, Any]) -> None:
        rows.append({"seed": seed} | row)
        files.save_round(seed, head, rows)

    train_head(
        head,
        model,
        task,
        experiment.settings,
        loss=experiment.loss,
        seed=seed,
        first_round=len(rows),
        strict=not experiment.quick,  # a model of a smoke test is seldom right at all
        after_round=after_round,
        progress=progress,
    )


def _tune_entropy(experiment: Experiment, *, progress: Progress) -> None:
    """The entropy rule's two numbers by the mean score on prompts of the learning split."""
    task = make_task(experiment.task)
    model = _model(experiment.files.model, experiment.kind)
    of_prompts, of_texts = role_seed(experiment.seed, "entropy rule").spawn(2)
    prompts = task.prompts("learn", experiment.settings.prompts, np.random.default_rng(of_prompts))
    tried = [(highest, theta) for highest in experiment.temperatures() if highest > 0.0 for theta in THETAS]
    rows = []
    for number, (highest, theta) in enumerate(tried):
        found = evaluate_policy(
            model,
            EntropyTemperature(highest, theta),
            task,
            prompts,
            seed=of_texts,
            progress=partial(_tick, progress, number, len(tried)),
        )
        rows.append({"highest": highest, "theta": theta, "score": float(np.mean(found["scores"]))})
    experiment.files.write("policy-entropy.json", {"best": max(rows, key=lambda row: row["score"]), "tried": rows})


def _tick(progress: Progress, number: int, count: int, done: int, total: int) -> None:
    progress(number * total + done, count * total)


def _evaluate(experiment: Experiment, name: PolicyName, seed: int, *, progress: Progress) -> None:
    task = make_task(experiment.task)
    model = _model(experiment.files.model, experiment.kind)
    found = evaluate_policy(
        model,
        _policy(experiment, name, seed),
        task,
        evaluation_prompts(experiment),
        seed=role_seed(seed, "texts"),
        progress=progress,
    )
    experiment.files.write(name.file(seed), found)


def _policy(experiment: Experiment, name: PolicyName, seed: int) -> Policy:
    if name.temperature is not None:
        return FixedTemperature(name.temperature)
    if name.kind == "entropy":
        best = (experiment.files.read("policy-entropy.json") or {})["best"]
        return EntropyTemperature(best["highest"], best["theta"])
    found = experiment.files.load_round(seed)
    if found is None:
        raise ValueError(f"{experiment.folder} has no head of seed {seed}: simtemp adapt train makes it")
    return HeadPolicy(found[0])


def _summary(experiment: Experiment) -> dict[str, Any]:
    files, task = experiment.files, make_task(experiment.task)
    figures = {
        name: [files.read(name.file(seed)) or {} for seed in _head_seeds(experiment)]
        for name in policy_names(experiment)
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            results = summarize(
                task, evaluation_prompts(experiment), figures, experiment.temperatures(), experiment.seed
            )
    except (LookupError, TypeError, AttributeError, ArithmeticError, RuntimeWarning) as error:
        raise ValueError(
            f"{experiment.folder} holds damaged figures ({describe(error)}): --fresh starts over"
        ) from None
    loss = "" if experiment.loss == _LOSS[experiment.kind] else f" --loss {experiment.loss}"
    quick = " --quick" if experiment.quick else ""
    command = (
        f"simtemp adapt evaluate {experiment.task} --model {experiment.kind} --seed {experiment.seed}{loss}{quick}"
    )
    record = (
        experiment.plan()
        | {
            "command": command,
            "level": task.level,
            "learning": learning_rows(experiment),
            "parameters": (files.read("model.json") or {}).get("parameters"),
        }
        | results
    )
    files.write(RESULTS, record)
    return record


@lru_cache(maxsize=1)
def _model(folder: Path, kind: Kind) -> TextModel:
    """The base model of an experiment, kept from job to job of a worker."""
    return load_base_model(folder, kind)
