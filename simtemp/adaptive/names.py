"""Names that the command line knows before anything heavy is loaded."""

from __future__ import annotations

WORLD = "world"
"""The world where the best policy is known."""

TASK_NAMES = ("repeats", "mixed", "constrained", "voting")
