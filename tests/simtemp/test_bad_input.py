"""Bad calls: each ends in one clear line that names what is wrong; on the command line with exit code 2 and no traceback."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simtemp
from simtemp.cli import run

NAN, INF = float("nan"), float("inf")

API: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    # temper and split_exponent
    ("temper", ([0.5, 0.5], -1), {}, "temperature"),
    ("temper", ([0.5, 0.5], NAN), {}, "temperature"),
    ("temper", ([0.5, 0.5], "hot"), {}, "temperature"),
    ("temper", ([0.5, 0.5], None), {}, "temperature"),
    ("temper", ([0.5, 0.5], True), {}, "temperature"),
    ("temper", ([0.5, 0.6], 1), {}, "probs"),
    ("temper", ([0.5, NAN], 1), {}, "probs"),
    ("temper", ([1.5, -0.5], 1), {}, "probs"),
    ("temper", ([], 1), {}, "probs"),
    ("temper", ([[0.5, 0.5]], 1), {}, "probs"),
    ("temper", (0.5, 1), {}, "probs"),
    ("temper", ("abc", 1), {}, "probs"),
    ("split_exponent", (0,), {}, "temperature"),
    ("split_exponent", (-0.5,), {}, "temperature"),
    ("split_exponent", (NAN,), {}, "temperature"),
    ("split_exponent", (1e-320,), {}, "temperature"),
    # simulate
    ("simulate", ("magic", "peaked9", 0.5, 10), {}, "method"),
    ("simulate", ("collision", "peaked", 0.5, 10), {}, "peaked"),
    ("simulate", ("collision", [0.2, 0.2], 0.5, 10), {}, "base"),
    ("simulate", ("collision", "peaked9", 0, 10), {}, "temperature"),
    ("simulate", ("collision", "peaked9", 1.5, 10), {}, "temperature"),
    ("simulate", ("collision", "peaked9", -1, 10), {}, "temperature"),
    ("simulate", ("collision", "peaked9", NAN, 10), {}, "temperature"),
    ("simulate", ("collision", "peaked9", INF, 10), {}, "temperature"),
    ("simulate", ("collision", "two", 1e-300, 10), {}, "temperature must be at least 1e-06"),
    ("simulate", ("accepted", "two", 1e-19, 10), {}, "temperature must be at least 1e-06"),
    ("simulate", ("duel", "two", 1e-300, 10), {}, "temperature must be at least 1e-06"),
    ("simulate", (["duel"], "peaked9", 0.5, 10), {}, "method must be one of"),
    ("simulate", ("collision", "peaked9", 0.5, -1), {}, "size"),
    ("simulate", ("collision", "peaked9", 0.5, 1.5), {}, "size"),
    ("simulate", ("collision", "peaked9", 0.5, "10"), {}, "size"),
    ("simulate", ("collision", "peaked9", 0.5, 10), {"seed": -1}, "seed"),
    ("simulate", ("collision", "peaked9", 0.5, 10), {"seed": 1.5}, "seed"),
    ("simulate", ("collision", "peaked9", 0.5, 10), {"seed": "x"}, "seed"),
    ("simulate", ("collision", "peaked9", 0.5, 10), {"threads": 0}, "threads"),
    ("simulate", ("collision", "peaked9", 0.5, 10), {"threads": -2}, "threads"),
    ("simulate", ("collision", "peaked9", 0.5, 10), {"max_draws": 0}, "max_draws"),
    ("simulate", ("collision", "peaked9", 0.5, 10), {"max_draws": 2.5}, "max_draws"),
    ("simulate", ("collision", "peaked9", 0.5, 10), {"batch_size": 5}, "batch_size"),
    ("simulate", ("collision", "peaked9", 0.5, 10), {"early_exit": "yes"}, "early_exit"),
    ("simulate", ("batch", "peaked9", 0.5, 10), {"early_exit": True}, "early_exit"),
    ("simulate", ("batch", "peaked9", 0.5, 10), {"batch_size": 0}, "batch_size"),
    ("simulate", ("batch", "peaked9", 0.5, 10), {"batch_size": -3}, "batch_size"),
    ("simulate", ("batch", "peaked9", 0.5, 10), {"batch_size": 10**9}, "batch_size"),
    ("simulate", ("batch", "peaked9", 0.5, 10), {"rule": "magic"}, "rule"),
    ("simulate", ("batch", "peaked9", -0.5, 10), {}, "temperature"),
    # exact laws and costs
    ("batch_law", ([0.5, 0.5], 0, 10), {}, "n"),
    ("batch_law", ([0.5, 0.5], 2, 0), {}, "N"),
    ("batch_law", ([0.5, 0.5], 2.5, 10), {}, "n"),
    ("batch_law", ([0.5, 0.4], 2, 10), {}, "probs"),
    ("rejection_rate", ([0.5, 0.5], 0), {}, "temperature"),
    ("rejection_rate", ([0.5, 0.5], 2), {}, "temperature"),
    ("rejection_rate", ([0.5, 0.4], 0.5), {}, "probs"),
    ("expected_draws", ([0.5, 0.5], NAN), {}, "temperature"),
    ("expected_draws", ([0.5, 0.5], -1), {}, "temperature"),
    ("expected_flips", (0.0, 0.5), {}, "p"),
    ("expected_flips", (0.5, 1.5), {}, "alpha"),
    ("total_variation", ([0.5, 0.5], [1.0]), {}, "q"),
    ("parse_base", ("",), {}, "base"),
    ("parse_base", ("zipf:0,1",), {}, "zipf"),
    ("parse_base", ("file:/no/such/file.csv",), {}, "file"),
]


@pytest.mark.parametrize(("function", "args", "options", "named"), API)
def test_api_names_the_argument_in_one_line(function: str, args: Any, options: Any, named: str) -> None:
    with pytest.raises(ValueError, match=re.escape(named)) as caught:
        getattr(simtemp, function)(*args, **options)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


COMMANDS: list[tuple[str, str]] = [
    ("", ""),
    ("nonsense", "nonsense"),
    ("sample", "--base"),
    ("sample --base peaked9", "temperature"),
    ("sample --base peaked9 -T", "-T"),
    ("sample --base peaked9 -T hot", "--temperature"),
    ("sample --base peaked9 -T nan", "temperature"),
    ("sample --base peaked9 -T -1", "temperature"),
    ("sample --base peaked9 -T 0", "temperature"),
    ("sample --base peaked9 -T 2", "temperature"),
    ("sample --base two -T 1e-19", "temperature must be at least 1e-06"),
    ("verify accepted --base two -T 1e-300", "temperature must be at least 1e-06"),
    ("sample --base peaked -T 0.5", "peaked9"),
    ("sample --base zipf:10 -T 0.5", "zipf"),
    ("sample --base probs:0.5,0.6 -T 0.5", "sum to 1"),
    ("sample --base probs:0.5,-0.5,1 -T 0.5", "probs"),
    ("sample --base file:/no/such/file.csv -T 0.5", "/no/such/file.csv"),
    ("sample --base text:/no/such/file.txt,4 -T 0.5", "/no/such/file.txt"),
    ("sample --base peaked9 -T 0.5 --method magic", "method"),
    ("sample --base peaked9 -T 0.5 --size 0", "size"),
    ("sample --base peaked9 -T 0.5 --size many", "--size"),
    ("sample --base peaked9 -T 0.5 --seed -1", "seed"),
    ("sample --base peaked9 -T 0.5 --threads 0", "threads"),
    ("sample --base peaked9 -T 0.5 --max-draws 0", "max_draws"),
    ("sample --base peaked9 -T 0.5 --batch-size 20", "batch_size"),
    ("sample --base peaked9 -T 0.5 --method batch --early-exit", "early_exit"),
    ("sample --base peaked9 -T 0.5 --method batch --batch-size 0", "batch_size"),
    ("sample --base uniform:1000 -T 0.01 --size 10 --method collision", "max_draws"),
    ("sample --base peaked9 -T 0.5 --size 10 --output /no/such/folder/x.npy", "/no/such/folder"),
    ("sample --base peaked9 -T 0.5 --wrong", "--wrong"),
    ("law --base peaked9 -T -1", "temperature"),
    ("law --base peaked9 -T 0.5 --batch-size 0", "batch_size"),
    ("verify collision --base peaked9", "temperature"),
    ("verify magic --base peaked9 -T 0.5", "magic"),
    ("verify no_such_module:f --base peaked9 -T 0.5", "no_such_module"),
    ("verify collision --base peaked9 -T 0.5 --epsilon 0", "epsilon"),
    ("verify collision --base peaked9 -T 0.5 --alpha 1", "alpha"),
    ("verify collision --base peaked9 -T 0.5 --delta nan", "delta"),
    ("verify collision --base peaked9 -T 0.5 --max-samples 0", "max_samples"),
    ("plot nonsense -o x.png", "nonsense"),
    ("plot shapes -o x.gif", "gif"),
    ("plot shapes", "-o"),
]


@pytest.mark.parametrize(("command", "named"), COMMANDS)
def test_command_line_says_it_in_one_line_and_exits_2(
    command: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(command.split())
    printed = capsys.readouterr()
    if command == "":
        assert "Usage" in printed.out + printed.err  # no argument at all: the help
        return
    assert code == 2, printed
    assert printed.err.startswith("simtemp: ")
    assert printed.err.count("\n") == 1
    assert named in printed.err
    assert "Traceback" not in printed.err


def test_there_are_enough_rows() -> None:
    assert len(API) + len(COMMANDS) >= 60


@pytest.mark.parametrize(
    "content", ["", "\n\n", "label,count\n", "a,1\na,2\n", "a,-1\n", "a,nan\n", "a,x\n", "a,0.5\nb,0.6\n"]
)
def test_bad_files(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(content)
    assert run(["sample", "--base", f"file:{path}", "-T", "0.5"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "counts.csv" in error


def test_a_generator_is_no_seed() -> None:
    with pytest.raises(ValueError, match="seed"):
        simtemp.simulate("collision", "peaked9", 0.5, 10, seed=np.random.default_rng(0))  # type: ignore[arg-type]
