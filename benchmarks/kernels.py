"""Nanoseconds a base draw of every kernel, beside a bare alias-draw loop and `Generator.choice`, measured in turn in one run.

    python benchmarks/kernels.py

Each figure is the median of several rounds; ratios are formed within a round, so that a change in the machine's speed cancels.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from simtemp.base import parse_base
from simtemp.jit import kernel
from simtemp.methods import plan
from simtemp.samplers import fill
from simtemp.samplers.coin import power_coin
from simtemp.sources import alias_source, next_draw

ROUNDS = 9
SECONDS = 0.05  # a measurement is repeated until it takes about this long


@kernel
def bare_loop(source: Any, rng: np.random.Generator, draws: int) -> int:
    total = 0
    for _ in range(draws):
        total += next_draw(source, rng)
    return total


@kernel
def textbook_loop(source: Any, rng: np.random.Generator, draws: int) -> int:
    """The alias method as it is usually written: a branch that nobody can predict in every draw."""
    total = 0
    for _ in range(draws):
        scaled = rng.random() * source.accept.size
        column = int(scaled)
        if scaled - column < source.accept[column]:
            total += column
        else:
            total += source.alias[column]
    return total


@kernel
def many_coins(source: Any, rng: np.random.Generator, x: int, alpha: float, coins: int) -> int:
    draws = 0
    for _ in range(coins):
        draws += power_coin(source, rng, x, alpha, 2**62)[1]
    return draws


def sampler_task(method: str, base: str, temperature: float, **options: Any) -> Callable[[int], int]:
    ready = plan(method, parse_base(base), temperature, options)
    rng = np.random.default_rng(1)
    sampler = ready.sampler()

    def task(outputs: int) -> int:
        values, draws = np.empty(outputs, np.int64), np.empty(outputs, np.int64)
        fill(sampler, ready.source, rng, values, draws, np.array([2**62]), np.zeros(1, np.int64))
        return int(draws.sum())

    return task


def tasks(base: str) -> dict[str, Callable[[int], int]]:
    known = parse_base(base)
    source = alias_source(known.probs)
    rng = np.random.default_rng(0)

    def bare(size: int) -> int:
        bare_loop(source, rng, size)
        return size

    def textbook(size: int) -> int:
        textbook_loop(source, rng, size)
        return size

    def choice(size: int) -> int:
        rng.choice(len(known), size=size, p=known.probs)
        return size

    return {
        "bare alias loop": bare,
        "textbook alias loop": textbook,
        "Generator.choice": choice,
        "power coin, alpha 0.4": lambda coins: many_coins(source, rng, 0, 0.4, coins),
        "collision T=1/2": sampler_task("collision", base, 1 / 2),
        "collision T=1/4": sampler_task("collision", base, 1 / 4),
        "collision T=1/4, early exit": sampler_task("collision", base, 1 / 4, early_exit=True),
        "collision T=0.4": sampler_task("collision", base, 0.4),
        "duel T=0.5": sampler_task("duel", base, 0.5),
        "duel T=0.3": sampler_task("duel", base, 0.3),
        "duel T=0.1": sampler_task("duel", base, 0.1),
        "duel T=0.1, stream": sampler_task("duel", base, 0.1, coupling="stream"),
        "duel T=0.1 in 200": sampler_task("duel", base, 0.1, budget=200),
        "batch N=200, n=2": sampler_task("batch", base, 1 / 2, batch_size=200),
        "batch N=200, n=10": sampler_task("batch", base, 1 / 10, batch_size=200),
        "batch N=200, T=0.7 corrected": sampler_task("batch", base, 0.7, batch_size=200),
        "batch N=100000, n=10": sampler_task("batch", base, 1 / 10, batch_size=100_000),
    }


def nanoseconds(task: Callable[[int], int], size: int) -> float:
    began = time.perf_counter()
    draws = task(size)
    return (time.perf_counter() - began) * 1e9 / draws


def sized(task: Callable[[int], int]) -> int:
    """How much to ask for so that one measurement takes about SECONDS."""
    task(1)
    size = 1
    while True:
        began = time.perf_counter()
        task(size)
        took = time.perf_counter() - began
        if took > SECONDS / 2:
            return size
        size = max(2 * size, int(size * SECONDS / max(took, 1e-6) / 2))


def main() -> None:
    for base in ("peaked9", "zipf:1000,1.1", "text"):
        measured = tasks(base)
        sizes = {name: sized(task) for name, task in measured.items()}
        rounds = [{name: nanoseconds(task, sizes[name]) for name, task in measured.items()} for _ in range(ROUNDS)]
        print(f"\n{base}: ns a base draw, times the bare loop, times the textbook loop (median of {ROUNDS} rounds)")
        for name in measured:
            absolute = statistics.median(row[name] for row in rounds)
            ratio = statistics.median(row[name] / row["bare alias loop"] for row in rounds)
            textbook = statistics.median(row[name] / row["textbook alias loop"] for row in rounds)
            print(f"  {name:30s} {absolute:8.2f} ns   {ratio:6.2f} x   {textbook:6.2f} x")


if __name__ == "__main__":
    main()
