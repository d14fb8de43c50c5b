"""The score of an adaptive policy beside every fixed temperature and the entropy rule, task by task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figures import style
from figures.adaptive_results import ResultsError, read_results, task_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POLICY_COLOURS = {"adaptive": "#137a5a", "fixed": "#2f6db3", "entropy": "#b07d00"}
_ORDER = {"adaptive": 0, "entropy": 1, "fixed": 2}
_ROW = 0.24
"""Inches a policy."""


@dataclass(frozen=True)
class ScoresData:
    """Scores of every policy.

    Attributes
    ----------
    policies : DataFrame
        task, policy, kind, score, low, high, best (of the fixed ones), difference, difference_low, difference_high (adaptive minus this
        one, paired by prompt; NaN where there is none), in the order of the rows.
    prompts : dict
        By task: how many.
    level : float
        Of the intervals.
    """

    policies: pd.DataFrame
    prompts: dict[str, int]
    level: float


def scores_data(results: str | Path) -> ScoresData:
    """Scores and paired differences of all tasks in a directory of results.

    Raises
    ------
    ResultsError
        For a directory without them.
    """
    import pandas as pd

    found = read_results(results).tasks
    if not found:
        raise ResultsError(f"no task's results in {str(results)!r}")
    rows = [row for name, task in found.items() for row in policy_rows(name, task)]
    level = next(iter(found.values()))["confidence"]
    return ScoresData(pd.DataFrame(rows), {name: task["prompts"] for name, task in found.items()}, level)


def policy_rows(name: str, task: dict[str, Any]) -> list[dict[str, Any]]:
    """The policies of a task as rows: the adaptive one first, fixed temperatures from cold to hot."""
    against = {row["against"]: row for row in task["differences"]}
    fixed = [policy["score"] for policy in task["policies"] if policy["kind"] == "fixed"]
    rows = []
    for policy in sorted(task["policies"], key=lambda p: (_ORDER.get(p["kind"], 1), p["temperature"] or 0.0)):
        paired = against.get(policy["name"], {})
        rows.append(
            {
                "task": name,
                "policy": policy["name"],
                "kind": policy["kind"],
                **{key: policy[key] for key in ("score", "low", "high")},
                "best": policy["kind"] == "fixed" and policy["score"] == max(fixed),
                **{
                    column: paired.get(key, float("nan"))
                    for column, key in (
                        ("difference", "difference"),
                        ("difference_low", "low"),
                        ("difference_high", "high"),
                    )
                },
            }
        )
    return rows


def signed(value: float) -> str:
    """A difference with its sign, to three places.

    Examples
    --------
    >>> signed(0.0512), signed(-0.0004), signed(-0.25)
    ('+0.051', '0.000', '−0.250')
    """
    rounded = f"{value:+.3f}"
    return "0.000" if float(rounded) == 0.0 else rounded.replace("-", "−")


def difference_text(difference: float, low: float, high: float) -> str:
    """A difference and its interval in words.

    Examples
    --------
    >>> difference_text(0.05, -0.02, 0.08)
    '+0.050 [−0.020, 0.080]'
    """
    return f"{signed(difference)} [{signed(low)}, {signed(high)}]".replace("[+", "[").replace(", +", ", ")


def draw_scores(data: ScoresData, *, narrow: bool = False) -> Figure:
    """A panel a task, a row a policy; `narrow` for a phone."""
    from figures.panels import Room, rows_of_panels, shorten

    tasks = list(data.prompts)
    across = 1 if narrow or len(tasks) == 1 else 2
    counts = [int((data.policies["task"] == task).sum()) for task in tasks]
    rows = [max(counts[i : i + across]) for i in range(0, len(tasks), across)]
    with style.look():
        room = Room(left=0.95 if narrow else 1.1, right=1.8, across=2.98, down=0.75, top=0.45)
        width = 1.4 if narrow else 2.2
        figure, grid = rows_of_panels([_ROW * count for count in rows], across, width=width, room=room)
        panels = [(panel, rows[i]) for i, row in enumerate(grid) for panel in row]
        for (panel, height), task, count in zip(panels, tasks, counts, strict=False):
            shorten(panel, count / height)
            plot_scores(panel, data.policies[data.policies["task"] == task])
            panel.set_title(task_name(task))
            panel.set_xlabel(f"score, {100 * data.level:g} % intervals, {data.prompts[task]:,} prompts", loc="left")
        for panel, _ in panels[len(tasks) :]:
            panel.remove()
    return figure


def plot_scores(axes: Axes, policies: pd.DataFrame) -> None:
    """The policies of a task on given axes, a row each."""
    rows = policies.to_dict("records")
    adaptive = next((row for row in rows if row["kind"] == "adaptive"), None)
    if adaptive is not None:
        axes.axvspan(adaptive["low"], adaptive["high"], color=POLICY_COLOURS["adaptive"], alpha=0.1, linewidth=0)
    beside: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": 8}
    axes.text(1.04, 0, "adaptive − the other", color=style.MUTED, **beside)
    for y, row in enumerate(rows):
        colour = POLICY_COLOURS.get(row["kind"], style.MUTED)
        axes.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=1.6)
        face = colour if row["kind"] == "adaptive" or row["best"] else style.PAPER
        axes.plot(row["score"], y, "o", color=colour, markersize=5.5, markerfacecolor=face, markeredgewidth=1.3)
        if row["difference"] == row["difference"]:
            sure = row["difference_low"] > 0 or row["difference_high"] < 0
            axes.text(
                1.04,
                y,
                difference_text(row["difference"], row["difference_low"], row["difference_high"]),
                **beside,
                color=style.INK if sure else style.MUTED,
                fontweight="bold" if sure else "normal",
            )
    axes.set_yticks(range(len(rows)), [row["policy"] for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.08)
