"""A network on its way: its weights, their average, the optimiser, the randomness and the step, which together decide all that follows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from simtemp.calm.recipe import Recipe
from simtemp.errors import SimtempError

_BETAS = (0.9, 0.95)

_Tensors = tuple[Tensor, ...] | list[Tensor]


class TrainingDiverged(SimtempError):
    """A loss was not finite."""


class Learner:
    """Trains the parameters of a module that take a gradient.

    Parameters
    ----------
    module : torch.nn.Module
        In training mode.
    recipe : Recipe
        How.
    seed : numpy.random.SeedSequence
        Of batches, noise and dropout.

    Attributes
    ----------
    step : int
        Steps done.
    """

    def __init__(self, module: nn.Module, recipe: Recipe, seed: np.random.SeedSequence) -> None:
        self.module, self.recipe, self.step = module, recipe, 0
        self._parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
        groups = [
            {"params": [p for p in self._parameters if p.ndim >= 2], "weight_decay": recipe.weight_decay},
            {"params": [p for p in self._parameters if p.ndim < 2], "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=_BETAS)
        self._averaged = AveragedModel(module, multi_avg_fn=_averaging(recipe.average))
        self._generator = torch_generator(seed)

    def advance(self, loss_of: Callable[[torch.Generator], Tensor]) -> float:
        """One step of the optimiser; gives the loss.

        Raises
        ------
        TrainingDiverged
            When the loss is not finite; the weights are as before.
        """
        for group in self._optimizer.param_groups:
            group["lr"] = self.recipe.rate(self.step)
        self._optimizer.zero_grad()
        loss = loss_of(self._generator)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainingDiverged(f"the loss is {value} at step {self.step}: lower the learning rate")
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._parameters, self.recipe.clip)
        self._optimizer.step()
        self._averaged.update_parameters(self.module)
        self.step += 1
        return value

    def averaged_weights(self) -> dict[str, Tensor]:
        """The averaged weights, under the names of the module."""
        return dict(self._averaged.module.state_dict())

    def state(self) -> dict[str, Tensor]:
        """Everything, as named tensors."""
        tensors = {f"module.{name}": tensor for name, tensor in self.module.state_dict().items()}
        tensors |= {f"averaged.{name}": tensor for name, tensor in self._averaged.state_dict().items()}
        for index, entries in self._optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": tensor for name, tensor in entries.items()}
        return tensors | {"generator": self._generator.get_state(), "step": torch.tensor(self.step)}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave.

        Raises
        ------
        ValueError
            When the tensors are not those of this module.
        """
        try:
            self.module.load_state_dict(_under(tensors, "module."))
            self._averaged.load_state_dict(_under(tensors, "averaged."))
            entries: dict[int, dict[str, Tensor]] = {}
            for name, tensor in _under(tensors, "optimizer.").items():
                index, _, key = name.partition(".")
                entries.setdefault(int(index), {})[key] = tensor
            self._optimizer.load_state_dict(self._optimizer.state_dict() | {"state": entries})
            self._generator.set_state(tensors["generator"].cpu())
            self.step = int(tensors["step"])
        except (RuntimeError, KeyError) as error:
            raise ValueError(f"the state of the training does not fit its plan: {error}") from None


def torch_generator(seed: np.random.SeedSequence) -> torch.Generator:
    """A generator on the CPU with 64 bits of a seed sequence."""
    return torch.Generator().manual_seed(int(seed.generate_state(1, np.uint64)[0] >> np.uint64(1)))


def _averaging(average: float) -> Callable[[_Tensors, _Tensors, Tensor | int], None]:
    """Exponential averaging whose window grows with the steps done: the first weights are forgotten soon."""

    @torch.no_grad()
    def update(averaged: _Tensors, current: _Tensors, count: Tensor | int) -> None:
        steps = float(count)
        keep = min(average, (1.0 + steps) / (10.0 + steps)) if average else 0.0
        for mean, value in zip(averaged, current, strict=True):
            mean.lerp_(value, 1.0 - keep)

    return update


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}
