"""The report in a real browser: whole, silent, as wide as its window, its tables sorted by mouse and by keyboard, its text readable."""

import itertools
import re

import pytest

pytestmark = pytest.mark.slow  # a whole report is made first

CELLS = "document.querySelectorAll('#exact table.rows')[0]"
MATRIX = "document.querySelector('#batch table.matrix')"
PAPER = {False: "rgb(244, 246, 249)", True: "rgb(14, 17, 22)"}

CONTRAST = """(() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((c, i) => a * c + (1 - a) * below[i]);
  const paper = element => element === null ? [255, 255, 255]
    : over(parse(getComputedStyle(element).backgroundColor), paper(element.parentElement));
  const light = colour => colour.map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + [.2126, .7152, .0722][i] * c, 0);
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest('svg, .unseen, script, style, option')) continue;
    const below = paper(element), ink = over(parse(getComputedStyle(element).color), below);
    const [high, low] = [light(ink), light(below)].sort((a, b) => b - a);
    found.push([(high + .05) / (low + .05), element.tagName + '.' + element.className + ' ' + element.textContent.slice(0, 40)]);
  }
  return found.sort((a, b) => a[0] - b[0]).slice(0, 5);
})()"""


@pytest.fixture(scope="module")
def text(report):
    return (report / "index.html").read_text()


def column(chromium, table, place, group="tBodies"):
    """The texts of a column, from top to bottom."""
    items = f"[...{table}.{group}]"
    return chromium.run(f"{items}.map(item => (item.rows ? item.rows[0] : item).cells[{place}].textContent.trim())")


def sorted_by(chromium, table):
    return chromium.run(
        f"[...{table}.tHead.querySelectorAll('th[aria-sort]')].map(th => [th.textContent.trim(), th.ariaSort])"
    )


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_page_is_whole_and_the_console_silent(report, text, chromium, width, dark):
    if chromium is None:
        assert text.count("<table") == text.count('<div class="scroll"><table')
        return
    chromium.open(report / "index.html", width=width, dark=dark)
    assert chromium.messages == []
    assert chromium.run("document.documentElement.scrollWidth - innerWidth") <= 0
    assert chromium.run("getComputedStyle(document.body).backgroundColor") == PAPER[dark]
    seen = (
        "[...document.querySelectorAll('.picture svg')].filter(svg => svg.getBoundingClientRect().height > 100).length"
    )
    assert chromium.run(seen) == text.count('role="img"') / 2
    chromium.run("for (const part of document.querySelectorAll('details')) part.open = true")
    assert chromium.run("document.documentElement.scrollWidth - innerWidth") <= 0
    wide = "[...document.querySelectorAll('table')].filter(t => t.offsetWidth > t.closest('.scroll').clientWidth)"
    if width == 390:
        assert chromium.run(f"{wide}.length") > 5  # they scroll in their boxes
    assert chromium.messages == []


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_has_the_contrast_it_needs(report, text, chromium, dark):
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    if chromium is None:
        assert "screen and (prefers-color-scheme:dark)" in text
        return
    chromium.open(report / "index.html", dark=dark)
    chromium.run("for (const part of document.querySelectorAll('details')) part.open = true")
    worst = chromium.run(CONTRAST)
    assert worst[0][0] >= 4.5, worst


def test_a_click_sorts_and_the_third_restores(report, text, chromium):
    if chromium is None:
        assert '<table class="rows sortable">' in text
        return
    chromium.open(report / "index.html")
    chromium.run(f"{CELLS}.closest('details').open = true")
    first = column(chromium, CELLS, 6)
    click = f"{CELLS}.tHead.rows[0].cells[6].querySelector('button').click()"
    rising = []
    for order in ("ascending", "descending"):
        chromium.run(click)
        assert sorted_by(chromium, CELLS) == [["draws, measured", order]]
        shown = column(chromium, CELLS, 6)
        assert sorted(shown) == sorted(first)
        known = [cell for cell in shown if cell != "–"]
        assert shown == known + ["–"] * (len(shown) - len(known))  # what is not known is last both ways
        rising = [float(cell.replace(",", "")) for cell in known]
        assert rising == sorted(rising, reverse=order == "descending")
        assert chromium.run("document.getElementById('announcement').textContent").endswith(
            f": sorted by draws, measured, {order}."
        )
    chromium.run(click)
    assert column(chromium, CELLS, 6) == first
    assert sorted_by(chromium, CELLS) == []
    assert chromium.messages == []


