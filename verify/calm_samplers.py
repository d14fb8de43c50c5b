"""The decoder of a model with a finite codebook as samplers to judge, one a context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simtemp.arguments import Floats, Integers
from simtemp.exact.cost_law import CostLaw, cost_law
from verify.replayed import Replayed

if TYPE_CHECKING:
    from simtemp.calm.model import CalmModel

_AT_ONCE = 512
"""Outputs that are decoded as one batch."""


@dataclass(frozen=True)
class Context:
    """One state of a model with a codebook, and the exact law of its next block.

    Attributes
    ----------
    state : float[h], a tensor
    blocks : int64[S, K]
        The blocks of positive probability.
    probs : float64[S]
    by_vector : int64[D]
        The row in `blocks` that each vector of the codebook gives.
    """

    state: Any
    blocks: Integers
    probs: Floats
    by_vector: Integers


def enumerated_contexts(model: CalmModel, prompts: Sequence[Integers], pad_token: int = 0) -> list[Context]:
    """The state after each prompt of tokens, with the exact law of the block that comes next.

    Raises
    ------
    ValueError
        Without a codebook, for no prompts, or an empty one.
    """
    from simtemp.calm.backbone import states_after

    contexts = []
    for state in states_after(model, prompts, pad_token):
        drawn = model.codebook_blocks(state[None])[0].cpu().numpy()  # [D, K]
        blocks, by_vector, counts = np.unique(drawn, axis=0, return_inverse=True, return_counts=True)
        contexts.append(Context(state, blocks, counts / len(drawn), by_vector.reshape(-1).astype(np.int64)))
    return contexts


class NetworkSampler:
    """Decoded blocks of one state, by the function that decoding calls: category indices and draws, for the judge."""

    def __init__(
        self,
        model: CalmModel,
        context: Context,
        temperature: float,
        method: str,
        budget: int | None,
        max_draws: int,
        options: dict[str, Any],
    ) -> None:
        self._model = model
        self._context = context
        self._index = {block.tobytes(): i for i, block in enumerate(context.blocks)}
        self._arguments = (temperature, method, budget)
        self._options = {"max_draws": max_draws, **options}

    def __call__(self, size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        """Decode `size` blocks."""
        from simtemp.calm.next_block import next_blocks

        noise = rng.spawn(1)[0]
        values, draws = [], []
        for start in range(0, size, _AT_ONCE):
            m = min(_AT_ONCE, size - start)
            states = self._context.state.expand(m, -1)
            coins = rng.spawn(m)
            for block, info in next_blocks(
                self._model, states, *self._arguments, coins=coins, noise=[noise] * m, **self._options
            ):
                values.append(self._index[np.ascontiguousarray(block).tobytes()])
                draws.append(info.draws)
        return np.array(values), np.array(draws)

    def cost_law(self) -> CostLaw | None:
        """What a block should cost, where it is known."""
        temperature, method, budget = self._arguments
        options = {name: value for name, value in self._options.items() if name != "max_draws"}
        return _cost_law(self._context.probs, temperature, method, budget, options)


class LookupSampler(Replayed):
    """Blocks of one state from look-ups in its enumerated codebook."""

    law: CostLaw | None = None

    def cost_law(self) -> CostLaw | None:
        """What a block should cost, where it is known."""
        return self.law


def lookup_sampler(
    context: Context, temperature: float, method: str, budget: int | None, max_draws: int, options: dict[str, Any]
) -> LookupSampler:
    """Outputs of the method over look-ups at random places of the codebook."""
    plain, sized = as_simulated(temperature, method, budget, options)

    def draw(k: int, rng: np.random.Generator) -> Integers:
        return context.by_vector[rng.integers(context.by_vector.size, size=k)]

    sampler = LookupSampler(draw, len(context.blocks), plain, temperature, sized, max_draws)
    sampler.law = _cost_law(context.probs, temperature, method, budget, options)
    return sampler


def as_simulated(
    temperature: float, method: str, budget: int | None, options: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The method and its options as `simulate` takes them: in decoding T = 1 is a plain draw, whatever the method."""
    if temperature == 1.0:
        return "collision", {}
    size = {} if budget is None else {"batch_size" if method == "batch" else "budget": budget}
    return method, {**options, **size}


def _cost_law(
    probs: Floats, temperature: float, method: str, budget: int | None, options: dict[str, Any]
) -> CostLaw | None:
    plain, sized = as_simulated(temperature, method, budget, options)
    return cost_law(plain, probs, temperature, sized)
