"""A decoder whose base law nobody knows: judged against an estimate of its target, the error of which is in the certificate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simtemp import arguments
from simtemp.arguments import Integers
from verify.certificate import upper_bound
from verify.estimated_target import estimated_target
from verify.seeds import roles
from verify.verdict import Status
from verify.witness import lower_bound

if TYPE_CHECKING:
    from simtemp.calm.model import CalmModel

_AT_ONCE = 512
"""Blocks that are decoded as one batch."""

_LAW_DRAWS_AT_ONCE = 1 << 17


@dataclass(frozen=True)
class EstimatedVerdict:
    """The outcome of `check_continuous_decoder` in one context.

    Attributes
    ----------
    status : str
        As in `Verdict`.
    n, law_draws : int
        Blocks that were decoded; draws from which the target was estimated.
    tv_upper : float
        The decoded law's total variation from the true tempered law is at most this, except with probability `delta`: the estimation
        error is in it.
    tv_lower : float
        And at least this, except with probability `alpha`.
    law_error : float
        The part of `tv_upper` that is due to the estimate.
    tv_empirical : float
        Between the decoded blocks and the estimated target.
    distinct : int
        Different blocks among the draws.
    mean_draws : float
        Draws that a block cost.
    exact_share : float
        Share of the blocks that come from an exact sampler.
    """

    status: Status
    n: int
    law_draws: int
    tv_upper: float
    tv_lower: float
    law_error: float
    tv_empirical: float
    distinct: int
    mean_draws: float
    exact_share: float


@dataclass(frozen=True)
class EstimatedVerdicts:
    """The outcome of `check_continuous_decoder`.

    Attributes
    ----------
    by_context : tuple of EstimatedVerdict
    epsilon, alpha, delta : float
        What was asked for, in all contexts together.
    """

    by_context: tuple[EstimatedVerdict, ...]
    epsilon: float
    alpha: float
    delta: float

    @property
    def status(self) -> Status:
        """REJECT if a context is rejected, EQUIVALENT if every context is, else INCONCLUSIVE."""
        statuses = {verdict.status for verdict in self.by_context}
        return "REJECT" if "REJECT" in statuses else statuses.pop() if len(statuses) == 1 else "INCONCLUSIVE"

    @property
    def n(self) -> int:
        """Blocks decoded, in all."""
        return sum(verdict.n for verdict in self.by_context)

    @property
    def tv_upper(self) -> float:
        """Every context's total variation is at most this, except with probability `delta`."""
        return max(verdict.tv_upper for verdict in self.by_context)

    @property
    def tv_lower(self) -> float:
        """Some context's total variation is at least this, except with probability `alpha`."""
        return max(verdict.tv_lower for verdict in self.by_context)

    @property
    def sentence(self) -> str:
        """The verdict for a person."""
        contexts = len(self.by_context)
        if self.status == "EQUIVALENT":
            return (
                f"EQUIVALENT: {self.n:,} blocks prove that in each of {contexts:,} contexts the decoder's law is within "
                f"{self.tv_upper:.3g} of its target in total variation ({self.epsilon:g} was allowed), the error of the estimated target "
                f"included; this is wrong with probability at most {self.delta:g}."
            )
        if self.status == "REJECT":
            wrong = sum(verdict.status == "REJECT" for verdict in self.by_context)
            return (
                f"REJECT: in {wrong:,} of {contexts:,} contexts the decoder's law is proved to differ from its target, by up to "
                f"{self.tv_lower:.3g} in total variation at least; this is wrong with probability at most {self.alpha:g}."
            )
        error = max(verdict.law_error for verdict in self.by_context)
        return (
            f"INCONCLUSIVE: {self.n:,} blocks prove no more than a total variation of at most {self.tv_upper:.3g}, of which "
            f"{error:.3g} is the error of the estimated target: decode more blocks, or estimate from more draws. This is not a pass."
        )

    def rows(self) -> list[dict[str, Any]]:
        """One flat record a context, for tables and JSON."""
        return [{"context": i, **asdict(verdict)} for i, verdict in enumerate(self.by_context)]


