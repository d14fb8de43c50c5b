"""Compiled functions where nothing can be cached."""

from __future__ import annotations

import pytest
from numba.core.dispatcher import Dispatcher

from simtemp import jit


def test_without_a_folder_for_the_cache(monkeypatch) -> None:
    def refuse(self) -> None:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(Dispatcher, "enable_caching", refuse)
    jit._warn_once.cache_clear()
    with pytest.warns(RuntimeWarning, match="set NUMBA_CACHE_DIR") as caught:
        doubled = jit.kernel(lambda x: 2 * x)
        jit.kernel(lambda x: 3 * x)
    assert len(caught) == 1  # not one a function
    assert doubled(21) == 42
