"""Hook of mkdocs: the site is built from docs/ alone, and what pages say of files outside it must still be right there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
README = DOCS.parent / "README.md"


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Links to files outside docs/ become plain text; `<!-- README: TITLE -->` becomes that list of the README."""
    folder = (DOCS / page.file.src_uri).parent

    def inside(found: re.Match[str]) -> str:
        text, target = found.groups()
        return found[0] if (folder / target).resolve().is_relative_to(DOCS) else text

    complete = re.sub(r"<!-- README: (.+?) -->", lambda found: section(found[1]), markdown)
    return re.sub(r"\[([^\]]+)\]\((\.\./[^)]+)\)", inside, complete)


def section(title: str) -> str:
    """The first list or paragraph of a section of the README."""
    _, found, after = README.read_text(encoding="utf-8").partition(f"## {title}\n")
    if not found:
        raise ValueError(f"README.md has no section {title!r}")
    return after.strip().partition("\n\n")[0]
