"""Bets that outputs repeat at a distance which the outputs before have shown."""

from __future__ import annotations

import numpy as np

from simtemp.arguments import Floats, Integers
from verify.matches import Matches

MOST = 4096
"""The largest distance that is looked for."""

WINDOW = 16_384
"""Outputs in which it is looked for."""

SCORES = 4
"""Random scores of the categories whose autocorrelations are added up."""

LEAST = 32
"""No distance is looked for in fewer outputs."""


class FoundLag:
    """Wealth of bets that outputs repeat, or avoid, those some places before, started at 1: a test martingale.

    A buffer that is flushed twice, a window that slides too slowly, a worker's outputs written down two times: copies
    come at a distance that nobody knows beforehand. Before each call the distance with the largest autocorrelation
    among the last outputs is bet on (`Matches`) for that call. It is chosen from the past alone, so that the bets are
    fair under independence, whatever the choice.

    Parameters
    ----------
    probs : float64[K]
        The target.

    Notes
    -----
    The autocorrelation is that of a few fixed random scores of the categories, by the fast Fourier transform: about two
    milliseconds a call.
    """

    def __init__(self, probs: Floats) -> None:
        scores = np.random.default_rng(0).standard_normal((SCORES, probs.size))
        self._scores = scores - (scores @ probs)[:, None]
        self._bets = Matches(probs)
        self._past: Integers = np.empty(0, np.int64)
        self.lag = 0

    def add(self, values: Integers) -> None:
        """Score one call's outputs, int64[size]."""
        past = self._past
        if past.size >= LEAST:
            self.lag = self._strongest()
            joined = np.concatenate([past[-self.lag :], values])
            self._bets.add(values, joined[: values.size])
        self._past = np.concatenate([past, values])[-WINDOW:]

    def log_e(self) -> float:
        """The log of the mean wealth of all bets."""
        return self._bets.log_e()

    def _strongest(self) -> int:
        """The distance with the largest autocorrelation, in units of its standard deviation under independence."""
        size = self._past.size
        lags = min(MOST, size // 2)
        spectrum = np.fft.rfft(self._scores[:, self._past], 1 << (2 * size - 1).bit_length())
        products = np.fft.irfft((spectrum * spectrum.conj()).sum(axis=0).real)[1 : lags + 1]
        return int(np.argmax(np.abs(products) / np.sqrt(size - np.arange(1, lags + 1)))) + 1
