"""The judge's own exception."""

from __future__ import annotations

from simtemp.errors import SimtempError


class SamplerError(SimtempError):
    """The sampler under test raised; the message names what it raised, and ``__cause__`` is the original exception."""
