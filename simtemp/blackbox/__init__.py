"""The samplers over anything that can be sampled: one value, a stream of values, or many boxes at once."""

from simtemp.blackbox.box import sample, stream
from simtemp.blackbox.many import sample_many
from simtemp.blackbox.playing import SampleInfo

__all__ = ["SampleInfo", "sample", "sample_many", "stream"]
