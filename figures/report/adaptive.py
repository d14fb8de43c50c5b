"""The section on adaptive decoding: what was claimed and whether it holds, the pictures there are numbers for, their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from figures.adaptive_results import WORLD, AdaptiveResults, ResultsError, task_name
from figures.adaptive_world import LIMIT
from figures.gallery import GALLERY, Entry
from figures.report.adaptive_tables import adaptive_tables
from figures.report.form import percent

BASELINE = "nll"
"""The loss that is there to be seen failing."""


def adaptive_pictures(directory: str) -> Iterator[tuple[Entry, Any]]:
    """The pictures of a directory of results, with their numbers; a picture of what was not evaluated is left out."""
    for entry in GALLERY.values():
        if entry.of_results:
            try:
                yield entry, entry.data(directory)
            except ResultsError:
                continue


def adaptive_section(results: AdaptiveResults | None, pictures: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What the page says about adaptive decoding; None without results.

    Returns
    -------
    dict or None
        claims (task, claim, holds, figure), the commands that make them again, missing (names of what was not evaluated), pictures, each
        with its tables.
    """
    if results is None:
        return None
    tables = adaptive_tables(results)
    claims = [
        {"task": task_name(name), "command": task["command"], **claim}
        for name, task in results.tasks.items()
        for claim in task["claims"]
    ]
    if results.world is not None:
        claims = [*({"command": results.world["command"], **claim} for claim in world_claims(results.world)), *claims]
    return {
        "claims": claims,
        "missing": ["known world" if name == WORLD else task_name(name) for name in results.missing],
        "commands": list(dict.fromkeys(claim["command"] for claim in claims)),
        "pictures": [{**picture, "tables": tables[picture["name"]]} for picture in pictures],
    }


def world_claims(world: Mapping[str, Any]) -> list[dict[str, Any]]:
    """That every loss stays within the limit of the known optimum with every seed, and that the baseline does not on average."""
    claims = []
    for own in world["losses"]:
        regret = own["regret"]
        mean, largest = sum(regret) / len(regret), max(regret)
        fails = own["loss"] == BASELINE
        claims.append(
            {
                "task": "known world",
                "claim": f"the likelihood baseline (NLL) misses the optimum by more than {percent(LIMIT)}"
                if fails
                else f"{own['loss']} loss: regret at most {percent(LIMIT)} of the range with every seed",
                "holds": mean > LIMIT if fails else largest <= LIMIT,
                "figure": f"mean {percent(mean)}, largest {percent(largest)} over {len(regret)} seeds; "
                f"{sum(value <= LIMIT for value in regret)} of them within {percent(LIMIT)}",
            }
        )
    return claims
