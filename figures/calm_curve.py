"""What a temperature buys on text: accuracy against collision rate of a language model's blocks, and what a block costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from figures import style
from figures.calm_outputs import (
    Contexts,
    Outputs,
    RepeatedDraws,
    contexts_of,
    distinct_share,
    held_out_windows,
    joined,
    outputs_of,
)
from figures.intervals import LEVEL
from figures.labels import decade_ticks
from figures.sampler_colours import SAMPLER_COLOURS
from figures.seeds import child_seed
from simtemp.arguments import rate, whole_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

    from simtemp.calm.model import CalmModel

TEMPERATURES = (1.0, 0.7, 0.5, 1 / 3, 0.2, 0.1)
BUDGET = 256
MAX_DRAWS = 4096
"""Draws an exact block may cost; where one of the contexts needs more, exact blocks are left out at this temperature."""

WAYS = {"batch": "published rule, N draws", "budget": "duel in N draws", "exact": "exact duel"}
_COLOURS = {
    "batch": SAMPLER_COLOURS["published"],
    "budget": SAMPLER_COLOURS["duel in N"],
    "exact": SAMPLER_COLOURS["floor"],
}
_MARKERS = {"batch": "s", "budget": "o", "exact": "D"}
_TOGETHER = 8
"""Contexts whose draws are asked for and kept together."""


@dataclass(frozen=True)
class CalmData:
    """Points of the accuracy-diversity curve.

    Attributes
    ----------
    points : DataFrame
        temperature, way (one of `WAYS`), accuracy, collisions (each with _low and _high), draws, requested, milliseconds (of a block),
        exact_share, brier_lm, brier_error (NaN for blocks of fewer than four tokens), distinct_2, distinct_3 (NaN: no text was decoded).
    contexts, budget, max_draws, patch_size : int
        Places of the text; N; what an exact block may cost; K.
    too_dear : tuple of float
        Temperatures at which some context needs more than `max_draws` for an exact block.
    level : float
        Of the intervals.
    """

    points: pd.DataFrame
    contexts: int
    budget: int
    max_draws: int
    patch_size: int
    too_dear: tuple[float, ...]
    level: float


def calm_data(
    model: str | Path,
    temperatures: Sequence[float] = TEMPERATURES,
    *,
    text: str | Path | None = None,
    size: int = 384,
    budget: int = BUDGET,
    max_draws: int = MAX_DRAWS,
    texts: int = 4,
    blocks: int = 8,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> CalmData:
    """Accuracy, collision rate and cost of decoded blocks in contexts of a held-out text.

    Parameters
    ----------
    model : path
        Directory of a trained model with its tokenizer.
    temperatures : sequence of float
        In (0, 1].
    text : path, optional
        The last tenth of each of its ten parts is used; default: the text that models are trained on by default.
    size : int
        Contexts.
    budget : int
        N, draws a block for the published rule and for the duel inside a budget.
    max_draws : int
        Draws that an exact block may cost.
    texts, blocks : int
        Continuations decoded at each point for their n-grams, and how long they are; 0 texts: none.
    seed : int
        The same seed gives the same points, times aside.
    progress : callable, optional
        Called with (done, total).

    Returns
    -------
    CalmData

    Raises
    ------
    ValueError
        For a directory that is no model (CheckpointError), a bad number, or a text too short.
    TorchRequired
        When the extra `calm` is not installed.
    """
    from simtemp.calm import from_pretrained

    network = from_pretrained(model).eval()
    windows = held_out_windows(network, model, text)
    return calm_points(
        network,
        windows,
        temperatures,
        size=size,
        budget=budget,
        max_draws=max_draws,
        texts=texts,
        blocks=blocks,
        seed=seed,
        progress=progress,
    )


def calm_points(
    model: CalmModel,
    windows: Tensor,
    temperatures: Sequence[float] = TEMPERATURES,
    *,
    size: int = 384,
    budget: int = BUDGET,
    max_draws: int = MAX_DRAWS,
    texts: int = 0,
    blocks: int = 8,
    seed: int = 0,
    level: float = LEVEL,
    progress: Callable[[int, int], None] | None = None,
) -> CalmData:
    """`calm_data` for a model at hand and windows of tokens, int64[windows, L, K].

    Notes
    -----
    Every way at every temperature chooses among the same draws, so that differences between them are theirs. Intervals are of the
    contexts taken: given these, outputs are independent, and by Hoeffding (1956) the number of hits among trials of unequal chances is
    spread no wider than a binomial, whose exact limits are used.
    """
    import pandas as pd

    from simtemp import DrawBudgetExceeded
    from simtemp.arguments import temperature as checked

    degrees = sorted({checked(t, maximum=1.0, zero=False) for t in temperatures}, reverse=True)
    whole_number(budget, "budget", 1)
    whole_number(max_draws, "max_draws", 1)
    rate(level, "level")
    places = contexts_of(model, windows, size, seed)
    count = len(places.truth)
    cells = [(t, way) for t in degrees for way in WAYS if way != "batch" or _published(t)]
    for way in WAYS:
        _warm_up(way, budget)
    RepeatedDraws(model, places.states[:1], [np.random.default_rng(0)])(np.array([0]), 64)  # a first pass is slow
    noise = np.random.default_rng(child_seed(seed, "calm", "noise")).spawn(2 * count)
    found: dict[tuple[float, str], list[Outputs]] = {cell: [] for cell in cells}
    too_dear: set[float] = set()
    done, total = 0, len(cells) * (-(-count // _TOGETHER) + (texts > 0))
    for start in range(0, count, _TOGETHER):
        states = places.states[start : start + _TOGETHER]
        draws = RepeatedDraws(model, states.repeat_interleave(2, 0), noise[2 * start : 2 * (start + len(states))])
        for t, way in cells:
            if way != "exact" or t not in too_dear:
                coins = child_seed(seed, "calm", "coins", way, f"{t:.12g}", start)
                limit = max_draws if way == "exact" else max(budget, 1)
                method, options = _method(way, budget)
                try:
                    part = outputs_of(draws, len(states), t, method, coins=coins, max_draws=limit, **options)
                    found[t, way].append(part)
                except DrawBudgetExceeded:
                    if way != "exact":
                        raise
                    too_dear.add(t)
            done += 1
            if progress is not None:
                progress(done, total)
    rows = []
    for t, way in cells:
        if way == "exact" and t in too_dear:
            continue  # what came out in the other contexts would be those that are cheap
        row = {"temperature": t, "way": way, **_scores(joined(found[t, way]), places, level)}
        grams = (float("nan"), float("nan"))
        if texts and way != "exact":
            grams = _distinct(model, windows, t, way, budget, texts, blocks, seed)
        rows.append({**row, "distinct_2": grams[0], "distinct_3": grams[1]})
        done += texts > 0
        if progress is not None:
            progress(min(done, total), total)
    return CalmData(
        pd.DataFrame(rows), count, budget, max_draws, model.config.patch_size, tuple(sorted(too_dear)), level
    )


def _published(temperature: float) -> bool:
    from simtemp.methods import batch_rule

    return batch_rule(temperature, None) == "published"


def _method(way: str, budget: int) -> tuple[str, dict[str, Any]]:
    """The sampler of a way, and its options."""
    options: dict[str, dict[str, Any]] = {
        "batch": {"batch_size": budget, "rule": "published"},
        "budget": {"budget": budget},
        "exact": {},
    }
    return "batch" if way == "batch" else "duel", options[way]


def _warm_up(way: str, budget: int) -> None:
    """Compile what is timed."""
    from simtemp.blackbox import sample_many

    method, options = _method(way, budget)
    for t in (0.5, 0.2):
        sample_many(lambda which, k: np.zeros((which.size, k), np.int64), 1, t, method, rng=0, **options)


def _scores(outputs: Outputs, places: Contexts, level: float) -> dict[str, float]:
    from simtemp.calm.brier import LONGEST, brier_terms, score
    from verify.intervals import interval

    blocks, truth = outputs.blocks, places.truth
    right = int((blocks == truth[:, None]).all(-1).sum())
    same = int((blocks[:, 0] == blocks[:, 1]).all(-1).sum())
    count = len(truth)
    accuracy, collisions = interval(right, 2 * count, 1 - level), interval(same, count, 1 - level)
    brier = (float("nan"), float("nan"))
    if truth.shape[1] >= LONGEST:
        scored = score(brier_terms(*(tokens[:, :LONGEST] for tokens in (blocks[:, 0], blocks[:, 1], truth))))
        brier = scored.brier_lm, scored.standard_error
    return {
        "accuracy": right / (2 * count),
        "accuracy_low": accuracy[0],
        "accuracy_high": accuracy[1],
        "collisions": same / count,
        "collisions_low": collisions[0],
        "collisions_high": collisions[1],
        "draws": float(outputs.draws.mean()),
        "requested": float(outputs.requested.mean()),
        "milliseconds": 1e3 * outputs.seconds / (2 * count),
        "exact_share": float(outputs.exact.mean()),
        "brier_lm": brier[0],
        "brier_error": brier[1],
    }


def _distinct(
    model: CalmModel, windows: Tensor, temperature: float, way: str, budget: int, texts: int, blocks: int, seed: int
) -> tuple[float, float]:
    """Shares of different 2-grams and 3-grams in continuations of held-out windows."""
    from simtemp.calm.continuation import continuations

    method, options = _method(way, budget)
    options = {name: value for name, value in options.items() if name == "rule"}
    chosen = windows[np.linspace(0, len(windows) - 1, min(texts, len(windows))).astype(int)]
    room = model.config.max_position_embeddings + 1 - blocks
    prompts = [window[:-1][-max(1, room) :].flatten().numpy(force=True) for window in chosen]
    pieces: list[list[Any]] = [[] for _ in prompts]
    for new in continuations(
        model,
        prompts,
        temperature,
        max_blocks=blocks,
        pad_token=0,  # prompts are whole blocks: nothing is padded
        end_token=None,
        method=method,
        budget=budget,
        rng=child_seed(seed, "calm", "texts"),
        **options,
    ):
        pieces[new.sequence].append(new.tokens)
    decoded = [np.concatenate(own) for own in pieces]
    return distinct_share(decoded, 2), distinct_share(decoded, 3)


def calm_summary(data: CalmData) -> list[dict[str, Any]]:
    """One row a temperature and way, for a table; steps a token are 1/K whatever the temperature.

    Returns
    -------
    list of dict
        The columns of `CalmData.points`, with the way in words and `steps_a_token`.
    """
    names = way_names(data)
    return [
        {
            **{str(key): value for key, value in row.items()},
            "way": names[row["way"]],
            "steps_a_token": 1 / data.patch_size,
        }
        for row in data.points.to_dict("records")
    ]


def way_names(data: CalmData) -> dict[str, str]:
    """The ways in words, with the number of draws."""
    return {way: name.replace("N draws", f"{data.budget:,} draws") for way, name in WAYS.items()}


def left_out(data: CalmData) -> str:
    """Why there is no exact point at some temperatures; empty where there is one at all."""
    if not data.too_dear:
        return ""
    dear = ", ".join(style.temperature_name(t).removeprefix("T = ") for t in data.too_dear)
    return f"no exact point at T = {dear}:\na block takes > {data.max_draws:,} draws in some context"


def draw_calm(data: CalmData, *, narrow: bool = False) -> Figure:
    """Accuracy against collision rate; draws and milliseconds a block against temperature. `narrow` for a phone."""
    from figures.panels import Room, panels

    with style.look():
        room = Room(left=0.7, across=0.6, right=0.2, down=0.75)
        figure, axes = panels(3, 1 if narrow else 3, width=3.4, height=3.1, room=room)
        plot_tradeoff(axes[0], data)
        plot_cost(axes[1], data, "draws", "draws a block")
        plot_cost(axes[2], data, "milliseconds", "milliseconds a block")
    return figure


def plot_tradeoff(axes: Axes, data: CalmData) -> None:
    """The accuracy-diversity curve of each way, with intervals, on given axes."""
    for way in WAYS:
        own = _of_way(data, way)
        x, y = own["collisions"], own["accuracy"]
        axes.errorbar(
            x,
            y,
            xerr=[x - own["collisions_low"], own["collisions_high"] - x],
            yerr=[y - own["accuracy_low"], own["accuracy_high"] - y],
            fmt="none",
            ecolor=_COLOURS[way],
            elinewidth=0.7,
            alpha=0.35,
        )
        axes.plot(x, y, color=_COLOURS[way], linewidth=1.3, marker=_MARKERS[way], markersize=5, **_FACE)
    for right, up, said in temperature_labels(data.points[data.points["way"] == "budget"]):
        axes.annotate(said, (right, up), xytext=(4, -12), textcoords="offset points", fontsize=8.5, color=style.MUTED)
    axes.margins(x=0.12)
    axes.set_xlabel("collision rate: two outputs are the same block")
    axes.set_ylabel("accuracy: output is the text's next block")
    axes.set_title("Accuracy and diversity")
    below = {
        **{name: _COLOURS[way] for way, name in way_names(data).items()},
        f"{data.contexts:,} contexts, {100 * data.level:g} % intervals": style.MUTED,
    }
    for i, (said, colour) in enumerate(reversed(below.items())):
        axes.text(0.97, 0.03 + 0.065 * i, said, transform=axes.transAxes, ha="right", fontsize=8.5, color=colour)


def temperature_labels(points: pd.DataFrame) -> list[tuple[float, float, str]]:
    """Where the temperatures of a curve are written, hot ones first; points that nearly coincide share a label."""
    labels: list[tuple[float, float, str]] = []
    near = 0.06 * float(points["collisions"].max() - points["collisions"].min())
    for row in points.sort_values("temperature", ascending=False).to_dict("records"):
        x, y, said = row["collisions"], row["accuracy"], style.temperature_name(row["temperature"])
        if labels and abs(x - labels[-1][0]) <= near:
            x, y, before = labels.pop()
            said = f"{before}, {said.removeprefix('T = ')}"
        labels.append((x, y, said.removeprefix("T = ") if labels else said))
    return labels


def plot_cost(axes: Axes, data: CalmData, column: str, label: str) -> None:
    """A column of the points against temperature, one line a way, on given axes."""
    axes.set_yscale("log")
    for way in WAYS:
        own = _of_way(data, way)
        below = own[own.index < 1]  # at T = 1 every way is one draw: the cost jumps there
        axes.plot(below.index, below[column], color=_COLOURS[way], linewidth=1.3)
        axes.plot(own.index, own[column], _MARKERS[way], color=_COLOURS[way], markersize=5, **_FACE)
    low, high = 0.6 * float(data.points[column].min()), 1.8 * float(data.points[column].max())
    axes.set_ylim(low, high)
    axes.set_yticks(*decade_ticks(low, high))
    style.temperature_axis(axes, list(data.points["temperature"]))
    axes.margins(x=0.05)
    axes.autoscale(axis="x")
    axes.set_xlabel("temperature")
    axes.set_title(label[0].upper() + label[1:])
    if column == "draws" and left_out(data):
        axes.text(0.03, 0.04, left_out(data), transform=axes.transAxes, fontsize=8, color=style.MUTED)


def _of_way(data: CalmData, way: str) -> pd.DataFrame:
    """The points of a way by temperature, hot ones first, with gaps where it has none: a line across would claim what was not seen."""
    degrees = sorted(set(data.points["temperature"]), reverse=True)
    return data.points[data.points["way"] == way].set_index("temperature").reindex(degrees)


_FACE: dict[str, Any] = {"markerfacecolor": style.PAPER, "markeredgewidth": 1.3}
"""Hollow points, so that ways that agree are all seen."""
