"""simtemp: temperature for samplers that cannot score.

``P(x) ** (1/T)`` from samples of P alone: simulators over known bases, the same samplers over any black box, exact laws and costs; the
language model is in `simtemp.calm`. Names are loaded on first use, so that
``import simtemp`` compiles nothing and is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtemp.lazy_names import lazy_names

if TYPE_CHECKING:
    from simtemp.base import SUITE as SUITE
    from simtemp.base import Categorical as Categorical
    from simtemp.base import as_base as as_base
    from simtemp.base import parse_base as parse_base
    from simtemp.blackbox import SampleInfo as SampleInfo
    from simtemp.blackbox import sample as sample
    from simtemp.blackbox import sample_many as sample_many
    from simtemp.blackbox import stream as stream
    from simtemp.errors import DrawBudgetExceeded as DrawBudgetExceeded
    from simtemp.errors import DrawError as DrawError
    from simtemp.errors import SimtempError as SimtempError
    from simtemp.errors import SpecificationError as SpecificationError
    from simtemp.exact.batch_law import batch_law as batch_law
    from simtemp.exact.batch_law import rule_law as rule_law
    from simtemp.exact.chain_law import chain_draws as chain_draws
    from simtemp.exact.chain_law import chain_law as chain_law
    from simtemp.exact.cost import acceptance_rate as acceptance_rate
    from simtemp.exact.cost import expected_draws as expected_draws
    from simtemp.exact.cost import expected_draws_bound as expected_draws_bound
    from simtemp.exact.cost import expected_flips as expected_flips
    from simtemp.exact.cost import log_expected_draws as log_expected_draws
    from simtemp.exact.cost import rejection_rate as rejection_rate
    from simtemp.exact.cost_law import CostLaw as CostLaw
    from simtemp.exact.cost_law import cost_law as cost_law
    from simtemp.exact.distance import effective_temperature as effective_temperature
    from simtemp.exact.distance import kl_divergence as kl_divergence
    from simtemp.exact.distance import total_variation as total_variation
    from simtemp.exact.limit import draws_lower_bound as draws_lower_bound
    from simtemp.methods import SupportWarning as SupportWarning
    from simtemp.simulation import Run as Run
    from simtemp.simulation import simulate as simulate
    from simtemp.tempering import split_exponent as split_exponent
    from simtemp.tempering import temper as temper
    from simtemp.tuning import TunedSplit as TunedSplit
    from simtemp.tuning import tune_split as tune_split

__version__ = "0.1.0"

_HOME = {
    "simtemp.base": ["Categorical", "SUITE", "as_base", "parse_base"],
    "simtemp.blackbox": ["SampleInfo", "sample", "sample_many", "stream"],
    "simtemp.errors": ["DrawBudgetExceeded", "DrawError", "SimtempError", "SpecificationError"],
    "simtemp.exact.batch_law": ["batch_law", "rule_law"],
    "simtemp.exact.cost": [
        "acceptance_rate",
        "expected_draws",
        "expected_draws_bound",
        "expected_flips",
        "log_expected_draws",
        "rejection_rate",
    ],
    "simtemp.exact.cost_law": ["CostLaw", "cost_law"],
    "simtemp.exact.distance": ["effective_temperature", "kl_divergence", "total_variation"],
    "simtemp.exact.chain_law": ["chain_draws", "chain_law"],
    "simtemp.exact.limit": ["draws_lower_bound"],
    "simtemp.methods": ["SupportWarning"],
    "simtemp.simulation": ["Run", "simulate"],
    "simtemp.tempering": ["split_exponent", "temper"],
    "simtemp.tuning": ["TunedSplit", "tune_split"],
}

__getattr__, __dir__, __all__ = lazy_names(__name__, _HOME)
