"""The explorer: its numbers are those of the functions they are named after, and its controls show them."""

import html
import json
import math
import re
import shlex
import shutil
import subprocess
from dataclasses import asdict, replace

import numpy as np
import pytest

import simtemp
from figures.explorer import BASES, FULL, QUICK, SHOWN, Grid, duel_cost, explorer_base, grid_of
from figures.report.explorer import duel_draws, duel_note, explorer_section, off, rejection, visible
from figures.report.write import write_report

SMALL = Grid(30, (1 / 7, 0.4, 0.5, 1.0), (20, 200))


@pytest.fixture(scope="module")
def peaked():
    return explorer_base(simtemp.parse_base("peaked9"), SMALL, seed=3)


def test_exact_numbers_are_those_of_their_functions(peaked):
    probs = simtemp.parse_base("peaked9").probs
    assert [step.temperature for step in peaked.temperatures] == list(SMALL.temperatures)
    for step in peaked.temperatures:
        t = step.temperature
        assert step.law == tuple(simtemp.temper(probs, t))
        assert step.acceptance == simtemp.acceptance_rate(probs, t)
        assert step.rejection == simtemp.rejection_rate(probs, t)
        assert step.published == simtemp.expected_draws(probs, t)
        assert step.early_exit == simtemp.expected_draws(probs, t, early_exit=True)
        assert step.floor == simtemp.draws_lower_bound(probs, t)
        assert [batch.batch_size for batch in step.batches] == list(SMALL.batch_sizes)


def test_the_batch_is_the_published_rule_where_it_is_defined(peaked):
    probs = simtemp.parse_base("peaked9").probs
    for step in peaked.temperatures:
        n = round(1 / step.temperature)
        assert step.rule == ("falling" if step.temperature == 0.4 else "published")
        for batch in step.batches if step.rule == "published" else ():
            law = simtemp.batch_law(probs, n, batch.batch_size)
            assert batch.law == tuple(law)
            assert batch.tv == simtemp.total_variation(law, simtemp.temper(probs, step.temperature))
            assert batch.effective_temperature == simtemp.effective_temperature(law, probs)