def test_keys_sort_and_rows_keep_their_commands(report, text, chromium):
    if chromium is None:
        assert "aria-sort" in text
        return
    chromium.open(report / "index.html")
    chromium.run(f"{CELLS}.closest('details').open = true")
    chromium.run(f"{CELLS}.tHead.rows[0].cells[0].querySelector('button').focus()")
    chromium.press("Tab", "Enter")
    assert sorted_by(chromium, CELLS) == [["T", "ascending"]]
    temperatures = list(map(float, column(chromium, CELLS, 1)))
    assert temperatures == sorted(temperatures)
    chromium.press("Space")
    assert sorted_by(chromium, CELLS) == [["T", "descending"]]
    chromium.press("Tab", "Tab", "Enter")
    assert sorted_by(chromium, CELLS) == [["verdict", "ascending"]]
    places = {"equivalent": 0, "inconclusive": 1, "reject": 2, "stopped": 3, "out of reach": 4}
    verdicts = [places[verdict] for verdict in column(chromium, CELLS, 3)]
    assert verdicts == sorted(verdicts)
    equal = [float(t) for t, v in zip(column(chromium, CELLS, 1), verdicts, strict=True) if v == 0]
    assert equal == sorted(equal, reverse=True)  # equal verdicts keep the order they had
    rows = chromium.run(f"[...{CELLS}.tBodies].map(body => [body.id, body.rows[1].textContent])")
    assert all(key.split("-")[3] in command for key, command in rows if key.startswith("exact-published"))
    assert chromium.messages == []


def test_a_matrix_sorts_by_what_its_marks_say(report, text, chromium):
    if chromium is None:
        assert "data-sort" in text
        return
    chromium.open(report / "index.html")
    chromium.run(f"{MATRIX}.tHead.rows[1].cells[1].querySelector('button').click()")
    shown = column(chromium, MATRIX, 1, "tBodies[0].rows")
    errors = [float(re.search(r"0(\.\d+)?", mark)[0]) for mark in shown]
    assert errors == sorted(errors)
    assert len(set(errors)) > 1


ORDERS = {
    "numbers": ["< 0.01 %", "0.01 %", "0.25 %", "2 %", "15 %", "100 %", "–"],
    "powers": [
        "−∞",
        "−1.50",
        "0",
        "> 0",
        "2.20 × 10⁻⁷",
        "10⁻⁶",
        "0.0123",
        "1,760",
        "1.66 × 10⁶",
        "1.5e16",
        "3 × 10¹⁶",
        "∞",
    ],
    "names": [
        "T = 0.15",
        "T = 0.2",
        "T = 1",
        "adaptive",
        "EDT, T0 = 1",
        "seed 2",
        "seed 10",
        "two:0.5",
        "two:0.8",
        "—",
    ],
    "pairs": ["0.730 [0.700, 0.750]", "0.8 ± 0.1", "0.900 (300)", "1.2 ★", "4 of 20", "300 – 500", ""],
}


@pytest.mark.parametrize("name", ORDERS)
def test_values_are_read_as_they_are_written(chromium, tmp_path, name):
    from figures.report.page import TEMPLATES

    wanted = ORDERS[name]
    if chromium is None:
        assert (TEMPLATES / "sorting.js").is_file()
        return
    rows = "".join(f"<tr><td>{cell.replace('<', '&lt;')}</td></tr>" for cell in wanted[1::2] + wanted[::2])
    table = (
        f'<table class="sortable"><caption>c</caption><thead><tr><th>x</th></tr></thead><tbody>{rows}</tbody></table>'
    )
    page = tmp_path / "table.html"
    script = (TEMPLATES / "sorting.js").read_text()
    page.write_text(f'<!doctype html><meta charset="utf-8">{table}<p id="announcement"></p><script>{script}</script>')
    chromium.open(page)
    chromium.run("document.querySelector('th button').click()")
    assert column(chromium, "document.querySelector('table')", 0, "tBodies[0].rows") == wanted
    chromium.run("document.querySelector('th button').click()")
    nothing = [cell for cell in wanted if cell in ("–", "—", "")]
    assert column(chromium, "document.querySelector('table')", 0, "tBodies[0].rows") == [
        *[cell for cell in reversed(wanted) if cell not in nothing],
        *nothing,
    ]
    assert chromium.messages == []


def test_the_first_key_skips_to_the_report(report, text, chromium):
    assert '<a class="skip" href="#main">' in text
    if chromium is None:
        return
    chromium.open(report / "index.html")
    chromium.press("Tab")
    assert chromium.run("document.activeElement.textContent") == "Skip to the report"
    assert chromium.run("document.activeElement.getBoundingClientRect().top") >= 0
    chromium.press("Enter")
    assert chromium.run("document.activeElement.id") == "main"


def test_what_a_screen_reader_is_told(report, text, chromium):
    """Landmarks with names, headings without a jump, no control or picture without a name."""
    if chromium is None:
        assert '<html lang="en">' in text
        return
    chromium.open(report / "index.html")
    nodes = [node for node in chromium.ask("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
    told = [(node["role"]["value"], node.get("name", {}).get("value", ""), node) for node in nodes]
    assert {"banner", "navigation", "main", "region"} <= {role for role, _, _ in told}
    named = ("region", "navigation", "table", "img", "button", "link", "slider", "combobox", "image", "heading")
    assert [role for role, name, _ in told if role in named and not name.strip()] == []
    levels = [
        prop["value"]["value"]
        for role, _, node in told
        if role == "heading"
        for prop in node["properties"]
        if prop["name"] == "level"
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert any(role == "slider" and name == "Temperature" for role, name, _ in told)
