import numpy as np
import pytest

import simtemp
import verify
from figures.certificate import certificate_data, draw_certificate, planned_curve


@pytest.fixture(scope="module")
def data():
    return certificate_data(["peaked9", "zipf:1000,1.1"], [0.5], size=200_000, runs=3, seed=2)


def test_the_planned_curve_meets_epsilon_where_a_right_sampler_is_half_certified(data):
    """At power 1/2 nothing is added for the spread: the curve passes through (required_samples, epsilon)."""
    for base, curve in data.curves.groupby("base"):
        target = simtemp.temper(simtemp.parse_base(str(base)).probs, 0.5)
        n = verify.required_samples(target, 0.02, 1e-6, power=0.5)
        assert 10 ** np.interp(np.log10(n), np.log10(curve["n"]), np.log10(curve["planned"])) == pytest.approx(
            0.02, rel=0.01
        )


def test_certificates_of_runs_are_close_to_the_plan_and_never_below_zero(data):
    for base, curve in data.curves.groupby("base"):
        mine = data.points[(data.points["base"] == base) & (data.points["n"] > 1000)]
        planned = np.exp(np.interp(np.log(mine["n"]), np.log(curve["n"]), np.log(curve["planned"])))
        assert np.abs(mine["tv_upper"] / planned - 1).max() < 0.5
    assert (data.points.groupby("run").size() == data.points.groupby("run").size().iloc[0]).all()


def test_needed_outputs_are_required_samples(data):
    target = simtemp.temper(simtemp.parse_base("peaked9").probs, 0.5)
    mine = data.needed[data.needed["base"] == "peaked9"]
    for row in mine.itertuples():
        assert row.n == verify.required_samples(target, row.epsilon, 1e-6, power=0.9)


def test_one_category_needs_no_allowance():
    assert (planned_curve(np.ones(1), 1000, 1e-6)["planned"] == 0).all()


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(data, narrow):
    figure = draw_certificate(data, narrow=narrow)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["peaked9, T = 0.5", "zipf:1000,1.1, T = 0.5"]
    said = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert "at most 10⁻⁶" in said
    assert "chance 90 %" in said
    assert "0.01 after" in said


@pytest.mark.parametrize(("given", "named"), [({"size": 5}, "size"), ({"delta": 0.0}, "delta"), ({"runs": 0}, "runs")])
def test_bad_arguments(given, named):
    with pytest.raises(ValueError, match=named):
        certificate_data(["two"], **given)