@pytest.mark.parametrize("temperature", [1 / 7, 0.4])
def test_the_error_is_that_of_the_command_shown(peaked, temperature, capsys):
    from simtemp.cli import run

    step = next(step for step in peaked.temperatures if step.temperature == temperature)
    shown = next(
        step for step in explorer_section([peaked])["bases"][0]["temperatures"] if step["value"] == temperature
    )
    assert run([*shlex.split(shown["law_command"])[1:], "--batch-size", "20", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["tv"] == step.batches[0].tv
    assert printed["effective_temperature"] == step.batches[0].effective_temperature
    assert printed["rule"] == step.rule == shown["rule"]


def test_categories_beyond_those_shown_are_one_more():
    base = simtemp.parse_base("zipf:20,1")
    found = explorer_base(base, Grid(30, (1.0,), (20,)))
    step = found.temperatures[0]
    assert found.labels == tuple(map(str, range(SHOWN)))
    for law in (found.probs, step.law, step.batches[0].law):
        assert len(law) == SHOWN + 1
        assert math.fsum(law) == pytest.approx(1.0, abs=1e-12)
    assert found.probs[-1] == base.probs[SHOWN:].sum()
    assert explorer_section([found])["bases"][0]["labels"][-1] == "8 others"


def test_categories_that_cannot_come_are_not_there():
    found = explorer_base(simtemp.as_base([0.2, 0.0, 0.8]), Grid(30, (0.5,), (2,)))
    assert found.labels == ("2", "0")
    assert found.categories == 2
    assert found.probs == (0.8, 0.2)


def test_the_cost_of_a_duel_is_exact_where_it_is_known():
    assert duel_cost(simtemp.parse_base("two:0.8"), 0.1, 0).mean == simtemp.cost_law("duel", "two:0.8", 0.1).mean
    peaked9 = simtemp.parse_base("peaked9")
    assert duel_cost(peaked9, 0.5, 0).mean == simtemp.expected_draws(peaked9.probs, 0.5)
    assert duel_note(duel_cost(peaked9, 0.5, 0)) == "exact"


def test_the_cost_of_a_duel_is_else_that_of_the_command_shown(peaked, capsys):
    from simtemp.cli import run

    step = peaked.temperatures[0]
    command = explorer_section([peaked])["bases"][0]["temperatures"][0]["commands"][1]
    assert step.duel.outputs >= 50
    assert run([*shlex.split(command)[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mean_draws"] == step.duel.mean


def test_what_is_too_dear_is_not_run():
    assert duel_cost(simtemp.parse_base("uniform:1000"), 0.2, 0) is None
    assert (duel_draws(None), duel_note(None)) == ("not run", "too dear for a short run")


@pytest.mark.parametrize(("base", "temperature"), [("two:0.8", 0.05), ("peaked9", 0.5)])
def test_the_command_of_the_closed_forms_prints_them(base, temperature, capsys):
    found = explorer_base(simtemp.parse_base(base), Grid(30, (temperature,), (20,)))
    program = shlex.split(explorer_section([found])["bases"][0]["temperatures"][0]["commands"][0])[2]
    exec(compile(program, "command", "exec"), {})
    printed = capsys.readouterr().out
    step = found.temperatures[0]
    for value in (step.rejection, step.published, step.early_exit, step.floor, step.duel.mean):
        assert repr(float(value)) in printed


def test_a_rejection_rate_near_one_keeps_its_digits():
    assert rejection(1e-3, 0.999) == "99.90 %"
    assert rejection(6.8e-17, 1.0) == "100 % − 6.80 × 10⁻¹⁵ %"


def test_no_error_is_zero():
    assert off(3e-16) == "0"
    assert off(0.03551) == "0.0355"


def test_white_space_is_visible():
    assert visible("  a\t\n") == "␣␣a⇥⏎"


def test_a_uniform_base_has_any_temperature():
    found = explorer_base(simtemp.parse_base("uniform:4"), Grid(30, (0.5,), (20,)))
    batch = explorer_section([found])["bases"][0]["temperatures"][0]["batches"][0]
    assert (batch["tv"], batch["warm"]) == ("0", "any T")


def test_every_base_has_a_grid():
    for name in BASES:
        assert grid_of(simtemp.parse_base(name).probs, FULL) is not None
    assert grid_of(simtemp.parse_base("text").probs, QUICK) is None  # its laws take seconds
    assert grid_of(simtemp.parse_base("zipf:1000,1.1").probs, FULL) is None


def test_grids_rise_and_hold_the_default():
    for grid in (*FULL, *QUICK):
        assert list(grid.temperatures) == sorted(set(grid.temperatures))
        assert list(grid.batch_sizes) == sorted(set(grid.batch_sizes))
        assert 0.2 in grid.temperatures
        assert 200 in grid.batch_sizes


def test_the_page_holds_less_than_400_kilobytes(peaked):
    """As many bases and steps as a whole report has, with the widest law of each."""
    fine = FULL[0]
    step = replace(peaked.temperatures[0], law=(0.123456,) * (SHOWN + 1))
    step = replace(step, batches=tuple(replace(step.batches[0], law=step.law) for _ in fine.batch_sizes))
    whole = replace(peaked, temperatures=(step,) * len(fine.temperatures))
    section = explorer_section([whole] * len(BASES))
    assert len(json.dumps(section).encode()) < 400_000


def test_one_category_alone():
    found = explorer_base(simtemp.parse_base("probs:1.0"), Grid(30, (0.1, 1.0), (20,)))
    step = explorer_section([found])["bases"][0]["temperatures"][0]
    assert (step["rejection"], step["published"], step["duel"], step["batches"][0]["tv"]) == (
        "0.00 %",
        "10.00 draws",
        "10.00 draws",
        "0",
    )


def test_no_bases_no_section():
    assert explorer_section([]) is None


HARNESS = """<script>addEventListener('load', () => {
  const at = name => document.getElementById('explore-' + name), read = name => at(name).textContent;
  const choose = (name, value) => { at(name).value = value; at(name).dispatchEvent(new Event('input')); };
  const seen = [], took = [];
  for (let base = 0; base < at('base').options.length; base++) {
    choose('base', base);
    for (let t = 0; t <= at('temperature').max; t++) for (let n = 0; n <= at('size').max; n++) {
      const began = performance.now();
      choose('temperature', t);
      choose('size', n);
      document.body.getBoundingClientRect();
      took.push((performance.now() - began) / 2);
      seen.push({
        base: at('base').selectedOptions[0].textContent, t, n, tv: read('tv'), warm: read('warm'), published: read('published'),
        duel: read('duel'), floor: read('floor'), rejection: read('rejection'), said: read('said'),
        valuetext: [at('temperature').getAttribute('aria-valuetext'), at('size').getAttribute('aria-valuetext')],
        widths: [...at('law').querySelectorAll('rect.target')].map(bar => bar.getAttribute('width')),
        commands: [...at('commands').children].map(code => code.textContent)
      });
    }
  }
  const labelled = [...document.querySelectorAll('.explorer select, .explorer input')].every(control => control.labels.length);
  const table = document.querySelector('.explorer .scroll'), cut = table.scrollWidth - table.clientWidth;
  const over = document.documentElement.scrollWidth - innerWidth;
  const found = {seen, took, labelled, over, cut, width: innerWidth, shown: at('base').getBoundingClientRect().height > 0};
  parent.document.getElementById('found').textContent = JSON.stringify(found);
})</script></body>"""


@pytest.fixture(scope="module")
def explored(tmp_path_factory, tiny):
    """The folder of a report whose explorer has two bases."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("explored")
    effort = replace(tiny, explorer=(SMALL,), seconds=60.0, cell_draws=1e3, faults=())
    with patch.context() as patched:
        patched.setattr("figures.report.write.chosen_pictures", lambda *_arguments: [])
        write_report(
            folder, bases=["two:0.8", "peaked9", "zipf:1000,1.1"], seed=3, quick=True, threads=1, effort=effort
        )
    return folder


@pytest.mark.slow
def test_results_hold_the_numbers(explored, peaked):
    found = json.loads((explored / "results.json").read_text())["explorer"]
    assert [own["base"] for own in found] == ["two:0.8", "peaked9"]
    assert found[1] == json.loads(json.dumps(asdict(peaked)))


@pytest.mark.slow
def test_the_page_asks_for_nothing_and_says_what_it_needs(explored):
    text = (explored / "index.html").read_text()
    part = text[text.index('<section id="explore">') :]
    part = part[: part.index("</section>")]
    assert "<noscript>" in part
    assert not re.search(r"<script[^>]*\bsrc=|\bfetch\(|XMLHttpRequest|\bimport\(|@import", text)
    assert set(re.findall(r"https?://[^\"' ]*", part)) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.slow
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_in_a_browser_every_step_shows_its_numbers(explored, peaked, tmp_path, width, dark):
    """In headless Chromium where there is one; a window of it cannot be as narrow as a phone, so the page stands in a frame.

    Without a browser the same numbers are read from the page's data.
    """
    text = (explored / "index.html").read_text()
    two = explorer_base(simtemp.parse_base("two:0.8"), SMALL, seed=3)
    section = explorer_section([two, peaked])
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if browser is None:
        data = re.search(r'<script type="application/json" id="explorer-data">(.*?)</script>', text)[1]
        assert json.loads(data) == json.loads(json.dumps(section))
        return
    page = html.escape(text.replace("</body>", HARNESS))
    probe = tmp_path / "probe.html"
    probe.write_text(
        f'<meta charset="utf-8"><pre id="found"></pre><iframe width="{width}" height="3000" srcdoc="{page}"></iframe>'
    )
    done = subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr", "--v=0",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=1400,3000", "--dump-dom", probe.as_uri(),
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    found = json.loads(html.unescape(re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)[1]))
    assert found["labelled"]
    assert found["shown"]
    assert found["over"] <= 0
    assert found["cut"] <= 0
    assert found["width"] == width
    assert np.median(found["took"]) < 50  # milliseconds a step
    seen = iter(found["seen"])
    for own in section["bases"]:
        for t, step in enumerate(own["temperatures"]):
            for n, batch in enumerate(step["batches"]):
                shown = next(seen)
                assert (shown["base"], shown["t"], shown["n"]) == (own["name"], t, n)
                assert (shown["tv"], shown["warm"]) == (batch["tv"], batch["warm"])
                for name in ("published", "duel", "floor", "rejection"):
                    assert shown[name] == step[name]
                assert [float(size.removesuffix("%")) for size in shown["widths"]] == pytest.approx(
                    [100 * p for p in step["law"]], abs=1e-9
                )
                assert shown["commands"] == [f"{step['law_command']} --batch-size {batch['size']}", *step["commands"]]
                assert shown["valuetext"] == [step["name"], f"N = {batch['size']} draws"]
                assert own["name"] in shown["said"]
                assert batch["tv"] in shown["said"]
    assert next(seen, None) is None
    assert len({shown["tv"] for shown in found["seen"]}) > 8  # and they do change
