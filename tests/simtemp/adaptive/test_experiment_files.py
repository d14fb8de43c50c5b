"""Files of an experiment: begun once, gone on with, never half written."""

from __future__ import annotations

import pytest
import torch

from simtemp.adaptive.experiment_files import ExperimentFiles
from simtemp.adaptive.head import seeded_head


def test_another_experiment_is_refused_and_forgotten_when_asked(tmp_path) -> None:
    files = ExperimentFiles(tmp_path / "mixed")
    files.begin({"task": "mixed", "seed": 0})
    files.begin({"task": "mixed", "seed": 0})
    with pytest.raises(ValueError, match=r"another seed \(0, not 1\): --fresh starts over"):
        files.begin({"task": "mixed", "seed": 1})
    (files.folder / "notes.txt").write_text("mine")
    files.clear()
    files.begin({"task": "mixed", "seed": 1})
    assert (files.folder / "notes.txt").exists()


def test_a_head_is_there_with_its_rounds(tmp_path) -> None:
    files = ExperimentFiles(tmp_path)
    assert files.load_round(3) is None
    head = seeded_head(4, [0.0, 1.0], seed=3)
    rows = [{"round": 0}]
    files.save_round(3, head, rows)
    with torch.no_grad():
        head.layers[0].weight += 1.0
    files.save_round(3, head, [*rows, {"round": 1}])
    found, kept = files.load_round(3)
    assert [row["round"] for row in kept] == [0, 1]
    assert torch.equal(found.layers[0].weight, head.layers[0].weight)
    assert len(list(tmp_path.glob("*.safetensors"))) == 1


def test_a_kill_between_weights_and_rows_keeps_the_round_before(tmp_path, monkeypatch) -> None:
    files = ExperimentFiles(tmp_path)
    first = seeded_head(4, [0.0, 1.0], seed=1)
    files.save_round(0, first, [{"round": 0}])

    def killed(name, record):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        files.save_round(0, seeded_head(4, [0.0, 1.0], seed=2), [{"round": 0}, {"round": 1}])
    found, rows = ExperimentFiles(tmp_path).load_round(0)
    assert len(rows) == 1
    assert torch.equal(found.layers[0].weight, first.layers[0].weight)


def test_a_damaged_file_is_one_line(tmp_path) -> None:
    (tmp_path / "results.json").write_text('{"task": ')
    with pytest.raises(ValueError, match="damaged: --fresh starts over"):
        ExperimentFiles(tmp_path).read("results.json")
