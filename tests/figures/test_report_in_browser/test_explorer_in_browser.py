"""The explorer in a real browser: every step of its controls shows its own numbers, quickly, and says them once the controls rest."""

import json
import re
from dataclasses import asdict

import numpy as np
import pytest

from figures.explorer import explorer_base
from simtemp import parse_base

pytestmark = pytest.mark.slow  # a whole report is made first

STEPS = """(() => {
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
  const table = document.querySelector('.explorer .scroll');
  return {seen, took, cut: table.scrollWidth - table.clientWidth, over: document.documentElement.scrollWidth - innerWidth};
})()"""
SAID = "document.getElementById('announcement').textContent"


@pytest.fixture(scope="module")
def section(report):
    """The data in the page."""
    text = (report / "index.html").read_text()
    return json.loads(re.search(r'<script type="application/json" id="explorer-data">(.*?)</script>', text)[1])


def test_results_hold_the_numbers(report, grid):
    found = json.loads((report / "results.json").read_text())["explorer"]
    assert [own["base"] for own in found] == ["two:0.8", "peaked9", "uniform:10"]
    again = explorer_base(parse_base("peaked9"), grid, seed=5)
    assert found[1] == json.loads(json.dumps(asdict(again)))


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_every_step_shows_its_numbers(report, section, chromium, width, dark):
    assert [base["name"] for base in section["bases"]] == ["two:0.8", "peaked9", "uniform:10"]
    if chromium is None:
        return
    chromium.open(report / "index.html", width=width, dark=dark)
    found = chromium.run(STEPS)
    assert chromium.messages == []
    assert (max(found["over"], 0), max(found["cut"], 0)) == (0, 0)
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


def test_arrow_keys_move_the_sliders_and_the_result_is_announced_once(report, section, chromium):
    if chromium is None:
        assert section["first"]["temperature"] == 0.2
        return
    chromium.open(report / "index.html")
    names = [step["name"] for step in section["bases"][1]["temperatures"]]
    chromium.run(
        "window.heard = []; new MutationObserver(() => heard.push("
        + SAID
        + ")).observe(document.getElementById('announcement'), {childList: true, characterData: true, subtree: true})"
    )
    chromium.run("document.getElementById('explore-temperature').focus()")
    before = chromium.run("document.getElementById('explore-temperature').getAttribute('aria-valuetext')")
    chromium.press("ArrowRight", "ArrowRight", "ArrowLeft")
    after = chromium.run("document.getElementById('explore-temperature').getAttribute('aria-valuetext')")
    assert names.index(after) == names.index(before) + 1
    chromium.run("new Promise(resolve => setTimeout(resolve, 700))")
    heard = chromium.run("heard")
    assert len(heard) == 1
    assert f"at {after}:" in heard[0]
    assert chromium.messages == []
