"""What is said about a picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Caption:
    """Title and text of a picture, and its text alternative."""

    title: str
    text: str
    alternative: str
