"""Where the fraction of the exponent goes, how the split is chosen, and that neither changes the law."""

import numpy as np
import pytest

import simtemp
import verify
import verify.sampler
from simtemp.methods import default_fraction, default_split
from simtemp.samplers import draw_one
from simtemp.samplers.coin import power_coin
from simtemp.samplers.duel import Duel, duel_state
from simtemp.sources import buffer_source

UNLIMITED = np.array([2**62])


def test_a_coin_at_the_end_keeps_or_discards_the_whole_output() -> None:
    maker = np.random.default_rng(71)
    discarded = 0
    for seed in range(150):
        recorded = maker.choice(3, p=[0.5, 0.3, 0.2], size=400)
        rng, source, value, spent = np.random.default_rng(seed), buffer_source(recorded), -1, 0
        while True:
            value, draws = draw_one(Duel(1, 0.0, 2, duel_state(3, 2)), source, rng, UNLIMITED)
            spent += draws
            if value < 0:
                break
            outcome, flips = power_coin(source, rng, value, 0.4, 2**62)
            spent += flips
            if outcome != 0:
                value = value if outcome == 1 else -1
                break
            discarded += 1
        kernel = draw_one(
            Duel(1, 0.0, 2, duel_state(3, 2), 0.4), buffer_source(recorded), np.random.default_rng(seed), UNLIMITED
        )
        assert kernel == (value, spent)
    assert discarded > 20


@pytest.mark.parametrize("coupling", ["past", "stream"])
@pytest.mark.parametrize(("fraction", "split"), [("last", 1), ("last", 2), ("proposal", 1), ("proposal", 3)])
def test_the_law_is_the_same_wherever_the_fraction_goes(fraction: str, split: int, coupling: str) -> None:
    judged = verify.sampler.simulated("duel", "near", 0.3, fraction=fraction, split=split, coupling=coupling)
    target = simtemp.temper(judged.base.probs, 0.3)
    assert verify.check_sampler(judged, target, epsilon=0.02, rng=3).status == "EQUIVALENT"


def test_a_coin_left_out_is_found() -> None:
    """Planted fault: floor(1/T) for 1/T."""
    judged = verify.sampler.simulated("duel", "near", 1 / 3)
    assert verify.check_sampler(judged, simtemp.temper(judged.base.probs, 0.3), rng=3).status == "REJECT"


def test_default_splits() -> None:
    table = {(1, 0.5): (1, "proposal"), (2, 0.0): (2, "proposal"), (2, 0.9): (2, "proposal"), (3, 0.0): (1, "last")}
    table |= {(3, 0.4): (1, "last"), (3, 0.7): (1, "proposal"), (10, 0.0): (2, "proposal"), (10, 0.9): (1, "proposal")}
    for (n, alpha), expected in table.items():
        assert (default_split(n, alpha), default_fraction(n, alpha)) == expected


@pytest.mark.slow
def test_the_tuner_finds_the_cheapest_split() -> None:
    tuned = simtemp.tune_split("two", 0.1, pilot_draws=500_000)
    assert tuned.split in (3, 4)  # 117.0 and 115.6 draws: closer than the pilot can tell; 2 costs 135
    assert set(tuned.mean_draws) == set(range(1, 9))
    assert tuned.mean_draws[2] == pytest.approx(135, rel=0.05)
    assert tuned == simtemp.tune_split("two", 0.1, pilot_draws=500_000)


def test_a_pilot_that_ends_nothing_falls_back_on_the_rule() -> None:
    tuned = simtemp.tune_split("uniform:1000", 0.05, pilot_draws=1000)
    assert tuned.split == 2
    assert set(tuned.mean_draws.values()) == {np.inf}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"split": 0}, "split"),
        ({"split": 11}, "split"),
        ({"split": 1.5}, "split"),
        ({"fraction": "first"}, "fraction"),
        ({"coupling": "future"}, "coupling"),
        ({"budget": 0}, "budget"),
        ({"budget": 100, "coupling": "stream"}, "coupling"),
        ({"budget": 100, "rule": "magic"}, "rule"),
        ({"rule": "corrected"}, "budget"),
        ({"steps": 3}, "steps"),
    ],
)
def test_bad_options(options: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        simtemp.simulate("duel", "peaked9", 0.1, 10, **options)  # type: ignore[arg-type]
