"""What is claimed of adaptive decoding on each task, and whether the figures bear it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simtemp.adaptive.comparison import Interval
from simtemp.adaptive.tasks.task import Task

PUBLISHED_REDUCTION = 0.42
"""Fewer repeated 3-grams than greedy decoding, in the text of arXiv:2411.09661."""

LEAST_REDUCTION = 0.25
"""Its interval must exclude this."""


def claims_of(
    task: Task,
    *,
    differences: Mapping[float | None, Interval],
    best: float | None,
    measure_reduction: Callable[[str], Interval],
    temperature_of: Callable[[str], float | None],
) -> list[dict[str, Any]]:
    """The claims of a task.

    Parameters
    ----------
    task : Task
        What claims are made for depends on it.
    differences : mapping
        Score of the adaptive policy minus that of each fixed temperature; intervals hold all together.
    best : float
        The fixed temperature with the highest score on these prompts.
    measure_reduction : callable
        From a measure to how much smaller it is than with greedy decoding.
    temperature_of : callable
        From a label of places to the mean temperature picked there, None where there is none.

    Returns
    -------
    list of dict
        "claim", "holds", "figure".
    """
    hardest = min(differences.values(), key=lambda found: found.low)
    against_best = differences[best]
    if task.name == "repeats":
        return [_fewer_repeats(measure_reduction("repeated_3grams"))]
    if task.name == "mixed":
        return [
            {
                "claim": "better than every single temperature on the joint score",
                "holds": hardest.low > 0.0,
                "figure": f"{_signed(against_best)} against T = {best:g}, the best of them",
            }
        ]
    if task.name == "constrained":
        bound, free = temperature_of("constrained"), temperature_of("free")
        colder = bound is not None and free is not None and bound < free
        return [
            {
                "claim": "a lower mean temperature where the constraint binds than elsewhere",
                "holds": colder,
                "figure": f"{_number(bound)} where it binds, {_number(free)} elsewhere",
            },
            {
                "claim": "better than the best single temperature on the joint score",
                "holds": against_best.low > 0.0,
                "figure": f"{_signed(against_best)} against T = {best:g}",
            },
        ]
    verdict = "better" if against_best.low > 0.0 else "worse" if against_best.high < 0.0 else "a tie"
    return [
        {
            "claim": "at least equal to the best single temperature",
            "holds": against_best.high >= 0.0,
            "figure": f"{verdict}: {_signed(against_best)} against T = {best:g}",
        }
    ]


def _fewer_repeats(found: Interval) -> dict[str, Any]:
    return {
        "claim": f"at least {PUBLISHED_REDUCTION:.0%} fewer repeated 3-grams than greedy decoding",
        "holds": found.value >= PUBLISHED_REDUCTION and found.low > LEAST_REDUCTION,
        "figure": f"{found.value:.0%} fewer [{found.low:.0%}, {found.high:.0%}]",
    }


def _signed(found: Interval) -> str:
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
