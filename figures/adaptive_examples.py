"""Example responses on a grid of characters, each on the colour of the temperature it was decoded at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from figures import style
from figures.adaptive_heat import heat_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EXAMPLES = 2
"""Responses shown a task."""


def chosen_examples(examples: Sequence[dict[str, Any]], count: int = EXAMPLES) -> list[dict[str, Any]]:
    """The first of each kind, then the next ones, at most `count`; responses without text are passed over."""
    told = [example for example in examples if any(example["pieces"])]
    first: dict[str, dict[str, Any]] = {}
    for example in told:
        first.setdefault(example["kind"], example)
    rest = [example for example in told if example is not first[example["kind"]]]
    return [*first.values(), *rest][:count]


@dataclass(frozen=True)
class Character:
    """One character of an example on its grid.

    Attributes
    ----------
    text : str
    column, line : int
    temperature : float or None
        None: of the prompt.
    label : str or None
        What it is, such as "constrained".
    """

    text: str
    column: int
    line: int
    temperature: float | None
    label: str | None


def example_grid(example: dict[str, Any], columns: int, prompt: int) -> list[Character]:
    """A prompt, cut at its left to `prompt` characters, and its response in lines of `columns` characters."""
    asked = example["prompt"].replace("\n", "↵")
    asked = "…" + asked[1 - prompt :] if len(asked) > prompt else asked
    cells: list[tuple[str, float | None, str | None]] = [(character, None, None) for character in asked]
    labels = example["labels"] or [None] * len(example["pieces"])
    for piece, temperature, label in zip(example["pieces"], example["temperatures"], labels, strict=True):
        cells += [(character, temperature, label) for character in piece.replace("\n", "↵")]
    return [Character(text, i % columns, i // columns, t, label) for i, (text, t, label) in enumerate(cells)]


def plot_examples(
    axes: Axes, grids: Sequence[Sequence[Character]], columns: int, hottest: float, bold: str | None
) -> None:
    """Examples one below the other on given axes, each character on the colour of its temperature."""
    from matplotlib.patches import Rectangle

    top = 0.0
    for grid in grids:
        for character in grid:
            y = top + character.line
            heat = character.temperature
            if heat is not None:
                colour = heat_colour(heat, hottest)
                axes.add_patch(
                    Rectangle((character.column, y + 0.05), 1.0, 0.9, facecolor=colour, alpha=0.3, linewidth=0)
                )
            if not character.text.isspace():
                axes.text(
                    character.column + 0.5,
                    y + 0.54,
                    character.text.replace("$", r"\$"),
                    ha="center",
                    va="center",
                    fontsize=8.5,
                    color=style.MUTED if heat is None else style.INK,
                    fontweight="bold" if bold is not None and character.label == bold else "normal",
                )
        top += grid[-1].line + 1.4
    axes.set_xlim(0, columns)
    axes.set_ylim(top - 0.4, 0)
    axes.axis("off")
