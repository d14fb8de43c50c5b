"""Is my sampler right? Two samplers of the same law are judged: a right one and one with a small fault.

    python examples/check_your_sampler.py

To check your own: change `BASE` and `TEMPERATURE` to the law that it should have, and `mine` to call it. A sampler is a function of
(size, rng) that returns `size` independent outputs as category indices 0, ..., K-1, with all its randomness from `rng`.
"""

import numpy as np

import simtemp
import verify

BASE = simtemp.parse_base(
    "zipf:100,1.1"
)  # or simtemp.parse_base("file:counts.csv"), or a list of probabilities in simtemp.as_base
TEMPERATURE = 0.8
TARGET = simtemp.temper(BASE.probs, TEMPERATURE)

EPSILON = 0.02  # accept no sampler that is further than this from the target, in total variation
ERROR_RATE = 1e-6  # of a wrong verdict, either way


def right(size: int, rng: np.random.Generator) -> np.ndarray:
    """The target itself."""
    return rng.choice(TARGET.size, size=size, p=TARGET)


def mine(size: int, rng: np.random.Generator) -> np.ndarray:
    """A common fault: the ten rarest values never come out, as after a "top k" that somebody forgot."""
    kept = np.where(np.argsort(np.argsort(TARGET)) >= 10, TARGET, 0.0)
    return rng.choice(TARGET.size, size=size, p=kept / kept.sum())


def main() -> None:
    needed = verify.required_samples(TARGET, EPSILON, ERROR_RATE)
    print(
        f"To prove a sampler of {BASE.name} at T = {TEMPERATURE} to be within {EPSILON} takes about {needed:,} outputs.\n"
    )
    for name, sampler in (("right", right), ("mine", mine)):
        verdict = verify.check_sampler(
            sampler, TARGET, epsilon=EPSILON, alpha=ERROR_RATE, delta=ERROR_RATE, max_samples=2_000_000
        )
        print(f"{name}: {verdict.status} after {verdict.n:,} outputs")
        print(f"  {verdict.sentence}")
    print("\nIn a test suite the same is one line: verify.assert_unbiased(mine, TARGET, epsilon=0.02)")


if __name__ == "__main__":
    main()
