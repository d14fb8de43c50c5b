import math
from dataclasses import replace

import numpy as np
import pytest

import simtemp
import verify
from figures.e_values import e_value_name
from figures.evidence import at_the_cost_of, draw_evidence, evidence_data, evidence_path, overcounting, repeating
from figures.verdict import draw_verdict


@pytest.fixture(scope="module")
def data():
    return evidence_data(["peaked9"], [0.4], runs=2, size=20_000, seed=1)


def last(data, sampler):
    return data.curves[data.curves["sampler"] == sampler].groupby("run").last()


@pytest.mark.slow
def test_right_runs_stay_below_the_line(data):
    """Ville: both, except with probability 2e-6."""
    assert (data.curves[data.curves["sampler"] == "right"]["log10_e"] < 6).all()
    assert (last(data, "right")["n"] == 20_000).all()


@pytest.mark.parametrize(("fault", "part"), [("exponent", "law"), ("repeats", "dependence"), ("cost", "cost")])
def test_each_fault_is_seen_by_its_own_part(data, fault, part):
    end = last(data, fault).loc[0]
    ends = {name: end[f"log10_{name}"] for name in ("law", "dependence", "cost")}
    assert max(ends, key=ends.get) == part
    assert end["log10_e"] > 6


def test_the_path_is_that_of_the_judge():
    target = simtemp.temper(simtemp.parse_base("peaked9").probs, 0.5)
    wrong = simtemp.temper(target, 0.8)

    def sampler(size, rng):
        return rng.choice(wrong.size, size=size, p=wrong)

    own = np.random.SeedSequence(3).spawn(1)[0]
    verdict = verify.check_sampler(sampler, target, rng=3)
    path = evidence_path(sampler, target, None, 10**7, 1e-6, own)
    rounds = len(verdict.trace)
    assert verdict.status == "REJECT"
    assert path["n"][:rounds] == [point.n for point in verdict.trace]
    assert path["log10_e"][:rounds] == pytest.approx([point.log_e / math.log(10) for point in verdict.trace])
    assert np.isnan(path["log10_cost"]).all()


def test_faults_change_what_they_say():
    def right(size, rng):
        return rng.integers(100, size=size), np.full(size, 10)

    def wrong(size, rng):
        return np.zeros(size, np.int64), np.full(size, 7)

    values, draws = repeating(right)(10_000, np.random.default_rng(0))
    assert 0.04 < np.mean(values[1:] == values[:-1]) < 0.08  # 1/20 and 1/100 of the rest
    assert (draws == 10).all()
    values, draws = overcounting(right)(10_000, np.random.default_rng(0))
    assert 10.4 < draws.mean() < 10.6
    values, draws = at_the_cost_of(right, wrong)(5, np.random.default_rng(0))
    assert values.tolist() == [0] * 5
    assert draws.tolist() == [10] * 5


def test_a_cost_that_is_not_known_is_not_drawn(data):
    unknown = replace(data, curves=data.curves.assign(log10_cost=math.nan))
    assert not any(text.get_text() == "cost" for axes in draw_evidence(unknown).axes for text in axes.texts)


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(data, narrow):
    figure = draw_evidence(data, narrow=narrow)
    assert len(figure.axes) == 4
    assert figure.axes[0].get_title(loc="left") == "collision on peaked9, T = 0.4"
    for axes in figure.axes:
        assert any(text.get_text() == "REJECT from 1/α = 10⁶" for text in axes.texts)


def test_names_of_e_values():
    assert [e_value_name(x) for x in (6.0, 2.0, math.log10(200), 300.0, 6.5)] == [
        "10⁶",
        "100",
        "200",
        "10³⁰⁰",
        "10^6.5",
    ]


SAMPLERS = {
    "EQUIVALENT": ([0.5, 0.5], {}),
    "REJECT": ([0.45, 0.55], {}),
    "INCONCLUSIVE": ([0.5, 0.5], {"epsilon": 1e-3, "max_samples": 5000, "alpha": 0.01}),
}


@pytest.mark.parametrize("status", SAMPLERS)
def test_a_verdict_is_drawn_with_its_levels(status, tmp_path):
    law, settings = SAMPLERS[status]
    verdict = verify.check_sampler(lambda size, rng: rng.choice(2, size=size, p=law), [0.5, 0.5], **settings)
    figure = draw_verdict(verdict, tmp_path / "verdict.png")
    above, below = figure.axes
    assert above.get_title(loc="left") == f"{status} after {verdict.n:,} outputs"
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "REJECT from 2/α = 200" in said if "alpha" in settings else "REJECT from 1/α = 10⁶" in said
    assert any("α = " in text and "δ = 10⁻⁶" in text for text in said)
    assert any("at most" in text for text in said)
    assert below.get_ylim()[0] < verdict.tv_empirical < below.get_ylim()[1]
    assert (tmp_path / "verdict.png").stat().st_size > 2000


@pytest.mark.parametrize("alpha", [1e-6, 1e-300, 0.3])
def test_what_is_impossible_can_be_drawn(alpha, tmp_path):
    verdict = verify.check_sampler(lambda size, rng: np.zeros(size, np.int64), [0.0, 1.0], alpha=alpha)
    assert math.isinf(verdict.log_e)
    draw_verdict(verdict, tmp_path / "a.svg")
    assert "law ∞" in (tmp_path / "a.svg").read_text()


def test_nothing_proved_and_nothing_off_can_be_drawn():
    verdict = verify.check_sampler(lambda size, rng: np.zeros(size, np.int64), [1.0])
    draw_verdict(verdict)
    draw_verdict(replace(verdict, tv_upper=0.0, tv_empirical=0.0))


def test_a_bad_ending_is_refused():
    verdict = verify.check_sampler(lambda size, rng: np.zeros(size, np.int64), [1.0])
    with pytest.raises(ValueError, match="output must end in"):
        draw_verdict(verdict, "a.gif")
