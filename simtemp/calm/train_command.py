"""`simtemp calm train`: a model from a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from simtemp.calm.config import CalmConfig
    from simtemp.calm.corpus import Corpus
    from simtemp.calm.recipe import Recipe


def train(
    text: Annotated[
        str | None, typer.Option(help="A UTF-8 file (default: the Python manual, pydoc_data.topics).")
    ] = None,
    tokenizer: Annotated[
        str, typer.Option(help="characters | bytes | a file of the tokenizers library")
    ] = "characters",
    head: Annotated[str, typer.Option(help="energy | flow | diffusion")] = "energy",
    size: Annotated[
        str, typer.Option(help="tiny | a JSON file of entries of the configuration that replace those of tiny")
    ] = "tiny",
    output: Annotated[str, typer.Option("--output", "-o", help="Directory of the model.")] = "calm-model",
    steps: Annotated[int | None, typer.Option(help="Steps of the language model.")] = None,
    autoencoder_steps: Annotated[int | None, typer.Option(help="Steps of the block autoencoder.")] = None,
    minutes: Annotated[float | None, typer.Option(help="As many steps as fit (measured at the start).")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, threads and steps, same weights.")] = 0,
    threads: Annotated[int | None, typer.Option(help="Threads of torch (default: all cores).")] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Go on with the run in the directory, or start over.")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train the block autoencoder, then the language model; Ctrl-C saves, and the same command goes on."""
    from hashlib import sha256
    from pathlib import Path

    from simtemp.arguments import real, shown, whole_number
    from simtemp.calm.torch_required import torch_required
    from simtemp.console import progress, show

    with torch_required():
        import torch

        from simtemp.calm.corpus import make_corpus, read_documents, split_documents
        from simtemp.calm.recipe import Recipe
        from simtemp.calm.run_directory import RunDirectory
        from simtemp.calm.tiny import AUTOENCODER_RECIPE, MODEL_RECIPE
        from simtemp.calm.tokenizer import make_tokenizer
        from simtemp.calm.training_run import Plan, TrainingRun
        from simtemp.interruption import interrupted
    seed = whole_number(seed, "seed")
    if minutes is not None and (steps is not None or autoencoder_steps is not None):
        raise ValueError("give --minutes or numbers of steps, not both")
    if minutes is not None and not 0 < real(minutes, "minutes") < 1e6:
        raise ValueError(f"minutes must be in (0, 1e6), got {shown(minutes)}")
    if steps is not None:
        steps = whole_number(steps, "steps", 1)
    if autoencoder_steps is not None:
        autoencoder_steps = whole_number(autoencoder_steps, "autoencoder_steps", 1)
    if threads is not None:
        torch.set_num_threads(whole_number(threads, "threads", 1, 4096))
    documents = read_documents(None if text is None else Path(text))
    training, _ = split_documents(documents)
    tokens = make_tokenizer(tokenizer, "".join(piece.text for piece in training))
    config = _config(size, tokens.vocab_size, head, tokens.pad_id, tokens.bos_id, tokens.eos_id)
    corpus = make_corpus(documents, tokens, config.patch_size)
    files = RunDirectory(Path(output))
    if not resume:
        files.clear()
    begun = files.begun() or {}
    autoencoder_recipe, model_recipe = AUTOENCODER_RECIPE, MODEL_RECIPE
    if begun:
        try:
            autoencoder_recipe, model_recipe = Recipe.from_dict(begun["autoencoder"]), Recipe.from_dict(begun["model"])
        except (KeyError, TypeError, ValueError):
            raise ValueError(f"the plan in {files.folder} is damaged: --fresh starts over") from None
    elif minutes is not None:
        autoencoder_recipe, model_recipe = _in_time(60.0 * minutes, config, autoencoder_recipe, model_recipe, corpus)
    autoencoder_recipe = _with_steps(autoencoder_recipe, autoencoder_steps)
    model_recipe = _with_steps(model_recipe, steps)
    plan = Plan(config, autoencoder_recipe, model_recipe, seed)
    files.begin(
        {
            "text": sha256("\0".join(documents).encode("utf-8", "surrogatepass")).hexdigest(),
            "tokenizer": tokenizer,
            "config": config.to_dict(),
            "autoencoder": autoencoder_recipe.to_dict(),
            "model": model_recipe.to_dict(),
            "seed": seed,
        }
    )
    with interrupted() as should_stop:
        run = TrainingRun(files, plan, corpus, tokens, bar=progress, should_stop=should_stop)
        record = run.train()
    show({"model": output, **record}, as_json=json)


def _config(size: str, vocab_size: int, head: str, pad: int, bos: int, eos: int) -> CalmConfig:
    from pathlib import Path

    from simtemp.arguments import shown
    from simtemp.calm.tensor_files import read_json_object
    from simtemp.calm.tiny import tiny_config

    changes: dict[str, Any] = {} if size == "tiny" else read_json_object(Path(size))
    changes |= {"head": head, "pad_token_id": pad, "bos_token_id": bos, "eos_token_id": eos}
    changes.pop("model_type", None)
    whole = changes.get("vocab_size", vocab_size)
    if isinstance(whole, int) and whole < vocab_size:
        raise ValueError(f"vocab_size must be at least the {vocab_size:,} tokens of the tokenizer, got {shown(whole)}")
    return tiny_config(**({"vocab_size": vocab_size} | changes))


def _with_steps(recipe: Recipe, steps: int | None) -> Recipe:
    from dataclasses import replace

    if steps is None or steps == recipe.steps:
        return recipe
    return replace(recipe, steps=steps, warmup=min(recipe.warmup, steps // 5))


def _in_time(
    seconds: float, config: CalmConfig, autoencoder: Recipe, model: Recipe, corpus: Corpus
) -> tuple[Recipe, Recipe]:
    """Recipes of as many steps as fit: a tenth of the time for the autoencoder, a twentieth is left for the scores."""
    from simtemp.calm.training import Seeds, autoencoder_phase, model_phase
    from simtemp.calm.training_run import seconds_a_step

    seeds = Seeds.of(0)
    first = seconds_a_step(autoencoder_phase(config, autoencoder, corpus, seeds))
    second = seconds_a_step(model_phase(config, model, corpus, None, seeds))
    return (
        _with_steps(autoencoder, max(1, int(0.10 * seconds / first))),
        _with_steps(model, max(1, int(0.85 * seconds / second))),
    )
