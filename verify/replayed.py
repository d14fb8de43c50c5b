"""A method of simtemp over recorded draws: what a black box runs, but with many outputs a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Integers
from simtemp.errors import DrawBudgetExceeded
from simtemp.methods import recipe
from simtemp.samplers import fill
from simtemp.sources import buffer_source

_OUTPUTS_AT_ONCE = 4096
_DRAWS_AT_ONCE = 2**22
"""About how many draws are recorded at a time: 32 MiB."""

_MOST_RECORDED = 2**26
"""A single output may need more than its mean, but not more memory than this: 512 MiB."""


class Replayed:
    """Independent outputs of a method over ``draw(k, rng)``, for the judge: called with (size, rng), it gives (values, draws).

    Where the recorded draws do not suffice, as many again are appended, and all outputs of the call's current part are replayed from
    their start with the same coins: an output depends on the draws and not on how they were batched. (To begin an unfinished one anew
    with fresh coins would be wrong: that it was long is known, and says something about it.)

    Parameters
    ----------
    draw : callable
        ``draw(k, rng)`` gives k independent categories below `categories`, int64[k].
    categories : int
        How many there are.
    method, temperature, options
        As for `simtemp.sample`.
    max_draws : int
        Base draws that all calls together may spend.

    Examples
    --------
    >>> sampler = Replayed(lambda k, rng: rng.integers(3, size=k), 3, "duel", 0.5, {})
    >>> values, draws = sampler(1000, np.random.default_rng(0))
    >>> values.size, bool(draws.min() >= 2)
    (1000, True)
    """

    def __init__(
        self,
        draw: Callable[[int, np.random.Generator], Integers],
        categories: int,
        method: str,
        temperature: float,
        options: Mapping[str, Any],
        max_draws: int = 10**10,
    ) -> None:
        ready = recipe(method, temperature, options)
        self.spent = 0
        self.max_draws = arguments.whole_number(max_draws, "max_draws", 1, 2**62)
        self._draw = draw
        self._sampler = ready.sampler(categories)
        self._opening = ready.opening
        self._outputs = 0

    def __call__(self, size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        """Draw `size` outputs: their categories and the base draws each cost."""
        coins, noise = rng.spawn(2)
        values, draws = np.empty(size, np.int64), np.empty(size, np.int64)
        done = 0
        while done < size:
            mean = max(self._opening, -(-self.spent // max(1, self._outputs)))
            part = slice(done, min(size, done + max(1, min(_OUTPUTS_AT_ONCE, _DRAWS_AT_ONCE // mean))))
            self._fill(values[part], draws[part], mean, coins, noise)
            self._outputs += draws[part].size
            self.spent += int(draws[part].sum())
            done = part.stop
        return values, draws

    def _fill(
        self, values: Integers, draws: Integers, mean: int, coins: np.random.Generator, noise: np.random.Generator
    ) -> None:
        recorded = self._draw(mean * values.size, noise)
        before = coins.bit_generator.state
        unlimited, done = np.array([2**62]), np.zeros(1, np.int64)
        while fill(self._sampler, buffer_source(recorded), coins, values, draws, unlimited, done) < values.size:
            if recorded.size > min(_MOST_RECORDED, self.max_draws - self.spent):
                raise DrawBudgetExceeded(
                    f"{self.spent + recorded.size:,} base draws were spent (max_draws = {self.max_draws:,}) and the judge has no "
                    "verdict; take another method, or raise the temperature or epsilon",
                    draws=self.spent,
                    max_draws=self.max_draws,
                )
            coins.bit_generator.state = before
            recorded = np.concatenate((recorded, self._draw(recorded.size, noise)))
