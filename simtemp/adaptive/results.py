"""From the figures of every policy to results: scores with intervals, differences, temperatures by kind and place, claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simtemp.adaptive.claims import Comparison
from simtemp.adaptive.comparison import Interval, mean_interval, reduction_interval
from simtemp.adaptive.policy_name import PolicyName
from simtemp.adaptive.roles import role_seed
from simtemp.adaptive.tasks.task import Prompt, Task
from simtemp.arguments import Floats

CONFIDENCE = 0.95
"""Of every interval; of those against the fixed temperatures, all together."""


def summarize(
    task: Task,
    prompts: Sequence[Prompt],
    figures: Mapping[PolicyName, Sequence[Mapping[str, Any]]],
    temperatures: Sequence[float],
    seed: int,
) -> dict[str, Any]:
    """Results of an experiment.

    Intervals are of the prompts: what is resampled is the mean over seeds of the (paired) figure of each prompt, so that they say how the
    comparison would come out on other prompts with these heads; how much heads differ is told seed by seed.

    Parameters
    ----------
    task : Task
        What its claims are depends on it.
    prompts : sequence of P Prompt
        That policies were judged on.
    figures : mapping
        Of each policy, what `evaluate_policy` gave with each seed.
    temperatures : sequence of float
        That the heads pick from.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        As JSON can hold it.
    """
    root = role_seed(seed, "bootstrap")
    scores = {name: np.array([own["scores"] for own in several]) for name, several in figures.items()}  # float[S, P]
    adaptive = next(name for name in figures if name.kind == "adaptive")
    fixed = [name for name in figures if name.kind == "fixed"]
    best = max(fixed, key=lambda name: scores[name].mean())
    together = 1.0 - (1.0 - CONFIDENCE) / len(fixed)
    differences = {
        name: mean_interval(
            (scores[adaptive] - scores[name]).mean(0),
            together if name.kind == "fixed" else CONFIDENCE,
            root.spawn(1)[0],
        )
        for name in figures
        if name is not adaptive
    }
    comparison = Comparison(
        differences={name.temperature: found for name, found in differences.items() if name.kind == "fixed"},
        best=best.temperature,
        measure_reduction=lambda measure: _reduction(figures, adaptive, measure, root.spawn(1)[0]),
        temperature_of=lambda place: _mean_by_label(figures[adaptive]).get(place),
    )
    kinds = [prompt.kind for prompt in prompts]
    return {
        "temperatures": list(temperatures),
        "seeds": [seed + number for number in range(len(figures[adaptive]))],
        "prompts": len(prompts),
        "samples": task.samples,
        "confidence": CONFIDENCE,
        "policies": [
            _policy(
                name, several, scores[name], kinds, mean_interval(scores[name].mean(0), CONFIDENCE, root.spawn(1)[0])
            )
            for name, several in figures.items()
        ],
        "best_fixed": best.temperature,
        "differences": [
            {"against": name.label, "difference": found.value, "low": found.low, "high": found.high}
            for name, found in differences.items()
        ],
        "by_seed": [
            {
                "seed": seed + number,
                "score": float(scores[adaptive][number].mean()),
                "difference_to_best_fixed": float((scores[adaptive][number] - scores[best][number]).mean()),
            }
            for number in range(len(figures[adaptive]))
        ],
        "claims": [claim(comparison)._asdict() for claim in task.claims],
        "temperature_by_kind": _by_kind(figures[adaptive], temperatures),
        "temperature_by_place": {"rows": _by_place(figures[adaptive])},
        "examples": figures[adaptive][0]["examples"],
    }


def _policy(
    name: PolicyName, several: Sequence[Mapping[str, Any]], scores: Floats, kinds: Sequence[str], score: Interval
) -> dict[str, Any]:
    of_kind = np.array(kinds)
    tokens = np.array([own["tokens"] for own in several], np.float64)
    log_probs = np.array([[np.nan if x is None else x for x in own["log_prob"]] for own in several], np.float64)
    return {
        "name": name.label,
        "kind": name.kind,
        "temperature": name.temperature,
        "score": score.value,
        "low": score.low,
        "high": score.high,
        "by_kind": {kind: float(scores[:, of_kind == kind].mean()) for kind in dict.fromkeys(kinds)},
        "measures": {
            measure: float(np.mean([own["measures"][measure] for own in several])) for measure in several[0]["measures"]
        },
        "log_prob_per_token": float(log_probs.sum() / max(tokens.sum(), 1.0)),
        "mean_temperature": float(np.mean([own["mean_temperatures"] for own in several])),
        "draws": float(np.mean([own["draws"] for own in several])),
    }


def _reduction(
    figures: Mapping[PolicyName, Sequence[Mapping[str, Any]]],
    adaptive: PolicyName,
    measure: str,
    seed: np.random.SeedSequence,
) -> Interval:
    """How much smaller a measure is than with greedy decoding, as a share."""
    greedy = next(name for name in figures if name.temperature == 0.0)
    values, reference = (
        np.array([own["measures"][measure] for own in figures[name]]).mean(0) for name in (adaptive, greedy)
    )
    return reduction_interval(values, reference, CONFIDENCE, seed)


def _by_kind(several: Sequence[Mapping[str, Any]], temperatures: Sequence[float]) -> dict[str, list[float]]:
    """Share of the steps at each temperature, by kind of prompt."""
    shares = {}
    for kind in dict.fromkeys(kind for own in several for kind in own["picks"]):
        counts = [
            sum(own["picks"].get(kind, {}).get(str(float(temperature)), 0) for own in several)
            for temperature in temperatures
        ]
        shares[kind] = [count / max(1, sum(counts)) for count in counts]
    return shares


def _by_place(several: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for name in dict.fromkeys(name for own in several for name in own["places"]):
        sums = np.sum([own["places"][name][0] for own in several if name in own["places"]], axis=0)
        counts = np.sum([own["places"][name][1] for own in several if name in own["places"]], axis=0)
        means = [float(total / count) if count else None for total, count in zip(sums, counts, strict=True)]
        rows.append({"label": name, "mean": means, "count": counts.tolist()})
    return rows


def _mean_by_label(several: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    return {
        row["label"]: float(np.nansum(np.array(row["mean"], np.float64) * row["count"]) / max(1, np.sum(row["count"])))
        for row in _by_place(several)
    }
