"""One thread for the linear algebra under NumPy: the last bit of a long dot product depends on how many there are."""

from __future__ import annotations

from typing import Final

ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Environment of a process that computes cells, set before it imports NumPy."""
