"""The `simtemp` command: collects subcommands and turns every foreseeable error into one line and exit code 2."""

from __future__ import annotations

import sys
import traceback
import warnings
from importlib.metadata import entry_points
from io import TextIOWrapper
from typing import Annotated, TextIO

import typer

from simtemp import __version__
from simtemp.errors import SimtempError
from simtemp.options import BatchSize, Budget, Coupling, EarlyExit, Fraction, Rule, Split, Steps, given

_INTERRUPTED = 130
"""What the parser makes of Ctrl-C in a command."""


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows ASCII only reads the rest as escapes
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code.

    0 success; 1 and 3 are verdicts of `verify`; 2 is bad input, an exhausted budget or Ctrl-C, with one line on stderr; 70 is a fault
    of simtemp itself.
    """
    from simtemp.console import fail

    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            result = build_app()(arguments, standalone_mode=False, prog_name="simtemp")
        if result == _INTERRUPTED:
            return fail("interrupted")
        return result if isinstance(result, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        return fail("interrupted")
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe has left; nothing to say and nobody to say it to
        return 0
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except MemoryError as error:
        return fail(f"not enough memory: {error}")
    except (ValueError, SimtempError) as error:
        return fail(str(error))
    except Exception as error:
        if isinstance(error, typer.Exit):
            return int(error.exit_code)
        if hasattr(error, "format_message"):  # a usage error of the command-line parser, whose class is not public
            return fail(f"{error.format_message()} (see: simtemp --help)")
        traceback.print_exc()  # a fault of ours
        return 70


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    typer.echo(f"simtemp: warning: {message}", err=True)


def build_app() -> typer.Typer:
    """The application with its own commands and those of every installed package in the group `simtemp.commands`."""
    app = typer.Typer(
        name="simtemp",
        help="Temperature for samplers that cannot score: sample P^(1/T) from samples alone, and prove it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def _root(
        version: Annotated[
            bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
        ] = False,
    ) -> None:
        pass

    app.command("sample")(sample)
    app.command("law")(law)
    for point in sorted(entry_points(group="simtemp.commands"), key=lambda point: point.name):
        try:
            point.load()(app)
        except Exception as error:  # another package's fault must not take the rest down
            typer.echo(f"simtemp: commands of {point.value} are not available: {error}", err=True)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"simtemp {__version__}")
        raise typer.Exit


Base = Annotated[str, typer.Option("--base", help="Base distribution: zipf:1000,1.1 · peaked9 · text · file:PATH · …")]
Temperature = Annotated[float, typer.Option("--temperature", "-T", help="Temperature; the exponent is 1/T.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def sample(
    base: Base,
    temperature: Temperature,
    method: Annotated[str, typer.Option(help="collision | duel | accepted | batch | chain")] = "duel",
    size: Annotated[int, typer.Option(help="Number of outputs.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Same seed, same outputs.")] = 0,
    early_exit: EarlyExit = False,
    batch_size: BatchSize = None,
    rule: Rule = None,
    split: Split = None,
    fraction: Fraction = None,
    coupling: Coupling = None,
    budget: Budget = None,
    steps: Steps = None,
    max_draws: Annotated[float, typer.Option(help="Base draws the run may spend.")] = 1e11,
    threads: Annotated[
        int | None, typer.Option(help="Worker threads (default: all cores); outputs do not depend on it.")
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write the outputs' category indices to this .npy file.")
    ] = None,
    json: Json = False,
) -> None:
    """Sample at a temperature, and compare with the exact target."""
    import numpy as np

    from simtemp import expected_draws, parse_base, simulate
    from simtemp.arguments import whole_number
    from simtemp.console import progress, show
    from simtemp.run_figures import run_figures
    from simtemp.whole_file import check_folder, replace_whole

    options = given(
        early_exit=early_exit,
        batch_size=batch_size,
        rule=rule,
        split=split,
        fraction=fraction,
        coupling=coupling,
        budget=budget,
        steps=steps,
    )
    if output is not None and check_folder(output).suffix != ".npy":  # before anything is drawn, not after
        raise ValueError(f"output must end in .npy, got {output!r}")
    known = parse_base(base)
    outputs = whole_number(size, "size", 1, 2**62)
    most = whole_number(max_draws, "max_draws", 1, 2**62)
    if method == "collision" and 0 < temperature <= 1:
        expected = outputs * expected_draws(known.probs, temperature, early_exit=early_exit)
        if expected > most:
            raise ValueError(
                f"{outputs:,} outputs of the collision sampler at temperature {temperature:g} are expected to take {expected:.3g} "
                f"base draws, more than max_draws = {most:.3g}: raise --max-draws or temperature, or lower --size"
            )
    with progress(f"{method} at T = {temperature:g}") as tick:
        run = simulate(
            method, known, temperature, outputs, seed=seed, threads=threads, max_draws=most, progress=tick, **options
        )
    if output is not None:
        replace_whole(output, lambda path: np.save(path, run.values))
    figures = run_figures(run, known.probs, temperature)
    if budget is None:
        del figures["unfinished"]
    show(
        {
            "method": method,
            "base": known.name,
            "temperature": temperature,
            "size": run.size,
            "seed": run.seed,
            **run.options,
            **figures,
            "seconds": run.seconds,
        },
        as_json=json,
    )


def law(
    base: Base,
    temperature: Temperature,
    batch_size: Annotated[int, typer.Option(help="Draws an output, N.")] = 200,
    rule: Annotated[
        str | None, typer.Option(help="published | plug-in | falling (default: published at T = 1/n, else falling)")
    ] = None,
    seed: Annotated[int, typer.Option(help="Unused: the law is exact. Accepted so that commands can be swapped.")] = 0,
    json: Json = False,
) -> None:
    """Print the exact law of the batch rule: how far from the target it is, and which temperature it really has."""
    from simtemp import parse_base, split_exponent
    from simtemp.arguments import whole_number
    from simtemp.batch_error import batch_error, rule_with_law
    from simtemp.console import show
    from simtemp.exact.batch_law import MAX_BATCH_SIZE

    known = parse_base(base)
    draws = whole_number(batch_size, "batch_size", 1, MAX_BATCH_SIZE)
    chosen = rule_with_law(temperature, rule)
    show(
        {
            "base": known.name,
            "temperature": temperature,
            "rule": chosen,
            "n": split_exponent(temperature)[0] if temperature > 0 else None,
            "batch_size": draws,
            **batch_error(known.probs, temperature, draws, chosen),
        },
        as_json=json,
    )
