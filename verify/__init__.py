"""verify: is a sampler unbiased? Proofs with both error rates controlled.

==================  ==============================================================  ================================
function            proposition                                                     tested in ``tests/verify`` by
==================  ==============================================================  ================================
`check_sampler`     P(REJECT | law is the target) <= alpha and                      ``test_judge_rates``: null runs and
                    P(EQUIVALENT | TV > epsilon) <= delta, whenever it stops        runs just beyond epsilon
`tv_upper_bound`    P(TV(q, target) > U) <= delta for all laws q, all K and n       ``test_certificate``: enumeration
`tv_lower_bound`    P(L > TV(q, target)) <= alpha for all laws q, all K and n       ``test_witness``: enumeration
`EProcess`,         under the target a martingale of mean 1, so that it ever        ``test_evalue``: mean 1 to 1e-12 by
`log_e_value`       reaches 1/alpha with probability at most alpha                  enumeration
`test_counts`       P(p <= a) <= a under the target, for all a, K and n             ``test_montecarlo``: enumeration
`required_samples`  a right sampler is certified with about the given power         ``test_planning``: simulation
                    (planning, no proof)
==================  ==============================================================  ================================

What none of them covers: dependence between outputs (they are assumed independent: a sampler that repeats or thins
its own outputs can keep the right frequencies), the cost of an output, randomness shared with other samplers, and a
target that is itself wrong. `tv_upper_bound`, `tv_lower_bound` and `test_counts` hold for a number of outputs that
was fixed in advance; `check_sampler` and `EProcess` for any stopping rule.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.certificate import tv_upper_bound as tv_upper_bound
    from verify.errors import SamplerError as SamplerError
    from verify.evalue import EProcess as EProcess
    from verify.evalue import log_e_value as log_e_value
    from verify.judge import check_sampler as check_sampler
    from verify.montecarlo import CountsTest as CountsTest
    from verify.montecarlo import test_counts as test_counts
    from verify.planning import required_samples as required_samples
    from verify.sampler import simulated as simulated
    from verify.verdict import Verdict as Verdict
    from verify.witness import LowerBound as LowerBound
    from verify.witness import Witness as Witness
    from verify.witness import tv_lower_bound as tv_lower_bound

_HOME = {
    "verify.certificate": ["tv_upper_bound"],
    "verify.errors": ["SamplerError"],
    "verify.evalue": ["EProcess", "log_e_value"],
    "verify.judge": ["check_sampler"],
    "verify.montecarlo": ["CountsTest", "test_counts"],
    "verify.planning": ["required_samples"],
    "verify.sampler": ["simulated"],
    "verify.verdict": ["Verdict"],
    "verify.witness": ["LowerBound", "Witness", "tv_lower_bound"],
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE)


def __getattr__(name: str) -> Any:
    # Loaded on first use: `simtemp --help` imports this package for its commands and must not wait for scipy.
    if name not in _MODULE:
        raise AttributeError(f"module 'verify' has no attribute {name!r}")
    value = getattr(import_module(_MODULE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE})
