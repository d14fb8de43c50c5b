"""A head in a file: it comes back as it was, and a damaged or foreign file is named in one line."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from simtemp.adaptive.head import seeded_head
from simtemp.adaptive.head_file import load_head, save_head
from simtemp.calm.errors import CheckpointError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "head.safetensors"
    save_head(path, seeded_head(6, [0.7, 0.0], "sequence", width=5, seed=3))
    return path


def test_it_comes_back_as_it_was(path) -> None:
    head = load_head(path)
    assert (head.hidden_size, head.temperatures, head.level, head.width) == (6, (0.0, 0.7), "sequence", 5)
    states = torch.randn(4, 6)
    assert torch.equal(head(states), seeded_head(6, [0.7, 0.0], "sequence", width=5, seed=3)(states))
    assert [file.name for file in path.parent.iterdir()] == ["head.safetensors"]


def test_a_failed_save_leaves_the_file_as_it_was(path, monkeypatch) -> None:
    def fail(tensors, where, metadata):
        where.write_bytes(b"half")
        raise OSError("disk full")

    before = path.read_bytes()
    monkeypatch.setattr("simtemp.calm.tensor_files.save_file", fail)
    with pytest.raises(OSError, match="disk full"):
        save_head(path, seeded_head(6, [0.0]))
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["head.safetensors"]


def _rewritten(path, change) -> None:
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        (key, entry), *_ = file.metadata().items()
    tensors, arguments = load_file(path), json.loads(entry)
    tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    change(tensors, arguments)
    save_file(tensors, path, metadata={key: json.dumps(arguments)})


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "damaged"),
        (lambda path: path.write_bytes(b"no tensors"), "damaged"),
        (lambda path: save_file({"a": torch.zeros(1)}, path), "holds no temperature head"),
        (lambda path: _rewritten(path, lambda t, a: a.update(level="word")), "level must be one of"),
        (lambda path: _rewritten(path, lambda t, a: a.pop("width")), "holds no temperature head"),
        (lambda path: _rewritten(path, lambda t, a: a.update(width=7)), "size mismatch"),
        (lambda path: _rewritten(path, lambda t, a: t.pop("layers.0.bias")), "layers.0.bias"),
        (lambda path: _rewritten(path, lambda t, a: t["layers.0.bias"].fill_(torch.nan)), "layers.0.bias must hold"),
    ],
)
def test_a_damaged_or_foreign_file_is_named(path, damage, message: str) -> None:
    damage(path)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_head(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
