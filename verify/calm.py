"""Is a model's decoder unbiased? Its blocks against their exact tempered law, through the whole network."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from simtemp import arguments
from simtemp.arguments import Floats, Integers
from simtemp.exact.batch_law import rule_law
from simtemp.exact.chain_law import chain_law
from simtemp.methods import batch_tables, recipe
from simtemp.tempering import temper
from verify.calm_samplers import NetworkSampler, as_simulated, enumerated_contexts, lookup_sampler
from verify.contexts import Verdicts, check_samplers
from verify.outputs import Sampler

if TYPE_CHECKING:
    from simtemp.calm.model import CalmModel

Path = Literal["network", "lookup"]


def prompts_from(tokens: Integers, count: int, longest: int, rng: np.random.Generator) -> list[Integers]:
    """Stretches of a text at random places and of random lengths from 1 to `longest` tokens, as contexts to judge a decoder in.

    Parameters
    ----------
    tokens : int64[tokens]
        The text; at least one.
    count, longest : int
        How many, >= 1, and how long at most, >= 1.
    rng : Generator
        Chooses them.
    """
    lengths = rng.integers(1, min(longest, len(tokens)) + 1, size=count)
    starts = rng.integers(0, len(tokens) - lengths + 1)
    return [tokens[start : start + length] for start, length in zip(starts, lengths, strict=True)]


def check_decoder(
    model: CalmModel,
    prompts: Sequence[Integers],
    temperature: float,
    method: str = "duel",
    budget: int | None = None,
    *,
    epsilon: float = 0.05,
    alpha: float = 1e-6,
    delta: float = 1e-6,
    max_samples: int = 1_000_000,
    rng: Any = 0,
    path: Path = "network",
    own_law: bool = False,
    max_draws: int = 10**10,
    progress: Callable[[int, int], None] | None = None,
    stop_at_reject: bool = True,
    **options: Any,
) -> Verdicts:
    """Judge the decoder of a model whose noise is a finite codebook against the exact tempered law of every context.

    Parameters
    ----------
    model : CalmModel
        With a codebook (`CalmModel.use_codebook`).
    prompts : sequence of int64[tokens]
        The contexts.
    temperature, method, budget, **options
        As in `simtemp.calm.decode`; `budget` is the batch size of the batch rules, too.
    epsilon, alpha, delta, max_samples, rng, progress, stop_at_reject
        As in `check_samplers`: errors in all contexts together.
    path : {"network", "lookup"}
        "network" decodes by the very function that `simtemp.calm.decode` calls at every step, the network evaluated at each draw. "lookup"
        enumerates the codebook's blocks once a context, and runs the same compiled samplers over recorded look-ups at random places of
        the codebook: millions of outputs are cheap.
    own_law : bool
        Judge a chain or a batch rule against its own exact law in place of the tempered one it is to approximate.
    max_draws : int
        Draws that each context may spend with "lookup", or an output with "network".

    Returns
    -------
    Verdicts
        By context: the law of the blocks, their independence, and their cost where its law is known.

    Raises
    ------
    ValueError
        Without a codebook, or as `check_samplers` does.

    Notes
    -----
    Without `own_law` the target is ``temper(probs, temperature)`` of the enumerated law, whatever the method: the batch rules and a duel
    whose budget ends too often are to be rejected, and the chain is as far off as its steps leave it.

    The model is judged in double precision (a copy): rounding differs with the batch size, and in single precision a draw on the border
    of two blocks may fall to another side than when it was enumerated.

    Examples
    --------
    >>> from simtemp.calm.random_model import random_model
    >>> check_decoder(random_model(codebook_size=32), [np.array([1, 2])], 0.5, epsilon=0.2, path="lookup").status
    'EQUIVALENT'
    """
    if path not in ("network", "lookup"):
        raise ValueError(f"path must be network or lookup, got {arguments.shown(path)}")
    if method not in ("duel", "batch") and budget is not None:
        raise ValueError(f"budget is for the duel and the batch rules, got method {method!r}")
    double = copy.deepcopy(model).double()
    contexts = enumerated_contexts(double, prompts)
    samplers: list[Sampler]
    if path == "network":
        samplers = [
            NetworkSampler(double, context, temperature, method, budget, max_draws, options) for context in contexts
        ]
    else:
        samplers = [lookup_sampler(context, temperature, method, budget, max_draws, options) for context in contexts]
    law = _own_law(temperature, method, budget, options) if own_law else lambda probs: temper(probs, temperature)
    targets = [law(context.probs) for context in contexts]
    return check_samplers(
        samplers, targets, epsilon, alpha, delta, max_samples, rng, progress=progress, stop_at_reject=stop_at_reject
    )


def _own_law(
    temperature: float, method: str, budget: int | None, options: dict[str, Any]
) -> Callable[[Floats], Floats]:
    plain, sized = as_simulated(temperature, method, budget, options)
    full = recipe(plain, temperature, sized).options
    if plain == "chain":
        return lambda probs: chain_law(probs, temperature, full["steps"])
    if plain == "batch" and full["rule"] != "corrected":
        size = full["batch_size"]
        log_weight, _ = batch_tables(temperature, size, full["rule"])
        return lambda probs: rule_law(probs, log_weight, size)
    raise ValueError(
        f"own_law is for the chain and the batch rules published, plug-in and falling (at T other than 1), got method {method!r}"
    )
