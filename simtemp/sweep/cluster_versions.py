"""Whether a cluster computes what this machine would: the same versions of all that results and messages depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

PACKAGES: Final = ("simtemp", "numpy", "scipy", "numba", "dask", "distributed")


def other_versions(found: Mapping[str, Any]) -> str | None:
    """Where a cluster differs from this machine, in one line; None if it does not.

    Parameters
    ----------
    found : mapping
        What ``distributed.Client.get_versions(packages=PACKAGES)`` gives: "client", "scheduler" and, by address, "workers".

    Examples
    --------
    >>> here = {"packages": {"python": "3.11.7.final.0", **dict.fromkeys(PACKAGES, "1")}}
    >>> there = {"packages": {**here["packages"], "numpy": "2"}}
    >>> other_versions({"client": here, "scheduler": here, "workers": {"tcp://h:1": here}}) is None
    True
    >>> other_versions({"client": here, "scheduler": here, "workers": {"tcp://h:1": there}})
    'worker tcp://h:1 has numpy 2, and here it is 1: the same cells must have the same results everywhere'
    """
    here = _versions(found["client"])
    places = {"the scheduler": found["scheduler"], **{f"worker {at}": have for at, have in found["workers"].items()}}
    for place, have in places.items():
        for package, version in _versions(have).items():
            if version is None:
                return f"{place} has no {package}: install there what is installed here, simtemp {here['simtemp']}"
            if version != here[package]:
                return (
                    f"{place} has {package} {version}, and here it is {here[package]}: "
                    "the same cells must have the same results everywhere"
                )
    return None


def _versions(place: Mapping[str, Any]) -> dict[str, str | None]:
    packages = place["packages"]
    minor = ".".join(str(packages["python"]).split(".")[:2])  # pickles and results of 3.11.x are those of 3.11.y
    return {"python": minor, **{name: packages.get(name) for name in PACKAGES}}
