"""Four tasks on which one temperature for all is wrong."""

from __future__ import annotations

from simtemp.adaptive.tasks.constrained import ConstrainedTask
from simtemp.adaptive.tasks.mixed import MixedTask
from simtemp.adaptive.tasks.repeats import RepeatsTask
from simtemp.adaptive.tasks.task import Task
from simtemp.adaptive.tasks.voting import VotingTask
from simtemp.arguments import shown

TASKS: dict[str, type[Task]] = {task.name: task for task in (RepeatsTask, MixedTask, ConstrainedTask, VotingTask)}


def make_task(name: str) -> Task:
    """A task by name.

    Raises
    ------
    ValueError
        For a name that no task has.
    """
    if name not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, got {shown(name)}")
    return TASKS[name]()
