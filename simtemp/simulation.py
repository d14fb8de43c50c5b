"""A sampler over a known base: chunks, child seeds, threads, progress, and a budget."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Integers
from simtemp.base import Categorical, as_base
from simtemp.errors import DrawBudgetExceeded
from simtemp.methods import Plan, plan
from simtemp.samplers import fill
from simtemp.samplers.budgeted import BudgetedDuel

CHUNK = 16_384
"""Outputs a chunk. It depends on nothing, so that the outputs of a seed depend on nothing but the seed."""

DEFAULT_MAX_DRAWS = 10**11
"""Base draws a run may spend unless told otherwise: about five minutes on two cores."""

_ROLE = int.from_bytes(b"draw", "little")
"""Spawn key of simulated chunks, so that whoever else spawns children of the same seed has other streams."""

_POLL = 0.1  # seconds between looks at the clock, the keyboard and the progress of the chunks


@dataclass(frozen=True)
class Run:
    """What `simulate` made.

    Attributes
    ----------
    method, base, temperature, options, seed
        What was asked for; `seed` is the number that reproduces it even if none was given.
    values : int64[size]
        Category index of each output.
    draws : int64[size]
        Base draws each output cost.
    seconds : float
        Wall-clock time of the sampling, compilation excluded.
    unfinished : float
        Share of outputs that a duel inside a budget left to its batch rule: an estimate of a bound on its total variation from the
        target. 0 for every other method; NaN in a run that `max_draws` cut short.
    """

    method: str
    base: Categorical
    temperature: float
    options: Mapping[str, Any]
    seed: int
    values: Integers = field(repr=False)
    draws: Integers = field(repr=False)
    seconds: float
    unfinished: float = 0.0

    @property
    def size(self) -> int:
        """Number of outputs."""
        return int(self.values.size)

    @property
    def mean_draws(self) -> float:
        """Mean base draws an output (NaN for a run without outputs)."""
        return float(self.draws.mean()) if self.size else float("nan")

    @property
    def counts(self) -> Integers:
        """How often each category came out: int64[K]."""
        return np.bincount(self.values, minlength=len(self.base)).astype(np.int64, copy=False)


@dataclass
class _Chunk:
    """One chunk's place in the run and what its kernel shares with the thread that watches it."""

    index: int
    start: int
    stop: int
    limit: Integers
    done: Integers
    finished: int = 0
    spent: int = 0
    unfinished: int = 0

    @property
    def complete(self) -> bool:
        return self.finished == self.stop - self.start


class _Ledger:
    """What the finished chunks at the head of the run have spent: that much is gone for every later chunk."""

    def __init__(self, chunks: list[_Chunk]) -> None:
        self._chunks = chunks
        self._head = 0
        self._spent = 0
        self._lock = threading.Lock()

    def spent(self) -> int:
        with self._lock:
            while self._head < len(self._chunks) and self._chunks[self._head].complete:
                self._spent += self._chunks[self._head].spent
                self._head += 1
            return self._spent


