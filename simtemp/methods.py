"""From a method's name and a temperature to a sampler's parameters and, over a known base, the source that its kernel needs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats
from simtemp.base import Categorical
from simtemp.batch_rules import RULES, falling_log_weight, plug_in_log_weight, published_log_weight
from simtemp.exact.batch_law import MAX_BATCH_SIZE
from simtemp.samplers.accepted import accepted_sampler
from simtemp.samplers.batch import Batch, batch_sampler
from simtemp.samplers.budgeted import budgeted_duel
from simtemp.samplers.chain import Chain
from simtemp.samplers.collision import Collision
from simtemp.samplers.duel import Duel, DuelStream, duel_state
from simtemp.sources import alias_source, count_source
from simtemp.tempering import split_exponent, temper

Options = Mapping[str, Any]

LOWEST_TEMPERATURE = 1e-6
"""Of the exact samplers: an output costs 1/T draws and more, and beside 8 MB of tables a thread that is what there is to pay."""

_LARGE_FRACTION = 0.6
"""From here on a fraction makes two out of one, as exponents of a proposal go."""


class SupportWarning(UserWarning):
    """At a temperature above 1 a batch misses a material part of the target: values it never sees cannot come out."""


@dataclass(frozen=True)
class Recipe:
    """A method at a temperature, for whatever it is run on.

    Attributes
    ----------
    sampler : callable
        Given a number of categories, makes a sampler with scratch space of its own, for one thread.
    options : mapping
        Every option of the method.
    opening : int
        Base draws to begin with where they are asked for in batches: what nearly every output costs at least.
    least : int
        Base draws that every output costs at least.
    exact : bool
        Whether outputs have the target's law; of a duel inside a budget, those that it finished.
    """

    sampler: Callable[[int], Any]
    options: Options
    opening: int
    least: int
    exact: bool


@dataclass(frozen=True)
class Plan:
    """What to run: a maker of samplers (each call has its own scratch space, for one thread), the source, and the full options."""

    sampler: Callable[[], Any]
    source: Any
    options: Options


def plan(method: str, base: Categorical, temperature: float, options: Options) -> Plan:
    """Check the arguments of a method and prepare it for a base distribution."""
    ready = recipe(method, temperature, options)
    categories = len(base)
    size = ready.options["batch_size"] if method == "batch" else 0
    if size and temperature > 1.0:
        _warn_of_unseen(base, temperature, size)
    # Counts are all that a batch needs: past this size, one binomial a category is cheaper than one look-up a draw (benchmarks/kernels.py).
    source = count_source(base.probs) if size > 16 * categories else alias_source(base.probs)
    return Plan(lambda: ready.sampler(categories), source, ready.options)


def recipe(method: str, temperature: float, options: Options) -> Recipe:
    """Check the arguments of a method and prepare it for anything that can be sampled."""
    full = full_options(method, options)
    return METHODS[method][0](temperature, full)


def full_options(method: str, options: Options) -> dict[str, Any]:
    """The options of a method with its defaults, when the method and every name are known."""
    if not isinstance(method, str) or method not in METHODS:  # type: ignore[redundant-expr]  # a caller may give anything
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {arguments.shown(method)}")
    _, defaults = METHODS[method]
    for name in options:
        if name not in defaults:
            allowed = ", ".join(defaults) or "none"
            raise ValueError(
                f"{name} is no option of method {method!r} (its options: {allowed}), got {name}={options[name]!r}"
            )
    return {**defaults, **options}


def _exponent(temperature: float) -> tuple[int, float]:
    """Whole part and fraction of 1/T at a temperature that an exact sampler can be run at."""
    number = arguments.temperature(temperature, maximum=1.0, zero=False)
    if number < LOWEST_TEMPERATURE:
        raise ValueError(
            f"temperature must be at least {LOWEST_TEMPERATURE:g} for an exact sampler (method batch goes down to 0), "
            f"got {arguments.shown(temperature)}"
        )
    return split_exponent(number)


def _collision(temperature: float, options: Options) -> Recipe:
    n, alpha = _exponent(temperature)
    early_exit = options["early_exit"]
    if not isinstance(early_exit, bool | np.bool_):
        raise ValueError(f"early_exit must be True or False, got {early_exit!r}")
    return Recipe(lambda _: Collision(n, alpha, bool(early_exit)), options, _one_trial(n, alpha), n, exact=True)


def _batch(temperature: float, options: Options) -> Recipe:
    size = arguments.whole_number(options["batch_size"], "batch_size", 1, MAX_BATCH_SIZE)
    rule = batch_rule(temperature, options["rule"])
    tables = batch_tables(temperature, size, rule)
    full = {"batch_size": size, "rule": rule}
    return Recipe(lambda categories: _batch_of(tables, categories), full, size, size, exact=False)


def _duel(temperature: float, options: Options) -> Recipe:
    n, alpha = _exponent(temperature)
    given = options["split"]
    split = default_split(n, alpha) if given is None else arguments.whole_number(given, "split", 1, n)
    fraction = options["fraction"]
    if fraction is None:
        fraction = default_fraction(n, alpha) if given is None else "proposal"
    coupling = options["coupling"]
    if not isinstance(fraction, str) or fraction not in ("proposal", "last"):
        raise ValueError(f"fraction must be 'proposal' or 'last', got {arguments.shown(fraction)}")
    if not isinstance(coupling, str) or coupling not in ("past", "stream"):
        raise ValueError(f"coupling must be 'past' or 'stream', got {arguments.shown(coupling)}")
    m = n - split
    inside, coin = (alpha, 0.0) if fraction == "proposal" else (0.0, alpha)
    full = {**options, "split": split, "fraction": fraction}

    def one_output(categories: int) -> Duel:
        return Duel(split, inside, m, duel_state(categories, m), coin)

    def endless(categories: int) -> DuelStream:
        return DuelStream(split, inside, m, duel_state(categories, m), np.array([-1]), coin)

    if options["budget"] is None:
        if options["rule"] is not None:
            raise ValueError(f"rule is for a duel inside a budget: give budget as well, got rule={options['rule']!r}")
        opening = _one_trial(n, alpha) if m == 0 else 4 * n
        return Recipe(one_output if coupling == "past" else endless, full, opening, n, exact=True)
    if coupling != "past":
        raise ValueError("coupling must be 'past' inside a budget, got 'stream'")
    size = arguments.whole_number(options["budget"], "budget", 1, MAX_BATCH_SIZE)
    rule = "corrected" if options["rule"] is None else batch_rule(temperature, options["rule"])
    tables = batch_tables(temperature, size, rule)
    return Recipe(
        lambda categories: budgeted_duel(one_output(categories), _batch_of(tables, categories)),
        {**full, "budget": size, "rule": rule},
        size,
        size,
        exact=True,
    )


def _accepted(temperature: float, options: Options) -> Recipe:
    n, alpha = _exponent(temperature)
    opening = _one_trial(n, alpha) if n == 1 else 4 * n
    return Recipe(lambda categories: accepted_sampler(n, alpha, categories), options, opening, n, exact=True)


def _chain(temperature: float, options: Options) -> Recipe:
    number = arguments.real(temperature, "temperature")
    if not number > 1.0:
        raise ValueError(
            f"temperature must be in (1, inf] for the chain (below 1 there are exact samplers), got {temperature!r}"
        )
    steps = arguments.whole_number(options["steps"], "steps", 0, 10**9)
    return Recipe(lambda _: Chain(1.0 - 1.0 / number, steps), {"steps": steps}, steps + 1, steps + 1, exact=False)


def _one_trial(n: int, alpha: float) -> int:
    return n + (alpha > 0.0)


def _warn_of_unseen(base: Categorical, temperature: float, size: int) -> None:
    missed = float(temper(base.probs, temperature) @ (1.0 - base.probs) ** size)
    if missed > 0.01:
        warnings.warn(
            f"batch_size = {size:,} at temperature {temperature:g} leaves {missed:.1%} of the target on values that a batch does "
            "not see, on average; draw more, or expect a law that is too narrow",
            SupportWarning,
            stacklevel=4,
        )


def default_split(n: int, alpha: float) -> int:
    """The n0 of the duel sampler for 1/T = n + alpha, without knowledge of P (figures in docs/exact.md).

    Proposals of exponent about 2 are cheap and already close to a sharp target. A duel of exponent 1 is lost at the first rival, so
    three is 1 + 2 and not 2 + 1; up to two, the collision sampler is all there is.
    """
    return min(n, 2) if n <= 2 or (n >= 4 and alpha < _LARGE_FRACTION) else 1


def default_fraction(n: int, alpha: float) -> str:
    """Where the fraction alpha of the exponent goes: into the proposal, or (three and a little more) to a coin at the very end.

    A small fraction on a proposal of exponent 1 is a coin on whatever comes, and on a wide support most of what comes is rare.
    """
    return "last" if n == 3 and alpha < _LARGE_FRACTION else "proposal"


def batch_rule(temperature: float, rule: str | None) -> str:
    """The rule that is meant: if none is named, the published one where it is defined (1/T whole, or T = 0), else the corrected one."""
    if rule is None:
        number = arguments.temperature(temperature)
        return "published" if number == 0.0 or (number <= 1.0 and split_exponent(number)[1] == 0.0) else "corrected"
    if not isinstance(rule, str) or rule not in RULES:  # type: ignore[redundant-expr]
        raise ValueError(f"rule must be one of {', '.join(RULES)}, got {arguments.shown(rule)}")
    return rule


def batch_tables(temperature: float, size: int, rule: str) -> tuple[Floats, Floats | None]:
    """A batch rule's log-weight of every count 0, ..., size at a temperature and, for the corrected rule, of what is kept."""
    number = arguments.temperature(temperature)
    if number == 0.0:
        return np.full(size + 1, -np.inf), None  # no count is a candidate: always the largest one
    if math.isinf(number):
        return plug_in_log_weight(0.0, size), None  # uniform among what was seen
    n, alpha = split_exponent(number)
    exponent = n + alpha
    if rule == "published":
        if alpha != 0.0 or n == 0:
            raise ValueError(
                f"temperature must be 1/n for a whole n (or 0) with the published batch rule, got {temperature!r}; "
                "the rules plug-in, falling and corrected take any"
            )
        return published_log_weight(n, size), None
    if rule == "plug-in":
        return plug_in_log_weight(exponent, size), None
    falling = falling_log_weight(exponent, size)
    return falling, falling_log_weight(exponent, size, taken=exponent) if rule == "corrected" else None


def _batch_of(tables: tuple[Floats, Floats | None], categories: int) -> Batch:
    return batch_sampler(tables[0], categories, tables[1])


METHODS: dict[str, tuple[Callable[[float, Options], Recipe], dict[str, Any]]] = {
    "collision": (_collision, {"early_exit": False}),
    "batch": (_batch, {"batch_size": 200, "rule": None}),
    "duel": (_duel, {"split": None, "fraction": None, "coupling": "past", "budget": None, "rule": None}),
    "accepted": (_accepted, {}),
    "chain": (_chain, {"steps": 20}),
}
"""Every method: how it is prepared, and its options with their defaults."""
