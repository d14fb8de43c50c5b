"""The parametric families of base distributions: from parameters to float64[K] that sum to 1 to rounding.

Every function costs O(K). Powers are taken in log space and relative to the largest one, so that parameters of any size
end in a distribution; probabilities below the smallest float (5e-324) are 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats
from simtemp.categorical import MAX_CATEGORIES


def two(p: float = 0.5) -> Floats:
    """The two probabilities p and 1 - p, for p in [0, 1].

    Examples
    --------
    >>> two(0.25).tolist()
    [0.25, 0.75]
    """
    first = _real_in(p, "p", 0.0, 1.0)
    return np.array([first, 1.0 - first])


def uniform(size: int) -> Floats:
    """K equal probabilities.

    Examples
    --------
    >>> uniform(4).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    number = _size(size)
    return np.full(number, 1.0 / number)


def geometric(size: int, ratio: float) -> Floats:
    """``p_i ∝ r**i`` for i = 0, ..., K-1 and r in (0, 1].

    Examples
    --------
    >>> (7 * geometric(3, 0.5)).round(12).tolist()
    [4.0, 2.0, 1.0]
    """
    number = _size(size)
    r = _real_in(ratio, "r", 0.0, 1.0, open_below=True)
    return _softmax(np.log(r) * np.arange(number))


def zipf(size: int, exponent: float) -> Floats:
    """``p_i ∝ (i+1)**-s`` for i = 0, ..., K-1 and a finite s >= 0.

    Examples
    --------
    >>> (11 * zipf(3, 1.0)).round(12).tolist()
    [6.0, 3.0, 2.0]
    """
    number = _size(size)
    s = _real_in(exponent, "s", 0.0, np.inf, open_above=True)
    with np.errstate(over="ignore"):
        return _softmax(-s * np.log(np.arange(1, number + 1)))


def dirichlet(size: int, concentration: float, seed: int) -> Floats:
    """One draw of the symmetric Dirichlet distribution with parameter a in [1e-100, 1e100].

    Examples
    --------
    >>> dirichlet(5, 1.0, 0).shape
    (5,)
    """
    number = _size(size)
    a = _real_in(concentration, "a", 1e-100, 1e100)
    return _generator("dirichlet", seed).dirichlet(np.full(number, a))


def softmax(size: int, sigma: float, seed: int) -> Floats:
    """The softmax of K independent normal logits of standard deviation sigma >= 0 (finite).

    Examples
    --------
    >>> softmax(2, 0.0, seed=1).tolist()
    [0.5, 0.5]
    """
    number = _size(size)
    deviation = _real_in(sigma, "sigma", 0.0, np.inf, open_above=True)
    normals = _generator("softmax", seed).standard_normal(number)
    with np.errstate(over="ignore"):
        return _softmax(deviation * (normals - normals.max()))


class Family(NamedTuple):
    """A family by its name in a specification: its parameters in order, and the function that takes them."""

    parameters: tuple[str, ...]
    probabilities: Callable[..., Floats]
    optional: int = 0  # how many of the parameters, from the last, may be left out


FAMILIES: Final = {
    "two": Family(("p",), two, optional=1),
    "uniform": Family(("K",), uniform),
    "geometric": Family(("K", "r"), geometric),
    "zipf": Family(("K", "s"), zipf),
    "dirichlet": Family(("K", "a", "seed"), dirichlet),
    "softmax": Family(("K", "sigma", "seed"), softmax),
}
"""Every family that a specification can name."""


def _softmax(logits: Floats) -> Floats:
    weights = np.exp(logits - logits.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _generator(role: str, seed: Any) -> np.random.Generator:
    """A stream of the family's own: the same seed elsewhere (a run, a test) never replays what made the base."""
    number = arguments.whole_number(seed, "seed")
    return np.random.default_rng(np.random.SeedSequence(number, spawn_key=tuple(role.encode())))


def _size(size: Any) -> int:
    return arguments.whole_number(size, "K", 1, MAX_CATEGORIES)


def _real_in(
    value: Any, name: str, low: float, high: float, *, open_below: bool = False, open_above: bool = False
) -> float:
    number = arguments.real(value, name)
    below = number <= low if open_below else number < low
    above = number >= high if open_above else number > high
    if below or above:
        interval = f"{'(' if open_below else '['}{low:g}, {high:g}{')' if open_above else ']'}"
        raise ValueError(f"{name} must be in {interval}, got {arguments.shown(value)}")
    return number
