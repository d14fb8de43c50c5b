"""The loss curve of a training run as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def draw_curve(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """One panel a phase: training loss and held-out loss against the step.

    Parameters
    ----------
    rows : sequence of mappings
        With phase, step, loss and, in some, held_out_loss.
    path : Path
        A picture file that matplotlib can write; it is replaced.
    """
    from matplotlib.figure import Figure

    phases = list(dict.fromkeys(row["phase"] for row in rows))
    figure = Figure(figsize=(5 * len(phases), 3.6), layout="constrained")
    for axes, phase in zip(figure.subplots(1, len(phases), squeeze=False)[0], phases, strict=True):
        own = [row for row in rows if row["phase"] == phase]
        held_out = [row for row in own if "held_out_loss" in row]
        axes.plot([row["step"] for row in own], [row["loss"] for row in own], color="C0", label="training")
        axes.plot(
            [row["step"] for row in held_out],
            [row["held_out_loss"] for row in held_out],
            color="C1",
            marker="o",
            markersize=3,
            label="held out",
        )
        axes.set(title=phase, xlabel="step", ylabel="loss")
        axes.set_yscale("log" if min(row["loss"] for row in own) > 0 else "linear")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    figure.savefig(path, dpi=120)
