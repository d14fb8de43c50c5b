"""What a temperature buys on text: accuracy, collision rate and cost of a language model's blocks, at points of a curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

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
from figures.seeds import child_seed
from simtemp.arguments import rate, whole_number

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from simtemp.calm.model import CalmModel

TEMPERATURES = (1.0, 0.7, 0.5, 1 / 3, 0.2, 0.1)
BUDGET = 256
MAX_DRAWS = 4096
"""Draws an exact block may cost; where one of the contexts needs more, exact blocks are left out at this temperature."""

WAYS = {"batch": "published rule, N draws", "budget": "duel in N draws", "exact": "exact duel"}
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


def way_names(data: CalmData) -> dict[str, str]:
    """The ways in words, with the number of draws."""
    return {way: name.replace("N draws", f"{data.budget:,} draws") for way, name in WAYS.items()}
