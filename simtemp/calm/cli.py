"""The commands ``simtemp calm ...``."""

from __future__ import annotations

from importlib.metadata import entry_points

import typer

from simtemp.calm.decode_command import decode
from simtemp.calm.train_command import train


def register(app: typer.Typer) -> None:
    """Add the group to the application: its own commands, and those of every package in the entry-point group `simtemp.calm.commands`."""
    group = typer.Typer(
        help="A continuous autoregressive language model: train it, decode text at any temperature.",
        no_args_is_help=True,
    )
    group.command("train")(train)
    group.command("decode")(decode)
    for point in sorted(entry_points(group="simtemp.calm.commands"), key=lambda point: point.name):
        point.load()(group)
    app.add_typer(group, name="calm")
