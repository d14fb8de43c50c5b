"""What stands under each picture of the judge, and what it says to a reader who cannot see it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from figures.certificate import CertificateData
from figures.detection import KINDS, DetectionData
from figures.evidence import FAULTS, EvidenceData
from figures.nulls import NullsData
from figures.report.caption import Caption
from figures.report.form import chance, number, whole


def _nulls(data: NullsData) -> Caption:
    first = data.curves[data.curves["level"] >= 0.01 - 1e-9].groupby(["base", "test"], sort=False).first().reset_index()
    names = {"right": "exact test", "chi-square": "chi-square quantiles", "wrong": "exact test of a wrong exponent"}
    said = ", ".join(
        f"{row['base']}, {names[row['test']]}: p ≤ {number(row['level'])} in {number(row['share'])} of the runs"
        for row in first.to_dict("records")
    )
    return Caption(
        "False alarms of the fixed-sample test",
        f"How often the exact test (test_counts) gives p ≤ a, over {data.runs:,} runs of a right sampler: it must stay below the "
        "diagonal, up to the band. Chi-square quantiles on the same counts do not where categories are rare. Red: power against an "
        "exponent 5 % off.",
        f"Share of runs with a p-value of at most a, against a, on logarithmic axes, with a band of {100 * data.coverage:g} %. {said}.",
    )


def _evidence(data: EvidenceData) -> Caption:
    ends = data.curves.groupby(["sampler", "run"], sort=False).last().reset_index()
    crossed = ends[ends["log10_e"] >= -math.log10(data.alpha)].groupby("sampler", sort=False)["run"].count()
    said = ", ".join(
        f"{FAULTS.get(str(sampler), 'right sampler')}: {crossed.get(sampler, 0)} of {len(runs)} runs"
        for sampler, runs in ends.groupby("sampler", sort=False)
    )
    return Caption(
        "Evidence as outputs come",
        "The judge may look after any output: of a right sampler the e-value ever reaches 1/α with probability at most α. It is an "
        "average of bets on the law, on independence and on the cost; each fault is seen by its own part.",
        f"Evidence, log10 of the e-value, against outputs. At {chance(data.alpha)} rejected: {said}.",
    )


def _certificate(data: CertificateData) -> Caption:
    said = ", ".join(
        f"{row['base']} within {row['epsilon']:g} after {whole(row['n'])} outputs"
        for row in data.needed.to_dict("records")
    )
    return Caption(
        "What a certificate takes",
        "Upper bound on the total variation of a sampler that is right, against its outputs: the distance that chance alone makes, and "
        "the allowance for sampling error, which does not depend on the number of categories. Squares: verify.required_samples.",
        f"Total variation proved against outputs, on logarithmic axes, falling like one over the root of n. {said}.",
    )


def _detection(data: DetectionData) -> Caption:
    said = ", ".join(
        f"{KINDS[row['fault']][0]} at {row['tv']:g}: {whole(row['median'])} outputs"
        for row in data.curves.to_dict("records")
    )
    return Caption(
        "How small a fault is found",
        "Outputs until the judge rejects, against the total variation of the fault. What it takes depends on the kind of fault: the bets "
        "are placed on wrong temperatures, and a fault of one category is seen soonest. Squares: outputs that prove a right sampler to be "
        "within that distance.",
        f"Outputs until rejection against total variation, on logarithmic axes, above dashed lower bounds. Medians: {said}.",
    )


JUDGE_CAPTIONS: dict[str, Callable[[Any], Caption]] = {
    "nulls": _nulls,
    "evidence": _evidence,
    "certificate": _certificate,
    "detection": _detection,
}
"""By the name of the picture; made from its data."""
