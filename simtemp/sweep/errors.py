"""What can go wrong with a sweep as a whole; what goes wrong in a cell is that cell's outcome."""

from __future__ import annotations

from simtemp.errors import SimtempError


class GridError(SimtempError, ValueError):
    """A grid file cannot be read as one; the message names file, table and key."""


class StoreError(SimtempError):
    """A store cannot be read or written, or is none; what it held is still in it."""


class SweepInterrupted(SimtempError):
    """A sweep was stopped; every finished cell is in its store."""


class WorkersUnavailable(SimtempError):
    """Workers cannot be had: processes that do not start, or a cluster that is not there, not the same, or lost."""
