"""Which temperature to use where: heads on frozen models, trained by latent preference optimization.

Torch is an extra. Names are loaded on first use, so that ``import simtemp.adaptive`` is quick and works without it; a name that needs it
then says in one line how to install it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtemp.calm.torch_required import torch_required
from simtemp.lazy_names import lazy_names

if TYPE_CHECKING:
    from simtemp.adaptive.block_text import BlockText as BlockText
    from simtemp.adaptive.causal_text import CausalText as CausalText
    from simtemp.adaptive.choices import Choices as Choices
    from simtemp.adaptive.head import TemperatureHead as TemperatureHead
    from simtemp.adaptive.head import seeded_head as seeded_head
    from simtemp.adaptive.head_file import load_head as load_head
    from simtemp.adaptive.head_file import save_head as save_head
    from simtemp.adaptive.head_training import train_head as train_head
    from simtemp.adaptive.known_worlds import length_world as length_world
    from simtemp.adaptive.known_worlds import mixed_world as mixed_world
    from simtemp.adaptive.losses import LOSSES as LOSSES
    from simtemp.adaptive.losses import joint_loss as joint_loss
    from simtemp.adaptive.pairs import NoPreference as NoPreference
    from simtemp.adaptive.pairs import best_and_worst as best_and_worst
    from simtemp.adaptive.policies import EntropyTemperature as EntropyTemperature
    from simtemp.adaptive.policies import FixedTemperature as FixedTemperature
    from simtemp.adaptive.policies import HeadPolicy as HeadPolicy
    from simtemp.adaptive.settings import Settings as Settings
    from simtemp.adaptive.small_language_model import load_language_model as load_language_model
    from simtemp.adaptive.small_language_model import save_language_model as save_language_model
    from simtemp.adaptive.small_language_model import train_small_language_model as train_small_language_model
    from simtemp.adaptive.tasks.task import Example as Example
    from simtemp.adaptive.tasks.task import Prompt as Prompt
    from simtemp.adaptive.tasks.task import Task as Task
    from simtemp.adaptive.world import World as World
    from simtemp.adaptive.world_results import world_results as world_results
    from simtemp.adaptive.world_training import train_in_world as train_in_world

_HOME = {
    "simtemp.adaptive.block_text": ["BlockText"],
    "simtemp.adaptive.causal_text": ["CausalText"],
    "simtemp.adaptive.choices": ["Choices"],
    "simtemp.adaptive.head": ["TemperatureHead", "seeded_head"],
    "simtemp.adaptive.head_file": ["load_head", "save_head"],
    "simtemp.adaptive.head_training": ["train_head"],
    "simtemp.adaptive.known_worlds": ["length_world", "mixed_world"],
    "simtemp.adaptive.losses": ["LOSSES", "joint_loss"],
    "simtemp.adaptive.pairs": ["NoPreference", "best_and_worst"],
    "simtemp.adaptive.policies": ["EntropyTemperature", "FixedTemperature", "HeadPolicy"],
    "simtemp.adaptive.settings": ["Settings"],
    "simtemp.adaptive.small_language_model": [
        "load_language_model",
        "save_language_model",
        "train_small_language_model",
    ],
    "simtemp.adaptive.tasks.task": ["Example", "Prompt", "Task"],
    "simtemp.adaptive.world": ["World"],
    "simtemp.adaptive.world_results": ["world_results"],
    "simtemp.adaptive.world_training": ["train_in_world"],
}

__getattr__, __dir__, __all__ = lazy_names(__name__, _HOME, torch_required)
