import numpy as np
import pytest

from figures import nulls
from figures.nulls import draw_nulls, nulls_data, p_value_levels


@pytest.fixture(scope="module")
def data():
    """The band is left by a right test with probability 1e-6."""
    return nulls_data(["zipf:100,1.1"], [0.5], size=160, tables=199, seed=1, coverage=1 - 1e-6)


def share(data, test):
    return data.curves[data.curves["test"] == test]["share"].to_numpy()


def test_the_exact_test_stays_below_the_band(data):
    """Below: ties between null tables make small p-values rarer, never more frequent."""
    assert (share(data, "right") <= data.band["high"].to_numpy()).all()
    assert (np.diff(share(data, "right")) >= 0).all()
    assert share(data, "right")[-1] > 0.9


def test_chi_square_quantiles_leave_it(data):
    """Planted fault: textbook quantiles where most categories are rarer than one in a thousand."""
    assert (share(data, "chi-square") > data.band["high"].to_numpy()).any()


def test_a_wrong_exponent_leaves_it(data):
    assert (share(data, "wrong") > data.band["high"].to_numpy()).any()


def test_null_tables_of_another_size_leave_it(monkeypatch):
    """Planted fault: counts that are tested at twice their number of outputs."""
    import verify

    honest = verify.test_counts
    monkeypatch.setattr(verify, "test_counts", lambda counts, *rest: honest(2 * counts, *rest))
    data = nulls_data(["peaked9"], [0.5], size=160, tables=199, coverage=1 - 1e-6)
    assert (share(data, "right") > data.band["high"].to_numpy()).any()


def test_levels_are_those_of_the_test():
    levels = p_value_levels(999)
    assert levels[0] == 0.005
    assert levels[-1] == 0.999
    assert np.allclose(levels * 1000, np.round(levels * 1000))
    assert (np.diff(p_value_levels(5)) > 0).all()


def test_same_seed_same_numbers_whatever_else_is_drawn():
    alone = nulls_data(["two:0.8"], size=8, tables=19).curves
    beside = nulls_data(["peaked9", "two:0.8"], size=8, tables=19).curves
    again = beside[beside["base"] == "two:0.8"].reset_index(drop=True)
    assert again.equals(alone)


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(data, narrow):
    figure = draw_nulls(data, narrow=narrow)
    said = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert f"{100 * data.coverage:g} % band" in said
    assert "160 runs of 1,000 outputs, B = 199" in said
    assert all(name in said for name, _ in nulls.TESTS.values())


@pytest.mark.parametrize(
    ("given", "named"), [({"size": 3}, "size"), ({"tables": 0}, "B"), ({"coverage": 1.0}, "coverage")]
)
def test_bad_arguments(given, named):
    with pytest.raises(ValueError, match=named):
        nulls_data(["two"], **given)


def test_one_category_has_no_test():
    with pytest.raises(ValueError, match="base must have at least two categories"):
        nulls_data(["probs:1.0"])
