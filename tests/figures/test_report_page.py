"""The report as its reader gets it: complete, self-contained, and every command in it true."""

import json
import re
import shlex
import sys
from html.parser import HTMLParser

import pytest

from simtemp.cli import build_app, run

pytestmark = pytest.mark.slow  # a whole report is made first

JUDGE = ("nulls", "evidence", "certificate", "detection")
ADAPTIVE = tuple(f"adaptive-{name}" for name in ("scores", "kinds", "places", "learning", "world"))
PICTURES = ("shapes", "rejection", "cost", "draws", "error", "rules", "spread", "choice", *JUDGE, *ADAPTIVE)
SVG = "http://www.w3.org/2000/svg"
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Elements, their attributes and text, and whether they are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.codes, self.problems = [], [], [], []
        self.feed(text)
        self.problems += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag == "code":
            self.codes.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes another element")

    def handle_data(self, data):
        if self.open and self.open[-1] == "code":
            self.codes[-1] += data


@pytest.fixture(scope="session")
def text(report):
    return (report / "index.html").read_text()


@pytest.fixture(scope="session")
def page(text):
    return Page(text)


@pytest.fixture(scope="session")
def results(report):
    return json.loads((report / "results.json").read_text())


def test_the_folder(report):
    names = {file.name for file in report.iterdir()}
    pictures = {f"{name}.{ending}" for name in PICTURES for ending in ("svg", "png")}
    assert names == {"index.html", "results.json"} | pictures


def test_results_have_their_keys(results):
    assert results["complete"] is True
    asked = {"format", "command", "seed", "quick", "threads", "alpha", "delta", "effort", "bases"}
    assert asked | {"seconds", "versions", "summary", "cells", "figures", "gallery", "complete"} | {
        "explorer",
        "adaptive",
    } == set(results)
    for cell in results["cells"]:
        cell_keys = {
            "key",
            "method",
            "variant",
            "base",
            "categories",
            "temperature",
            "options",
            "epsilon",
            "alpha",
            "delta",
            "seed",
        }
        cost = {"expected_draws", "needed_draws", "mean_draws", "draws_error", "draws_z", "seconds"}
        verdict = {"status", "reason", "n", "tv_upper", "tv_lower", "tv_empirical", "log_e", "sentence"}
        more = {"tv_exact", "effective_temperature", "tv_bound", "bound_outputs", "commands", "sampler"}
        assert cell_keys | cost | verdict | more == set(cell)
    assert set(results["figures"]) == set(PICTURES)
    for figure in results["figures"].values():
        assert {"command", "files", "alternative", "caption", "data"} <= set(figure)
        columns = next(value for value in figure["data"].values() if isinstance(value, dict) and value)
        assert len({len(column) for column in columns.values()}) == 1


def test_the_page_asks_for_nothing_from_outside(page, text):
    assert page.problems == []
    for tag, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "srcset", "data", "action"):
            target = attributes.get(name)
            assert target is None or target.startswith(("#", "data:")) or target == "results.json", (tag, target)
    assert set(re.findall(r"https?://[^\"' ]*", text)) == {SVG}  # a name in the explorer's script, and no address
    assert not re.search(r"@import|<script[^>]*\bsrc=|\bfetch\(|XMLHttpRequest|\bimport\(", text)
    assert not re.search(r"url\((?!#)", text)


def test_every_id_is_there_once_and_every_link_leads_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.elements:
        if tag == "a" and attributes["href"].startswith("#"):
            assert attributes["href"][1:] in ids


def test_every_picture_has_a_text_alternative(page):
    pictures = [attributes for tag, attributes in page.elements if tag == "div" and attributes.get("role") == "img"]
    assert len(pictures) == 2 * (len(PICTURES) - 1)  # the choice is a table; each for a wide and for a narrow page
    assert all(len(attributes["aria-label"]) > 80 for attributes in pictures)


def test_the_first_lines_name_the_unbiased_and_the_biased(text, results):
    top = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text[text.index("<header>") : text.index('<section id="exact"')]))
    assert "Unbiased: collision and duel samplers" in top
    assert "Biased: batch sampler" in top
    for bound in results["summary"]["certified"]:
        assert f"{bound['epsilon']:g}" in top
    assert "In short: the exact samplers are unbiased: all " in top
    worst = max(cell["tv_exact"] for cell in results["cells"] if cell["tv_exact"] is not None)
    assert f"up to {worst:.2f}" in top


def test_cells_out_of_reach_are_shown_with_their_cost(text, results):
    left_out = [cell for cell in results["cells"] if cell["status"] == "NOT RUN"]
    assert {cell["reason"] for cell in left_out} == {"out of reach"}
    assert any(cell["base"] == "uniform:10" and cell["temperature"] == 0.1 for cell in left_out)
    assert "1.00 × 10¹⁰ draws" in text
    assert all(cell["mean_draws"] is None and cell["expected_draws"] > 0 for cell in left_out)


def test_duels_are_judged_too(text, results):
    duels = [cell for cell in results["cells"] if cell["sampler"] == "duel"]
    assert {cell["temperature"] for cell in duels} == {0.7, 0.3, 0.2, 0.1}
    assert {cell["status"] for cell in duels} <= {"EQUIVALENT", "NOT RUN"}
    assert all("verify duel --base" in cell["commands"]["verify"] and cell["draws_z"] is None for cell in duels)
    assert "The duel sampler is exact down to T = 0.1" in text


