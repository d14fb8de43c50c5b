"""Keys and values in storage with room to grow: a new token is written behind the others, which are not copied for it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

_ROOM = 32
"""Tokens to make room for at a time: the others are copied once in so many steps."""


def growing_cache(config: Any) -> DynamicCache:
    """An empty cache for a model of `transformers`; layers that are not plain (a sliding window, say) stay as the library has them.

    The library's own layer concatenates at every step, which is most of the time of a small model.
    """
    cache = DynamicCache(config=config)
    cache.layers = [GrowingLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache


class GrowingLayer(DynamicLayer):  # type: ignore[misc]  # transformers is not followed
    """A cache layer whose keys and values are the first places of longer storage."""

    keys: Tensor
    values: Tensor

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Add keys and values float[B, heads, L, size] of new tokens; gives all so far."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self._key_storage = self._value_storage = self.keys  # of no tokens
        self.keys, self._key_storage = _appended(self.keys, key_states, self._key_storage)
        self.values, self._value_storage = _appended(self.values, value_states, self._value_storage)
        return self.keys, self.values


def _appended(kept: Tensor, new: Tensor, storage: Tensor) -> tuple[Tensor, Tensor]:
    before = kept.shape[-2] if kept.numel() else 0
    after = before + new.shape[-2]
    # Whoever drops sequences puts other tensors in place of the views on the storage.
    is_view = before > 0 and kept.data_ptr() == storage.data_ptr() and kept.shape[0] == storage.shape[0]
    if not is_view or after > storage.shape[-2]:
        storage = torch.empty(*new.shape[:-2], after + _ROOM, new.shape[-1], dtype=new.dtype, device=new.device)
        if before:
            storage[..., :before, :] = kept
    storage[..., before:after, :] = new
    return storage[..., :after, :], storage
