"""Mean base draws an exact output: the duel sampler at every split, the published sampler, and the lower bound. Tables of docs/exact.md.

python benchmarks/duel.py
"""

from __future__ import annotations

import math

import simtemp

TEMPERATURES = (0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
BASES = (*simtemp.SUITE, "text")


def mean_draws(method: str, base: simtemp.Categorical, temperature: float) -> str:
    """Mean and standard error, within a budget of draws."""
    try:
        run = simtemp.simulate(method, base, temperature, 20_000, max_draws=100_000_000)
    except simtemp.DrawBudgetExceeded as stopped:
        if stopped.run is None or stopped.run.size < 100:
            return "out of reach"
        run = stopped.run
    return f"{run.mean_draws:.4g} ± {run.draws.std() / math.sqrt(run.size):.1g}"


def main() -> None:
    for temperature in TEMPERATURES:
        print(f"\nT = {temperature:g}")
        for name in BASES:
            base = simtemp.parse_base(name)
            published = simtemp.expected_draws(base.probs, temperature)
            early = simtemp.expected_draws(base.probs, temperature, early_exit=True)
            bound = simtemp.draws_lower_bound(base.probs, temperature)
            splits = simtemp.tune_split(base, temperature, pilot_draws=500_000).mean_draws
            by_split = " ".join(f"{split}:{cost:.4g}" for split, cost in splits.items() if math.isfinite(cost))
            print(
                f"  {name:18s} published {published:9.4g}  early exit {early:9.4g}  duel {mean_draws('duel', base, temperature):>16s}  "
                f"accepted {mean_draws('accepted', base, temperature):>16s}  bound {bound:8.4g}  by split {by_split}",
                flush=True,
            )


if __name__ == "__main__":
    main()
