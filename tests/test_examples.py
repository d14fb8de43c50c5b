"""The scripts in examples/ run as a newcomer runs them, and say what they are there to say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SAID = {
    "check_your_sampler.py": ["right: EQUIVALENT", "mine: REJECT"],
    "choose_temperature_and_budget.py": ["no exact sampler below", "wrote temperature_and_budget.png"],
    "port_a_calm_checkpoint.py": [
        "bit for bit",
        "lacks the tensor transformer.norm.weight",
        "T = 1.0: 'to be",
        "T = 0.3: 'to be",
    ],
}


def test_all_are_run_and_listed() -> None:
    there = {path.name for path in EXAMPLES.glob("*.py")}
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert there == set(SAID)
    assert all(f"python examples/{name}" in listed for name in there)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SAID))
def test_runs(name: str, tmp_path: Path) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, EXAMPLES / name], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "")
    for part in SAID[name]:
        assert part in done.stdout
    pictures = ["temperature_and_budget.png"] if "budget" in name else []
    assert [path.name for path in tmp_path.iterdir()] == pictures
