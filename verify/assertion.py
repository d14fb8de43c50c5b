"""The judge as an assertion, for the tests of any sampler."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np

from simtemp.arguments import Floats, shown
from simtemp.base import as_base
from verify.judge import check_sampler, planned_samples
from verify.outputs import Sampler
from verify.planning import MOST_OUTPUTS
from verify.recorded import Recorded, Returns, as_sampler
from verify.target import target_probabilities
from verify.verdict import Verdict
from verify.witness import Witness, residuals

Requirement = Literal["equivalent", "not rejected"]
"""What a sampler must reach: a proof that it is good enough, or only that no proof of a fault was found."""

_OF_CATEGORIES = ("law", "zero probability", "exact test")


class BiasError(AssertionError):
    """A sampler did not pass; the message has the evidence and how to see it again.

    Attributes
    ----------
    verdict : Verdict
        REJECT or INCONCLUSIVE.
    """

    def __init__(self, message: str, verdict: Verdict) -> None:
        super().__init__(message)
        self.verdict = verdict

    def __reduce__(self) -> tuple[Any, ...]:  # a plain exception is rebuilt from its message alone
        return type(self), (str(self), self.verdict)


def assert_unbiased(
    sampler: Sampler | Iterable[Any],
    target: Any,
    epsilon: float = 0.01,
    alpha: float = 1e-6,
    delta: float = 1e-6,
    max_samples: int = 10_000_000,
    rng: Any = 0,
    labels: Sequence[Any] | None = None,
    *,
    require: Requirement = "equivalent",
    returns: Returns = "indices",
) -> Verdict:
    """Fail unless a sampler's outputs are proved to have the target's law within `epsilon`.

    Parameters
    ----------
    sampler : callable or iterable
        ``sampler(size, rng)`` returning `size` independent outputs, or recorded outputs: any iterable (`as_sampler`).
    target : array_like of shape (K,), Categorical or str
        The law it should have; a text such as ``"zipf:100,1.1"`` is read by `simtemp.parse_base`.
    epsilon, alpha, delta, max_samples, rng, labels
        As for `check_sampler`.
    require : {"equivalent", "not rejected"}
        With "not rejected", running out of outputs is no failure: quicker, and it proves nothing about a sampler that
        passes.
    returns : {"indices", "labels"}
        What a callable gives: category indices, or labels of the target.

    Returns
    -------
    Verdict
        Of a sampler that passed.

    Raises
    ------
    BiasError
        An AssertionError that carries the verdict. REJECT: a sampler of exactly the target's law fails so with
        probability at most `alpha`. INCONCLUSIVE: neither was proved; the message says how many outputs it takes.
    ValueError, SamplerError
        As for `check_sampler`.

    Notes
    -----
    One further than `epsilon` from the target passes with probability at most `delta`. The rates are those of one
    call; over a suite of m calls they add up to at most m alpha and m delta.

    Examples
    --------
    >>> die = lambda size, rng: rng.integers(6, size=size)
    >>> assert_unbiased(die, [1 / 6] * 6, epsilon=0.05).status
    'EQUIVALENT'
    """
    __tracebackhide__ = True  # pytest shows the caller's line instead
    if require not in ("equivalent", "not rejected"):
        raise ValueError(f"require must be 'equivalent' or 'not rejected', got {shown(require)}")
    known = as_base(target) if isinstance(target, str | os.PathLike) else target
    source = as_sampler(sampler, known, labels, returns)
    again = "" if isinstance(source, Recorded) else f"\nsame outputs again: {_seed_in_words(rng)}"
    verdict = check_sampler(source, known, epsilon, alpha, delta, max_samples, rng, labels)
    if verdict.status == "EQUIVALENT" or (verdict.status == "INCONCLUSIVE" and require == "not rejected"):
        return verdict
    raise BiasError(_message(verdict, target_probabilities(known)) + again, verdict)


def _message(verdict: Verdict, probs: Floats) -> str:
    lines = [verdict.sentence]
    if verdict.status == "REJECT":
        if verdict.witness is not None and verdict.caught_by in _OF_CATEGORIES:
            lines += ["", *_table(verdict.witness, verdict.n), ""]
        lines.append(f"found by: {verdict.caught_by} ({_statistic(verdict)})")
    else:
        lines.append(_advice(verdict, planned_samples(probs, verdict.epsilon, verdict.delta, MOST_OUTPUTS)))
    rates = f"epsilon = {verdict.epsilon:g}, alpha = {verdict.alpha:g}, delta = {verdict.delta:g}"
    return "\n".join([*lines, f"n = {verdict.n:,} outputs, {rates}"])


def _table(witness: Witness, n: int) -> list[str]:
    """The categories that tell most, in columns; the residual is in standard deviations, about."""
    # All other categories as one more, so that the residuals are those of the whole table.
    observed = np.append(witness.observed, n - sum(witness.observed))
    probs = np.append(witness.expected, max(n - math.fsum(witness.expected), 0.0)) / n
    rows = [("category", "observed", "expected", "residual")]
    for label, count, expected, residual in zip(
        witness.labels, witness.observed, witness.expected, residuals(observed, probs)[:-1], strict=True
    ):
        rows.append((shown(label), f"{count:,}", f"{expected:,.1f}", f"{residual:+.1f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(row[column].rjust(widths[column]) for column in (1, 2, 3))])
        for row in rows
    ]


def _statistic(verdict: Verdict) -> str:
    if verdict.caught_by == "exact test":
        return f"p = {verdict.p_value:.2g}"
    if math.isinf(verdict.log_e):
        return "e-value infinite"
    return f"e-value 10^{verdict.log_e / math.log(10):.1f}, enough is 10^{-math.log10(verdict.alpha):.1f}"


def _advice(verdict: Verdict, needed: int) -> str:
    if verdict.n < needed:
        return (
            f"A sampler of exactly this law needs about {needed:,} outputs: "
            "raise max_samples (or record more), or raise epsilon."
        )
    return (
        f"A sampler of exactly this law is mostly accepted after {needed:,} outputs, so this one may be about "
        f"{verdict.epsilon:g} away: raise max_samples (or record more), or raise epsilon."
    )


def _seed_in_words(rng: Any) -> str:
    """How to get the same outputs again; before the judge, which takes children from a SeedSequence."""
    if isinstance(rng, np.random.Generator):
        return "give a seed as rng; of a Generator that was used before there is none"
    if isinstance(rng, np.random.SeedSequence):
        parts = [f"spawn_key={rng.spawn_key}"] if rng.spawn_key else []
        parts += [f"n_children_spawned={rng.n_children_spawned}"] if rng.n_children_spawned else []
        return f"rng=numpy.random.SeedSequence({', '.join([str(rng.entropy), *parts])})"
    return f"rng={shown(rng)}"
