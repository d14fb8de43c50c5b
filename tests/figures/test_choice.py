import contextlib
import io
import json
import shlex

import pytest

import simtemp
from figures.choice import BUDGETS, FITS, NO_BUDGET, choice_data, draw_choice, in_short
from simtemp.cli import run


@pytest.fixture(scope="module")
def table():
    return choice_data(["peaked9"], size=2000, seed=3, max_draws=1e6).table


def field(table, temperature, budget):
    (row,) = table[(table["temperature"] == temperature) & (table["budget"] == budget)].to_dict("records")
    return row


def test_every_temperature_has_every_budget(table):
    assert len(table) == 6 * (len(BUDGETS) + 1)
    assert not table.duplicated(["base", "temperature", "budget"]).any()


def test_the_rule(table):
    """Exact where 99 % of the outputs fit, the duel inside the budget where not; one draw at 1; no claim of exactness above."""
    for row in table.to_dict("records"):
        if row["temperature"] == 1.0:
            assert (row["method"], row["mean_draws"]) == ("one draw", 1.0)
        elif row["temperature"] > 1.0:
            assert row["method"] == ("corrected" if row["budget"] else "chain")
            assert not row["exact"]
        else:
            needed = field(table, row["temperature"], NO_BUDGET)["draws_q99"]
            fits = not row["budget"] or needed <= row["budget"]
            assert (row["method"], row["exact"]) == (("duel", True) if fits else ("duel in N", False))
    assert field(table, 0.1, 50)["method"] == "duel in N"
    assert field(table, 0.1, 1000)["method"] == "duel"


def test_bounds_are_in_order_and_unfinished_duels_are_many_enough(table):
    assert (table["tv_lower"] <= table["tv_upper"]).all()
    cut = table[table["method"] == "duel in N"]
    assert len(cut) >= 3
    assert (cut["unfinished"] > (1 - FITS) / 3).all()
    assert (cut["tv_lower"] <= cut["unfinished"] + 1e-9).all()


def test_the_error_of_the_chain_is_exact(table):
    row = field(table, 2.0, NO_BUDGET)
    probs = simtemp.parse_base("peaked9").probs
    assert row["tv_upper"] == simtemp.total_variation(simtemp.chain_law(probs, 2.0, 20), simtemp.temper(probs, 2.0))
    assert row["mean_draws"] == simtemp.chain_draws(probs, 2.0, 20)


@pytest.mark.filterwarnings("ignore::simtemp.SupportWarning")
def test_commands_print_the_numbers(table, capsys):
    free = field(table, 0.1, NO_BUDGET)
    run([*shlex.split(free["command"])[1:], "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["mean_draws"] == free["mean_draws"]
    for row in (field(table, 0.1, 50), field(table, 2.0, 50), field(table, 2.0, NO_BUDGET)):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(shlex.split(row["command"])[2], "command", "exec"), {})
        numbers = [float(word) for word in said.getvalue().split()]
        expected = [row["tv_upper"], row["mean_draws"]]
        if row["method"] != "chain":
            expected = [row["unfinished"] if row["method"] == "duel in N" else 0.0, row["tv_lower"], row["tv_upper"]]
        assert numbers == pytest.approx(expected, abs=1e-15)


def test_a_base_with_quotes_survives_the_shell(tmp_path):
    path = tmp_path / "it's $mine.csv"
    path.write_text("value,count\na,3\nb,1\n")
    table = choice_data([f"file:{path}"], [0.1], [5], size=200).table
    assert repr(f"file:{path}") in shlex.split(table["command"][0])[2]


@pytest.mark.parametrize("narrow", [False, True])
def test_drawing(narrow):
    figure = draw_choice(choice_data(["two:0.8"], [1.0, 0.5, 2.0], [50], size=500), narrow=narrow)
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said.count("one draw") == said.count("exact duel") == 2
    assert "chain, 20 steps" in said
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["50", "no budget"]


def test_in_short():
    assert in_short({"exact": False, "tv_lower": 4.85e-5, "tv_upper": 4.85e-5}) == "TV 4.85 × 10⁻⁵"


@pytest.mark.parametrize(
    ("temperatures", "sizes", "message"), [([0.0], [20], "temperature"), ([0.5], [0], "batch_size")]
)
def test_bad_settings(temperatures, sizes, message):
    with pytest.raises(ValueError, match=message):
        choice_data(["two"], temperatures, sizes)
