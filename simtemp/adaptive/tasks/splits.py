"""Prompts to train a base model on, to learn temperatures on and to judge them on, kept apart by a hash of their text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Literal, get_args

from simtemp.adaptive.tasks.task import Prompt, Split
from simtemp.arguments import shown

_QUARTERS: tuple[Literal["train", "learn", "evaluate"], ...] = ("train", "train", "learn", "evaluate")


def split_of(text: str) -> Literal["train", "learn", "evaluate"]:
    """Where a prompt belongs, whatever the seed: half of all prompts train the base model, a quarter is learned from, a quarter judged on.

    A head learns on prompts that its model was not trained on, as those are that it is judged on.
    """
    return _QUARTERS[hashlib.blake2b(text.encode(), digest_size=1).digest()[0] % len(_QUARTERS)]


def different_prompts(draw: Callable[[], Prompt], split: Split, count: int) -> list[Prompt]:
    """The first `count` different prompts of a split that a function draws; it must be able to draw that many.

    Raises
    ------
    ValueError
        For an unknown split.
    """
    if split not in get_args(Split):
        raise ValueError(f"split must be one of {', '.join(get_args(Split))}, got {shown(split)}")
    found: dict[str, Prompt] = {}
    while len(found) < count:
        prompt = draw()
        if split_of(prompt.text) == split:
            found.setdefault(prompt.text, prompt)
    return list(found.values())
