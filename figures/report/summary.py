"""The first lines of the page: which samplers are unbiased and how surely, which are biased and by how much, what was not run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from figures.report.measure import NOT_RUN, OUT_OF_TIME, STOPPED, Record


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
            if all(record.tv_exact is not None and record.tv_exact < 1e-12 for record in batch if record.base == name)
        ),
        out_of_reach=tuple(
            sorted((r for r in exact if r.status == NOT_RUN), key=lambda record: -record.expected_draws)
        ),
        out_of_time=sum(record.reason == OUT_OF_TIME for record in exact),
    )


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