def check_continuous_decoder(
    model: CalmModel,
    prompts: Sequence[Integers],
    temperature: float,
    method: str = "duel",
    budget: int | None = None,
    *,
    epsilon: float = 0.1,
    alpha: float = 1e-6,
    delta: float = 1e-6,
    size: int = 4096,
    law_draws: int = 1_000_000,
    rng: Any = 0,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> EstimatedVerdicts:
    """Judge the decoder of a model with continuous noise, whose block law nobody knows, against an estimate with its error accounted for.

    Parameters
    ----------
    model, prompts, temperature, method, budget, **options
        As in `check_decoder`; no codebook is needed; temperature in (0, 1].
    epsilon, alpha, delta : float
        As in `check_samplers`: errors in all contexts together.
    size : int
        Blocks decoded in each context.
    law_draws : int
        Further draws of the head in each context, from which the target is estimated.
    rng : int, SeedSequence or Generator
        For each context one child for the law and others for the decoder.
    progress : callable, optional
        Called with (contexts judged, contexts).

    Returns
    -------
    EstimatedVerdicts

    Raises
    ------
    ValueError
        For an argument out of its range.

    Notes
    -----
    Let q be the law of a decoded block, P_T the true target and P^_T its estimate (`estimated_target`), from draws that are independent of
    the decoded blocks. Except with probability ``delta / 2C`` each, ``TV(q, P^_T)`` is below the certificate (`tv_upper_bound`, given the
    estimate) and ``TV(P^_T, P_T)`` below the estimation error; by the triangle inequality their sum bounds ``TV(q, P_T)``: EQUIVALENT where
    that is at most epsilon. At T = 1 the fixed set ``A = {q > P}`` takes the place of the triangle (`estimated_target`). Likewise with
    ``alpha / 2C`` each, the lower bound (`tv_lower_bound`) less the estimation error is a lower bound: REJECT where it is above 0. Sizes
    are fixed in advance. What is proved is about the law of the head as it is sampled here, in the model's own precision: a fault in how
    the head draws its noise is on both sides, and is not seen.

    For T <= 1/2 the error of the estimate is ``s (1 + sqrt(log(2C / delta))) / (sqrt(M) |P|_s)`` with s = 1/T and C contexts: for a block
    that dominates with probability 0.6 at T = 1/2 in 8 contexts, 0.017 with a million draws; the draws grow like s**2.
    """
    from simtemp.calm.backbone import states_after

    tolerance = arguments.rate(epsilon, "epsilon")
    shares = 2 * max(1, len(prompts))
    false_alarm, miss = arguments.rate(alpha, "alpha") / shares, arguments.rate(delta, "delta") / shares
    outputs = arguments.whole_number(size, "size", 2)
    draws = arguments.whole_number(law_draws, "law_draws", 1)
    arguments.temperature(temperature, maximum=1.0, zero=False)
    verdicts = []
    states = states_after(model, prompts)
    for state, generator in zip(states, roles(rng, len(prompts)), strict=True):
        law_rng, decoder_rng, part_rng = generator.spawn(3)
        names, law_counts = _drawn_law(model, state, draws, law_rng)
        decoded = _decoded(model, state, temperature, method, budget, outputs, decoder_rng, options)
        blocks, block_counts = np.unique(np.stack([block for block, _ in decoded]), axis=0, return_counts=True)
        counts = _counted(names, blocks, block_counts)
        verdicts.append(_judged(law_counts, counts, temperature, tolerance, false_alarm, miss, part_rng, decoded))
        if progress is not None:
            progress(len(verdicts), len(prompts))
    return EstimatedVerdicts(tuple(verdicts), tolerance, alpha, delta)


def _drawn_law(model: CalmModel, state: Any, size: int, rng: np.random.Generator) -> tuple[dict[bytes, int], list[int]]:
    """Counts of the blocks of `size` draws of the head, and the index of each block."""
    from simtemp.calm.block_draws import BlockDraws

    source = BlockDraws(model, state[None], [rng])
    counts: dict[bytes, int] = {}
    for start in range(0, size, _LAW_DRAWS_AT_ONCE):
        drawn = source(np.array([0]), min(_LAW_DRAWS_AT_ONCE, size - start))[0]
        blocks, times = np.unique(drawn, axis=0, return_counts=True)
        for block, count in zip(blocks, times.tolist(), strict=True):
            counts[block.tobytes()] = counts.get(block.tobytes(), 0) + count
    return {block: i for i, block in enumerate(counts)}, list(counts.values())


def _decoded(
    model: CalmModel,
    state: Any,
    temperature: float,
    method: str,
    budget: int | None,
    size: int,
    rng: np.random.Generator,
    options: dict[str, Any],
) -> list[Any]:
    from simtemp.calm.next_block import next_blocks

    noise = rng.spawn(1)[0]
    decoded: list[Any] = []
    for start in range(0, size, _AT_ONCE):
        m = min(_AT_ONCE, size - start)
        decoded += next_blocks(
            model, state.expand(m, -1), temperature, method, budget, coins=rng.spawn(m), noise=[noise] * m, **options
        )
    return decoded


def _counted(names: dict[bytes, int], blocks: Integers, times: Integers) -> Integers:
    """Counts by the categories of the estimate, and one more for all blocks that it does not know."""
    counts = np.zeros(len(names) + 1, np.int64)
    for block, count in zip(blocks, times, strict=True):
        counts[names.get(block.tobytes(), -1)] += count
    return counts


def _judged(
    law_counts: list[int],
    counts: Integers,
    temperature: float,
    tolerance: float,
    false_alarm: float,
    miss: float,
    rng: np.random.Generator,
    decoded: list[Any],
) -> EstimatedVerdict:
    observed = np.append(np.array(law_counts, np.int64), 0)
    accepting = estimated_target(observed, temperature, miss)
    upper = min(1.0, upper_bound(counts, accepting.probs, miss) + accepting.allowance)
    rejecting = estimated_target(observed, temperature, false_alarm)
    half = rng.binomial(counts, 0.5)
    lower = max(0.0, lower_bound(half, counts - half, rejecting.probs, false_alarm).value - rejecting.error)
    infos = [info for _, info in decoded]
    n = int(counts.sum())
    status: Status = "REJECT" if lower > 0.0 else "EQUIVALENT" if upper <= tolerance else "INCONCLUSIVE"
    return EstimatedVerdict(
        status=status,
        n=n,
        law_draws=sum(law_counts),
        tv_upper=upper,
        tv_lower=lower,
        law_error=accepting.allowance,
        tv_empirical=0.5 * float(np.abs(counts / n - accepting.probs).sum()),
        distinct=len(law_counts),
        mean_draws=math.fsum(info.draws for info in infos) / n,
        exact_share=sum(info.exact for info in infos) / n,
    )
