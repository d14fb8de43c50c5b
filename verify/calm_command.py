"""The command ``simtemp calm verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from simtemp.options import Budget, EarlyExit, Fraction, Rule, Split, Steps, given

if TYPE_CHECKING:
    from simtemp.arguments import Integers
    from simtemp.calm.model import CalmModel
    from verify.calm_estimated import EstimatedVerdicts
    from verify.contexts import Verdicts


def register(group: typer.Typer) -> None:
    """Add the command to the group `simtemp calm`."""
    group.command("verify")(calm_verify)


def calm_verify(
    temperature: Annotated[float, typer.Option("--temperature", "-T", help="Blocks should have the law P^(1/T).")],
    model: Annotated[
        str | None,
        typer.Argument(metavar="[MODEL_DIR]", help="Directory of a trained model, or --tiny.", show_default=False),
    ] = None,
    tiny: Annotated[bool, typer.Option("--tiny", help="A tiny model with random weights.")] = False,
    method: Annotated[str, typer.Option(help="duel | collision | accepted | batch | chain")] = "duel",
    budget: Budget = None,
    contexts: Annotated[int, typer.Option(help="Contexts, prompts from a text.")] = 8,
    text: Annotated[
        str | None, typer.Option(help="A UTF-8 file for the prompts (default: held-out text of the Python manual).")
    ] = None,
    codebook: Annotated[int, typer.Option(help="Vectors of noise, where the model has no codebook of its own.")] = 4096,
    path: Annotated[
        str, typer.Option(help="network, evaluated at each draw | lookup of blocks enumerated once (much quicker)")
    ] = "network",
    own_law: Annotated[
        bool, typer.Option("--own-law", help="chain, batch: judge against their own exact law.")
    ] = False,
    continuous: Annotated[
        bool, typer.Option("--continuous", help="Continuous noise: the target is estimated, and its error counted.")
    ] = False,
    law_draws: Annotated[float, typer.Option(help="--continuous: draws a context for the estimate.")] = 1e6,
    epsilon: Annotated[float, typer.Option(help="Total variation from the target that is good enough.")] = 0.05,
    alpha: Annotated[float, typer.Option(help="Chance of rejecting a right decoder, at most.")] = 1e-6,
    delta: Annotated[float, typer.Option(help="Chance of accepting one further off than epsilon, at most.")] = 1e-6,
    max_samples: Annotated[
        float, typer.Option(help="Blocks decoded in each context at most (--continuous: so many).")
    ] = 20_000,
    max_draws: Annotated[float, typer.Option(help="Draws a block may cost (lookup: draws a context).")] = 1e10,
    seed: Annotated[int, typer.Option(help="Same seed, same verdict.")] = 0,
    early_exit: EarlyExit = False,
    rule: Rule = None,
    split: Split = None,
    fraction: Fraction = None,
    steps: Steps = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Prove that decoded blocks have the law P^(1/T) in every context (exit code 0), that they have not (1), or neither (3).

    The noise of the head comes from a finite codebook, so that the law of the next block is enumerated through the whole network. With
    --continuous the law is estimated from further draws, and the certificate includes the error of that.
    """
    import numpy as np

    from simtemp.arguments import whole_number
    from simtemp.calm.torch_required import torch_required
    from simtemp.console import progress, show, show_table
    from verify.calm import check_decoder
    from verify.calm_estimated import check_continuous_decoder
    from verify.verdict import EXIT_CODE

    if tiny == (model is not None):
        raise ValueError("give the directory of a model, or --tiny for one with random weights (not both)")
    options = given(early_exit=early_exit, rule=rule, split=split, fraction=fraction, steps=steps)
    roots = np.random.SeedSequence(whole_number(seed, "seed")).spawn(2)
    count = whole_number(contexts, "contexts", 1)
    most = whole_number(max_samples, "max_samples", 2)
    limit = whole_number(max_draws, "max_draws", 1, 2**62)
    with torch_required():
        network, prompts = _model_and_prompts(model, text, count, np.random.default_rng(roots[0]))
    record: dict[str, Any] = {
        "model": "tiny, random weights" if model is None else model,
        "method": method,
        "temperature": temperature,
        "budget": budget,
        **options,
        "seed": seed,
    }
    rates: dict[str, Any] = {"epsilon": epsilon, "alpha": alpha, "delta": delta}
    summary: Verdicts | EstimatedVerdicts
    with progress(f"judging {method} at T = {temperature:g}") as tick:
        if continuous:
            if own_law or path != "network":
                raise ValueError("--own-law and --path lookup need a codebook: leave --continuous out")
            network.use_codebook(None)
            summary = check_continuous_decoder(
                network,
                prompts,
                temperature,
                method,
                budget,
                **rates,
                size=most,
                law_draws=whole_number(law_draws, "law_draws", 1),
                rng=roots[1],
                progress=tick,
                max_draws=limit,
                **options,
            )
        else:
            if network.config.codebook_size is None:
                network.use_codebook(whole_number(codebook, "codebook", 1))
            record |= {"codebook": network.config.codebook_size, "path": path, "own_law": own_law}
            summary = check_decoder(
                network,
                prompts,
                temperature,
                method,
                budget,
                **rates,
                max_samples=most,
                rng=roots[1],
                path=path,  # type: ignore[arg-type]  # it is checked there
                own_law=own_law,
                progress=tick,
                max_draws=limit,
                **options,
            )
    rows = summary.rows()
    record |= {
        "contexts": count,
        "status": summary.status,
        "n": summary.n,
        "tv_upper": summary.tv_upper,
        "tv_lower": summary.tv_lower,
        "log_e": getattr(summary, "joint_log_e", None),
        **rates,
        "mean_draws": sum(row["n"] * row["mean_draws"] for row in rows) / summary.n,
        "sentence": summary.sentence,
    }
    if json:
        show({**record, "by_context": rows}, as_json=True)
    else:
        show_table([{k: "" if v is None else v for k, v in row.items()} for row in rows], title="contexts")
        show({k: v for k, v in record.items() if k != "sentence" and v is not None}, as_json=False, title=method)
        typer.echo(summary.sentence)
    raise typer.Exit(EXIT_CODE[summary.status])


def _model_and_prompts(
    directory: str | None, text: str | None, count: int, rng: Any
) -> tuple[CalmModel, list[Integers]]:
    """The model, and prompts of various lengths: from a text that it has not learned from, or, without a model, at random."""
    from pathlib import Path

    from simtemp.calm.checkpoint import from_pretrained
    from simtemp.calm.corpus import make_corpus, read_documents
    from simtemp.calm.random_model import random_model
    from simtemp.calm.tokenizer import load_tokenizer
    from verify.calm import prompts_from

    if directory is None:
        network = random_model()
        return network, prompts_from(rng.integers(network.config.vocab_size, size=4096), count, 16, rng)
    network = from_pretrained(directory)
    documents = read_documents(None if text is None else Path(text))
    corpus = make_corpus(documents, load_tokenizer(Path(directory)), network.config.patch_size)
    longest = min(64, network.config.max_position_embeddings) * network.config.patch_size
    return network, prompts_from(corpus.held_out.numpy(), count, longest, rng)
