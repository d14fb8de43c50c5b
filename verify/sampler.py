"""Samplers to judge: simtemp's own methods over a known base, or any function of a module."""

from __future__ import annotations

import math
import os
import sys
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np

from simtemp.arguments import Integers, shown
from simtemp.base import as_base
from simtemp.errors import DrawBudgetExceeded, describe
from simtemp.exact.cost_law import CostLaw, cost_law
from simtemp.simulation import DEFAULT_MAX_DRAWS, simulate
from verify.outputs import Sampler


class simulated:  # lower case: it is called like the function it stands for
    """A method of `simtemp.simulate` as a sampler to judge: called with (size, rng), it gives (values, draws).

    Every call runs on a fresh 128-bit seed from the generator it is given.

    Parameters
    ----------
    method, base, temperature, **options
        As for `simtemp.simulate`.
    threads : int or None
        Worker threads; the outputs do not depend on them.
    max_draws : int
        Base draws that all calls together may spend.

    Raises
    ------
    ValueError
        At once, for an argument that `simtemp.simulate` refuses.
    DrawBudgetExceeded
        By a call that would spend more than is left.

    Examples
    --------
    >>> values, draws = simulated("collision", "two:0.8", 0.5)(1000, np.random.default_rng(0))
    >>> values.size, draws.size
    (1000, 1000)
    """

    def __init__(
        self,
        method: str,
        base: Any,
        temperature: float,
        *,
        threads: int | None = None,
        max_draws: int = DEFAULT_MAX_DRAWS,
        **options: Any,
    ) -> None:
        self.base = as_base(base)
        trial = simulate(method, self.base, temperature, 0, threads=threads, max_draws=max_draws, **options)
        self.method = method
        self.temperature = trial.temperature
        self.options = trial.options
        self.max_draws = int(max_draws)
        self.spent = 0
        self._threads = threads

    def __call__(self, size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        """Draw `size` outputs: their category indices and the base draws each cost."""
        seed = int.from_bytes(rng.bytes(16), "little")
        left = self.max_draws - self.spent
        if left <= 0:
            raise self._exhausted()
        try:
            run = simulate(
                self.method,
                self.base,
                self.temperature,
                size,
                seed=seed,
                threads=self._threads,
                max_draws=left,
                **self.options,
            )
        except DrawBudgetExceeded:
            raise self._exhausted() from None
        self.spent += int(run.draws.sum())
        return run.values, run.draws

    def cost_law(self) -> CostLaw | None:
        """The exact law of the base draws an output costs, as far as it is known; worked out once, in at most a few seconds."""
        return self._cost_law

    @cached_property
    def _cost_law(self) -> CostLaw | None:
        return cost_law(self.method, self.base, self.temperature, self.options)

    def _exhausted(self) -> DrawBudgetExceeded:
        return DrawBudgetExceeded(
            f"max_draws = {self.max_draws:,} base draws ended before the judge of {self.method} at temperature "
            f"{self.temperature:g} had a verdict",
            draws=self.spent,
            max_draws=self.max_draws,
        )


def check_affordable(sampler: simulated, outputs: int) -> None:
    """Refuse before it begins what cannot end: `outputs` at the method's known cost, against its budget of base draws.

    Raises
    ------
    ValueError
        Naming the expected cost.
    """
    law = sampler.cost_law()
    if law is not None and law.mean * outputs > sampler.max_draws:
        raise ValueError(
            f"{sampler.method} at temperature {sampler.temperature:g} costs {_amount(law.mean)} base draws an output; "
            f"a verdict needs about {outputs:,} outputs, {_amount(law.mean * outputs)} draws, "
            f"more than max_draws = {sampler.max_draws:.3g}: raise max_draws, epsilon or temperature, "
            "or lower max_samples"
        )


def _amount(draws: float) -> str:
    return f"{draws:.3g}" if math.isfinite(draws) else "more than 1e308"


def load_sampler(name: str) -> Sampler:
    """The sampler that ``module:function`` names, looked for in the current folder and where Python looks.

    Raises
    ------
    ValueError
        If there is no such module or function, or it cannot be called.
    """
    module_name, _, path = name.partition(":")
    if not (module_name and path):
        raise ValueError(f"sampler must be a method or module:function, got {shown(name)}")
    if os.getcwd() not in sys.path:  # noqa: PTH109  (sys.path holds text)
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
    try:
        found: Any = import_module(module_name)
        for part in path.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit, GeneratorExit) as error:  # whatever an unknown module does on import
        raise ValueError(f"sampler {shown(name)} cannot be loaded: {describe(error)}") from error
    if not callable(found):
        raise ValueError(f"sampler {shown(name)} must be callable as sampler(size, rng), got {shown(found)}")
    return found  # type: ignore[no-any-return]