def test_the_choice_of_a_method_is_a_table_with_all_its_commands(text, results):
    table = results["figures"]["choice"]["data"]["table"]
    assert len(table["method"]) == 3 * 6 * 4
    part = text[text.index("Which method?") : text.index("Numbers and commands")]
    for said in ("exact duel", "duel in budget", "one draw", "corrected batch", "chain, 20 steps", "no budget", "TV ≤"):
        assert said in part


def test_the_judge_is_judged_on_planted_faults(text, results):
    rows = {row["name"]: row for row in results["gallery"]["rows"]}
    assert {name: row["status"] for name, row in rows.items()} == {
        "normaliser-not-tempered": "REJECT",
        "every-output-twice": "REJECT",
        "inverse-cdf": "EQUIVALENT",
    }
    assert all(row["ok"] and "seconds" not in row for row in rows.values())
    part = text[text.index("Can the judge be trusted?") : text.index("How this was made")]
    for row in rows.values():
        for said in (row["name"], row["mistake"], f"{row['n']:,}"):
            assert said in part
    assert "2 of 2 wrong samplers rejected" in part
    for name in JUDGE:
        assert results["figures"][name]["title"] in part
        assert "--base" not in results["figures"][name]["command"]  # its bases are not those of the report


def test_results_of_adaptive_decoding_have_their_section(report, text, results, adaptive_results):
    part = text[text.index("Adaptive decoding: which temperature where") : text.index("Can the judge be trusted?")]
    assert part.index("does not hold") < part.index("<figure>")
    assert "4 of 5 claims hold. Not evaluated: repeats; voting; constrained, CALM." in part
    assert part.count('role="img"') == 2 * len(ADAPTIVE)
    assert f"simtemp plot adaptive-world --results {adaptive_results} -o adaptive-world.svg" in part
    assert results["command"].endswith(f"--quick --adapt {adaptive_results}")
    assert results["adaptive"]["tasks"]["mixed"]["policies"][0]["score"] == 0.8
    assert (report / "adaptive-places.png").stat().st_size > 2000


def test_parts_of_the_page_come_in_the_order_they_are_read(page):
    ids = [attributes["id"] for tag, attributes in page.elements if tag == "section"]
    assert ids == ["verdicts", "exact", "batch", "cost", "error", "choice", "explore", "adaptive", "judge", "made"]


def test_tables_have_captions_and_headings_a_scope(page):
    tags = [tag for tag, _ in page.elements]
    assert tags.count("caption") == tags.count("table") > 10
    assert all(
        attributes.get("scope") in ("col", "row", "colgroup") for tag, attributes in page.elements if tag == "th"
    )


def test_every_cell_is_in_the_page(text, results):
    for cell in results["cells"]:
        assert f'id="{re.sub(r"[^A-Za-z0-9.-]+", "-", cell["key"])}"' in text


def test_every_number_in_the_page_is_that_of_the_results(page, results):
    """Every command of the results is in the page, and the page has no other."""
    expected = {command for cell in results["cells"] for command in cell["commands"].values()}
    expected |= set(results["figures"]["choice"]["data"]["table"]["command"])
    expected |= {figure["command"] for figure in results["figures"].values()} | {results["command"]}
    expected.add(results["gallery"]["command"])
    tasks = results["adaptive"]["tasks"].values()
    expected |= {task["command"] for task in tasks} | {results["adaptive"]["world"]["command"]}
    assert set(page.codes) == expected


def test_every_command_can_be_read_by_the_command_line(page):
    import typer

    application = typer.main.get_command(build_app())
    for code in set(page.codes):
        words = shlex.split(code)
        if words[0] == "python":
            compile(words[2], "command", "exec")
            continue
        assert words[0] == "simtemp"
        command = application.commands[words[1]]
        command.make_context(words[1], words[2:])  # raises on an unknown option


def test_commands_of_cells_give_their_numbers(results, capsys):
    def told(words):
        run([*shlex.split(words)[1:], "--json"])
        return json.loads(capsys.readouterr().out)

    cells = {cell["key"]: cell for cell in results["cells"]}
    exact = ("exact/published/peaked9/0.4", "exact/early exit/two:0.8/0.2", "exact/duel/peaked9/0.1")
    for key in (*exact, "batch/N = 20/peaked9/0.5"):
        again = told(cells[key]["commands"]["verify"])
        for name in ("status", "n", "tv_upper", "tv_lower", "log_e", "mean_draws"):
            assert again[name] == cells[key][name]
    cell = cells["batch/N = 20/peaked9/0.5"]
    law = told(cell["commands"]["law"])
    assert law["tv"] == pytest.approx(cell["tv_exact"], abs=1e-14)
    assert law["effective_temperature"] == pytest.approx(cell["effective_temperature"], rel=1e-9)
    exec(compile(shlex.split(cell["commands"]["bound"])[2], "command", "exec"), {})
    assert float(capsys.readouterr().out) == cell["tv_bound"]


def test_the_command_of_a_picture_draws_that_picture(report, results, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("shapes", "rejection"):
        words = shlex.split(results["figures"][name]["command"])
        assert run(words[1:]) == 0
        assert (tmp_path / f"{name}.svg").read_bytes() == (report / f"{name}.svg").read_bytes()
    capsys.readouterr()


def test_python_is_the_one_that_runs_the_tests(results):
    assert results["versions"]["python"] == sys.version.split()[0]
