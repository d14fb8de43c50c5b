"""`simtemp calm decode`: text at a temperature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simtemp.options import EarlyExit, Fraction, Rule, Split, Steps, given

if TYPE_CHECKING:
    from simtemp.calm.next_block import Seconds, StepInfo


def decode(
    model: Annotated[str, typer.Argument(metavar="MODEL_DIR", help="Directory of a trained model.")],
    temperature: Annotated[float, typer.Option("--temperature", "-T", help="Blocks have the law P^(1/T), normalised.")],
    prompt: Annotated[list[str] | None, typer.Option(help="Text to continue; may be given more than once.")] = None,
    prompt_file: Annotated[
        list[str] | None, typer.Option(help="A UTF-8 file whose text is continued; may be given more than once.")
    ] = None,
    method: Annotated[str, typer.Option(help="duel | collision | accepted | batch | chain")] = "duel",
    budget: Annotated[int, typer.Option(help="duel, batch and T = 0: draws a block.")] = 256,
    exact: Annotated[
        bool, typer.Option("--exact", help="duel: no budget, as many draws as exactness takes (up to --max-draws).")
    ] = False,
    blocks: Annotated[int, typer.Option(help="Blocks to decode, at most.")] = 64,
    seed: Annotated[int, typer.Option(help="Same seed, same text.")] = 0,
    max_draws: Annotated[float, typer.Option(help="Draws that a block may cost.")] = 1e7,
    early_exit: EarlyExit = False,
    rule: Rule = None,
    split: Split = None,
    fraction: Fraction = None,
    steps: Steps = None,
    device: Annotated[str, typer.Option(help="cpu | cuda | ...")] = "cpu",
    dtype: Annotated[str, typer.Option(help="float32 | bfloat16")] = "float32",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Continue a text at a temperature; tokens are printed as they come, then what they cost."""
    from pathlib import Path

    from simtemp.arguments import whole_number
    from simtemp.calm.torch_required import torch_required
    from simtemp.console import progress, show
    from simtemp.utf8_file import read_utf8

    with torch_required():
        from simtemp.calm.checkpoint import from_pretrained
        from simtemp.calm.decode import decode_stream
        from simtemp.calm.next_block import Seconds
        from simtemp.calm.placement import place
        from simtemp.calm.tokenizer import load_tokenizer
    prompts = [*(prompt or []), *(read_utf8(Path(file)) for file in prompt_file or [])]
    if not prompts:
        raise ValueError("give a text to continue: --prompt TEXT or --prompt-file FILE")
    if exact and method != "duel":
        raise ValueError(f"--exact is for the duel (collision and accepted are exact without), got method {method}")
    options = given(early_exit=early_exit, rule=rule, split=split, fraction=fraction, steps=steps)
    network = place(from_pretrained(model), device, dtype)
    tokenizer = load_tokenizer(Path(model))
    seconds = Seconds()
    pieces = decode_stream(
        network,
        tokenizer,
        prompts,
        temperature,
        method=method,
        budget=None if exact else budget,
        max_blocks=blocks,
        rng=whole_number(seed, "seed"),
        seconds=seconds,
        max_draws=whole_number(max_draws, "max_draws", 1, 2**62),
        **options,
    )
    streamed = len(prompts) == 1 and not json
    if streamed:
        typer.echo(prompts[0], nl=False)
    texts = [""] * len(prompts)
    infos: list[list[StepInfo]] = [[] for _ in prompts]
    ended = [False] * len(prompts)
    with progress("decoding", quiet=streamed) as tick:
        for done, piece in enumerate(pieces):
            texts[piece.prompt] += piece.text
            infos[piece.prompt].append(piece.step)
            ended[piece.prompt] = piece.ended
            if streamed:
                typer.echo(piece.text, nl=False)
            tick(done + 1, len(prompts) * blocks)
    if streamed:
        typer.echo("\n")
    elif not json:
        for before, after in zip(prompts, texts, strict=True):
            typer.echo(f"{before}{after}\n")
    record = {
        "model": model,
        "method": method,
        "temperature": temperature,
        "budget": None if exact else budget,
        **options,
        "seed": seed,
        **_cost([info for own in infos for info in own], seconds),
    }
    if json:
        record["texts"] = [
            {"prompt": before, "text": after, "ended": end, **_cost(own)}
            for before, after, end, own in zip(prompts, texts, ended, infos, strict=True)
        ]
    show({key: value for key, value in record.items() if json or value is not None}, as_json=json)


def _cost(infos: Sequence[StepInfo], seconds: Seconds | None = None) -> dict[str, Any]:
    """What blocks cost, for a table or JSON."""
    draws = [info.draws for info in infos]
    record: dict[str, Any] = {
        "blocks": len(infos),
        "mean_draws": sum(draws) / len(draws),
        "max_draws": max(draws),
        "mean_distinct": sum(info.distinct for info in infos) / len(infos),
        "exact_share": sum(info.exact for info in infos) / len(infos),
    }
    if seconds is not None:
        record |= {
            "seconds": seconds.backbone + seconds.head + seconds.sampler,
            "seconds_backbone": seconds.backbone,
            "seconds_head": seconds.head,
            "seconds_sampler": seconds.sampler,
        }
    return record
