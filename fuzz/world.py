"""A folder with one of everything that a command reads, right, damaged, and under odd names."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from fuzz.results import FOLDERS, documents
from fuzz.stores import whole

ODD_NAMES = (
    "a[b].csv",
    "[/x].csv",
    "x$\\q$.csv",
    ":smile:.csv",
    "ünï cödé.csv",
    "new\nline.csv",
    "\udcff.csv",
    "--x.csv",
    "{0}%s.csv",
)

TABLES = (
    "base.csv",
    "base.tsv",
    "base.json",
    "base.npy",
    "bigendian.npy",
    "empty.csv",
    "folder.csv",
    "no.csv",
    "bad.json",
    "surrogate.json",
    *ODD_NAMES,
)
OUTPUTS = (
    "outputs.npy",
    "outputs.csv",
    "outputs.tsv",
    "outputs.txt",
    "outputs.json",
    "outputs.jsonl",
    "odd.jsonl",
    "empty.npy",
    "bigendian.npy",
    "folder.csv",
    "no.npy",
)
TEXTS = ("text.txt", "short.txt", "empty.csv", "folder.csv", "binary.txt", "no.txt", "crlf.txt")
GRIDS = ("grid.toml", "bad.toml", "failing.toml", "empty.csv", "folder.csv", "no.toml", "binary.txt")
STORES = (
    "store.sqlite",
    "new.sqlite",
    "damaged.sqlite",
    "text.txt",
    "empty.csv",
    "folder.csv",
    "no/store.sqlite",
    "/dev/null",
    "odd.sqlite",
)
MODELS = (
    "model",
    "published",
    "bin",
    "sharded",
    "damaged",
    "tokenless",
    "folder.csv",
    "no",
    "text.txt",
    "coder",
    "language",
)
RESULTS = ("results", "damaged-results", "empty-results", "folder.csv", "no", "text.txt")
CONFIGS = (
    "tiny",
    "size.json",
    "bad.json",
    "base.json",
    "huge.json",
    "small.json",
    "layers.json",
    "deep.json",
    "folder.csv",
    "no.json",
    "list.json",
)
TOKENIZERS = ("characters", "bytes", "tokens/tokenizer.json", "base.json", "folder.csv", "no", "binary.txt", "")
RUNS = ("run-new", "run-plan", "run-state", "run-curve", "run-empty", "folder.csv", "text.txt", "no/deeper")

_SIZES = {
    "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "noise_size": 2,
    "num_mlp_layers": 1, "latent_size": 2, "autoencoder": {"hidden_size": 8, "intermediate_size": 8},
}  # fmt: skip


def make_world(place: Path) -> None:
    """Write all of it into an empty folder."""
    make_files(place)
    make_models(place)


def make_files(place: Path) -> None:
    """Write all that needs no torch."""
    text = "To be, or not to be: that is the question.\nWhether 'tis nobler in the mind to suffer\n" * 30
    files: dict[str, str | bytes] = {
        "base.csv": "a,3\nb,1\nc,4\n",
        "base.tsv": "label\tprobability\na\t0.75\nb\t0.25\n",
        "base.json": '{"a": 3, "b": 1}',
        "empty.csv": "",
        "bad.json": '{"a": ',
        "list.json": "[1, 2]",
        "deep.json": "[" * 100_000,
        "huge.json": json.dumps(_SIZES | {"hidden_size": 10**9}),
        "size.json": json.dumps(_SIZES),
        "small.json": json.dumps(_SIZES | {"vocab_size": 5}),
        "layers.json": json.dumps(_SIZES | {"num_hidden_layers": 10**9}),
        "surrogate.json": '{"\\ud800": 3, "[/x]": 1}',
        "text.txt": text,
        "crlf.txt": text.replace("\n", "\r\n"),
        "short.txt": "ab",
        "binary.txt": bytes(range(256)),
        "outputs.csv": "output\n" + "a\nb\nc\nc\n" * 50,
        "outputs.tsv": "n\tlabel\n" + "1\ta\n2\tc\n" * 50,
        "outputs.txt": "a\nb\n" * 100,
        "outputs.json": json.dumps(["a", "c", "b", "c"] * 50),
        "odd.jsonl": '"\\ud800"\n"[/x]"\n' * 100,
        "outputs.jsonl": '{"output": "a"}\n"b"\n' * 50,
        "grid.toml": '[[cells]]\nkind = "law"\nbase = "two:0.3"\ntemperature = [0.5, 0.25]\nbatch_size = 10\n',
        "failing.toml": '[[cells]]\nkind = "sample"\nbase = "uniform:9"\ntemperature = 0.1\nsize = 10\nmax_draws = 5\n',
        "bad.toml": '[[cells]]\nkind = "law"\n',
        "store.sqlite": whole(),
        "damaged.sqlite": whole().replace(b"0.25", b"0.75"),
        "odd.sqlite": whole().replace(b'"tv":0.1', b'"tv":"x"').replace(b"0.125", b'"x/y"'),
        "judge.py": "def right(size, rng):\n    print('hello')\n    return (rng.random(size) > 0.7).astype(int)\n\n"
        "def wrong(size, rng):\n    return rng.integers(0, 9, size)\n\nnumber = 7\n",
        **dict.fromkeys(ODD_NAMES, "a,3\nb,1\n"),
    }  # fmt: skip
    for name, content in files.items():
        (place / name).parent.mkdir(exist_ok=True)
        if isinstance(content, bytes):
            (place / name).write_bytes(content)
        else:
            (place / name).write_text(content, encoding="utf-8", newline="")
    np.save(place / "base.npy", [0.5, 0.25, 0.25])
    np.save(place / "bigendian.npy", np.array([0, 1, 1, 2], ">i8"))
    np.save(place / "outputs.npy", np.arange(200) % 2)
    np.save(place / "empty.npy", np.empty(0, int))
    (place / "folder.csv").mkdir()
    for name, document in zip(FOLDERS, documents(), strict=True):
        for folder, content in (("results", document), ("damaged-results", document[:-50])):
            (place / folder / name).mkdir(parents=True)
            (place / folder / name / "results.json").write_bytes(content)
    for run, name, content in (
        ("run-empty", "plan.json", "{}"),
        ("run-plan", "plan.json", '{"seed": 0, "autoencoder": 5}'),
        ("run-curve", "plan.json", "[" * 100_000),
        ("run-state", "state.safetensors", "[" * 100),
    ):
        (place / run / "training").mkdir(parents=True)
        (place / run / "training" / name).write_text(content)
    (place / "empty-results").mkdir()


def make_models(place: Path) -> None:
    """Write directories of models."""
    from fuzz.checkpoints import directories

    models = directories()
    tokenizer = models["tokens"]["tokenizer.json"]
    made = {name: dict(files) for name, files in models.items()}
    for name in ("model", "published", "bin", "sharded"):
        made[name]["tokenizer.json"] = tokenizer
    made["tokenless"] = models["model"]
    made["damaged"] = made["model"] | {"model.safetensors": models["model"]["model.safetensors"][:-100]}
    for name, files in made.items():
        (place / name).mkdir()
        for file, content in files.items():
            (place / name / file).write_bytes(content)
