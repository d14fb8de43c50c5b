"""verify: is a sampler unbiased? Proofs with both error rates controlled.

===================  =============================================================  =================================
function             proposition                                                    tested in ``tests/verify`` by
===================  =============================================================  =================================
`check_sampler`      P(REJECT | independent draws from the target at the expected   ``test_judge_rates``: null runs
                     cost) <= alpha and P(EQUIVALENT | TV > epsilon) <= delta,      and runs just beyond epsilon;
                     whenever it stops                                              ``test_faults``: planted faults
`check_samplers`     the same for many targets and independent contexts, in all     ``test_contexts``: null runs
`tv_upper_bound`     P(TV(q, target) > U) <= delta for all laws q, all K and n      ``test_certificate``: enumeration
`tv_lower_bound`     P(L > TV(q, target)) <= alpha for all laws q, all K and n      ``test_witness``: enumeration
`EProcess`,          under the target a martingale of mean 1, so that it ever       ``test_evalue``: mean 1 to 1e-12
`log_e_value`        reaches 1/alpha with probability at most alpha                 by enumeration
`Dependence`         the same under independent draws from the target               ``test_dependence``: enumeration
`CostProcess`        the same (or mean at most 1) under a known law, or mean, of    ``test_cost_process``: enumeration
                     the cost
`test_counts`        P(p <= a) <= a under the target, for all a, K and n            ``test_montecarlo``: enumeration
`test_pairs`         the same for pairs of outputs                                  ``test_pairs``: null runs
`check_streams`      P(REJECT | independent streams of the target's law) <= alpha   ``test_streams``: null runs
`required_samples`,  a right sampler is certified, a wrong one rejected, with       ``test_planning``: simulation
`detectable_tv`      about the given power (planning, no proof)
===================  =============================================================  =================================

What none of them covers: a dependence that no bet is on (independence is tested, but cannot be proved from outputs,
and the certificates assume it), randomness shared with other samplers, and a target that is itself wrong.
`tv_upper_bound`, `tv_lower_bound`, `test_counts` and `test_pairs` hold for a number of outputs that was fixed in
advance; `check_sampler` and the e-processes for any stopping rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtemp.lazy_names import lazy_names

if TYPE_CHECKING:
    from verify.assertion import BiasError as BiasError
    from verify.assertion import assert_unbiased as assert_unbiased
    from verify.calm import check_decoder as check_decoder
    from verify.calm_estimated import check_continuous_decoder as check_continuous_decoder
    from verify.certificate import tv_upper_bound as tv_upper_bound
    from verify.contexts import Verdicts as Verdicts
    from verify.contexts import check_samplers as check_samplers
    from verify.cost import CostProcess as CostProcess
    from verify.dependence import Dependence as Dependence
    from verify.errors import OutputsEnded as OutputsEnded
    from verify.errors import SamplerError as SamplerError
    from verify.estimated_target import EstimatedTarget as EstimatedTarget
    from verify.evalue import EProcess as EProcess
    from verify.evalue import log_e_value as log_e_value
    from verify.faults import GALLERY as GALLERY
    from verify.faults import Fault as Fault
    from verify.gallery import GalleryRow as GalleryRow
    from verify.gallery import run_gallery as run_gallery
    from verify.judge import check_sampler as check_sampler
    from verify.montecarlo import CountsTest as CountsTest
    from verify.montecarlo import test_counts as test_counts
    from verify.pairs import test_pairs as test_pairs
    from verify.planning import detectable_tv as detectable_tv
    from verify.planning import required_samples as required_samples
    from verify.prediction import Prediction as Prediction
    from verify.prediction import predicted_outputs as predicted_outputs
    from verify.sampler import simulated as simulated
    from verify.streams import StreamsCheck as StreamsCheck
    from verify.streams import check_streams as check_streams
    from verify.verdict import Verdict as Verdict
    from verify.witness import LowerBound as LowerBound
    from verify.witness import Witness as Witness
    from verify.witness import tv_lower_bound as tv_lower_bound

_HOME = {
    "verify.assertion": ["BiasError", "assert_unbiased"],
    "verify.calm": ["check_decoder"],
    "verify.calm_estimated": ["check_continuous_decoder"],
    "verify.certificate": ["tv_upper_bound"],
    "verify.contexts": ["Verdicts", "check_samplers"],
    "verify.cost": ["CostProcess"],
    "verify.dependence": ["Dependence"],
    "verify.errors": ["OutputsEnded", "SamplerError"],
    "verify.estimated_target": ["EstimatedTarget"],
    "verify.evalue": ["EProcess", "log_e_value"],
    "verify.faults": ["GALLERY", "Fault"],
    "verify.gallery": ["GalleryRow", "run_gallery"],
    "verify.judge": ["check_sampler"],
    "verify.montecarlo": ["CountsTest", "test_counts"],
    "verify.pairs": ["test_pairs"],
    "verify.planning": ["detectable_tv", "required_samples"],
    "verify.prediction": ["Prediction", "predicted_outputs"],
    "verify.sampler": ["simulated"],
    "verify.streams": ["StreamsCheck", "check_streams"],
    "verify.verdict": ["Verdict"],
    "verify.witness": ["LowerBound", "Witness", "tv_lower_bound"],
}

__getattr__, __dir__, __all__ = lazy_names(__name__, _HOME)
