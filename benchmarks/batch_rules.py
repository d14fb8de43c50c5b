"""Total variation of the batch rules from the target at equal N, over the suite: the table of docs/batch-rules.md.

    python benchmarks/batch_rules.py

plug-in and falling: their exact laws. corrected: no exact law is known, so its chances of choosing each category are averaged over
random count vectors; the distance is measured on half of them, on the set that the other half points out.
"""

from __future__ import annotations

import numpy as np

import simtemp
from simtemp.methods import batch_tables

TEMPERATURES = (0.9, 0.7, 0.5, 0.3, 0.1)
SIZES = (50, 200)
VECTORS = 200_000


def corrected_choice(counts: np.ndarray, log_weight: np.ndarray, log_kept: np.ndarray) -> np.ndarray:
    """The chance of each category, for rows of counts: w / (W - w + kept), normalised; the largest counts where no weight is."""
    top = log_weight[counts].max(axis=1, keepdims=True)
    known = np.where(np.isfinite(top), top, 0.0)
    weight, kept = np.exp(log_weight[counts] - known), np.exp(log_kept[counts] - known)
    whole = weight.sum(axis=1, keepdims=True)
    score = weight / np.maximum(whole - weight + kept, 1e-12 * np.maximum(whole, 1e-300))
    score = np.where(np.isfinite(top), score, counts == counts.max(axis=1, keepdims=True))
    return score / score.sum(axis=1, keepdims=True)


def corrected_distance(probs: np.ndarray, temperature: float, size: int) -> float:
    log_weight, log_kept = batch_tables(temperature, size, "corrected")
    assert log_kept is not None
    rng = np.random.default_rng(0)
    halves = np.zeros((2, probs.size))
    rows = max(1, min(VECTORS // 2, 2_000_000 // probs.size))
    for half in halves:
        done = 0
        while done < VECTORS // 2:
            part = min(rows, VECTORS // 2 - done)
            half += corrected_choice(rng.multinomial(size, probs, part), log_weight, log_kept).sum(axis=0)
            done += part
    laws = halves / (VECTORS // 2)
    target = simtemp.temper(probs, temperature)
    where = laws[0] > target
    return abs(float((laws[1] - target)[where].sum()))


def main() -> None:
    bases = [base for base in simtemp.SUITE if base not in ("two", "uniform:10")]  # symmetric: no rule is biased there
    bases.insert(0, "two:0.7")
    print(f"{'T':>4} {'N':>4} {'rule':10s} " + " ".join(f"{base:>16s}" for base in bases))
    for temperature in TEMPERATURES:
        for size in SIZES:
            for rule in ("plug-in", "falling", "corrected"):
                row = []
                for base in bases:
                    probs = simtemp.parse_base(base).probs
                    if rule == "corrected":
                        row.append(corrected_distance(probs, temperature, size))
                    else:
                        law = simtemp.rule_law(probs, batch_tables(temperature, size, rule)[0], size)
                        row.append(simtemp.total_variation(law, simtemp.temper(probs, temperature)))
                print(f"{temperature:4g} {size:4d} {rule:10s} " + " ".join(f"{tv:16.5f}" for tv in row), flush=True)


if __name__ == "__main__":
    main()
