"""Load the weights of a CALM that somebody else trained, check them, and decode text at two temperatures.

    python examples/port_a_calm_checkpoint.py

It needs the extra: pip install "simtemp[calm]" -c constraints.txt. As no published weights come with this package, `publish` first writes
a directory in the published layout from a tiny model with random weights; its text is nonsense. For a real checkpoint:

1. delete `publish` and set `model_directory` and `autoencoder_directory` to what you downloaded. A model that brings its own `ae_model.*`
   needs no second directory;
2. bring its `tokenizer.json` (of the `tokenizers` library) and read it with `load_tokenizer`;
3. run. What does not fit is named before a weight is copied: the first tensor that is missing, unexpected or misshapen, or the entry of
   config.json that asks for a layer this package has not.
"""

import json
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from simtemp.calm import CheckpointError, from_pretrained
from simtemp.calm.decode import decode
from simtemp.calm.random_model import random_model
from simtemp.calm.tokenizer import Tokenizer, character_tokenizer, load_tokenizer

TEMPERATURES = (1.0, 0.3)
PROMPT = "to be or not"


def publish(directory: Path, tokenizer: Tokenizer) -> tuple[Path, Path]:
    """Write a random model as the published ones are: the language model and the autoencoder in a directory each."""
    model = random_model(tokenizer.vocab_size)
    tensors = model.state_dict()
    model_directory, autoencoder_directory = directory / "calm", directory / "autoencoder"
    entries = model.config.to_dict()
    entries.pop("codebook_size")  # ours
    _write(
        model_directory,
        {"model_type": "energy"} | {name: value for name, value in entries.items() if name != "autoencoder"},
        # The head has a second name in published files.
        {
            name.replace("mlp_generator.", "generative_head."): t
            for name, t in tensors.items()
            if not _of_autoencoder(name)
        },
    )
    _write(
        autoencoder_directory,
        {"model_type": "autoencoder"} | entries["autoencoder"],
        {name.removeprefix("ae_model."): tensor for name, tensor in tensors.items() if _of_autoencoder(name)},
    )
    tokenizer.save(model_directory)
    return model_directory, autoencoder_directory


def _of_autoencoder(name: str) -> bool:
    return name.startswith("ae_model.")


def _write(directory: Path, config: dict[str, object], tensors: dict[str, torch.Tensor]) -> None:
    directory.mkdir()
    (directory / "config.json").write_text(json.dumps(config))
    save_file({name: tensor.clone() for name, tensor in tensors.items()}, directory / "model.safetensors")


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        model_directory, autoencoder_directory = publish(Path(scratch), character_tokenizer("to be or not, that is it"))

        stored = load_file(model_directory / "model.safetensors")
        print(f"{len(stored)} tensors in {model_directory.name}/model.safetensors, the last three:")
        for name in sorted(stored)[-3:]:
            print(f"  {name}  {tuple(stored[name].shape)}")

        model = from_pretrained(model_directory, autoencoder=autoencoder_directory)
        loaded = model.state_dict()
        for name, tensor in stored.items():
            assert torch.equal(loaded[name.replace("generative_head.", "mlp_generator.")], tensor), name
        print(
            f"loaded: {sum(p.numel() for p in model.parameters()):,} parameters, blocks of {model.config.patch_size} tokens"
        )
        print("every stored tensor is in the model, bit for bit\n")

        removed = sorted(stored)[-1]
        save_file({n: t for n, t in stored.items() if n != removed}, model_directory / "model.safetensors")
        try:
            from_pretrained(model_directory, autoencoder=autoencoder_directory)
        except CheckpointError as error:
            print(f"with one tensor taken away: {str(error).replace(scratch, '...')}\n")

        tokenizer = load_tokenizer(model_directory)
        for temperature in TEMPERATURES:
            (decoded,) = decode(model, tokenizer, PROMPT, temperature, budget=256, max_blocks=8)
            exact = sum(step.exact for step in decoded.steps)
            print(f"T = {temperature}: {PROMPT + decoded.text!r} ({exact} of {len(decoded.steps)} blocks ended exact)")


if __name__ == "__main__":
    main()
