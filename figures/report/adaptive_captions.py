"""What stands under each picture of adaptive decoding, and what it says to a reader who cannot see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from figures.adaptive_kinds import KindsData
from figures.adaptive_learning import LearningData
from figures.adaptive_places import PlacesData
from figures.adaptive_results import task_name
from figures.adaptive_scores import ScoresData
from figures.adaptive_world import LIMIT, LOSS_NAMES, WorldData
from figures.report.caption import Caption
from figures.report.form import number, percent


def _scores(data: ScoresData) -> Caption:
    said = []
    for task, own in data.policies.groupby("task", sort=False):
        adaptive, best = own[own["kind"] == "adaptive"], own[own["best"]]
        parts = [f"adaptive {number(row['score'])}" for row in adaptive.to_dict("records")]
        parts += [f"best fixed, {row['policy']}, {number(row['score'])}" for row in best.to_dict("records")]
        said.append(f"{task_name(str(task))}: {', '.join(parts)}")
    return Caption(
        "Adaptive against fixed temperatures",
        f"Score of each policy on prompts it was not trained on, with {100 * data.level:g} % intervals over prompts. Green: the learned "
        "head; blue: a fixed temperature (filled: the best one); ochre: the entropy rule. On the right the difference to the adaptive "
        "policy, paired by prompt; bold where its interval excludes zero.",
        f"Score by policy, a panel a task. {'; '.join(said)}.",
    )


def _kinds(data: KindsData) -> Caption:
    most = data.shares.loc[data.shares.groupby(["task", "kind"], sort=False)["share"].idxmax()]
    said = "; ".join(
        f"{task_name(row['task'])}, {row['kind']}: T = {row['temperature']:g} in {percent(row['share'])}"
        for row in most.to_dict("records")
    )
    return Caption(
        "Which temperature for which prompt",
        "How often the head picks each temperature in responses to each kind of prompt. It was never told the kinds.",
        f"Histograms of the temperatures picked, a row a kind of prompt. Picked most: {said}.",
    )


def _places(data: PlacesData) -> Caption:
    said = []
    for task, own in data.places.groupby("task", sort=False):
        means = (
            f"{label} {number(float((part['mean'] * part['count']).sum() / part['count'].sum()))}"
            for label, part in own.groupby("label", sort=False)
        )
        said.append(f"{task_name(str(task))}: {', '.join(means)}")
    return Caption(
        "Which temperature where in a response",
        "Mean temperature by place in the response and by what stands there, over all evaluated responses; blank where none has that. "
        "Below: examples, each character on the colour of its temperature, the prompt in grey, what is named first above in bold.",
        "Heat maps of the mean temperature by place, and example responses coloured by temperature. Mean over places: "
        f"{'; '.join(said) or 'none'}.",
    )


def _learning(data: LearningData) -> Caption:
    said = []
    for task, own in data.curves.groupby("task", sort=False):
        mean = own.groupby("round")["reward"].mean().dropna()
        if len(mean):
            said.append(f"{task_name(str(task))} from {number(mean.iloc[0])} to {number(mean.iloc[-1])}")
    return Caption(
        "How the heads learn",
        "Mean reward of the responses sampled in a round, with temperatures sampled from the head, and its loss. A thin line a seed, the "
        "mean in ink.",
        f"Reward and loss by round, a line a seed. Mean reward: {'; '.join(said)}.",
    )


def _world(data: WorldData) -> Caption:
    said = "; ".join(
        f"{LOSS_NAMES.get(str(loss), str(loss))}: mean {percent(own['regret'].mean())}, largest {percent(own['regret'].max())}"
        for loss, own in data.losses.groupby("loss", sort=False)
    )
    return Caption(
        "Against a known optimum",
        "A world of known laws and rewards, so that the best policy (star) and the regret of a learned one are exact. Regret: expected "
        f"reward left behind, as a share of the range of achievable reward; the dashed line is {percent(LIMIT)}. NLL: the negative "
        "log-likelihood of the chosen, the baseline that should fail. In each context: expected reward by temperature and, below it, what "
        "heads trained with each loss pick; areas are shares of the seeds.",
        f"Regret over {data.seeds} seeds by loss, in shares of the range. {said}.",
    )


ADAPTIVE_CAPTIONS: dict[str, Callable[[Any], Caption]] = {
    "adaptive-scores": _scores,
    "adaptive-kinds": _kinds,
    "adaptive-places": _places,
    "adaptive-learning": _learning,
    "adaptive-world": _world,
}
"""By the name of the picture; made from its data."""
