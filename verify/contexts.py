"""Many targets at once: one sampler for each context of a model, one total error rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simtemp import arguments
from verify.errors import SamplerError
from verify.judge import check_sampler
from verify.seeds import roles
from verify.verdict import Status, Verdict


@dataclass(frozen=True)
class Verdicts:
    """The outcome of `check_samplers`.

    Attributes
    ----------
    status : str
        "REJECT" if a context is rejected or all together are, "EQUIVALENT" if every context is, else "INCONCLUSIVE".
    by_context : mapping of name to Verdict
        The verdict of each context that was judged, at its share of the error rates.
    joint_log_e : float
        Log of the product of the e-values of all contexts: evidence that at least one is wrong, or that they share
        their randomness. Small faults in many contexts add up in it.
    contexts : int
        How many contexts there are; fewer are judged when the first rejection ends it.
    epsilon, alpha, delta : float
        What was asked for, in all.
    seconds : float
        Wall-clock time, the samplers' included.
    """

    status: Status
    by_context: Mapping[Any, Verdict]
    joint_log_e: float
    contexts: int
    epsilon: float
    alpha: float
    delta: float
    seconds: float

    @property
    def n(self) -> int:
        """Outputs used, in all."""
        return sum(verdict.n for verdict in self.by_context.values())

    @property
    def tv_upper(self) -> float:
        """Every context's total variation is at most this, except with probability `delta`; 1 if some were not judged."""
        if len(self.by_context) < self.contexts:
            return 1.0
        return max(verdict.tv_upper for verdict in self.by_context.values())

    @property
    def tv_lower(self) -> float:
        """Some context's total variation is at least this, except with probability `alpha`."""
        return max(verdict.tv_lower for verdict in self.by_context.values())

    @property
    def rejected(self) -> tuple[Any, ...]:
        """The contexts that are rejected by themselves."""
        return tuple(name for name, verdict in self.by_context.items() if verdict.status == "REJECT")

    @property
    def sentence(self) -> str:
        """The verdict for a person."""
        if self.status == "EQUIVALENT":
            return (
                f"EQUIVALENT: {self.n:,} outputs prove that in each of {self.contexts:,} contexts the sampler's law is within "
                f"{self.tv_upper:.3g} of its target in total variation ({self.epsilon:g} was allowed); this is wrong with "
                f"probability at most {self.delta:g}."
            )
        if self.status == "REJECT":
            wrong = f"probability at most {self.alpha:g}"
            if self.rejected:
                first = self.rejected[0]
                return (
                    f"REJECT: {len(self.rejected):,} of {self.contexts:,} contexts are proved wrong; this is wrong with {wrong}. "
                    f"Context {first!r}: {self.by_context[first].sentence}"
                )
            return (
                f"REJECT: {self.n:,} outputs prove that some of the {self.contexts:,} contexts are wrong, or not independent of one "
                f"another, though none by itself; this is wrong with {wrong}. "
                f"The evidence is 10^{self.joint_log_e / math.log(10):.1f} to 1."
            )
        left = sum(verdict.status == "INCONCLUSIVE" for verdict in self.by_context.values())
        return f"INCONCLUSIVE: {self.n:,} outputs leave {left:,} of {self.contexts:,} contexts undecided. This is not a pass."

    def rows(self) -> list[dict[str, Any]]:
        """One flat record a context, for tables and JSON."""
        return [
            {
                "context": name,
                "status": verdict.status,
                "n": verdict.n,
                "tv_upper": verdict.tv_upper,
                "tv_lower": verdict.tv_lower,
                "log_e": verdict.log_e,
                "caught_by": verdict.caught_by,
                "mean_draws": verdict.mean_draws,
            }
            for name, verdict in self.by_context.items()
        ]


