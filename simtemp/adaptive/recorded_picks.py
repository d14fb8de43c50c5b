"""The states that a head saw and the temperatures picked for them, kept step by step and read sequence by sequence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simtemp.arguments import Integers, shown

Picks = tuple[npt.NDArray[np.float32], Integers]
"""States float32[L, h] and picked int64[L] of one sequence."""


class RecordedPicks:
    """A record of picks; a sequence that begins again replaces what was kept of it."""

    def __init__(self) -> None:
        self._steps: list[tuple[Integers, npt.NDArray[np.float32], Integers]] = []
        self._current: dict[int, Picks] | None = {}
        self._earlier: dict[int, Picks] = {}

    def begin(self) -> None:
        """The next step is the first one of its sequences."""
        self._earlier |= self._read()
        self._steps, self._current = [], {}

    def add(self, sequences: Integers, states: npt.NDArray[np.float32], picked: Integers) -> None:
        """One step: int64[b], float32[b, h], int64[b]."""
        self._steps.append((sequences, states, picked))
        self._current = None

    def of(self, sequence: int) -> Picks:
        """The picks of a sequence, in their order.

        Raises
        ------
        ValueError
            For a sequence without any.
        """
        for picks in (self._read(), self._earlier):
            if sequence in picks:
                return picks[sequence]
        raise ValueError(f"there is no recorded choice for sequence {shown(sequence)}")

    def _read(self) -> dict[int, Picks]:
        if self._current is None:
            sequences, states, picked = (np.concatenate(parts) for parts in zip(*self._steps, strict=True))
            order = np.argsort(sequences, kind="stable")  # by sequence, and by step in each
            cuts = np.flatnonzero(np.diff(sequences[order])) + 1
            parts = (np.split(column[order], cuts) for column in (sequences, states, picked))
            self._current = {int(own[0]): (seen, chosen) for own, seen, chosen in zip(*parts, strict=True)}
        return self._current