def simulate(
    method: str,
    base: Any,
    temperature: float,
    size: int,
    *,
    seed: int | None = 0,
    threads: int | None = None,
    max_draws: int = DEFAULT_MAX_DRAWS,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> Run:
    """Run a sampler on a known base distribution.

    Parameters
    ----------
    method : str
        ``"collision"`` (temperature in (0, 1]; option ``early_exit``); ``"duel"`` (temperature in (0, 1]; options ``split``,
        ``fraction``, ``coupling``, ``budget``, ``rule``); ``"accepted"`` (temperature in (0, 1]); ``"batch"`` (any temperature;
        options ``batch_size``, ``rule``); ``"chain"`` (temperature above 1; option ``steps``).
    base : Categorical, str or array_like
        A base distribution, its specification (see `parse_base`) or a probability vector.
    temperature : float
        The exponent is 1/temperature.
    size : int
        Number of independent outputs, >= 0.
    seed : int or None
        Every chunk of outputs has a child of this seed; None takes fresh entropy, recorded in the result.
    threads : int or None
        Worker threads (None: all cores this process may use). The outputs do not depend on it.
    max_draws : int
        Base draws the whole run may spend.
    progress : callable, optional
        Called with (outputs done, size) a few times a second from the calling thread.
    **options
        Options of the method; an unknown one is an error.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        For an argument outside its range; the message names it.
    DrawBudgetExceeded
        When the outputs would need more than `max_draws`; it carries the outputs that were finished.

    Notes
    -----
    The same seed gives the same bytes for any number of threads, and a longer run begins with the outputs of a shorter one. The
    cost is that of the method (`expected_draws`) times `size`, at 5 to 15 nanoseconds a base draw and thread.

    Examples
    --------
    >>> run = simulate("collision", "two:0.8", 0.5, size=1000, seed=1)
    >>> run.size, bool(run.mean_draws > 2)
    (1000, True)
    """
    known = as_base(base)
    outputs = arguments.whole_number(size, "size")
    budget = arguments.whole_number(max_draws, "max_draws", 1, 2**62)
    workers = available_cores() if threads is None else arguments.whole_number(threads, "threads", 1, 1024)
    entropy = _entropy(seed)
    ready = plan(method, known, temperature, options)

    values = np.empty(outputs, np.int64)
    draws = np.empty(outputs, np.int64)
    _warm(ready)
    began = time.perf_counter()
    chunks = [
        _Chunk(i, start, min(start + CHUNK, outputs), np.array([budget]), np.zeros(1, np.int64))
        for i, start in enumerate(range(0, outputs, CHUNK))
    ]
    _run_chunks(chunks, ready, entropy, values, draws, budget, workers, progress or (lambda done, total: None))
    finished = _finished_within(chunks, draws, budget)
    run = Run(
        method=method,
        base=known,
        temperature=float(temperature),
        options=ready.options,
        seed=entropy,
        values=values[:finished],
        draws=draws[:finished],
        seconds=time.perf_counter() - began,
        unfinished=sum(chunk.unfinished for chunk in chunks) / max(outputs, 1) if finished == outputs else math.nan,
    )
    if finished < outputs:
        spent = int(run.draws.sum())
        raise DrawBudgetExceeded(
            f"max_draws = {budget:,} base draws ended after {finished:,} of {outputs:,} outputs of {method} at temperature "
            f"{temperature:g}; allow more draws, ask for fewer outputs, or choose a cheaper method",
            run=run,
            draws=spent,
            max_draws=budget,
        )
    return run


def available_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _entropy(seed: int | None) -> int:
    if seed is None:
        fresh = np.random.SeedSequence().entropy
        assert isinstance(fresh, int)
        return fresh
    return arguments.whole_number(seed, "seed")


def _warm(ready: Plan) -> None:
    """Compile (or load from the cache) once, before threads would all try to."""
    nothing = np.empty(0, np.int64)
    fill(
        ready.sampler(),
        ready.source,
        np.random.default_rng(0),
        nothing,
        nothing,
        np.zeros(1, np.int64),
        np.zeros(1, np.int64),
    )


def _run_chunks(
    chunks: list[_Chunk],
    ready: Plan,
    entropy: int,
    values: Integers,
    draws: Integers,
    budget: int,
    workers: int,
    progress: Callable[[int, int], None],
) -> None:
    stopping = False
    ledger = _Ledger(chunks)

    def work(chunk: _Chunk) -> None:
        chunk.limit[0] = budget - ledger.spent()  # what is in flight is sorted out at the end
        if stopping or chunk.limit[0] <= 0:
            return
        rng = np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(_ROLE, chunk.index)))
        part = slice(chunk.start, chunk.stop)
        sampler = ready.sampler()
        finished = fill(sampler, ready.source, rng, values[part], draws[part], chunk.limit, chunk.done)
        if isinstance(sampler, BudgetedDuel):
            chunk.unfinished = int(sampler.unfinished[0])
        chunk.spent = int(draws[chunk.start : chunk.start + finished].sum())
        chunk.finished = finished

    def report() -> None:
        progress(sum(int(chunk.done[0]) for chunk in chunks), values.size)

    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(work, chunk) for chunk in chunks]
        told = time.monotonic()
        try:
            for future in futures:
                while not future.done():
                    with suppress(TimeoutError):
                        future.result(timeout=_POLL)
                    if time.monotonic() - told >= _POLL:
                        report()
                        told = time.monotonic()
                future.result()
            report()
        except BaseException:
            # Ctrl-C, or an error in the callback: kernels see a limit below zero at their next draw and give up.
            stopping = True
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(future.done() for future in futures):
                for chunk in chunks:
                    chunk.limit[0] = -(2**62)
                time.sleep(_POLL / 10)
            raise


def _finished_within(chunks: list[_Chunk], draws: Integers, budget: int) -> int:
    """Length of the longest run of leading outputs that were finished and fit the budget: the same for any number of threads."""
    spent = 0
    for chunk in chunks:
        cumulative = spent + np.cumsum(draws[chunk.start : chunk.start + chunk.finished])
        fitting = int(np.searchsorted(cumulative, budget, side="right"))
        if fitting < chunk.stop - chunk.start:
            return chunk.start + fitting
        spent = int(cumulative[-1])
    return chunks[-1].stop if chunks else 0
