"""A tempered target that is known from draws of its base alone, and how far it may be from the true one."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats
from simtemp.tempering import temper
from verify.certificate import allowance
from verify.target import category_counts


class EstimatedTarget(NamedTuple):
    """An estimate of ``P ** (1/T)``, normalised.

    Attributes
    ----------
    probs : float64[K]
        The estimate; categories that were not drawn have 0.
    error : float
        Its total variation from the true tempered law is at most this, except with probability `delta`.
    allowance : float
        At most `error`: what a certificate for a law that is independent of the estimate has to add. At T = 1 it is smaller.
    """

    probs: Floats
    error: float
    allowance: float


def estimated_target(counts: Any, temperature: float, delta: float) -> EstimatedTarget:
    """Estimate a tempered law from draws of its base, with a bound on the error for every base, on however many categories.

    Parameters
    ----------
    counts : int array_like, shape (K,)
        How often each category came out among M independent base draws; M was fixed in advance. Categories that were never drawn
        need not be known.
    temperature : float
        In (0, 1]: above 1 no number of draws bounds the error, since an unseen category of tiny probability may have any share.
    delta : float
        Allowed chance of an error bound that is too small, in (0, 1).

    Returns
    -------
    EstimatedTarget

    Raises
    ------
    ValueError
        For a temperature outside (0, 1], frequencies instead of counts, or no draws.

    Notes
    -----
    Let s = 1/T, p the base, p^ = counts / M, and ``|.|_s`` the norm of l_s.

    *Tempering is Lipschitz in l_s.* For vectors a, b >= 0, ``TV(a**s / sum, b**s / sum) <= s |a - b|_s / |b|_s``. Proof: half the l_1
    distance of two normalised vectors u/|u|_1, w/|w|_1 is at most ``|u - w|_1 / |w|_1``. With u = a**s, w = b**s and c_t the segment from b
    to a, ``|u - w|_1 <= s int_0^1 |(a - b) c_t**(s-1)|_1 dt <= s |a - b|_s max(|a|_s, |b|_s)**(s-1)`` by Hoelder and the convexity of the
    norm; divide by the larger of |u|_1 and |w|_1.

    *Concentration without dimension.* ``E |p^ - p|_2 <= 1 / sqrt(M)``, and one draw moves it by at most sqrt(2)/M, so that by McDiarmid's
    inequality ``|p^ - p|_2 <= r = (1 + sqrt(log(1/delta))) / sqrt(M)`` except with probability `delta`. All that follows is on this event.

    *s >= 2.* ``|p^ - p|_s <= |p^ - p|_2 <= r``: the estimate is ``temper(p^)``, its error ``s r / |p^|_s``.

    *1 <= s < 2.* The estimate is tempered from b, which is p^ on the J most frequent categories and zero elsewhere:
    ``|p - b|_s <= J**(1/s - 1/2) r + m**(1/s) t**(1 - 1/s)``, with m = 1 - p^(J) + sqrt(J) r and t = (the next frequency) + r, which bound
    the mass of the rest and its largest probability. J is the best one, which costs nothing: all J hold on the one event.

    *T = 1.* The certificate need not bound a distance of laws: with A = {q > p}, a fixed set, ``TV(q, p) = q(A) - p(A)``, and one
    Clopper-Pearson bound for p(A) is enough (`verify.certificate.allowance`), as for q(A) in `tv_upper_bound`. The estimate is p^ itself.

    The error falls like 1/sqrt(M) for T <= 1/2 and near T = 1, more slowly between on wide supports. O(K log K).

    References
    ----------
    C. McDiarmid, "On the method of bounded differences", Surveys in Combinatorics (1989).

    Examples
    --------
    >>> target = estimated_target([600_000, 400_000], 0.5, delta=1e-6)
    >>> target.probs.round(3).tolist(), round(target.error, 3)
    ([0.692, 0.308], 0.013)
    """
    degree = arguments.temperature(temperature, maximum=1.0, zero=False)
    observed = category_counts(counts, np.size(counts))
    missed = arguments.rate(delta, "delta")
    s = 1.0 / degree
    size = int(observed.sum())
    frequencies = observed / size
    r = (1.0 + math.sqrt(-math.log(missed))) / math.sqrt(size)
    if s >= 2.0:
        error = s * r / _norm(frequencies, s)
        return EstimatedTarget(temper(frequencies, degree), min(1.0, error), min(1.0, error))
    kept, error = _truncation(frequencies, s, r)
    if degree == 1.0:
        return EstimatedTarget(frequencies, min(1.0, error), min(error, allowance(size, missed, int(observed.max()))))
    return EstimatedTarget(temper(kept / kept.sum(), degree), min(1.0, error), min(1.0, error))


def _truncation(frequencies: Floats, s: float, r: float) -> tuple[Floats, float]:
    """The best truncation of the frequencies for 1 <= s < 2, and the error of what is tempered from it."""
    order = np.argsort(-frequencies, kind="stable")
    order = order[: int(np.count_nonzero(frequencies))]
    ordered = frequencies[order]
    j = np.arange(1, ordered.size + 1)
    rest = np.minimum(1.0, np.maximum(0.0, 1.0 - np.cumsum(ordered)) + np.sqrt(j) * r)
    largest = np.minimum(1.0, np.append(ordered[1:], 0.0) + r)
    distance = j ** (1.0 / s - 0.5) * r + rest ** (1.0 / s) * largest ** (1.0 - 1.0 / s)
    errors = s * distance / np.cumsum(ordered**s) ** (1.0 / s)
    best = int(np.argmin(errors))
    kept = np.zeros_like(frequencies)
    kept[order[: best + 1]] = ordered[: best + 1]
    return kept, float(errors[best])


def _norm(vector: Floats, s: float) -> float:
    top = float(vector.max())
    total = float(((vector / top) ** s).sum())
    return top * math.exp(math.log(total) / s)
