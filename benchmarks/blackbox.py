"""What the bookkeeping of a black box costs beside its draws: microseconds a base draw, and an output.

python benchmarks/blackbox.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np

import simtemp
from simtemp.blackbox import sample, sample_many, stream

BASE = simtemp.parse_base("zipf:1000,1.1")
RNG = np.random.default_rng(0)
BLOCKS = RNG.integers(0, 50_000, size=(len(BASE), 4))
LATENTS = RNG.standard_normal((len(BASE), 32)).astype(np.float32)
TUPLES = [tuple(block) for block in BLOCKS.tolist()]
CUMULATIVE = np.cumsum(BASE.probs)


def categories(k: int) -> Any:
    return np.searchsorted(CUMULATIVE, RNG.random(k), side="right").clip(max=len(BASE) - 1)


BOXES: dict[str, Callable[[int], Any]] = {
    "integers": categories,
    "tuples of 4": lambda k: [TUPLES[i] for i in categories(k).tolist()],
    "rows of 4 int64": lambda k: BLOCKS[categories(k)],
    "rows of 32 float32": lambda k: LATENTS[categories(k)],
}
CASES: list[tuple[str, float, dict[str, Any]]] = [
    ("duel", 0.1, {"budget": 256}),
    ("duel", 0.5, {}),
    ("accepted", 0.3, {}),
    ("batch", 0.1, {"batch_size": 4096}),
]


class Timed:
    """A box that knows how long it has been at work and how many values it gave."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw = draw
        self.seconds = 0.0
        self.values = 0

    def __call__(self, *arguments: Any) -> Any:
        began = time.process_time()
        drawn = self.draw(*arguments)
        self.seconds += time.process_time() - began
        self.values += arguments[-1] * (arguments[0].size if len(arguments) > 1 else 1)
        return drawn


def report(name: str, run: Callable[[Timed], int], draw: Callable[..., Any]) -> None:
    run(Timed(draw))  # compiled or loaded
    timed = Timed(draw)
    began = time.process_time()
    outputs = run(timed)
    whole = time.process_time() - began
    overhead = whole - timed.seconds
    print(
        f"{name:60s} {timed.values / outputs:7.0f} draws asked an output; a draw costs {1e6 * timed.seconds / timed.values:6.3f} us, "
        f"the bookkeeping {1e6 * overhead / timed.values:6.3f} us, {1e6 * overhead / outputs:6.0f} us an output",
        flush=True,
    )


def first_outputs() -> None:
    for method, temperature, options in CASES:
        began = time.process_time()
        sample(lambda k: RNG.integers(0, 2, k), temperature, method, rng=RNG, **options)
        print(f"first output of {method} {options}: {time.process_time() - began:.2f} s")


def streamed(method: str, temperature: float, options: dict[str, Any]) -> Callable[[Timed], int]:
    return lambda box: len(list(islice(stream(box, temperature, method, rng=RNG, **options), 300)))


def at_once(method: str, temperature: float, options: dict[str, Any]) -> Callable[[Timed], int]:
    return lambda box: len(sample_many(box, 300, temperature, method, rng=RNG, **options))


def main() -> None:
    first_outputs()
    for method, temperature, options in CASES:
        for name, draw in BOXES.items():
            described = f"{method} T={temperature} {options or ''} {name}"
            report(described, streamed(method, temperature, options), draw)
    for method, temperature, options in CASES[:2]:
        described = f"300 boxes, {method} T={temperature} {options or ''} rows of 4 int64"
        report(
            described,
            at_once(method, temperature, options),
            lambda which, k: BLOCKS[categories(k * which.size)].reshape(-1, k, 4),
        )


if __name__ == "__main__":
    main()
