"""Names that the command line knows before anything heavy is loaded."""

from __future__ import annotations

from enum import StrEnum

WORLD = "world"
"""The world where the best policy is known."""


class TaskName(StrEnum):
    """What there is to run."""

    repeats = "repeats"
    mixed = "mixed"
    constrained = "constrained"
    voting = "voting"
    world = WORLD
    all = "all"


TASK_NAMES = tuple(str(name) for name in TaskName if name not in (TaskName.world, TaskName.all))
