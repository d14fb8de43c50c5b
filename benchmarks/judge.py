"""The judge's error rates over many runs, how soon it finds a wrong exponent, and what it costs beyond the sampler.

python benchmarks/judge.py [--runs 10000]
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from simtemp import parse_base, simulate, temper
from verify import check_sampler
from verify.intervals import interval

PEAKED9 = parse_base("peaked9").probs
ZIPF = parse_base("zipf:100,1.1").probs


def verdict(seed: int, law, target, settings) -> tuple[str, int]:
    edges = np.cumsum(law) / np.sum(law)
    found = check_sampler(
        lambda size, rng: np.searchsorted(edges, rng.random(size), side="right"), target, rng=seed, **settings
    )
    return found.status, found.n


def runs(number: int, law, target, **settings) -> list[tuple[str, int]]:
    with ProcessPoolExecutor() as pool:
        return list(pool.map(partial(verdict, law=law, target=target, settings=settings), range(number), chunksize=50))


def rate(found: list[tuple[str, int]], status: str) -> str:
    hits = sum(one == status for one, _ in found)
    low, high = interval(hits, len(found), 0.001)
    return f"{hits:,} of {len(found):,} (99.9 % interval {low:.4f} to {high:.4f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    number = parser.parse_args().runs

    null = {"alpha": 0.01, "epsilon": 0.1, "delta": 0.01, "max_samples": 1500}
    print("right samplers rejected at alpha = 0.01, peaked9:", rate(runs(number, PEAKED9, PEAKED9, **null), "REJECT"))
    print("right samplers rejected at alpha = 0.01, zipf:", rate(runs(number // 10, ZIPF, ZIPF, **null), "REJECT"))

    off = np.array([0.53, 0.47])  # 1.5 times epsilon
    wrong = {"alpha": 1e-300, "epsilon": 0.02, "delta": 0.01, "max_samples": 50_000}
    print(
        "1.5 epsilon off, accepted at delta = 0.01:", rate(runs(number // 10, off, [0.5, 0.5], **wrong), "EQUIVALENT")
    )

    tilted = runs(number // 50, temper(ZIPF, 1 / 1.05), ZIPF, alpha=0.01)
    print("5 % wrong exponent on zipf:100,1.1 at alpha = 0.01: median", np.median([n for _, n in tilted]), "outputs")

    base = parse_base("zipf:1000,1.1")
    drawing = 0.0

    def sampler(size: int, rng: np.random.Generator):
        nonlocal drawing
        began = time.perf_counter()
        values = simulate("collision", base, 1.0, size, seed=int(rng.integers(2**62))).values
        drawing += time.perf_counter() - began
        return values

    began = time.perf_counter()
    last = check_sampler(sampler, base.probs, epsilon=1e-4, max_samples=100_000_000)
    total = time.perf_counter() - began
    print(
        f"{last.n:,} outputs of K = 1000: {last.status}, judged in {total - drawing:.1f} s beyond {drawing:.1f} s of drawing"
    )


if __name__ == "__main__":
    main()