def check_samplers(
    samplers: Any,
    targets: Any,
    epsilon: float = 0.01,
    alpha: float = 1e-6,
    delta: float = 1e-6,
    max_samples: int = 10_000_000,
    rng: Any = 0,
    labels: Sequence[Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
    stop_at_reject: bool = True,
) -> Verdicts:
    """Judge one sampler for each of many targets, such as a decoder in many contexts, in one call with one total alpha.

    Parameters
    ----------
    samplers : mapping, sequence, or callable
        One sampler for each context, as in `check_sampler`, under the names or in the order of `targets`; or one
        function ``sampler(context, size, rng)`` for all.
    targets : mapping or sequence
        The target of each context; the names of the contexts are the keys, or 0, 1, 2, ...
    epsilon : float
        The total variation within which every context must be.
    alpha : float
        Chance of REJECT, in all, when every context has its target and contexts are independent of one another.
    delta : float
        Chance of EQUIVALENT, in all, when some context is further than `epsilon` from its target.
    max_samples : int
        Outputs that may be asked for in each context.
    rng : int, SeedSequence or Generator
        One child for each context.
    labels : sequence, optional
        Names of the categories, the same in every context.
    progress : callable, optional
        Called with (contexts judged, contexts).
    stop_at_reject : bool
        Whether the first rejected context ends it.

    Returns
    -------
    Verdicts

    Raises
    ------
    ValueError
        If samplers and targets do not match, or as `check_sampler` does, naming the context.

    Notes
    -----
    Contexts are judged one after another, each with ``alpha / 2C`` and ``delta / C``, so that all of their certificates
    hold together. The product of their e-values at the moments they stop is an e-value if contexts are independent (each
    gets a generator of its own; samplers that all begin from one seed are not); the other half of alpha is for it.

    Examples
    --------
    >>> laws = {"heads or tails": [0.5, 0.5], "loaded": [0.9, 0.1]}
    >>> sampler = lambda context, size, rng: rng.choice(2, size=size, p=laws[context])
    >>> check_samplers(sampler, laws, epsilon=0.05).status
    'EQUIVALENT'
    """
    aims = _named(targets, "targets")
    if not aims:
        raise ValueError("targets must have at least one context, got none")
    asked = _matching(samplers, aims)
    false_alarm = arguments.rate(alpha, "alpha")
    miss = arguments.rate(delta, "delta")
    count = len(aims)

    found: dict[Any, Verdict] = {}
    joint = 0.0
    for done, ((name, target), generator) in enumerate(zip(aims.items(), roles(rng, count), strict=True)):
        if progress is not None:
            progress(done, count)
        try:
            verdict = check_sampler(
                asked[name],
                target,
                epsilon,
                false_alarm / (2 * count),
                miss / count,
                max_samples,
                generator,
                labels,
            )
        except ValueError as error:
            raise ValueError(f"context {name!r}: {error}") from error
        except SamplerError as error:
            raise SamplerError(f"context {name!r}: {error}") from error.__cause__
        found[name] = verdict
        joint += verdict.log_e
        if stop_at_reject and verdict.status == "REJECT":
            break
    if progress is not None:
        progress(count, count)
    status: Status = "INCONCLUSIVE"
    statuses = {verdict.status for verdict in found.values()}
    if "REJECT" in statuses or joint >= math.log(2.0 / false_alarm):
        status = "REJECT"
    elif statuses == {"EQUIVALENT"}:
        status = "EQUIVALENT"
    return Verdicts(
        status=status,
        by_context=found,
        joint_log_e=joint,
        contexts=count,
        epsilon=arguments.rate(epsilon, "epsilon"),
        alpha=false_alarm,
        delta=miss,
        seconds=math.fsum(verdict.seconds for verdict in found.values()),
    )


def _named(given: Any, argument: str) -> dict[Any, Any]:
    if isinstance(given, Mapping):
        return dict(given)
    try:
        return dict(enumerate(given))
    except TypeError:
        raise ValueError(
            f"{argument} must be a mapping or a sequence with one entry a context, got {arguments.shown(given)}"
        ) from None


def _matching(samplers: Any, aims: Mapping[Any, Any]) -> dict[Any, Any]:
    if callable(samplers):
        return {name: _in_context(samplers, name) for name in aims}
    asked = _named(samplers, "samplers")
    for name in aims:
        if name not in asked:
            raise ValueError(f"samplers must have one for each context of targets, got none for {name!r}")
    for name in asked:
        if name not in aims:
            raise ValueError(f"targets must have one for each context of samplers, got none for {name!r}")
    return asked


def _in_context(sampler: Callable[[Any, int, np.random.Generator], Any], name: Any) -> Any:
    return lambda size, rng: sampler(name, size, rng)
