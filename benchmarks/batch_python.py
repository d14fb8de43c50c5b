"""The batch sampler, drawing included, beside a plain Python statement of it at N = 200.

python benchmarks/batch_python.py
"""

from __future__ import annotations

import math
import random
import statistics
import time
from collections import Counter

import simtemp

BASE, SIZE, ROUNDS = "peaked9", 200, 7


def python_batch(categories: range, probs: list[float], n: int, size: int) -> int:
    counts = Counter(random.choices(categories, probs, k=size))
    for m in range(n, 0, -1):
        weights = {x: math.comb(c, m) for x, c in counts.items() if c >= m}
        if weights:
            return random.choices(list(weights), list(weights.values()))[0]
    raise AssertionError("no draws")


def main() -> None:
    known = simtemp.parse_base(BASE)
    probs = known.probs.tolist()
    for n in (2, 10):
        simtemp.simulate("batch", known, 1 / n, 10, batch_size=SIZE)
        rows = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            for _ in range(500):
                python_batch(range(len(known)), probs, n, SIZE)
            plain = (time.perf_counter() - began) / 500
            run = simtemp.simulate("batch", known, 1 / n, 20_000, batch_size=SIZE, threads=1)
            rows.append((plain, run.seconds / run.size))
        print(
            f"{BASE}, N = {SIZE}, n = {n}: Python {1e6 * statistics.median(a for a, _ in rows):.1f} us an output, "
            f"simtemp {1e6 * statistics.median(b for _, b in rows):.2f} us (1 thread): "
            f"{statistics.median(a / b for a, b in rows):.0f} times faster"
        )
    print(
        "\nmicroseconds an output as N grows (K = 9, n = 10, 1 thread): counts come from binomials once N is well above K"
    )
    for size in (100, 200, 1000, 10_000, 100_000, 1_000_000):
        run = simtemp.simulate("batch", known, 0.1, 5000, batch_size=size, threads=1)
        print(f"  N = {size:>9,}: {1e6 * run.seconds / run.size:8.2f}")


if __name__ == "__main__":
    main()
