"""Reads Markdown: headings, blocks, tables, links and the names between backticks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SIYU = ROOT / "layers" / "core" / "python" / "siyu"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


def pages() -> list[Path]:
    """Every page a reader may open, the two READMEs first."""
    return [*READMES, *sorted(DOCS.rglob("*.md"))]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose_of(path: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", text_of(path))


def headings(path: Path) -> list[int]:
    """The levels of the headings, in order."""
    return [len(found[1]) for found in re.finditer(r"^(#+) ", prose_of(path), re.MULTILINE)]


def blocks(path: Path, language: str | None = None) -> list[str]:
    """The fenced blocks, in order; all, or those of one language."""
    found = _FENCE.findall(text_of(path))
    return [body for kind, body in found if language in (None, kind)]


def links(path: Path) -> list[str]:
    """The targets of links that stay in the repository, without their anchors."""
    found = (target.partition("#")[0] for target in _LINK.findall(prose_of(path)))
    return [target for target in found if target and "://" not in target]


def named(path: Path) -> list[str]:
    """Everything between single backticks."""
    return _CODE.findall(prose_of(path))


def rows(path: Path, heading: str) -> Iterator[list[str]]:
    """The body rows of the first table below a heading, cell by cell."""
    _, found, below = text_of(path).partition(f"{heading}\n")
    assert found, f"{path.name} has no heading {heading!r}"
    lines = below.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]
