"""The first lines of the page: which samplers are unbiased and how surely, which are biased and by how much, what was not run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from figures.report import form
from figures.report.measure import NOT_RUN, OUT_OF_TIME, STOPPED, Record
from figures.report.plan import SYMMETRIC


@dataclass(frozen=True)
class Bound:
    """Bases that share a certified bound.

    Attributes
    ----------
    bases : tuple of str
        In the order of the report.
    epsilon : float
        Every cell of these bases that was run is certified within it.
    records : tuple of Record
        Those cells, tightest first.
    """

    bases: tuple[str, ...]
    epsilon: float
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Summary:
    """What a report found.

    Attributes
    ----------
    certified : tuple of Bound
        The exact sampler's certificates, tightest first.
    exact_run : int
        Cells of the exact sampler that came to a verdict.
    exact_rejected, exact_open : tuple of Record
        Cells of the exact sampler that were found biased (none, unless something is broken), or without a verdict.
    worst : tuple of Record
        For each batch size, on each kind of base, the cell of largest exact error.
    batch_run, batch_rejected : int
        Batch cells with a verdict, and those proved biased.
    unbiased_batch : tuple of str
        Bases on which the batch rule has no error at all.
    out_of_reach : tuple of Record
        Cells of the exact sampler that were not run, dearest first.
    out_of_time : int
        How many of those were left out only because time was up.
    """

    certified: tuple[Bound, ...]
    exact_run: int
    exact_rejected: tuple[Record, ...]
    exact_open: tuple[Record, ...]
    worst: tuple[Record, ...]
    batch_run: int
    batch_rejected: int
    unbiased_batch: tuple[str, ...]
    out_of_reach: tuple[Record, ...]
    out_of_time: int


def summarise(records: Sequence[Record]) -> Summary:
    """From all records of a report."""
    exact = [record for record in records if record.method == "exact"]
    batch = [record for record in records if record.method == "batch"]
    judged = [record for record in exact if record.status not in (NOT_RUN, STOPPED)]
    return Summary(
        certified=_bounds([record for record in judged if record.status == "EQUIVALENT"]),
        exact_run=len(judged),
        exact_rejected=tuple(record for record in judged if record.status == "REJECT"),
        exact_open=tuple(record for record in exact if record.status in ("INCONCLUSIVE", STOPPED)),
        worst=_worst(batch),
        batch_run=sum(record.status not in (NOT_RUN, STOPPED) for record in batch),
        batch_rejected=sum(record.status == "REJECT" for record in batch),
        unbiased_batch=tuple(
            name
            for name in dict.fromkeys(record.base for record in batch)
            if all(
                record.tv_exact is not None and record.tv_exact <= SYMMETRIC for record in batch if record.base == name
            )
        ),
        out_of_reach=tuple(
            sorted((r for r in exact if r.status == NOT_RUN), key=lambda record: -record.expected_draws)
        ),
        out_of_time=sum(record.reason == OUT_OF_TIME for record in exact),
    )


def in_one_sentence(summary: Summary) -> str:
    """All verdicts in a sentence: the exact samplers, the batch sampler, what was not run."""
    return "; ".join(said for said in (_exact(summary), _batch(summary), _not_run(summary)) if said) + "."


def _exact(summary: Summary) -> str:
    if summary.exact_rejected:
        return f"{len(summary.exact_rejected)} of {summary.exact_run} checks prove a bias in an exact sampler: something is broken"
    if not summary.certified:
        return "no exact sampler came to a verdict" if summary.exact_open or summary.out_of_reach else ""
    proved = sum(len(bound.records) for bound in summary.certified)
    share = f"all {proved}" if proved == summary.exact_run else f"{proved} of {summary.exact_run}"
    first, *others = summary.certified
    looser = ", ".join(f"{bound.epsilon:g} on {', '.join(bound.bases)}" for bound in others)
    within = f"{first.epsilon:g} of their targets in total variation" + (f" ({looser})" if looser else "")
    return f"the exact samplers are unbiased: {share} cells run are proved within {within}"


def _batch(summary: Summary) -> str:
    if not summary.worst:
        return ""
    largest = max(record.tv_exact or 0.0 for record in summary.worst)
    if largest <= SYMMETRIC:
        return "the batch sampler has no bias on these bases"
    return f"the batch sampler is biased, by up to {form.number(largest, 2)}"


def _not_run(summary: Summary) -> str:
    left_out = len(summary.out_of_reach)
    if not left_out:
        return ""
    said = "1 cell was" if left_out == 1 else f"{left_out} cells were"
    late = f", {summary.out_of_time} of them because time was up" if summary.out_of_time else ""
    return f"{said} not run, for what a verdict would cost{late}"


def _bounds(certified: Sequence[Record]) -> tuple[Bound, ...]:
    """Each base counts with its worst cell; bases with the same bound share a line."""
    worst: dict[str, float] = {}
    for record in certified:
        worst[record.base] = max(worst.get(record.base, 0.0), record.epsilon)
    return tuple(
        Bound(
            bases=tuple(name for name in worst if worst[name] == epsilon),
            epsilon=epsilon,
            records=tuple(
                sorted((r for r in certified if worst[r.base] == epsilon), key=lambda r: (r.epsilon, r.tv_upper))
            ),
        )
        for epsilon in sorted({*worst.values()})
    )


def _worst(batch: Sequence[Record]) -> tuple[Record, ...]:
    groups: dict[tuple[str, bool], Record] = {}
    for record in batch:
        group = record.variant, record.base == "text"
        if record.tv_exact is not None and (group not in groups or record.tv_exact > (groups[group].tv_exact or 0.0)):
            groups[group] = record
    return tuple(groups.values())
