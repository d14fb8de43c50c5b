"""Time of the exact law of the batch rule.

python benchmarks/exact_law.py
"""

from __future__ import annotations

import time

import simtemp


def main() -> None:
    cells = [
        (10, 100, 3),
        (10, 1000, 10),
        (10, 100_000, 50),
        (100, 100, 3),
        (100, 1000, 3),
        (1000, 200, 10),
        (1000, 1000, 3),
        (1000, 1000, 10),
    ]
    for categories, size, n in cells:
        probs = simtemp.parse_base(f"zipf:{categories},1.1").probs
        began = time.perf_counter()
        law = simtemp.batch_law(probs, n, size)
        print(
            f"zipf:{categories},1.1  N = {size:>7,}  n = {n:>2}: {time.perf_counter() - began:7.3f} s  (sum - 1 = {law.sum() - 1:+.0e})"
        )
    probs = simtemp.parse_base("text").probs
    began = time.perf_counter()
    simtemp.batch_law(probs, 10, 200)
    print(f"text (K = {probs.size:,})  N = 200  n = 10: {time.perf_counter() - began:.3f} s")


if __name__ == "__main__":
    main()
