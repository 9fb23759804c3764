"""What the functions logged during the run: nobody is in it, and no secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.fuzz.aftermath import ENGINES
from tests.leaks import scan

# Neither the engines' nor the driver's own are the product's.
OTHERS = ENGINES | {"driver.log"}
LEAST = 8


def leaked(logs: Path, secret: Mapping[str, Any]) -> list[str]:
    """Every leak of every log: what has the shape of a person or a key, and the brand's secret."""
    known = [text for text in texts(secret) if len(text) >= LEAST]
    return [
        f"{log.name}: {leak}"
        for log in sorted(logs.glob("*.log"))
        if log.name not in OTHERS
        for leak in scan(log.read_text(encoding="utf-8", errors="replace"), known)
    ]


def texts(value: Any) -> Iterator[str]:
    """All texts of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
