"""The judge on every planted fault: what it saw, after how many outputs, beside what was to be expected."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from verify.faults import GALLERY, Fault
from verify.judge import check_sampler
from verify.prediction import Prediction, predicted_outputs
from verify.seeds import roles
from verify.verdict import Status

RUNS = 100
"""Simulated runs behind each prediction."""


@dataclass(frozen=True)
class GalleryRow:
    """What the judge made of one fault.

    Attributes
    ----------
    fault : Fault
        What was judged.
    status : str
        The verdict.
    caught_by : str or None
        With REJECT: what carried the evidence.
    n : int
        Outputs it took.
    log_e : float
        Log of the e-value at the end.
    tv_upper : float
        The bound on the total variation at the end.
    seconds : float
        Wall-clock time of the judge, the sampler's included.
    prediction : Prediction or None
        Of n, where the law is known and not the target.
    ok : bool
        Whether the verdict is what it should be: EQUIVALENT for a change that leaves everything alone; REJECT for a fault,
        but for one of the law within epsilon, where both verdicts are true and either will do.
    """

    fault: Fault
    status: Status
    caught_by: str | None
    n: int
    log_e: float
    tv_upper: float
    seconds: float
    prediction: Prediction | None
    ok: bool

    def record(self) -> dict[str, Any]:
        """The row as a flat record for JSON and tables; log10_e is None where it is infinite."""
        guess = self.prediction
        return {
            "name": self.fault.name,
            "mistake": self.fault.mistake,
            "kind": self.fault.kind,
            "missed_by": self.fault.missed_by,
            "base": self.fault.base.name,
            "temperature": self.fault.temperature,
            "tv": self.fault.tv,
            "status": self.status,
            "caught_by": self.caught_by,
            "n": self.n,
            "predicted_median": None if guess is None else guess.median,
            "predicted_low": None if guess is None else guess.low,
            "predicted_high": None if guess is None else guess.high,
            "log10_e": None if math.isinf(self.log_e) else self.log_e / math.log(10),
            "tv_upper": self.tv_upper,
            "seconds": self.seconds,
            "ok": self.ok,
        }


def run_gallery(
    faults: Sequence[Fault] = GALLERY,
    alpha: float = 1e-6,
    epsilon: float = 0.01,
    delta: float = 1e-6,
    max_samples: int = 2_000_000,
    rng: Any = 0,
    progress: Callable[[int, int], None] | None = None,
) -> list[GalleryRow]:
    """Judge every fault, and predict from its law alone how long that takes.

    Parameters
    ----------
    faults : sequence of Fault
        All of the gallery, or some.
    alpha, epsilon, delta, max_samples
        Of each verdict, as in `check_sampler`.
    rng : int, SeedSequence or Generator
        Two children for each fault: one for the judge, one for the prediction.
    progress : callable, optional
        Called with (faults done, all faults).

    Returns
    -------
    list of GalleryRow
        In the order given.

    Examples
    --------
    >>> from verify.faults import GALLERY
    >>> row = run_gallery([fault for fault in GALLERY if fault.name == "modulo-bias"])[0]
    >>> row.status, row.ok, row.prediction.low <= row.prediction.median
    ('REJECT', True, True)
    """
    streams = roles(rng, 2 * len(faults))
    rows = []
    for done, (fault, judge_rng, guess_rng) in enumerate(zip(faults, streams[::2], streams[1::2], strict=True), 1):
        # A cost is handed on only where there is one: a sampler may otherwise keep its draws to itself.
        known = {} if fault.expected_cost is None else {"expected_cost": fault.expected_cost}
        verdict = check_sampler(
            fault.sampler,
            fault.target,
            epsilon,
            alpha,
            delta,
            max_samples,
            rng=judge_rng,
            labels=fault.base.labels,
            **known,
        )
        guess = None
        if fault.kind == "law" and fault.law is not None:
            guess = predicted_outputs(
                fault.law, fault.target, alpha, RUNS, guess_rng, max_samples, epsilon=epsilon, delta=delta
            )
        rows.append(
            GalleryRow(
                fault=fault,
                status=verdict.status,
                caught_by=verdict.caught_by,
                n=verdict.n,
                log_e=verdict.log_e,
                tv_upper=verdict.tv_upper,
                seconds=verdict.seconds,
                prediction=guess,
                ok=verdict.status in expected_statuses(fault, epsilon),
            )
        )
        if progress is not None:
            progress(done, len(faults))
    return rows


def expected_statuses(fault: Fault, epsilon: float) -> tuple[Status, ...]:
    """The verdicts that are right for a fault and can be reached."""
    if fault.kind == "none":
        return ("EQUIVALENT",)
    if fault.kind == "law" and fault.tv is not None and fault.tv <= epsilon:
        return ("REJECT", "EQUIVALENT")
    return ("REJECT",)


def summary(rows: Sequence[GalleryRow]) -> str:
    """The gallery in a sentence or two."""
    wrong = [row for row in rows if row.fault.kind != "none"]
    right = [row for row in rows if row.fault.kind == "none"]
    rejected = sum(row.status == "REJECT" for row in wrong)
    accepted = sum(row.status == "EQUIVALENT" for row in right)
    guessed = [row for row in rows if row.prediction is not None and row.status == "REJECT"]
    within = sum(row.prediction.low <= row.n <= row.prediction.high for row in guessed if row.prediction is not None)
    text = (
        f"{rejected} of {len(wrong)} wrong samplers rejected, {accepted} of {len(right)} harmless changes accepted; "
        f"{within} of {len(guessed)} rejections came within the 90 % range predicted from the law."
    )
    amiss = [row.fault.name for row in rows if not row.ok]
    return text + (f" Not as it should be: {', '.join(amiss)}." if amiss else "")
