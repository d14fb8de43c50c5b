"""The judge on a planted fault: one row of the gallery, the same as in the whole of it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from verify.gallery import GalleryRow


def fault_names(chosen: tuple[str, ...] | None, left_out: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The planted faults a report judges, in the order of the gallery: those chosen (None: all) without those left out.

    Raises
    ------
    ValueError
        For a name that is not in the gallery.
    """
    from verify.faults import GALLERY

    every = tuple(fault.name for fault in GALLERY)
    for name in (*(chosen or ()), *left_out):
        if name not in every:
            raise ValueError(f"faults must be names of the gallery, got {name!r}")
    return tuple(name for name in every if (chosen is None or name in chosen) and name not in left_out)


def judge_fault(name: str, seed: int, check: Callable[[], None]) -> GalleryRow:
    """Judge one fault as ``simtemp verify --gallery --seed SEED`` does, whatever other faults there are.

    Parameters
    ----------
    name : str
        Of the fault.
    seed : int
        Of the whole gallery.
    check : callable
        Called before every round of outputs; it raises to end it.
    """
    from verify.faults import GALLERY
    from verify.gallery import run_gallery

    place = [fault.name for fault in GALLERY].index(name)
    fault = GALLERY[place]

    def checked(size: int, rng: np.random.Generator) -> Any:
        check()
        return fault.sampler(size, rng)

    # Each fault takes two children of the gallery's seed: this one begins where those before it have taken theirs.
    own = np.random.SeedSequence(seed, n_children_spawned=2 * place)
    return run_gallery([replace(fault, sampler=checked)], rng=own)[0]


def gallery_command(seed: int) -> str:
    """Judges the whole gallery; its rows are those of the report."""
    return shlex.join(["simtemp", "verify", "--gallery", "--seed", str(seed)])
