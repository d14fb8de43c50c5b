"""Tests of the language model: left out where the extra `calm` is not installed; one thread, so that workers do not fight for cores."""

from importlib.util import find_spec

HAVE_EXTRA = all(find_spec(package) for package in ("torch", "transformers", "safetensors"))
collect_ignore_glob = [] if HAVE_EXTRA else ["*.py"]

if HAVE_EXTRA:
    import torch

    torch.set_num_threads(1)
