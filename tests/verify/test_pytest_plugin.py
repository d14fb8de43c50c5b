"""The pytest plugin, in runs of pytest of its own: fixed seeds, fresh seeds, seeds replayed, with workers and without."""

import hashlib
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest

from verify import pytest_plugin
from verify.assertion import BiasError  # before any inner run, which forgets what it imports

pytest_plugins = ["pytester"]

SEEDS = """
    def test_first(unbiased_seed):
        print("seed", unbiased_seed.entropy)

    class TestGroup:
        def test_second(self, unbiased_seed):
            print("seed", unbiased_seed.entropy)
"""

BIASED = """
    def test_coin(assert_unbiased):
        assert_unbiased(lambda size, rng: rng.choice(2, size, p=[0.5, 0.5]), "two", epsilon=0.1)
        assert_unbiased(lambda size, rng: rng.choice(2, size, p=[0.6, 0.4]), "two", labels=["heads", "tails"])
"""


@pytest.fixture
def pytest_run(pytester, monkeypatch):
    """Run pytest in a folder of its own, with this plugin alone; warnings are errors there too."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makeini("[pytest]\nfilterwarnings = error")

    def run(*arguments: str) -> pytest.RunResult:
        options = ["-p", "verify.pytest_plugin", "-p", "no:cacheprovider", "-rA", *arguments]
        return pytester.runpytest_inprocess(*options)

    return run


def seeds(result: pytest.RunResult) -> list[int]:
    return [int(line.split()[1]) for line in result.outlines if line.startswith("seed ")]


def header_seed(result: pytest.RunResult) -> str:
    (seed,) = re.findall(r"^assert_unbiased: --replay-seed (\d+)$", result.stdout.str(), re.M)
    return seed


@pytest.mark.slow
def test_seeds_are_fixed_by_the_test_and_varied_and_replayed_on_demand(pytester, pytest_run) -> None:
    pytester.makepyfile(test_seeds=SEEDS)
    usual = pytest_run()
    usual.assert_outcomes(passed=2)
    assert "--replay-seed" not in usual.stdout.str()
    assert len(set(seeds(usual))) == 2
    # Full entropy: 128 bits, of which the leading 28 are not all zero but with probability 2**-28 each.
    assert all(2**100 < seed < 2**128 for seed in seeds(usual))
    # The hash is documented, so that the seeds stay what they are.
    digest = hashlib.sha256(b"0 test_seeds.py::test_first").digest()
    assert seeds(usual)[0] == int.from_bytes(digest[:16], "big")

    fresh = pytest_run("--vary-seed", "-p", "xdist", "-n", "2")
    fresh.assert_outcomes(passed=2)
    assert len(set(seeds(fresh))) == 2
    assert not set(seeds(fresh)) & set(seeds(usual))
    replayed = pytest_run("--replay-seed", header_seed(fresh))
    assert set(seeds(replayed)) == set(seeds(fresh))


def test_a_failure_names_the_categories_and_the_command_that_repeats_it(pytester, pytest_run) -> None:
    """Planted: heads at 0.6 for 0.5, found at alpha = 1e-6; the right coin before it passes."""
    pytester.makepyfile(test_biased=BIASED)
    fresh = pytest_run("--vary-seed")
    fresh.assert_outcomes(failed=1)
    text = fresh.stdout.str()
    assert re.search(r"^E +\S*BiasError: REJECT: [\d,]+ outputs prove", text, re.M)
    assert re.search(r"^E +'heads' +\d", text, re.M)
    assert re.search(r"^E +same outputs again: rng=numpy.random.SeedSequence\(\d+, spawn_key=\(1,\)\)$", text, re.M)
    assert re.search(r"^> +assert_unbiased\(lambda.*0\.6", text, re.M)  # the caller's line, none of the plugin's
    assert "pytest_plugin.py" not in text.split("FAILURES")[1].split("short test summary")[0]

    (command,) = re.findall(r"^E +this test again: pytest (.*)$", text, re.M)
    assert command == f"test_biased.py::test_coin --replay-seed {header_seed(fresh)}"
    assert failure_lines(pytest_run(*command.split())) == failure_lines(fresh)


def failure_lines(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.startswith("E  ")]


def test_the_fixture_in_this_very_run(assert_unbiased, unbiased_seed, request) -> None:
    entropy = unbiased_seed.entropy
    for call in range(2):
        with pytest.raises(BiasError) as caught:
            assert_unbiased(lambda size, rng: np.zeros(size, int), "two")
        assert f"this test again: pytest {request.node.nodeid}" in str(caught.value)
        assert f"rng=numpy.random.SeedSequence({entropy}, spawn_key=({call},))" in str(caught.value)
    with pytest.raises(BiasError, match="rng=7\n"):
        assert_unbiased(lambda size, rng: np.zeros(size, int), "two", rng=7)


def test_options_that_contradict_each_other(pytester, pytest_run) -> None:
    result = pytest_run("--vary-seed", "--replay-seed", "3")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --vary-seed and --replay-seed exclude each other" in result.stderr.str()
    with pytest.raises(ValueError):
        pytest_plugin.seed("-3")


def test_the_plugin_is_announced_and_cheap() -> None:
    """pytest loads it in every run on a machine where simtemp is installed."""
    (entry,) = entry_points(group="pytest11", name="simtemp_verify")
    assert entry.value == "verify.pytest_plugin"
    code = "import pytest, sys; before = set(sys.modules); import verify.pytest_plugin; print(*(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "scipy", "numba", "pandas", "torch"} & set(loaded)
    assert len(loaded) < 10


def test_the_how_to_runs(assert_unbiased, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[2] / "docs" / "testing-your-sampler.md").read_text(encoding="utf-8")
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        exec(compile(block, "testing-your-sampler.md", "exec"), names)
    names["test_die"](assert_unbiased)
    assert capsys.readouterr().out.startswith("EQUIVALENT")
    names["throw"] = lambda size, rng: rng.choice(6, size=size, p=[0.164] * 5 + [0.18])  # the failure that it shows
    with pytest.raises(BiasError, match=r"(?s)category.*\n6 +[\d,]+ .*found by: law"):
        names["test_die"](assert_unbiased)
    for link in re.findall(r"\]\((\.\./[^)]+)\)", text):
        assert (Path(__file__).parents[2] / "docs" / link).is_file()
