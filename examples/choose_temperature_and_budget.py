"""Which temperature can I afford, and how many draws? Rejection rates, draws and the error of a budget, as a table and one picture.

    python examples/choose_temperature_and_budget.py [PICTURE.png]

Three questions about one base distribution. How many trials does the published sampler throw away? How many draws does an exact output
cost, by it and by the duel? And if only N draws are allowed: how far is the batch rule from the target, and how far at most the duel that
stops at N draws? To ask them of your own law, change `BASE`, `TEMPERATURES` and `BUDGETS`.
"""

import sys

import matplotlib

matplotlib.use("Agg")  # no window
from matplotlib import pyplot as plt

import simtemp

BASE = simtemp.parse_base("peaked9")  # "file:counts.csv", "zipf:1000,1.1", "text" and others: see the README
TEMPERATURES = (0.5, 0.25, 0.1)  # 1/T whole, as the published batch rule needs
BUDGETS = (50, 100, 200, 400, 800)
OUTPUTS = 10_000  # of each simulation: a share below 1/10,000 is not seen


def main(picture: str) -> None:
    probs = BASE.probs
    print(f"Base {BASE.name}, {len(BASE)} categories. Draws are the mean of an exact output.\n")
    print("   T   rejected   draws, published   draws, duel   no exact sampler below")
    for temperature in TEMPERATURES:
        duel = simtemp.simulate("duel", BASE, temperature, OUTPUTS).mean_draws
        print(
            f"{temperature:5.2f}   {simtemp.rejection_rate(probs, temperature):8.3%}"
            f"   {simtemp.expected_draws(probs, temperature):16,.0f}   {duel:11,.0f}"
            f"   {simtemp.draws_lower_bound(probs, temperature):22,.0f}"
        )

    print("\nWith N draws an output: total variation of the published rule (exact), and a bound on that of the duel.\n")
    print("   T      N   published rule   duel at most (share unfinished)")
    figure, panels = plt.subplots(1, len(TEMPERATURES), figsize=(11, 3.6), sharey=True, layout="constrained")
    for temperature, panel in zip(TEMPERATURES, panels, strict=True):
        target = simtemp.temper(probs, temperature)
        published, unfinished = [], []
        for budget in BUDGETS:
            law = simtemp.batch_law(probs, round(1 / temperature), budget)
            published.append(simtemp.total_variation(law, target))
            unfinished.append(simtemp.simulate("duel", BASE, temperature, OUTPUTS, budget=budget).unfinished)
            print(f"{temperature:5.2f}  {budget:5d}   {published[-1]:14.4f}   {unfinished[-1]:10.4f}")
        panel.loglog(BUDGETS, published, "o-", label="published rule, exact")
        panel.loglog(BUDGETS, [share or float("nan") for share in unfinished], "s--", label="duel in N draws, at most")
        panel.set(title=f"T = {temperature}", xlabel="N, draws an output")
    panels[0].set_ylabel("total variation from the target")
    panels[0].legend()
    figure.savefig(picture, dpi=120)
    print(f"\nwrote {picture}")
    print(
        "The smallest N whose line is below the error that you accept is your budget. The duel's line is an upper bound;"
    )
    print(
        f"0.0000: none of {OUTPUTS:,} outputs was unfinished, so with 95 % confidence fewer than {3 / OUTPUTS:.4f} are."
    )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "temperature_and_budget.png")
